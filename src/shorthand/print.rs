//! Commands written as people type them.

use std::borrow::Cow;

use qmp_proto::{JsonKind, JsonRef, push_text};

use super::parser::{is_plain_key, is_plain_name};

/// The command as it could have been typed: in shorthand where that can say it, and else as a name with JSON, or as a whole
/// message. `arguments` are an object.
pub fn print(name: &str, arguments: Option<JsonRef<'_>>, oob: bool) -> String {
    if oob || !is_plain_name(name) {
        return message(name, arguments, oob);
    }
    let Some(arguments) = arguments else {
        return name.to_owned();
    };
    if let Some(printed) = transaction(name, arguments) {
        return printed;
    }
    let mut out = name.to_owned();
    if arguments.members().next().is_none() || !push_members(&mut out, "", arguments, 0) {
        out.truncate(name.len());
        out.push(' ');
        out.push_str(arguments.as_str());
    }
    out
}

fn message(name: &str, arguments: Option<JsonRef<'_>>, oob: bool) -> String {
    let mut out = String::from(if oob { "{\"exec-oob\": " } else { "{\"execute\": " });
    push_text(&mut out, name);
    if let Some(arguments) = arguments {
        out.push_str(", \"arguments\": ");
        out.push_str(arguments.as_str());
    }
    out.push('}');
    out
}

/// The actions of a transaction, one a line; `None` if it is none, or has more to it than types and data.
fn transaction(name: &str, arguments: JsonRef<'_>) -> Option<String> {
    let actions = arguments.get("actions").filter(|_| name == "transaction")?;
    let has_no_more = arguments.members().count() == 1 && actions.kind() == JsonKind::Array;
    let mut out = String::from("transaction(\n");
    for action in actions.elements() {
        let (kind, data) = (action.get("type")?.plain_string()?, action.get("data")?);
        let is_action = action.members().count() == 2 && is_plain_name(kind);
        out.push_str(kind);
        if !is_action || data.kind() != JsonKind::Object || !push_members(&mut out, "", data, 0) {
            return None;
        }
        out.push('\n');
    }
    out.push(')');
    has_no_more.then_some(out)
}

/// Appends ` name=value` for each member; `false` where the shorthand cannot say it.
fn push_members(out: &mut String, prefix: &str, object: JsonRef<'_>, depth: usize) -> bool {
    object.members().all(|(name, value)| {
        if !is_plain_key(&name) {
            return false;
        }
        let key = [prefix, &name].concat();
        let length = out.len();
        let dotted = value.kind() == JsonKind::Object
            && depth < MAX_DOTS
            && value.members().next().is_some()
            && push_members(out, &[&key, "."].concat(), value, depth + 1);
        if !dotted {
            out.truncate(length);
            out.push(' ');
            out.push_str(&key);
            out.push('=');
            match value.string() {
                Some(string) => out.push_str(&quote(&string)),
                None => out.push_str(value.as_str()),
            }
        }
        true
    })
}

/// A string as a value of the shorthand: in quotes where it would mean something else without.
pub fn quote(string: &str) -> Cow<'_, str> {
    if is_bare(string) {
        return Cow::Borrowed(string);
    }
    let mut out = String::new();
    push_text(&mut out, string);
    Cow::Owned(out)
}

fn is_bare(string: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || "-_./:,@%=*~#$".contains(c);
    let is_literal = |literal: &str| string.eq_ignore_ascii_case(literal);
    !string.is_empty()
        && string.chars().all(is_word)
        && !["true", "false", "null"].into_iter().any(is_literal)
        && !string.starts_with(|c: char| c.is_ascii_digit() || c == '-')
}

/// Deeper objects are written as JSON.
const MAX_DOTS: usize = 4;
