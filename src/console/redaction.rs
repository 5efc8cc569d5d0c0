//! Takes secrets out of messages before they are saved, by the rules of `src/js/redact.js`: what is a secret is told by
//! names. `redaction/messages.ndjson` is the table that both are held against.

use qmp_proto::{Json, JsonKind, JsonRef};

use super::json;

/// What stands in the place of a secret.
const HIDDEN: &str = "\"***\"";

/// Whether what a command returns is a secret itself.
pub(super) fn returns_secret(command: &str, arguments: Option<JsonRef<'_>>) -> bool {
    let argument = |name| arguments?.members().filter(|(n, _)| n == name).last();
    match command {
        "qom-get" => argument("property").is_some_and(|(_, name)| is_secret_property(name)),
        "human-monitor-command" => argument("command-line").is_some_and(|(_, line)| {
            // Whatever is no string there is looked at as it is written.
            is_secret_line(&line.string().unwrap_or_else(|| line.as_str().into()))
        }),
        _ => false,
    }
}

/// The arguments of a command without their secrets; `None` if there are none.
pub(super) fn arguments(command: &str, arguments: &Json) -> Option<String> {
    let value = arguments.as_json_ref();
    if command == "human-monitor-command" && returns_secret(command, Some(value)) {
        return Some(without_line(value));
    }
    value_without(value, command == "object-add")
}

/// A value without its secrets; `None` if there are none.
pub(super) fn value(value: &Json) -> Option<String> {
    value_without(value.as_json_ref(), false)
}

/// A value that is a secret.
pub(super) const fn hidden() -> &'static str {
    HIDDEN
}

/// Of the line of a human monitor, only the first word stays.
fn without_line(arguments: JsonRef<'_>) -> String {
    let mut out = String::from("{");
    for (name, value) in arguments.members() {
        separate(&mut out);
        json::push_string(&mut out, &name);
        out.push(':');
        if name == "command-line" {
            let line = value.string().unwrap_or_default();
            let verb = line.split_whitespace().next().unwrap_or_default();
            json::push_string(&mut out, &format!("{verb} ***"));
        } else {
            push_without(&mut out, value, false, MAX_DEPTH);
        }
    }
    out.push('}');
    out
}

fn value_without(value: JsonRef<'_>, data_is_secret: bool) -> Option<String> {
    let mut out = String::new();
    push_member(&mut out, value, false, data_is_secret, MAX_DEPTH).then_some(out)
}

/// Appends a value without its secrets; returns whether there were any.
fn push_without(out: &mut String, value: JsonRef<'_>, data_is_secret: bool, depth: usize) -> bool {
    if depth == 0 {
        // Nobody has seen what is in it.
        out.push_str(HIDDEN);
        return true;
    }
    let start = out.len();
    let mut found = false;
    match value.kind() {
        JsonKind::Object => {
            let of_secret = value
                .members()
                .any(|(name, value)| (name == "property" || name == "name") && is_secret_property(value));
            out.push('{');
            for (name, member) in value.members() {
                separate(out);
                json::push_string(out, &name);
                out.push(':');
                let is_hidden =
                    is_secret(&name) || (name == "data" && data_is_secret) || (name == "value" && of_secret);
                found |= push_member(out, member, is_hidden, data_is_secret, depth - 1);
            }
            out.push('}');
        }
        JsonKind::Array => {
            out.push('[');
            for element in value.elements() {
                separate(out);
                found |= push_member(out, element, false, data_is_secret, depth - 1);
            }
            out.push(']');
        }
        _ => {}
    }
    if !found {
        // As it was written, to the last digit and space.
        out.truncate(start);
        out.push_str(value.as_str());
    }
    found
}

fn push_member(
    out: &mut String,
    member: JsonRef<'_>,
    is_hidden: bool,
    data_is_secret: bool,
    depth: usize,
) -> bool {
    let text = member.string();
    if is_hidden || text.as_deref().is_some_and(is_secret_file) {
        out.push_str(HIDDEN);
        return true;
    }
    match text {
        None => push_without(out, member, data_is_secret, depth),
        Some(text) => match without_credentials(&text) {
            Some(text) => {
                json::push_string(out, &text);
                true
            }
            None => {
                out.push_str(member.as_str());
                false
            }
        },
    }
}

