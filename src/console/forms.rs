//! A command in the forms in which people hand commands on: JSON, the shorthand of qmp-shell, and JavaScript.

use super::json;
use super::line::Line;
use super::tree::{is_identifier, plain};

/// The message, but for its id.
pub(super) fn message(line: &Line) -> String {
    let verb = if line.oob { "exec-oob" } else { "execute" };
    let name = json::string(&line.name);
    match &line.arguments {
        Some(arguments) => format!(
            "{{\"{verb}\": {name}, \"arguments\": {}}}",
            json::on_one_line(arguments)
        ),
        None => format!("{{\"{verb}\": {name}}}"),
    }
}

/// As a program of our own interface executes it, where `vm` is a client, or the promise of one that this page has.
pub(super) fn javascript(line: &Line) -> String {
    let name = json::visible(&json::string(&line.name));
    let arguments = line.arguments.as_deref().map(literal);
    match (arguments, line.oob) {
        (None, false) => format!("await (await vm).execute({name})"),
        (Some(arguments), false) => format!("await (await vm).execute({name}, {arguments})"),
        (arguments, true) => {
            let arguments = arguments.as_deref().unwrap_or("{}");
            format!("await (await vm).execute({name}, {arguments}, {{ oob: true }})")
        }
    }
}

/// The JSON as a literal of JavaScript that loses no digit.
fn literal(json: &str) -> String {
    let mut tokens = json::tokens(json).peekable();
    let mut out = String::with_capacity(json.len());
    let mut before = "";
    while let Some(token) = tokens.next() {
        let after = tokens.peek().copied();
        match token {
            "{" if after != Some("}") => out.push_str("{ "),
            "}" if before != "{" => out.push_str(" }"),
            "," | ":" => {
                out.push_str(token);
                out.push(' ');
            }
            key if after == Some(":") => push_key(&mut out, key),
            other => {
                json::push_visible(&mut out, other);
                if is_integer(other) && is_beyond_a_double(other) {
                    out.push('n');
                }
            }
        }
        before = token;
    }
    out
}

fn push_key(out: &mut String, key: &str) {
    match plain(key) {
        // Written plainly this would set what the object inherits from.
        name if name == "__proto__" => out.push_str("[\"__proto__\"]"),
        name if is_identifier(&name) => out.push_str(&name),
        _ => json::push_visible(out, key),
    }
}

/// Whether a number of JavaScript may lose digits of this integer.
fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a double may round it.
fn is_beyond_a_double(integer: &str) -> bool {
    let digits = integer.trim_start_matches('-');
    digits.len() > MAX_SAFE.len() || digits.len() == MAX_SAFE.len() && digits > MAX_SAFE
}

/// 2⁵³ − 1
const MAX_SAFE: &str = "9007199254740991";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_what_is_sent_but_for_its_id() {
        for (given, want) in [
            (line(None, false), r#"{"execute": "x"}"#),
            (
                line(Some(r#"{"a":1.10}"#), true),
                r#"{"exec-oob": "x", "arguments": {"a": 1.10}}"#,
            ),
        ] {
            assert_eq!(message(&given), want);
            assert_eq!(message(&message(&given).parse().unwrap()), want);
        }
    }

    #[test]
    fn javascript_loses_no_digit() {
        for (arguments, want) in [
            (None, r#"await (await vm).execute("x")"#),
            (Some("{}"), r#"await (await vm).execute("x", {})"#),
            (
                Some(
                    r#"{"node-name":"d","size":9007199254740993,"n":-9007199254740992,"safe":9007199254740991,"f":1.5e400}"#,
                ),
                r#"await (await vm).execute("x", { "node-name": "d", size: 9007199254740993n, n: -9007199254740992n, safe: 9007199254740991, f: 1.5e400 })"#,
            ),
            (
                Some(r#"{"__proto__":{"a":[]},"b":[1,"]"]}"#),
                r#"await (await vm).execute("x", { ["__proto__"]: { a: [] }, b: [1, "]"] })"#,
            ),
        ] {
            assert_eq!(javascript(&line(arguments, false)), want);
        }
        assert_eq!(
            javascript(&line(None, true)),
            r#"await (await vm).execute("x", {}, { oob: true })"#
        );
    }

    #[test]
    fn arguments_that_are_no_json_are_no_trouble() {
        for text in ["", "{", "{\"a\"", "{\"a\":", "[1]", "{\"a\":{\"b\":}}", "}"] {
            let line = line(Some(text), false);
            let _ = (line.to_string(), javascript(&line), message(&line));
        }
    }

    fn line(arguments: Option<&str>, oob: bool) -> Line {
        Line {
            name: "x".to_owned(),
            arguments: arguments.map(str::to_owned),
            oob,
        }
    }
}
