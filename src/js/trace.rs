//! What goes over a connection, for who wants to see it: `trace.js` keeps it, `tap.js` looks at the messages, `redact.js`
//! takes the secrets out.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::snapshot;
use super::waiter::Promised;
use crate::connection::{Change, Connection};

#[wasm_bindgen(module = "/src/js/redact.js")]
extern "C" {
    /// Only named, so that the file is in the package: `tap.js` imports it.
    #[wasm_bindgen(js_name = redact)]
    type Redact;
}

#[wasm_bindgen(module = "/src/js/trace.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    #[derive(Clone, Debug)]
    pub(super) type Trace;

    /// What the option says.
    #[wasm_bindgen(catch, static_method_of = Trace)]
    pub(super) fn from(given: &JsValue) -> Result<Trace, JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn attempt(this: &Trace, url: &str);

    #[wasm_bindgen(method)]
    fn ping(this: &Trace, id: &str);

    #[wasm_bindgen(method)]
    fn state(this: &Trace, snapshot: &JsValue);

    /// A listener to diagnostics, which tells the page's too.
    #[wasm_bindgen(method)]
    pub(super) fn diagnosing(this: &Trace, listener: Option<&Function>) -> Function;
}

#[wasm_bindgen(module = "/src/js/tap.js")]
extern "C" {
    /// Looks at the messages of one connection.
    #[derive(Clone, Debug)]
    pub(super) type Tap;

    #[wasm_bindgen(constructor)]
    pub(super) fn new(trace: &Trace, socket: &WebSocket) -> Tap;

    #[wasm_bindgen(method)]
    pub(super) fn ended(this: &Tap, code: u16, reason: &str);
}

/// Tells a trace how a connection is.
pub(super) fn follow(connection: &Connection<Promised>, trace: Trace) {
    let weak = connection.downgrade();
    let told = move |change: &Change| {
        let Some(connection) = weak.upgrade() else {
            return;
        };
        match change {
            Change::Pinged(number) => {
                if let Some(live) = connection.live() {
                    trace.ping(&live.client.wire_id(*number));
                }
            }
            Change::State(_) => trace.state(&snapshot::of(&connection)),
            // That is a diagnostic.
            Change::Resumed(_) => {}
        }
    };
    connection.on_change(told).forever();
}
