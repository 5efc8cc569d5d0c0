//! Which commands have a secret in them, told by names as `src/js/redact.js` tells it. Here a doubt is enough: what is
//! forgotten is typed again.

use qmp_web::Json;

use crate::console::line::Line;

/// Whether there may be a secret in the command.
pub(in crate::console) fn has_secret(line: &Line) -> bool {
    let Some(arguments) = line.arguments.as_deref().and_then(|json| Json::parse(json).ok()) else {
        return false;
    };
    // An object of type `secret` has it in its `data`, and the human monitor's language knows no such names.
    let all_data = matches!(line.name.as_str(), "object-add" | "human-monitor-command");
    is_in(&arguments, all_data)
}

fn is_in(json: &Json, all_data: bool) -> bool {
    let json = json.as_json_ref();
    let of_secret = ["property", "name"].into_iter().any(|member| {
        let named = json.get(member).and_then(|name| name.string());
        named.is_some_and(|name| name == "data" || is_secret(&name))
    });
    let members = json.members().any(|(name, value)| {
        is_secret(&name)
            || (name == "data" && all_data)
            || (name == "value" && of_secret)
            || (name == "command-line" && value.as_str().contains("data"))
            || is_in(&value.into(), all_data)
    });
    let text = json.string();
    members
        || json.elements().any(|element| is_in(&element.into(), all_data))
        || text.is_some_and(|text| has_words(&text) && !names_one(&text) || has_user(&text))
}

/// Whether a member of this name is a secret.
fn is_secret(name: &str) -> bool {
    (has_words(name) && !names_one(name)) || name.eq_ignore_ascii_case("input-data")
}

fn has_words(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// Whether it is the name of a secret that is kept elsewhere, such as `password-secret`.
fn names_one(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("-secret") || name.ends_with("id")
}

/// Whether the text is an address with a user, and perhaps a password.
fn has_user(text: &str) -> bool {
    let after = text.split("://").skip(1);
    after
        .filter_map(|rest| rest.split(|c: char| c == '/' || c.is_whitespace()).next())
        .any(|host| host.contains('@'))
}

const WORDS: [&str; 8] = [
    "passw",
    "passphrase",
    "secret",
    "cookie",
    "credential",
    "privatekey",
    "private-key",
    "private_key",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_names() {
        for (typed, wanted) in [
            ("query-status", false),
            ("set_password protocol=vnc password=x", true),
            ("change-vnc-password password=x", true),
            ("object-add qom-type=secret id=s data=x", true),
            ("object-add qom-type=iothread id=i", false),
            ("blockdev-add driver=luks key-secret=s file=f", false),
            ("blockdev-add driver=curl url=https://a:b@h/x", true),
            ("blockdev-add driver=https url=https://h/x@y", false),
            (
                "blockdev-add driver=ssh options=[{\"auth\":{\"Passphrase\":\"x\"}}]",
                true,
            ),
            ("qom-set path=/objects/s property=data value=x", true),
            ("qom-set path=/objects/s property=size value=1", false),
            ("human-monitor-command command-line=\"set_password vnc x\"", true),
            (
                "human-monitor-command command-line=\"object_add secret,id=s,data=x\"",
                true,
            ),
            ("human-monitor-command command-line=\"info status\"", false),
            (
                "{\"execute\":\"guest-exec\",\"arguments\":{\"input-data\":\"x\"}}",
                true,
            ),
            (
                "blockdev-snapshot-sync device=d snapshot-file=\"json:{\\\"password\\\":1}\"",
                true,
            ),
        ] {
            assert_eq!(has_secret(&typed.parse().unwrap()), wanted, "{typed}");
        }
    }
}
