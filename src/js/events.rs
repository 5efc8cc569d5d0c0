//! Events as JavaScript hears them: the registry and the streams are in `events.js`, where they cost no crossing.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/events.js")]
extern "C" {
    /// Who hears which events.
    #[derive(Clone, Debug)]
    pub(super) type Events;

    #[wasm_bindgen(constructor)]
    pub(super) fn new(unhandled: Option<&Function>) -> Events;

    #[wasm_bindgen(method)]
    pub(super) fn on(this: &Events, names: &Array, listener: &Function) -> Function;

    #[wasm_bindgen(method)]
    pub(super) fn hears(this: &Events, name: &str) -> bool;

    #[wasm_bindgen(method)]
    pub(super) fn emit(this: &Events, event: &JsValue);

    #[wasm_bindgen(method)]
    pub(super) fn release(this: &Events);

    #[wasm_bindgen(method, js_name = flushSoon)]
    pub(super) fn flush_soon(this: &Events);

    #[wasm_bindgen(method)]
    pub(super) fn end(this: &Events, reason: &JsValue, for_good: bool);

    /// Events as an async iterator.
    pub(super) type EventStream;

    #[wasm_bindgen(constructor)]
    pub(super) fn new(events: &Events, names: &Array, options: &JsValue) -> EventStream;

    pub(super) fn once(events: &Events, names: &Array, options: &JsValue) -> Promise;

    pub(super) fn until(events: &Events, names: &Array, options: &JsValue, execute: &Function) -> Promise;
}
