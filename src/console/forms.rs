//! A command in the forms in which people hand commands on: JSON, the shorthand of qmp-shell, and JavaScript.

use super::json;
use super::line::Line;
use super::tree::{Kind, NodeId, ROOT, Tree, is_identifier, plain};

/// The message, but for its id.
pub(super) fn message(line: &Line) -> String {
    let verb = if line.oob { "exec-oob" } else { "execute" };
    let name = serde_json::to_string(&line.name).unwrap_or_default();
    match &line.arguments {
        Some(arguments) => format!(
            "{{\"{verb}\": {name}, \"arguments\": {}}}",
            json::on_one_line(arguments)
        ),
        None => format!("{{\"{verb}\": {name}}}"),
    }
}

/// As it is typed. Shorthand where every value comes back from it as it is, JSON where not.
pub(super) fn shorthand(line: &Line) -> String {
    if line.oob || !is_name(&line.name) {
        return message(line);
    }
    let Some(arguments) = &line.arguments else {
        return line.name.clone();
    };
    let tree = Tree::new(arguments);
    let mut out = line.name.clone();
    match push_members(&mut out, &tree, ROOT, "") {
        Some(()) if !tree.is_empty() => out,
        _ => line.to_string(),
    }
}

/// As a program of our own interface executes it.
pub(super) fn javascript(line: &Line) -> String {
    let name = json::visible(&serde_json::to_string(&line.name).unwrap_or_default());
    let arguments = line.arguments.as_deref().map(literal);
    match (arguments, line.oob) {
        (None, false) => format!("await vm.execute({name})"),
        (Some(arguments), false) => format!("await vm.execute({name}, {arguments})"),
        (arguments, true) => {
            let arguments = arguments.as_deref().unwrap_or("{}");
            format!("await vm.execute({name}, {arguments}, {{ oob: true }})")
        }
    }
}

/// Appends the members of an object, each as ` name=value`. `None` if one of them has no such form.
fn push_members(out: &mut String, tree: &Tree, object: NodeId, prefix: &str) -> Option<()> {
    let mut names = Vec::new();
    for node in tree.children(object) {
        let name = plain(tree.key(node)?);
        if !is_name(&name) || names.contains(&name) {
            return None;
        }
        let path = format!("{prefix}{name}");
        names.push(name);
        push_value(out, tree, node, &path)?;
    }
    Some(())
}

fn push_value(out: &mut String, tree: &Tree, node: NodeId, path: &str) -> Option<()> {
    let text = tree.text(node);
    let value = match tree.kind(node) {
        Kind::Object if tree.count(node) > 0 => {
            let length = out.len();
            let inside = push_members(out, tree, node, &format!("{path}."));
            if inside.is_some() {
                return Some(());
            }
            out.truncate(length);
            compact(text)
        }
        Kind::Object | Kind::Array => compact(text),
        Kind::String => plain(text).some_if(|text| is_plain(text))?,
        Kind::Number => text.to_owned().some_if(|text| is_integer(text) && text != "-0")?,
        Kind::Word => text
            .to_owned()
            .some_if(|text| matches!(text.as_str(), "true" | "false"))?,
    };
    out.push(' ');
    out.push_str(path);
    out.push('=');
    out.push_str(&value);
    Some(())
}

trait SomeIf: Sized {
    fn some_if(self, holds: impl FnOnce(&Self) -> bool) -> Option<Self> {
        holds(&self).then_some(self)
    }
}

impl SomeIf for String {}

