//! QMP, QEMU's machine protocol, in the browser.
//!
//! [`connect`] opens a WebSocket to a bridge (`qmp-bridge`, or anything that carries bytes, such as websockify),
//! negotiates, and gives a [`Client`]. JavaScript gets the same through the bindings in `js`. What QMP is, is said in
//! `qmp-proto`; this crate moves its bytes and hands out its answers.
//!
//! Without the feature `js`, which is on by default, nothing is exported to JavaScript.

mod client;
mod connection;
mod error;
mod expiry;
#[cfg(feature = "js")]
mod js;
pub mod schema;
pub mod shorthand;
mod supervisor;
mod timeouts;
mod transport;

pub use client::{Client, Reply, Stray, Subscription, Waiter, WeakClient};
pub use connection::{Attempt, Change, Connection, Failure, Live, Notes, WeakConnection};
pub use error::{Error, Outcome};
pub use qmp_proto::{
    Capability, CapabilitySet, Command, CommandId, ErrorClass, ErrorResponse, Event, Greeting, Json, State,
    Timestamp, Version,
};
pub use supervisor::{Next, Options as ReconnectOptions, State as ConnectionState, Why, is_fatal};
pub use timeouts::default_timeout;
pub use transport::web_socket::{ConnectOptions, connect, connect_noting};
pub use transport::{CloseInfo, Transport};

/// Half of what the usual one weighs. Without threads there is nobody to share it with.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
