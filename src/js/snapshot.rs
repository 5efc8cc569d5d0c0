//! How a connection is, as one JavaScript value. `store.js` adds how the machine is, and tells who wants to know.

use js_sys::{Date, Function};
use wasm_bindgen::prelude::*;

use super::convert;
use super::events::Events;
use crate::client::Waiter;
use crate::connection::Connection;
use crate::expiry::now;
use crate::supervisor::State;

#[wasm_bindgen(module = "/src/js/store.js")]
extern "C" {
    #[derive(Clone, Debug)]
    pub(super) type Store;

    #[wasm_bindgen(constructor)]
    pub(super) fn new(events: &Events, connection: &JsValue) -> Store;

    #[wasm_bindgen(method)]
    pub(super) fn get(this: &Store) -> JsValue;

    /// Takes how the connection is now. What it gives is to be told.
    #[wasm_bindgen(method)]
    pub(super) fn change(this: &Store, connection: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn tell(this: &Store, snapshot: &JsValue);

    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &Store, listener: &Function) -> Function;
}

/// The state's name.
pub(super) const fn name(state: State) -> &'static str {
    match state {
        State::Closed(_) => "closed",
        State::Connecting => "connecting",
        State::Live => "live",
        State::Reconnecting { .. } => "reconnecting",
        State::Unstable { .. } => "unstable",
    }
}

/// The state, and what belongs to it.
pub(super) fn of<W: Waiter>(connection: &Connection<W>) -> JsValue {
    let state = connection.state();
    let why = match state {
        State::Closed(_) | State::Reconnecting { .. } => connection.last_error(),
        State::Connecting | State::Live | State::Unstable { .. } => None,
    };
    let attempt = match state {
        State::Reconnecting { attempt, .. } => Some(attempt),
        _ => None,
    };
    // From our clock to the one that people read.
    let next = state.next_try().map(|time| Date::now() + time - now());
    convert::object([
        ("state", name(state).into()),
        ("attempt", attempt.into()),
        ("retryAt", next.into()),
        ("error", why.map_or(JsValue::UNDEFINED, JsValue::from)),
    ])
}
