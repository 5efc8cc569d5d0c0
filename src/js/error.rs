//! [`Error`] as a JavaScript `QmpError`, which is a real `Error` with a stack.

use js_sys::{JsString, Object, Reflect};
use qmp_proto::ExecuteError;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Outcome};
use crate::transport::CloseInfo;

#[wasm_bindgen(module = "/src/js/error.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    type QmpError;
    #[wasm_bindgen(reexport)]
    type AbortError;
    #[wasm_bindgen(reexport)]
    type CommandError;
    #[wasm_bindgen(reexport)]
    type ConnectionLostError;
    #[wasm_bindgen(reexport)]
    type JobError;
    #[wasm_bindgen(reexport)]
    type TimeoutError;

    #[wasm_bindgen(js_name = makeError)]
    fn make_error(kind: &str, message: &str, details: &JsValue) -> JsValue;
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let details = Object::new();
        let put = |name: &str, value: &str| {
            // A fresh plain object takes any member.
            let _ = Reflect::set(&details, &JsString::from(name), &JsString::from(value));
        };
        let kind = match &error {
            Error::Busy(_) => "busy",
            Error::Command { command, id, error } => {
                put("id", id);
                put("class", error.class.as_str());
                put("desc", &error.desc);
                put("command", command);
                "command"
            }
            Error::Connect { url, .. } => {
                put("url", url);
                "connect"
            }
            Error::ConnectionLost { outcome, .. } => {
                put("outcome", outcome.as_str());
                "connection-lost"
            }
            // No connection, so it was not sent.
            Error::Execute(ExecuteError::Closed) => {
                put("outcome", Outcome::NotSent.as_str());
                "connection-lost"
            }
            Error::Execute(ExecuteError::Arguments { command, .. }) => {
                put("command", command);
                "arguments"
            }
            Error::Execute(_) => "state",
            Error::Protocol(_) => "protocol",
            Error::Timeout { command, outcome } => {
                put("command", command);
                put("outcome", outcome.as_str());
                "timeout"
            }
        };
        make_error(kind, &error.to_string(), &details)
    }
}

/// No event comes any more. There may have been no command, so nothing is said of one.
pub(super) fn ended(close: &CloseInfo) -> JsValue {
    make_error(
        "connection-lost",
        &format!("connection lost ({close})"),
        &Object::new(),
    )
}

impl Outcome {
    /// As JavaScript names it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
        }
    }
}
