//! What a QMP server sends, told apart by the outer object alone: payloads stay text until somebody wants them.

mod event;
mod greeting;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub use self::event::{Event, Timestamp};
pub use self::greeting::{Greeting, Version};
use crate::error::{DecodeError, DecodeErrorKind, ErrorResponse};

/// A message from the server.
#[derive(Clone, Debug)]
pub enum Message {
    /// Something happened in the machine (specification, "Asynchronous events").
    Event(Event),
    /// The first message of a connection (specification, "Server Greeting").
    Greeting(Greeting),
    /// The reply to a command (specification, "Commands Responses").
    Response {
        /// The command's id as the server wrote it; `None` if the reply has none.
        id: Option<Box<RawValue>>,
        /// `return` or `error`.
        result: Result<Box<RawValue>, ErrorResponse>,
    },
}

impl Message {
    /// Reads one message.
    ///
    /// # Errors
    /// The text is not JSON, or not an object with the members of one of the three kinds. Members that the
    /// specification does not name are ignored.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        Self::parse_at(0, text)
    }

    /// Reads the message that begins at `offset` of a stream.
    pub(crate) fn parse_at(offset: u64, text: &str) -> Result<Self, DecodeError> {
        let invalid = |reason: &str| DecodeError {
            offset,
            kind: DecodeErrorKind::Invalid(reason.to_owned()),
        };
        let envelope: Envelope<'_> =
            serde_json::from_str(text).map_err(|e| DecodeError::invalid(offset, &e))?;
        match envelope {
            Envelope {
                qmp: Some(qmp),
                event: None,
                ret: None,
                error: None,
                ..
            } => Greeting::parse(qmp).map(Self::Greeting).map_err(|e| invalid(&e)),
            Envelope {
                event: Some(_),
                qmp: None,
                ret: None,
                error: None,
                ..
            } => serde_json::from_str(text)
                .map(Self::Event)
                .map_err(|e| DecodeError::invalid(offset, &e)),
            Envelope {
                ret: Some(ret),
                qmp: None,
                event: None,
                error: None,
                id,
                ..
            } => Ok(Self::Response {
                id: id.map(ToOwned::to_owned),
                result: Ok(ret.to_owned()),
            }),
            Envelope {
                error: Some(error),
                qmp: None,
                event: None,
                ret: None,
                id,
                ..
            } => {
                let error =
                    serde_json::from_str(error.get()).map_err(|e| DecodeError::invalid(offset, &e))?;
                Ok(Self::Response {
                    id: id.map(ToOwned::to_owned),
                    result: Err(error),
                })
            }
            _ => Err(invalid(
                "not exactly one of \"QMP\", \"event\", \"return\" and \"error\"",
            )),
        }
    }
}

/// The members that tell the kinds of message apart.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "QMP", borrow, default, deserialize_with = "present")]
    qmp: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    event: Option<&'a RawValue>,
    #[serde(rename = "return", borrow, default, deserialize_with = "present")]
    ret: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
}

/// A member that is there, `null` or not: `"return": null` is an answer.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::*;
    use crate::ErrorClass;

    fn response(
        text: &str,
    ) -> (
        Option<alloc::string::String>,
        Result<alloc::string::String, ErrorResponse>,
    ) {
        match Message::parse(text).unwrap() {
            Message::Response { id, result } => (
                id.map(|id| id.get().to_string()),
                result.map(|ret| ret.get().to_string()),
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn falsy_returns_and_ids_are_values() {
        for value in ["null", "false", "0", "\"\"", "{}", "[]"] {
            let (id, result) = response(&format!("{{\"return\": {value}, \"id\": {value}}}"));
            assert_eq!((id.as_deref(), result.as_deref()), (Some(value), Ok(value)));
        }
        assert_eq!(response("{\"return\": 1}").0, None);
    }

    #[test]
    fn classes_are_kept() {
        for class in ["GenericError", "KVMMissingCap", "BridgeForbidden"] {
            let (_, result) = response(&format!(
                "{{\"error\": {{\"class\": {class:?}, \"desc\": \"d\", \"data\": {{}}}}}}"
            ));
            let error = result.unwrap_err();
            assert_eq!(error.class.as_str(), class);
            assert_eq!(
                matches!(error.class, ErrorClass::Other(_)),
                class == "BridgeForbidden"
            );
        }
    }

    #[test]
    fn a_message_is_of_one_kind() {
        for text in [
            "{}",
            "{\"id\": 1}",
            "[]",
            "1",
            "null",
            "{\"return\": 1, \"error\": {\"class\": \"c\", \"desc\": \"d\"}}",
            "{\"event\": \"STOP\", \"return\": 1}",
            "{\"return\": 1, \"return\": 2}",
            "{\"error\": {}}",
            "{\"error\": null}",
            "{\"QMP\": {}}",
            "{\"event\": 1}",
            "{\"event\": \"STOP\", \"timestamp\": 1}",
            "{\"id\": inf, \"return\": 1}",
        ] {
            assert!(Message::parse(text).is_err(), "{text}");
        }
    }
}
