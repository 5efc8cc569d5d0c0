//! The core of QMP, the QEMU Machine Protocol: bytes in, decisions out.
//!
//! Both ends of the protocol are here as state machines without IO, clock or randomness: [`ClientSession`] speaks to a
//! QMP server such as QEMU, [`ServerSession`] is one, such as a bridge towards its browsers. A driver moves the bytes.
//!
//! The protocol is that of QEMU's `docs/interop/qmp-spec` ("the specification" in this crate) with the `async`
//! capability of the specification change that was proposed as "qmp: add async command type" ("the async text").
//!
//! **Drain after every mutation**: after each call that changes a session, call `poll_output` until it returns `None`.
//!
//! ```
//! use qmp_proto::{ClientOptions, ClientSession, Command, Input, Output, SessionTag};
//!
//! let mut session = ClientSession::new(ClientOptions::new(SessionTag::new(42)));
//! let greeting = br#"{"QMP": {"version": {"qemu": {"micro": 50, "minor": 6, "major": 1}, "package": ""},
//!                     "capabilities": ["async"]}}"#;
//! session.handle_input(Input::Bytes(greeting))?;
//! assert!(matches!(session.poll_output(), Some(Output::Greeting(g)) if g.version.major == 1));
//! let Some(Output::Transmit(negotiation)) = session.poll_output() else { panic!("nothing to negotiate") };
//! assert!(negotiation.contains(r#""arguments":{"capabilities":["async"]}"#));
//!
//! let reply = format!("{{\"return\": {{}}, \"id\": {}}}", session.wire_id(0));
//! session.handle_input(Input::Bytes(reply.as_bytes()))?;
//! assert!(matches!(session.poll_output(), Some(Output::Ready(_))));
//!
//! let id = session.execute(Command::new("stop"), "whoever waits").map_err(|(error, _)| error)?;
//! assert!(matches!(session.poll_output(), Some(Output::Transmit(text)) if text.contains("\"stop\"")));
//!
//! let reply = format!("{{\"return\": {{}}, \"id\": {}}}", session.wire_id(id.number()));
//! session.handle_input(Input::Bytes(reply.as_bytes()))?;
//! assert!(matches!(session.poll_output(), Some(Output::Response { waiter: "whoever waits", result: Ok(_), .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]

extern crate alloc;

mod capability;
mod client_session;
mod decoder;
mod error;
mod id;
mod json;
mod message;
mod server_session;

pub use capability::{Capability, CapabilitySet};
pub use client_session::{
    ClientOptions, ClientSession, Command, Input, MAX_IN_BAND_IN_FLIGHT, Output, State,
};
pub use decoder::{Decoder, Limits};
pub use error::{DecodeError, DecodeErrorKind, ErrorClass, ErrorResponse, ExecuteError, ProtocolError};
pub use id::{CommandId, SessionTag};
pub use json::{Json, JsonError, JsonKind, JsonRef, normalise, push_text};
pub use message::{Event, Greeting, Message, Timestamp, Version};
pub use server_session::{
    Request, ServerInput, ServerOptions, ServerOutput, ServerSession, ServerState, Ticket,
};
