//! Commands as people type them: in the shorthand of Python's qmp-shell, as a name with JSON, or as whole messages; several
//! of them, over as many lines as they take. Which commands there are is not known here.
//!
//! ```text
//! blockdev-add driver=qcow2 node-name=x file.driver=file file.filename=/x
//! qom-list {"path": "/machine"}
//! {"execute": "stop"}
//! transaction(
//!   block-dirty-bitmap-add node=x name=a
//!   block-dirty-bitmap-clear node=x name=b
//! )
//! ```
//!
//! A value is a number, `true`, `false` or `null`, an object or an array as JSON or Python write it, and else a string; in
//! quotes it is always one. Numbers keep their digits. A line goes on with arguments, or begins another command.

mod error;
mod look;
mod parser;
mod print;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
mod tree;
mod value;

use std::ops::Range;

pub use self::error::{Error, ErrorKind, Unfinished};
pub use self::look::{Look, Place, look};
use self::parser::Parser;
pub use self::print::{print, quote};
pub use self::tree::Node;

/// A command that was typed.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// Where that stands.
    pub name_span: Range<usize>,
    /// Its arguments: an object.
    pub arguments: Option<Node>,
    /// Whether it is to be executed out of band, which only a whole message can say.
    pub oob: bool,
}

/// Reads what was typed: one command or more.
///
/// # Errors
/// What is wrong first, and where. Of a text that is good as far as it goes, [`Error::is_unfinished`] says so.
pub fn parse(text: &str) -> Result<Vec<Command>, Error> {
    let mut commands = Vec::new();
    Parser::new(text).commands(&mut commands)?;
    Ok(commands)
}

impl Command {
    /// The JSON text of the arguments.
    pub fn arguments_json(&self) -> Option<String> {
        self.arguments.as_ref().map(Node::to_json)
    }

    /// Where in the text a place of the arguments stands, such as `actions[0].type`; what is not there stands where it would
    /// have to be: in the object that lacks it, or with the name of the command.
    pub fn span(&self, path: &str) -> Range<usize> {
        let found = self.arguments.as_ref().map(|arguments| arguments.span_of(path));
        found
            .filter(|span| !span.is_empty())
            .unwrap_or_else(|| self.name_span.clone())
    }
}
