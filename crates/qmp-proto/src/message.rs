//! What a QMP server sends, told apart by the outer object alone: payloads stay text until somebody wants them.

mod event;
mod greeting;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use self::event::HostTime;
pub use self::event::{Event, Timestamp};
use self::greeting::Body;
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
        let envelope: Envelope<'_> =
            serde_json::from_str(text).map_err(|e| DecodeError::invalid(offset, &e))?;
        match envelope {
            Envelope {
                qmp: Some(body),
                event: None,
                ret: None,
                error: None,
                ..
            } => Ok(Self::Greeting(body.into())),
            Envelope {
                event: Some(name),
                qmp: None,
                ret: None,
                error: None,
                data,
                timestamp,
                ..
            } => {
                let timestamp = timestamp.and_then(HostTime::time);
                Ok(Self::Event(Event {
                    timestamp,
                    name,
                    data: data.map(ToOwned::to_owned),
                }))
            }
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
            } => Ok(Self::Response {
                id: id.map(ToOwned::to_owned),
                result: Err(error),
            }),
            _ => {
                let reason = "not exactly one of \"QMP\", \"event\", \"return\" and \"error\"";
                Err(DecodeError {
                    offset,
                    kind: DecodeErrorKind::Invalid(reason.to_owned()),
                })
            }
        }
    }
}

/// The members of every kind of message.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "QMP")]
    qmp: Option<Body>,
    event: Option<String>,
    timestamp: Option<HostTime>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(rename = "return", borrow, default, deserialize_with = "present")]
    ret: Option<&'a RawValue>,
    error: Option<ErrorResponse>,
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

    fn response(text: &str) -> (Option<String>, Result<String, ErrorResponse>) {
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
