//! What each role may have a machine do, and what it hears of it. Pure: a table in the crate, a command in, a decision out.
//!
//! The table is data: `commands.tsv` says which role a command needs, `classes.tsv` why, `events.tsv` what a viewer hears.
//! What the table does not know needs the highest role. A decision is made of the parsed command, never of its text.

mod events;
mod forbidden;
mod overrides;
mod policy;
mod redaction;
mod role;
mod table;
mod transaction;

pub use events::audience;
pub use forbidden::Forbidden;
pub use overrides::OverrideError;
pub use policy::{Command, Policy, Switches};
pub use redaction::Redaction;
pub use role::Role;
pub use table::Need;

/// What the names begin with that the bridge itself answers to: commands, events, members and classes of errors.
pub const OWN: &str = "__io.github.qmp-web_";
