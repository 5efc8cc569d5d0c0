//! What a QMP server sends, told apart by the outer object alone: payloads stay text until somebody wants them.

mod event;
mod greeting;

use alloc::string::String;

pub use self::event::{Event, Timestamp};
pub use self::greeting::{Greeting, Version};
use crate::error::{DecodeError, DecodeErrorKind, ErrorResponse};
use crate::json::{Json, Reader, Scanner, Value};

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
        id: Option<Json>,
        /// `return` or `error`.
        result: Result<Json, ErrorResponse>,
    },
}

impl Message {
    /// Reads one message.
    ///
    /// # Errors
    /// The text is not JSON, or not an object with the members of one of the three kinds. Members that the
    /// specification does not name are ignored.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        let mut scanner = Scanner::new(usize::MAX);
        let value = Value::only(&mut scanner, text).map_err(|e| DecodeError::invalid(0, &e))?;
        Received::read(0, value).map(Self::from)
    }
}

/// A message as it is read: payloads are still part of the bytes.
#[derive(Debug)]
pub(crate) enum Received<'a> {
    Event(Event),
    Greeting(Greeting),
    Response {
        id: Option<&'a str>,
        result: Result<&'a str, ErrorResponse>,
    },
}

impl<'a> Received<'a> {
    /// Reads the message that begins at `offset` of a stream.
    pub(crate) fn read(offset: u64, value: Value<'a>) -> Result<Self, DecodeError> {
        let message = Envelope::read(value).and_then(Envelope::message);
        message.map_err(|reason| DecodeError {
            offset,
            kind: DecodeErrorKind::Invalid(reason),
        })
    }
}

impl From<Received<'_>> for Message {
    fn from(received: Received<'_>) -> Self {
        match received {
            Received::Event(event) => Self::Event(event),
            Received::Greeting(greeting) => Self::Greeting(greeting),
            Received::Response { id, result } => Self::Response {
                id: id.map(Json::from_read),
                result: result.map(Json::from_read),
            },
        }
    }
}

/// The members of every kind of message.
#[derive(Default)]
struct Envelope<'a> {
    greeting: Option<Greeting>,
    event: Option<String>,
    timestamp: Option<Timestamp>,
    data: Option<&'a str>,
    ret: Option<&'a str>,
    error: Option<ErrorResponse>,
    id: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    fn read(value: Value<'a>) -> Result<Self, &'static str> {
        let mut envelope = Self::default();
        for (name, text) in value.members() {
            let reader = &mut Reader::new(text);
            let again = match &*name {
                "QMP" => envelope.greeting.replace(Greeting::read(reader)?).is_some(),
                "data" => envelope.data.replace(text).is_some(),
                "error" => envelope.error.replace(ErrorResponse::read(reader)?).is_some(),
                "event" => envelope.event.replace(reader.string()?).is_some(),
                "id" => envelope.id.replace(text).is_some(),
                "return" => envelope.ret.replace(text).is_some(),
                "timestamp" => {
                    envelope.timestamp = Timestamp::read(reader)?;
                    false
                }
                _ => false,
            };
            if again {
                return Err("a member comes twice");
            }
        }
        Ok(envelope)
    }

    fn message(self) -> Result<Received<'a>, &'static str> {
        match self {
            Self {
                greeting: Some(greeting),
                event: None,
                ret: None,
                error: None,
                ..
            } => Ok(Received::Greeting(greeting)),
            Self {
                event: Some(name),
                greeting: None,
                ret: None,
                error: None,
                timestamp,
                data,
                ..
            } => Ok(Received::Event(Event {
                timestamp,
                name,
                data: data.map(Json::from_read),
            })),
            Self {
                ret: Some(ret),
                greeting: None,
                event: None,
                error: None,
                id,
                ..
            } => Ok(Received::Response { id, result: Ok(ret) }),
            Self {
                error: Some(error),
                greeting: None,
                event: None,
                ret: None,
                id,
                ..
            } => Ok(Received::Response {
                id,
                result: Err(error),
            }),
            _ => Err("not exactly one of QMP, event, return and error"),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::ErrorClass;

    fn response(text: &str) -> (Option<String>, Result<String, ErrorResponse>) {
        match Message::parse(text).unwrap() {
            Message::Response { id, result } => (id.map(String::from), result.map(String::from)),
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
