//! JSON laid out for reading. It works on the text: no number becomes a float, no key changes its place, and text that
//! is not JSON comes out as some text too.

use std::fmt::Write;

/// Appends a text as a JSON string.
pub(super) use qmp_proto::push_text as push_string;

/// The JSON over as many lines as it needs: what fits into a line stays on one.
pub(super) fn pretty(json: &str) -> String {
    lay_out(json, LINE_WIDTH)
}

/// The JSON on one line.
pub(super) fn on_one_line(json: &str) -> String {
    lay_out(json, usize::MAX)
}

/// An object whose members are these strings.
pub(super) fn object(members: &[(&str, &str)]) -> String {
    let mut out = String::from("{");
    for (name, value) in members {
        if out.len() > 1 {
            out.push(',');
        }
        push_string(&mut out, name);
        out.push(':');
        push_string(&mut out, value);
    }
    out.push('}');
    out
}

/// A text as a JSON string.
pub(super) fn string(text: &str) -> String {
    let mut out = String::new();
    push_string(&mut out, text);
    out
}

fn lay_out(json: &str, line_width: usize) -> String {
    let tokens: Vec<&str> = tokens(json).collect();
    let widths = widths(&tokens);
    let mut out = String::with_capacity(json.len());
    let mut line_start = 0;
    // One entry for each open array or object: whether it has a line for each of its members.
    let mut broken: Vec<bool> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let new_line = match *token {
            "{" | "[" => {
                let column = out.len() - line_start;
                broken.push(widths[i] > EMPTY && column.saturating_add(widths[i]) > line_width);
                out.push_str(token);
                broken.last() == Some(&true)
            }
            "}" | "]" => {
                if broken.pop() == Some(true) {
                    line_start = start_line(&mut out, broken.len());
                }
                out.push_str(token);
                false
            }
            "," if broken.last() == Some(&true) => {
                out.push(',');
                true
            }
            "," | ":" => {
                out.push_str(token);
                out.push(' ');
                false
            }
            scalar => {
                push_visible(&mut out, scalar);
                false
            }
        };
        if new_line {
            line_start = start_line(&mut out, broken.len());
        }
    }
    out
}

/// Starts a line and returns where that is.
fn start_line(out: &mut String, depth: usize) -> usize {
    out.push('\n');
    let start = out.len();
    out.extend(std::iter::repeat_n(INDENT, depth));
    start
}

/// For each token that opens an array or object, how long that is on one line; 0 for the others.
fn widths(tokens: &[&str]) -> Vec<usize> {
    let mut widths = vec![0; tokens.len()];
    let mut column = 0;
    let mut open = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match *token {
            "{" | "[" => open.push((i, column)),
            "," | ":" => column += 1,
            _ => {}
        }
        column += token.len();
        if let ("}" | "]", Some((opened, start))) = (*token, open.last().copied()) {
            widths[opened] = column - start;
            open.pop();
        }
    }
    widths
}

/// The parts that the text is made of: brackets, commas, colons, and scalars as they are written.
pub(super) fn tokens(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let length = match *rest.as_bytes().first()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => string_length(rest),
            _ => rest
                .find(|c: char| c.is_whitespace() || "{}[],:\"".contains(c))
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(token)
    })
}

/// The length of the string that the text begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// The text with what a screen does not show, or lets text run backwards, written as the escape that it could have been in
/// JSON.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_visible(&mut out, text);
    out
}

/// The same, cut after so many characters.
pub(super) fn excerpt(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some((end, _)) => visible(&text[..end]) + "…",
        None => visible(text),
    }
}

/// The same as [`visible`], but for new lines, which stay.
pub(super) fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// Appends text in the same way.
pub(super) fn push_visible(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
}

const LINE_WIDTH: usize = 72;
/// The width of `{}`.
const EMPTY: usize = 2;
const INDENT: &str = "  ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_on_a_line() {
        for (given, want) in [
            (
                r#"{"status":"running","running":true}"#,
                r#"{"status": "running", "running": true}"#,
            ),
            (" [ 1 ,\n2 ] ", "[1, 2]"),
            ("{ }", "{}"),
            ("[]", "[]"),
            ("null", "null"),
            (r#""a \" {b}, [c]: \\""#, r#""a \" {b}, [c]: \\""#),
        ] {
            assert_eq!(pretty(given), want);
        }
    }

    #[test]
    fn what_does_not_fit_has_a_line_for_each_member() {
        let long = "x".repeat(LINE_WIDTH);
        assert_eq!(
            pretty(&format!(
                r#"{{"b":"{long}","a":[{{"{long}":[]}},{{"c":[1,2]}}]}}"#
            )),
            format!(
                r#"{{
  "b": "{long}",
  "a": [
    {{
      "{long}": []
    }},
    {{"c": [1, 2]}}
  ]
}}"#
            )
        );
        assert_eq!(
            on_one_line(&format!(r#"["{long}","{long}"]"#)),
            format!(r#"["{long}", "{long}"]"#)
        );
    }

    #[test]
    fn strings_make_an_object() {
        assert_eq!(object(&[]), "{}");
        assert_eq!(
            object(&[("id", "cd\"0\\"), ("filename", "/é\n")]),
            r#"{"id":"cd\"0\\","filename":"/é\n"}"#
        );
    }

    #[test]
    fn numbers_are_kept_to_the_digit() {
        let numbers = "[18446744073709551615, -9223372036854775808, 9007199254740993, 1.10, 1E400, -0]";
        assert_eq!(on_one_line(numbers), numbers);
    }

    #[test]
    fn what_a_screen_would_hide_is_written_out() {
        assert_eq!(
            pretty("\"a\u{202e}b\u{200b}c\u{feff}é😀\""),
            r#""a\u202eb\u200bc\ufeffé😀""#
        );
    }

    #[test]
    fn text_that_is_no_json_is_no_trouble() {
        for text in ["", "]]}", "[[{", "\"", "\"\\", "a b", "{:,}"] {
            let _ = pretty(text);
        }
    }
}
