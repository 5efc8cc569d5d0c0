//! QMP, QEMU's machine protocol, in the browser.
//!
//! [`connect`] opens a WebSocket to a bridge (`qmp-bridge`, or anything that carries bytes, such as websockify),
//! negotiates, and gives a [`Client`]. JavaScript gets the same through the bindings in `js`. What QMP is, is said in
//! `qmp-proto`; this crate moves its bytes and hands out its answers.
//!
//! Without the feature `js`, which is on by default, nothing is exported to JavaScript.

// What connects again is used by the bindings alone so far.
#![cfg_attr(not(feature = "js"), allow(dead_code))]

mod client;
mod connection;
mod error;
mod expiry;
#[cfg(feature = "js")]
mod js;
pub mod schema;
mod supervisor;
mod timeouts;
mod transport;

pub use client::{Client, Reply, Stray, Subscription, Waiter, WeakClient};
pub use error::{Error, Outcome};
pub use qmp_proto::{
    Capability, CapabilitySet, Command, ErrorClass, ErrorResponse, Event, Greeting, Json, State, Timestamp,
    Version,
};
pub use transport::web_socket::{ConnectOptions, connect};
pub use transport::{CloseInfo, Transport};
