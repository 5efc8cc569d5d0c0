//! What JavaScript sees: the only place that exports anything to it. No decision about QMP is made here.

mod client;
mod convert;
mod error;
mod events;
mod execute;
mod incoming;
mod options;
mod schema;
mod snapshot;
mod source;
mod trace;
mod waiter;

use js_sys::Function;
use wasm_bindgen::JsValue;

/// Half of what the usual one weighs. Without threads there is nobody to share it with.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Tells who wants to know what has no other place to be told.
fn diagnose(listener: &Function, diagnostic: &JsValue) {
    if let Err(thrown) = listener.call1(&JsValue::UNDEFINED, diagnostic) {
        error::report_uncaught(thrown);
    }
}
