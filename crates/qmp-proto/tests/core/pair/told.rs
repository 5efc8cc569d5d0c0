//! What a client session tells its driver, in terms that tests compare.

use qmp_proto::{CapabilitySet, Output, ProtocolError};
use serde_json::Value;

/// An output. Commands go by their number, events and replies by the number that they carry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Event(String),
    Greeting(CapabilitySet),
    Interrupted {
        number: u64,
        sent: bool,
        waiter: usize,
    },
    Ready(CapabilitySet),
    Response {
        number: u64,
        result: Answer,
        waiter: usize,
    },
    Transmit(Value),
    Unroutable(Option<String>),
}

/// The value of `return`, or the `desc` of an error.
pub(crate) type Answer = Result<String, String>;

/// Why a client session gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NoJson,
    OutOfOrder { expected: u64, got: u64 },
    Refused,
    ServerParse,
    SecondGreeting,
}

impl From<Output<usize>> for Told {
    fn from(output: Output<usize>) -> Self {
        match output {
            Output::Event(event) => Self::Event(event.data.unwrap().into()),
            Output::Greeting(greeting) => Self::Greeting(greeting.offered()),
            Output::Interrupted { id, sent, waiter } => Self::Interrupted {
                number: id.number(),
                sent,
                waiter,
            },
            Output::Ready(enabled) => Self::Ready(enabled),
            Output::Response { id, result, waiter } => Self::Response {
                number: id.number(),
                result: result.map(String::from).map_err(|error| error.desc),
                waiter,
            },
            Output::Transmit(text) => Self::Transmit(serde_json::from_str(&text).unwrap()),
            Output::Unroutable { id } => Self::Unroutable(id.map(String::from)),
        }
    }
}

impl From<ProtocolError> for Fault {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Decode(_) => Self::NoJson,
            ProtocolError::Negotiation(_) => Self::Refused,
            ProtocolError::OutOfOrder { expected, got } => Self::OutOfOrder {
                expected: expected.number(),
                got: got.number(),
            },
            ProtocolError::ServerParse(_) => Self::ServerParse,
            ProtocolError::SecondGreeting => Self::SecondGreeting,
            other => panic!("{other}"),
        }
    }
}
