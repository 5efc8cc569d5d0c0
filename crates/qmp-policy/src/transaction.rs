//! The actions of a `transaction`, which are commands of their own. They are read in one pass, because there may be many.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// The commands that the arguments of a `transaction` name.
///
/// # Errors
/// What is wrong with them: nothing is left to guess.
pub(crate) fn actions(arguments: Option<&str>) -> Result<Vec<Cow<'_, str>>, String> {
    let arguments: Arguments<'_> =
        serde_json::from_str(arguments.unwrap_or("{}")).map_err(|error| error.to_string())?;
    Ok(arguments.0.into_iter().map(|action| action.0).collect())
}

/// `{"actions": […], …}`
struct Arguments<'a>(Vec<Action<'a>>);

/// `{"type": …, …}`
struct Action<'a>(Cow<'a, str>);

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Arguments<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(Only("actions", PhantomData))
            .map(Self)
    }
}

impl<'de> Deserialize<'de> for Action<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Name(name) = deserializer.deserialize_map(Only("type", PhantomData))?;
        if name == "transaction" {
            return Err(D::Error::custom("a transaction is no action"));
        }
        Ok(Self(name))
    }
}

/// The one member of this name of an object, whatever else is there.
struct Only<V>(&'static str, PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Only<V> {
    type Value = V;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with '{}'", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V, A::Error> {
        let mut value = None;
        while let Some(Name(name)) = map.next_key()? {
            if name != self.0 {
                map.next_value::<IgnoredAny>()?;
            } else if value.replace(map.next_value()?).is_some() {
                return Err(A::Error::duplicate_field(self.0));
            }
        }
        value.ok_or_else(|| A::Error::missing_field(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_by_their_decoded_types() {
        let text = r#"{"actions":[{"type":"a","data":{"type":"b"}},{"data":{},"t\u0079pe":"\u0062"}],"properties":{}}"#;
        assert_eq!(actions(Some(text)).unwrap(), ["a", "b"]);
        assert!(actions(Some(r#"{"actions":[]}"#)).unwrap().is_empty());
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
