//! What a command takes, in a line under it.

use qmp_web::Json;
use qmp_web::schema::{Features, Schema, Step};
use qmp_web::shorthand::{Place, look};

/// What the command at the cursor takes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Hint {
    /// Its name.
    pub(in crate::console) command: String,
    /// Whether it can be executed out of band.
    pub(in crate::console) allows_oob: bool,
    pub(in crate::console) deprecated: bool,
    pub(in crate::console) unstable: bool,
    /// The argument that is being written, and what it is.
    pub(in crate::console) current: Option<(String, String)>,
    /// What it does not do without and does not have yet, at this place.
    pub(in crate::console) required: Vec<String>,
    /// What it may have.
    pub(in crate::console) optional: Vec<String>,
}

/// What the command at the cursor takes; `None` if there is no such command.
pub(in crate::console) fn hint(schema: &Schema, text: &str, cursor: usize) -> Option<Hint> {
    let look = look(text, cursor)?;
    let command = schema.command(&look.command)?;
    let arguments = look.arguments.as_deref().and_then(|json| Json::parse(json).ok());
    let arguments = arguments.as_ref().map(Json::as_json_ref);
    let (path, name) = match (look.place, look.path.split_last()) {
        (Some(Place::Value), Some((Step::Member(name), path))) => (path, Some(name)),
        _ => (look.path.as_slice(), None),
    };
    let mut hint = Hint {
        command: look.command.clone(),
        allows_oob: command.allows_oob(),
        deprecated: command.features().deprecated(),
        unstable: command.features().unstable(),
        ..Hint::default()
    };
    let mut members = schema.complete(&look.command, arguments, path);
    if name.is_some_and(|name| members.iter().all(|member| member.name != name)) {
        // In JSON it counts as there already.
        members = schema.complete(&look.command, None, path);
    }
    for member in members {
        let Some(r#type) = member.r#type else { continue };
        if name.is_some_and(|name| name == member.name) {
            hint.current = Some((member.name.to_owned(), r#type.description()));
        } else if member.required {
            hint.required.push(member.name.to_owned());
        } else if !member.features.is_some_and(Features::deprecated) {
            hint.optional.push(member.name.to_owned());
        }
    }
    Some(hint)
}
