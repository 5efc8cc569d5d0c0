//! An options object as JavaScript gives it: what it says is checked, and what it says of unknown things is an error. Read
//! by hand, because serde's reading of it, with its words for every type that could be wrong, weighs 8 KB gzipped.

use js_sys::{Function, Object, Reflect, TypeError};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

/// The options that were given, if any.
pub(super) struct Options(Option<Object>);

impl Options {
    /// An object with none but these options, or `undefined`.
    pub(super) fn new(value: &JsValue, known: &[&str]) -> Result<Self, JsValue> {
        if value.is_undefined() || value.is_null() {
            return Ok(Self(None));
        }
        let object: &Object = value
            .dyn_ref()
            .ok_or_else(|| wrong("options must be an object"))?;
        for name in Object::keys(object).iter().filter_map(|name| name.as_string()) {
            if !known.contains(&&*name) {
                return Err(wrong(&format!(
                    "there is no option {name}, only {}",
                    known.join(", ")
                )));
            }
        }
        Ok(Self(Some(object.clone())))
    }

    /// Whatever it is; `None` if it was not given.
    pub(super) fn value(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        let Some(object) = &self.0 else {
            return Ok(None);
        };
        // A getter of theirs may throw.
        Ok(Some(Reflect::get(object, &name.into())?).filter(|value| !value.is_undefined()))
    }

    pub(super) fn boolean(&self, name: &str) -> Result<bool, JsValue> {
        self.read(name, "true or false", |value| value.as_bool())
            .map(Option::unwrap_or_default)
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<String>, JsValue> {
        self.read(name, "a string", |value| value.as_string())
    }

    /// A time in milliseconds, which may be infinite.
    pub(super) fn milliseconds(&self, name: &str) -> Result<Option<f64>, JsValue> {
        self.read(name, "a positive number of milliseconds", |value| {
            value.as_f64().filter(|time| *time > 0.0)
        })
    }

    /// A whole number from 1, or infinity.
    pub(super) fn count(&self, name: &str) -> Result<Option<f64>, JsValue> {
        self.read(name, "a whole number from 1", |value| {
            value
                .as_f64()
                .filter(|count| *count >= 1.0 && (count.is_infinite() || count.fract() == 0.0))
        })
    }

    pub(super) fn function(&self, name: &str) -> Result<Option<Function>, JsValue> {
        self.read(name, "a function", |value| value.dyn_ref().cloned())
    }

    pub(super) fn signal(&self, name: &str) -> Result<Option<AbortSignal>, JsValue> {
        self.read(name, "an AbortSignal", |value| value.dyn_ref().cloned())
    }

    fn read<T>(
        &self,
        name: &str,
        what: &str,
        read: impl FnOnce(&JsValue) -> Option<T>,
    ) -> Result<Option<T>, JsValue> {
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        match read(&value) {
            Some(value) => Ok(Some(value)),
            None => Err(wrong(&format!("{name} must be {what}"))),
        }
    }
}

fn wrong(message: &str) -> JsValue {
    TypeError::new(message).into()
}
