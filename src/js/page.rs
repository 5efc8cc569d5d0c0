//! What a page gave to a connection and has of it, which is in `page.js`, and the scripts beside it.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::client::JsClient;
use super::incoming::Incoming;

#[wasm_bindgen(module = "/src/js/page.js")]
extern "C" {
    /// Clones are the same.
    #[derive(Clone, Debug)]
    pub(super) type Page;

    /// It throws what is wrong with them.
    #[wasm_bindgen(catch, constructor)]
    pub(super) fn new(url: &JsValue, options: &JsValue) -> Result<Page, JsValue>;

    /// Milliseconds and tries, in the order in which [`JsClient`] reads them; what was not given is no number.
    #[wasm_bindgen(method, getter)]
    pub(super) fn numbers(this: &Page) -> Vec<f64>;

    /// Which integers become BigInts, for [`settle`].
    #[wasm_bindgen(method, getter)]
    pub(super) fn bigint(this: &Page) -> u32;

    /// Asks where to connect to and what to show there, and tells of a `Try`, or of what was to be tried and why it is not.
    #[wasm_bindgen(method)]
    pub(super) fn ask(this: &Page, tell: &JsValue);

    #[wasm_bindgen(method)]
    pub(super) fn reader(this: &Page, prefix: &str, client: Incoming, socket: &WebSocket) -> Reader;

    /// An event that the reader did not take.
    #[wasm_bindgen(method)]
    pub(super) fn emit(this: &Page, text: &str);

    /// A reply that nobody waits for: to a command that was given up, or to none of ours.
    #[wasm_bindgen(method)]
    pub(super) fn stray(this: &Page, command: Option<&str>, id: Option<&str>);

    /// How the connection is; the next try is after so many milliseconds. With an `end`, no event comes any more.
    #[wasm_bindgen(method)]
    pub(super) fn changed(
        this: &Page,
        state: &str,
        attempt: Option<u32>,
        wait: Option<f64>,
        error: &JsValue,
        end: &JsValue,
        for_good: bool,
    );

    #[wasm_bindgen(method)]
    pub(super) fn pinged(this: &Page, id: &str);

    #[wasm_bindgen(method)]
    pub(super) fn resumed(this: &Page, gap: f64);

    /// Resolves with what the JSON text says.
    pub(super) fn settle(resolve: &Function, reject: &Function, text: &str, bigint: u32);
}

#[wasm_bindgen(module = "/src/js/reader.js")]
extern "C" {
    /// What a WebSocket calls with each message.
    #[wasm_bindgen(extends = Function, js_name = Function)]
    #[derive(Clone, Debug)]
    pub(super) type Reader;

    /// Whether it was called since this was asked last.
    #[wasm_bindgen(method, js_name = hasHeard)]
    pub(super) fn has_heard(this: &Reader) -> bool;

    #[wasm_bindgen(method)]
    pub(super) fn ended(this: &Reader, code: u16, reason: &str);
}

#[wasm_bindgen(module = "/src/js/client.js")]
extern "C" {
    /// The client, with what a class out of wasm-bindgen lacks, once it is live.
    pub(super) fn complete(client: JsClient, page: &Page) -> Promise;
}

#[wasm_bindgen(module = "/src/js/web_socket.js")]
extern "C" {
    #[wasm_bindgen(reexport, js_name = keepEarly)]
    fn keep_early();
}

#[wasm_bindgen(module = "/src/js/schema.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    type Schema;

    #[wasm_bindgen(reexport, js_name = findSchemaBy)]
    fn find_schema_by();

    #[wasm_bindgen(reexport, js_name = initSchema)]
    fn init_schema();
}

#[wasm_bindgen(module = "/src/js/trace.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    type Trace;
}

#[wasm_bindgen(module = "/src/js/job.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    type Job;
}

/// Scripts that others import: a file is in the package if something of it is named.
macro_rules! scripts {
    ($($name:ident $file:literal)*) => {$(
        #[wasm_bindgen(module = $file)]
        extern "C" {
            type $name;
        }
    )*};
}

scripts! {
    Duplex "/src/js/duplex.js"
    Events "/src/js/events.js"
    JobKinds "/src/js/job-kinds.js"
    Json "/src/js/json.js"
    Options "/src/js/options.js"
    Redact "/src/js/redact.js"
    Source "/src/js/source.js"
    Store "/src/js/store.js"
    Tap "/src/js/tap.js"
}
