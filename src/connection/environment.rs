//! What the browser knows of the network and of who looks.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::supervisor::Input;

/// Listens as long as it lives.
pub(super) struct Environment {
    stop: Function,
    _tell: Tell,
}

type Tell = Closure<dyn FnMut(u32)>;

impl Environment {
    /// Tells of each change.
    pub(super) fn watch(tell: impl Fn(Input) + 'static) -> Self {
        // As `environment.js` numbers them.
        let tell = Closure::new(move |change| {
            tell(match change {
                0 => Input::Offline,
                1 => Input::Online,
                _ => Input::Visible,
            });
        });
        Self {
            stop: watch(&tell),
            _tell: tell,
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        // It does not throw.
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}

#[wasm_bindgen(module = "/src/js/environment.js")]
extern "C" {
    fn watch(tell: &Tell) -> Function;
}