/// Whether a name stands for itself in shorthand, where dots and equals signs do not.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Whether a text stands for itself: it has no spaces or quotes, and is neither a number nor JSON of another kind to anybody.
fn is_plain(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let is_number =
        digits.contains(char::is_numeric) && digits.chars().all(|c| c.is_numeric() || "_.eE+-".contains(c));
    !is_number
        && !text.is_empty()
        && !text.starts_with(['{', '[', '(', ')'])
        && !["true", "false", "null", "none"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
        && !text.contains(|c: char| c.is_whitespace() || "\"'\\".contains(c))
        && json::visible(text) == text
}

fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The JSON without spaces between.
fn compact(json: &str) -> String {
    json::tokens(json).fold(String::new(), |mut out, token| {
        json::push_visible(&mut out, token);
        out
    })
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
    fn shorthand_says_what_comes_back_as_it_is() {
        for (arguments, want) in [
            ("{}", "x"),
            (
                r#"{"id": "cd0", "force": true, "n": -18446744073709551615}"#,
                "x id=cd0 force=true n=-18446744073709551615",
            ),
            (
                r#"{"driver": "qcow2", "node-name": "d", "file": {"driver": "file", "filename": "/a/b.qcow2"}}"#,
                "x driver=qcow2 node-name=d file.driver=file file.filename=/a/b.qcow2",
            ),
            (
                r#"{"a": [1, {"b": "c d"}], "o": {}}"#,
                r#"x a=[1,{"b":"c d"}] o={}"#,
            ),
            (r#"{"o": {"a": 1, "b": "c d"}}"#, r#"x o={"a":1,"b":"c d"}"#),
            (r#"{"o": {"a.b": 1}}"#, r#"x o={"a.b":1}"#),
            (r#"{"uri": "tcp:10.0.0.1:4444"}"#, "x uri=tcp:10.0.0.1:4444"),
            (r#"{"ip": "10.0.0.1:1"}"#, "x ip=10.0.0.1:1"),
        ] {
            assert_eq!(shorthand(&line(Some(arguments), false)), want);
        }
        assert_eq!(shorthand(&line(None, false)), "x");
    }

    #[test]
    fn what_shorthand_cannot_say_is_json() {
        for arguments in [
            r#"{"a": "b c"}"#,
            r#"{"a": ""}"#,
            r#"{"a": "1"}"#,
            r#"{"a": "-1_0"}"#,
            r#"{"a": "1e3"}"#,
            r#"{"a": "True"}"#,
            r#"{"a": "null"}"#,
            r#"{"a": "[x"}"#,
            r#"{"a": "it's"}"#,
            r#"{"a": "٣"}"#,
            r#"{"a": 1.5}"#,
            r#"{"a": 1E2}"#,
            r#"{"a": -0}"#,
            r#"{"a": null}"#,
            r#"{"a.b": 1}"#,
            r#"{"": 1}"#,
            r#"{"a": 1, "a": 2}"#,
        ] {
            let line = line(Some(arguments), false);
            assert_eq!(shorthand(&line), format!("x {arguments}"));
            assert_eq!(shorthand(&line).parse::<Line>().unwrap(), line);
        }
        assert_eq!(shorthand(&line(None, true)), r#"{"exec-oob": "x"}"#);
    }

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
            (None, r#"await vm.execute("x")"#),
            (Some("{}"), r#"await vm.execute("x", {})"#),
            (
                Some(
                    r#"{"node-name":"d","size":9007199254740993,"n":-9007199254740992,"safe":9007199254740991,"f":1.5e400}"#,
                ),
                r#"await vm.execute("x", { "node-name": "d", size: 9007199254740993n, n: -9007199254740992n, safe: 9007199254740991, f: 1.5e400 })"#,
            ),
            (
                Some(r#"{"__proto__":{"a":[]},"b":[1,"]"]}"#),
                r#"await vm.execute("x", { ["__proto__"]: { a: [] }, b: [1, "]"] })"#,
            ),
        ] {
            assert_eq!(javascript(&line(arguments, false)), want);
        }
        assert_eq!(
            javascript(&line(None, true)),
            r#"await vm.execute("x", {}, { oob: true })"#
        );
    }

    #[test]
    fn arguments_that_are_no_json_are_no_trouble() {
        for text in ["", "{", "{\"a\"", "{\"a\":", "[1]", "{\"a\":{\"b\":}}", "}"] {
            let line = line(Some(text), false);
            let _ = (shorthand(&line), javascript(&line), message(&line));
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
