//! The actions of a `transaction`, which are commands of their own.

use std::borrow::Cow;

use qmp_proto::{JsonKind, JsonRef};

/// The commands that the arguments of a `transaction` name.
///
/// # Errors
/// What is wrong with them: nothing is left to guess.
pub(crate) fn actions(arguments: Option<&str>) -> Result<Vec<Cow<'_, str>>, &'static str> {
    let arguments = JsonRef::parse(arguments.unwrap_or("{}")).map_err(|_| "its arguments are no JSON")?;
    let list = only(arguments, "actions")?.ok_or("it has no actions")?;
    if list.kind() != JsonKind::Array {
        return Err("its actions are no list");
    }
    list.elements().map(command).collect()
}

/// The command that an action is.
fn command(action: JsonRef<'_>) -> Result<Cow<'_, str>, &'static str> {
    match only(action, "type")?.ok_or("an action has no type")?.string() {
        None => Err("the type of an action is no string"),
        Some(name) if name == "transaction" => Err("a transaction is no action"),
        Some(name) => Ok(name),
    }
}

/// The member of this name, if it is an object that has one.
fn only<'a>(json: JsonRef<'a>, name: &str) -> Result<Option<JsonRef<'a>>, &'static str> {
    let mut values = json.members().filter(|(member, _)| member == name);
    match (values.next(), values.next()) {
        (_, Some(_)) => Err("a member comes twice"),
        (value, None) => Ok(value.map(|(_, value)| value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_by_their_decoded_types() {
        let text = r#"{"actions":[{"type":"a","data":{"type":"b"}},{"data":{},"t\u0079pe":"\u0062"}],"properties":{}}"#;
        assert_eq!(actions(Some(text)), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(actions(Some(r#"{"actions":[]}"#)), Ok(vec![]));
    }

    #[test]
    fn p5_what_is_odd_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"actions":{}}"#,
            r#"{"actions":"abort"}"#,
            r#"{"actions":[],"actions":[]}"#,
            r#"{"actions":["abort"]}"#,
            r#"{"actions":[[{"type":"abort"}]]}"#,
            r#"{"actions":[{}]}"#,
            r#"{"actions":[{"data":{"type":"abort"}}]}"#,
            r#"{"actions":[{"type":1}]}"#,
            r#"{"actions":[{"type":null}]}"#,
            r#"{"actions":[{"type":["abort"]}]}"#,
            r#"{"actions":[{"type":"\ud800"}]}"#,
            r#"{"actions":[{"type":"abort","type":"migrate"}]}"#,
            r#"{"actions":[{"type":"abort","t\u0079pe":"migrate"}]}"#,
            r#"{"actions":[{"type":"transaction","data":{"actions":[]}}]}"#,
            r#"{"actions":[{"type":"abort"}]} {}"#,
        ] {
            assert!(actions(Some(text)).is_err(), "{text}");
        }
        assert!(actions(None).is_err());
    }
}
