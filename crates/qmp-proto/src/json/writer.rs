//! JSON that QEMU is sure to parse, written anew from what was read. No byte of the original survives by itself, but for
//! numbers, which keep their digits.
//!
//! QEMU answers what it cannot parse with an error that names no command, and some of it wedges its parser for
//! everybody on the socket. So what we send is first read by stricter rules than either JSON's or QEMU's: no duplicate
//! keys, no unpaired surrogates, no noncharacters, no numbers beyond a double, at most 127 levels.

use alloc::collections::BinaryHeap;
use alloc::string::String;

use super::{JsonError, Reader, number, part};

/// The JSON text anew, without space, keys in their order.
///
/// # Errors
/// What makes the text unfit to be sent.
pub fn normalise(json: &str) -> Result<String, JsonError> {
    let mut reader = Reader::new(json);
    let mut out = String::with_capacity(json.len());
    copy(&mut reader, &mut out, MAX_DEPTH)?;
    reader.end()?;
    Ok(out)
}

/// Appends a string as JSON for QEMU.
pub(crate) fn push_string(out: &mut String, string: &str) -> Result<(), &'static str> {
    if string.chars().any(is_noncharacter) {
        return Err("a noncharacter such as U+FFFE, which QEMU refuses");
    }
    push_text(out, string);
    Ok(())
}

/// Appends a string as JSON.
pub fn push_text(out: &mut String, string: &str) {
    out.push('"');
    for c in string.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..' ' => {
                out.push_str("\\u00");
                out.push(if c < '\u{10}' { '0' } else { '1' });
                out.push(char::from(HEX[c as usize & 15]));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The code points that Unicode will never assign; QEMU's lexer refuses them.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || c as u32 & 0xFFFE == 0xFFFE
}

fn copy(reader: &mut Reader<'_>, out: &mut String, depth: usize) -> Result<(), JsonError> {
    let start = reader.peek();
    let place = reader.error("");
    if depth == 0 && matches!(start, Some(b'{' | b'[')) {
        return Err(reader.error("nested too deeply"));
    }
    let unfit = |reason| JsonError {
        reason,
        ..place.clone()
    };
    match start {
        Some(b'{') => {
            // A set's code would weigh 2 KB in the browser.
            let mut seen = BinaryHeap::new();
            out.push('{');
            reader.object(&mut |reader, name| {
                separate(out, seen.is_empty());
                push_string(out, name).map_err(unfit)?;
                seen.push(String::from(name));
                out.push(':');
                copy(reader, out, depth - 1)
            })?;
            while let Some(name) = seen.pop() {
                if seen.peek() == Some(&name) {
                    return Err(unfit("a key that the object has already"));
                }
            }
            out.push('}');
        }
        Some(b'[') => {
            let mut first = true;
            out.push('[');
            reader.array(&mut |reader| {
                separate(out, first);
                first = false;
                copy(reader, out, depth - 1)
            })?;
            out.push(']');
        }
        Some(b'"') => push_string(out, &reader.string()?).map_err(unfit)?,
        _ => match reader.value()? {
            value @ ("true" | "false" | "null") => out.push_str(value),
            value if number::is_finite(value) => push_number(out, value),
            _ => return Err(unfit("a number beyond the range of a double")),
        },
    }
    Ok(())
}

/// QEMU's lexer takes nothing but a point after a zero that stands alone, so `0e5` is written `0.0e5`.
fn push_number(out: &mut String, number: &str) {
    match number.find(['e', 'E']) {
        Some(place) if part(number, ..place).trim_start_matches('-') == "0" => {
            out.push_str(part(number, ..place));
            out.push_str(".0");
            out.push_str(part(number, place..));
        }
        _ => out.push_str(number),
    }
}

fn separate(out: &mut String, first: bool) {
    if !first {
        out.push(',');
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Levels of nesting in what we send. The message around it is one more.
const MAX_DEPTH: usize = 127;

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use alloc::format;

    use super::*;

    #[test]
    fn what_is_written_anew_means_the_same() {
        for (given, want) in [
            (
                r#" { "b" : [ 1 , -2, {} , [ ] ], "a" : null } "#,
                r#"{"b":[1,-2,{},[]],"a":null}"#,
            ),
            (r#""\u0041\u00e9\ud83d\ude00\n\/\u0001""#, r#""Aé😀\n/\u0001""#),
            ("[true,false]", "[true,false]"),
            ("[0e0,-0E+5,0.0e1,10e1]", "[0.0e0,-0.0E+5,0.0e1,10e1]"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            (
                "[0.1,1.0,1e2,-0,9007199254740993]",
                "[0.1,1.0,1e2,-0,9007199254740993]",
            ),
        ] {
            assert_eq!(normalise(given).as_deref(), Ok(want), "{given}");
        }
    }

    #[test]
    fn what_qemu_might_choke_on_is_refused() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(normalise(&deep(127)).is_ok());
        let too_deep = deep(128);
        let bad: Vec<&str> = [
            "",
            "{",
            "{}{}",
            "{} x",
            "{'a':1}",
            "[1,]",
            "NaN",
            "0x1",
            "01",
            "1e999",
            "// no\n1",
            "\u{feff}{}",
            r#"{"a":1,"a":2}"#,
            r#"[{"a":1,"\u0061":2}]"#,
            r#""\ud83d""#,
            r#""\udc00\ud800""#,
            r#""\ufffe""#,
            r#""\ufdd0""#,
            r#"{"\uffff":1}"#,
            "\"\u{1ffff}\"",
            "\"a\tb\"",
            r#""\x""#,
            &too_deep,
            "-",
            "1.",
            ".5",
            "+1",
            "1e",
            "tru",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\":}",
            "{,}",
            "[,1]",
            "{\"a\":1,}",
            "\"",
            "\"\\",
            "\"\\u12",
        ]
        .into();
        for json in bad {
            assert!(normalise(json).is_err(), "{json}");
        }
    }
}
