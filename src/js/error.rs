//! [`Error`] as a JavaScript `QmpError`, which is a real `Error` with a stack.

use js_sys::{JsString, Object, Reflect};
use qmp_proto::ExecuteError;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Outcome};

#[wasm_bindgen(module = "/src/js/error.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    type QmpError;

    #[wasm_bindgen(constructor)]
    fn new(kind: &str, message: &str, details: &Object) -> QmpError;

    /// Reports what a listener threw as uncaught, where it harms nobody else.
    #[wasm_bindgen(js_name = reportUncaught)]
    pub(super) fn report_uncaught(thrown: JsValue);
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
            Error::Command { command, error } => {
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
                put(
                    "outcome",
                    if *outcome == Outcome::NotSent {
                        "not-sent"
                    } else {
                        "unknown"
                    },
                );
                "connection-lost"
            }
            Error::Execute(ExecuteError::Arguments { command, .. }) => {
                put("command", command);
                "arguments"
            }
            Error::Execute(_) => "state",
            Error::Protocol(_) => "protocol",
        };
        QmpError::new(kind, &error.to_string(), &details).into()
    }
}
