//! What of a command's arguments is shown: which there were, and the values of a few that name things of the machine.
//! Whatever else there is may be a secret.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::line::shorten;

/// The arguments by name. `null` stands for a value that is not shown; an object has the names of its members.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Shown(BTreeMap<String, Value>);

impl Shown {
    /// What is shown of the text of an object.
    pub(super) fn of(arguments: &str) -> Option<Self> {
        let members = members(arguments)?.into_iter().take(MAX_ARGUMENTS);
        let shown = members.map(|(name, value)| (shorten(&name, MAX_NAME), show(&name, value)));
        Some(Self(shown.collect()))
    }
}

fn show(name: &str, value: &RawValue) -> Value {
    if let Some(members) = members(value.get()) {
        let names = members.into_keys().take(MAX_MEMBERS);
        return names.map(|name| shorten(&name, MAX_NAME)).collect();
    }
    if !SHOWN.contains(&name) {
        return Value::Null;
    }
    match serde_json::from_str(value.get()) {
        Ok(Value::String(text)) => shorten(&text, MAX_VALUE).into(),
        Ok(value @ (Value::Bool(_) | Value::Number(_))) => value,
        _ => Value::Null,
    }
}

fn members(object: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(object).ok()
}

/// Names of things inside of the machine, and what is done to them. None of them ever has a path, an address or a secret.
const SHOWN: [&str; 18] = [
    "action",
    "device",
    "driver",
    "enable",
    "force",
    "id",
    "job-id",
    "mode",
    "name",
    "node",
    "node-name",
    "property",
    "qom-type",
    "state",
    "tag",
    "type",
    "up",
    "vcpus",
];
/// However many there are, and however long, a line stays one that can be read.
const MAX_ARGUMENTS: usize = 16;
const MAX_MEMBERS: usize = 8;
const MAX_NAME: usize = 32;
const MAX_VALUE: usize = 128;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(arguments: &Value) -> Value {
        serde_json::to_value(Shown::of(&arguments.to_string())).unwrap()
    }

    #[test]
    fn g2_values_are_shown_by_an_allow_list_of_names() {
        let secret = json!({ "qom-type": "secret", "id": "s0", "data": "hunter2", "keyid": "k", "Id": "x" });
        assert_eq!(
            shown(&secret),
            json!({ "qom-type": "secret", "id": "s0", "data": null, "keyid": null, "Id": null })
        );
        let nested = json!({ "node-name": { "password": "hunter2" }, "id": ["hunter2"], "value": { "id": "hunter2" } });
        assert_eq!(
            shown(&nested),
            json!({ "node-name": ["password"], "id": null, "value": ["id"] })
        );
        assert_eq!(
            shown(&json!({ "up": true, "vcpus": 1.5 })),
            json!({ "up": true, "vcpus": 1.5 })
        );
    }

    #[test]
    fn what_is_long_or_deep_is_cut() {
        let many: serde_json::Map<_, _> = (0..1000).map(|n| (format!("{n:0>9999}"), json!("x"))).collect();
        let many = Value::Object(many);
        assert!(shown(&many).to_string().len() < 1000);
        assert!(
            shown(&json!({ "x": many, "id": "x".repeat(9999) }))
                .to_string()
                .len()
                < 1000
        );
        let deep = format!("{{\"id\":{}{}}}", "[".repeat(500), "]".repeat(500));
        assert_eq!(
            serde_json::to_value(Shown::of(&deep)).unwrap(),
            json!({ "id": null })
        );
    }
}
