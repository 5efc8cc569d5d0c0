//! JavaScript values as JSON text and back, by the engine's own parser.

use js_sys::{Array, Function, Object, Reflect, TypeError};
use qmp_proto::ExecuteError;
use wasm_bindgen::prelude::*;

use crate::error::Error;

#[wasm_bindgen(module = "/src/js/json.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn parse(text: &str, bigint: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;
}

#[wasm_bindgen(module = "/src/js/error.js")]
extern "C" {
    /// What a thrown value says, whatever it is.
    #[wasm_bindgen(js_name = messageOf)]
    fn message_of(thrown: &JsValue) -> String;
}

/// What a thrown value says.
pub(super) fn message(thrown: &JsValue) -> String {
    message_of(thrown)
}

/// Which integers of a reply become BigInts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum BigInts {
    Always,
    /// Those that a double does not hold.
    #[default]
    Auto,
    /// None: they are rounded.
    Never,
}

impl BigInts {
    pub(super) const ALL: [Self; 3] = [Self::Always, Self::Auto, Self::Never];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Auto => "auto",
            Self::Never => "never",
        }
    }
}

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
    let text = stringify(value).map_err(|e| unfit(message(&e)))?;
    // A function or a symbol has no JSON.
    text.map(Some).ok_or_else(|| unfit("not a JSON value".to_owned()))
}

/// A string, and nothing else.
pub(super) fn string(what: &str, value: &JsValue) -> Result<String, JsValue> {
    value
        .as_string()
        .ok_or_else(|| TypeError::new(&format!("{what} must be a string")).into())
}

/// A function, and nothing else.
pub(super) fn function(what: &str, value: JsValue) -> Result<Function, JsValue> {
    value
        .dyn_into()
        .map_err(|_| TypeError::new(&format!("{what} must be a function")).into())
}

/// JSON text as a JavaScript value.
pub(super) fn value(text: &str, bigint: BigInts) -> Result<JsValue, JsValue> {
    parse(text, bigint.as_str())
}

/// Names of events: one, or an array of them.
pub(super) fn names(value: &JsValue) -> Result<Array, JsValue> {
    let names = match value.dyn_ref::<Array>() {
        Some(names) => names.clone(),
        None => Array::of1(value),
    };
    for name in names.iter() {
        string("event", &name)?;
    }
    Ok(names)
}

/// A plain object.
pub(super) fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    object_of(&members)
}

/// A plain object of any number of members.
pub(super) fn object_of(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A fresh plain object takes any member.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
