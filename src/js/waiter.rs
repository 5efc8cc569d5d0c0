//! A promise that waits for a command.

use js_sys::Function;
use qmp_proto::Json;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::convert;
use crate::client::Waiter;
use crate::error::Error;

/// The two functions of a promise.
#[derive(Debug)]
pub(super) struct Promised {
    pub(super) resolve: Function,
    pub(super) reject: Function,
    pub(super) bigint: convert::BigInts,
    /// What would end the waiting.
    pub(super) abort: Option<Abort>,
}

/// Somebody listens to a signal as long as this lives: a signal may outlive a million commands.
#[derive(Debug)]
pub(super) struct Abort {
    signal: AbortSignal,
    listener: Closure<dyn FnMut()>,
}

impl Abort {
    pub(super) fn new(signal: &AbortSignal, listener: impl FnMut() + 'static) -> Self {
        let listener = Closure::new(listener);
        // To listen to a signal cannot fail.
        let _ = signal.add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
        Self {
            signal: signal.clone(),
            listener,
        }
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        let listener = self.listener.as_ref().unchecked_ref();
        let _ = self.signal.remove_event_listener_with_callback("abort", listener);
    }
}

impl Promised {
    pub(super) fn reject(self, reason: &JsValue) {
        // A promise's own function does not throw.
        let _ = self.reject.call1(&JsValue::UNDEFINED, reason);
    }
}

impl Waiter for Promised {
    fn settle(self, result: Result<Json, Error>) {
        let value = result
            .map_err(JsValue::from)
            .and_then(|value| convert::value(value.as_str(), self.bigint));
        let _ = match value {
            Ok(value) => self.resolve.call1(&JsValue::UNDEFINED, &value),
            Err(reason) => return self.reject(&reason),
        };
    }
}
