//! What the machine of the moment says of its commands. It is asked for and read in `schema.js`, by a module of its own.

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/schema.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    type Schema;

    #[wasm_bindgen(reexport, js_name = initSchema)]
    fn init_schema();

    #[derive(Clone, Debug)]
    pub(super) type Schemas;

    /// `diagnose` is told when nothing is checked.
    #[wasm_bindgen(constructor)]
    pub(super) fn new(diagnose: &Function) -> Schemas;

    /// Asks the machine so that [`check`](Self::check) knows.
    #[wasm_bindgen(method)]
    pub(super) fn load(this: &Schemas);

    /// The machine may be another now.
    #[wasm_bindgen(method)]
    pub(super) fn forget(this: &Schemas);

    /// Throws if the machine would refuse it, as far as that is known.
    #[wasm_bindgen(method, catch)]
    pub(super) fn check(this: &Schemas, command: &str, arguments: Option<&str>) -> Result<(), JsValue>;
}
