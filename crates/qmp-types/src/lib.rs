//! What a machine says of its commands, for `npm/qmp-web-types.js`: a text in, declarations for TypeScript out. It is a module
//! of its own because no page needs it.

use qmp_web::schema::Schema;
use wasm_bindgen::prelude::*;

/// Makes the text of a `.d.ts` file of what `query-qmp-schema` returned, or of the reply with that in it; throws why it is
/// neither.
#[wasm_bindgen]
pub fn declarations(schema: &str, machine: &str) -> Result<String, String> {
    let schema = Schema::parse_reply(schema).map_err(|error| error.to_string())?;
    Ok(schema.typescript(machine))
}
