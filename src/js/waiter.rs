//! A promise that waits for a command.

use js_sys::Function;
use qmp_proto::Json;
use wasm_bindgen::prelude::*;

use super::page;
use crate::client::Waiter;
use crate::error::Error;

/// The two functions of a promise.
#[derive(Debug)]
pub(super) struct Promised {
    pub(super) resolve: Function,
    pub(super) reject: Function,
    /// Which integers become BigInts.
    pub(super) bigint: u32,
}

impl Waiter for Promised {
    fn settle(self, result: Result<Json, Error>) {
        match result {
            Ok(value) => page::settle(&self.resolve, &self.reject, value.as_str(), self.bigint),
            // A promise's own function does not throw.
            Err(error) => drop(self.reject.call1(&JsValue::UNDEFINED, &error.into())),
        }
    }
}
