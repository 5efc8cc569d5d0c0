//! How a connection is, as one JavaScript value that is another one after each change: what stores of frameworks ask for.

use js_sys::Date;
use wasm_bindgen::prelude::*;

use super::convert;
use crate::client::Waiter;
use crate::connection::Connection;
use crate::expiry::now;
use crate::supervisor::State;

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
