//! JavaScript values as JSON text and back, by the engine's own parser. Options are small and typed, so serde has them.

use js_sys::{Function, JSON, JsString, TypeError};
use qmp_proto::{ExecuteError, Json};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::error::Error;

/// The arguments of a command as JSON text; `None` for `undefined` and `null`.
pub(super) fn arguments(command: &str, value: &JsValue) -> Result<Option<String>, Error> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let unfit = |reason: String| {
        Error::Execute(ExecuteError::Arguments {
            command: command.to_owned(),
            reason: reason.into(),
        })
    };
    let text = JSON::stringify(value).map_err(|e| unfit(message(&e)))?;
    // A function or a symbol has no JSON, and `stringify` gives `undefined` for it.
    JsValue::from(text)
        .as_string()
        .map(Some)
        .ok_or_else(|| unfit("not a JSON value".to_owned()))
}

/// A string, and nothing else.
pub(super) fn string(what: &str, value: &JsValue) -> Result<String, JsValue> {
    value
        .as_string()
        .ok_or_else(|| TypeError::new(&format!("{what} must be a string")).into())
}

/// A string, or a `URL`.
pub(super) fn url(value: &JsValue) -> Result<String, JsValue> {
    match value.dyn_ref::<web_sys::Url>() {
        Some(url) => Ok(url.href()),
        None => string("url", value),
    }
}

/// A function, and nothing else.
pub(super) fn function(what: &str, value: JsValue) -> Result<Function, JsValue> {
    value
        .dyn_into()
        .map_err(|_| TypeError::new(&format!("{what} must be a function")).into())
}

/// JSON text as a JavaScript value.
pub(super) fn value(text: &Json) -> Result<JsValue, JsValue> {
    JSON::parse(text.as_str())
}

/// An options object, or the default for `undefined`.
pub(super) fn options<T: DeserializeOwned + Default>(value: JsValue) -> Result<T, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(T::default());
    }
    serde_wasm_bindgen::from_value(value).map_err(|e| TypeError::new(&e.to_string()).into())
}

/// What a thrown value says.
fn message(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => JsString::from(thrown.clone()).into(),
    }
}