/// A text whose addresses have no user and password any more; `None` if they had none.
pub(super) fn without_credentials(text: &str) -> Option<String> {
    let (mut out, mut rest, mut found) = (String::new(), text, false);
    while let Some(start) = rest.find("://") {
        let (before, address) = rest.split_at(start + 3);
        out.push_str(before);
        let end = address.find(|c| c == '/' || is_space(c)).unwrap_or(address.len());
        rest = match address[..end].rfind('@') {
            Some(at) => {
                found = true;
                out.push_str("***");
                &address[at..]
            }
            None => address,
        };
    }
    out.push_str(rest);
    found.then_some(out)
}

/// What JavaScript calls space.
fn is_space(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // Names of secrets that are kept elsewhere, such as `password-secret`.
    has_word(&name) && !name.ends_with("-secret") && !name.ends_with("id")
}

/// An object of type `secret` has it in its `data`.
fn is_secret_property(name: JsonRef<'_>) -> bool {
    name.string()
        .is_some_and(|name| name == "data" || is_secret(&name))
}

/// A block device may be named by its options.
fn is_secret_file(name: &str) -> bool {
    name.starts_with("json:") && has_word(&name.to_ascii_lowercase())
}

/// In the human monitor's own language.
fn is_secret_line(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    has_word(&line) || line.split(|c| !is_word(c)).any(|word| word == "data")
}

/// Whether there is a word in it that names a secret. `text` is in lower case.
fn has_word(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word)) || text == "input-data" || has_private_key(text)
}

/// `private` and `key` with at most one character between them.
fn has_private_key(text: &str) -> bool {
    text.match_indices("private").any(|(place, word)| {
        let rest = &text[place + word.len()..];
        let mut behind = rest.chars();
        let next = behind.next();
        rest.starts_with("key")
            || (!matches!(next, None | Some('\n' | '\r' | '\u{2028}' | '\u{2029}'))
                && behind.as_str().starts_with("key"))
    })
}

fn separate(out: &mut String) {
    if !out.ends_with(['{', '[']) {
        out.push(',');
    }
}

/// Levels of a value that are looked into; no QEMU sends as many.
const MAX_DEPTH: usize = 512;
const WORDS: [&str; 5] = ["passw", "passphrase", "secret", "cookie", "credential"];

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line has a command, its reply, and both as they are kept.
    #[test]
    fn secrets_are_taken_out_as_the_client_does_it() {
        let mut lines = 0;
        for line in include_str!("redaction/messages.ndjson").lines() {
            let line = JsonRef::parse(line).unwrap();
            let [sent, reply, kept_sent, kept_reply] =
                ["sent", "reply", "keptSent", "keptReply"].map(|name| line.get(name).unwrap());
            let command = sent.get("execute").unwrap().string().unwrap();
            let given = sent.get("arguments");
            if let Some(given) = given {
                let kept = arguments(&command, &given.into()).unwrap_or_else(|| given.as_str().to_owned());
                let want = kept_sent.get("arguments").unwrap();
                assert_eq!(read(&kept), read(want.as_str()), "{}", line.as_str());
            }
            let returned = reply.get("return").unwrap();
            let kept = match returns_secret(&command, given) {
                true => hidden().to_owned(),
                false => value(&returned.into()).unwrap_or_else(|| returned.as_str().to_owned()),
            };
            let want = kept_reply.get("return").unwrap();
            assert_eq!(read(&kept), read(want.as_str()), "{}", line.as_str());
            lines += 1;
        }
        assert!(lines > 20);
    }

    #[test]
    fn of_two_members_of_one_name_none_is_told() {
        let twice = Json::parse(
            r#"{"property": "data", "property": "x", "value": 1, "password": 2, "password": {}}"#,
        );
        assert_eq!(
            value(&twice.unwrap()).unwrap(),
            r#"{"property":"data","property":"x","value":"***","password":"***","password":"***"}"#
        );
    }

    #[test]
    fn what_is_too_deep_is_left_out() {
        let deep = format!("{}{{\"password\":1}}{}", "[".repeat(900), "]".repeat(900));
        let kept = value(&Json::parse(&deep).unwrap()).unwrap();
        assert!(kept.contains("***") && !kept.contains("password"));
    }

    fn read(json: &str) -> serde_json::Value {
        serde_json::from_str(json).unwrap()
    }
}
