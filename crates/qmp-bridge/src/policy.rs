//! The policy as this bridge has it: what its options and their file say, and how it is shown. Decisions are `qmp-policy`'s.

use std::fs;
use std::io;

use qmp_policy::{Need, Policy, Role};

use crate::StartError;
use crate::options::PolicyOptions;
use crate::permissions::refuse_if_writable_by_others;

/// What the options say.
///
/// # Errors
/// The file cannot be read, others can write to it, or it cannot be followed.
pub(crate) fn load(options: &PolicyOptions) -> Result<Policy, StartError> {
    let policy = Policy::new(options.switches());
    let Some(path) = &options.file else {
        return Ok(policy);
    };
    let failed = |source| StartError::Policy {
        path: path.clone(),
        source,
    };
    refuse_if_writable_by_others(path).map_err(failed)?;
    let text = fs::read_to_string(path).map_err(failed)?;
    let overridden = policy.with_overrides(&text);
    overridden.map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// The table, or what this role may execute: command, role, class and reason on each line, with tabs between.
///
/// # Errors
/// As [`Bridge::bind`](crate::Bridge::bind), of the policy's file.
pub fn show_policy(options: &PolicyOptions, role: Option<Role>) -> Result<String, StartError> {
    let policy = load(options)?;
    let mut text = "command\trole\tclass\treason\n".to_owned();
    for command in policy.commands() {
        if role.is_none_or(|role| policy.allows(role, command.name)) {
            let columns = [command.name, command.need.name(), command.class, command.reason];
            text.push_str(&columns.join("\t"));
            text.push('\n');
        }
    }
    if role.is_none_or(|role| policy.cap(role) == Role::Admin) {
        text.push_str(&format!(
            "*\t{}\tunknown\tall that is not in this table\n",
            Need::Role(Role::Admin).name()
        ));
    }
    Ok(text)
}
