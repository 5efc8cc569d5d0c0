//! A text that says of some commands who may execute them: what `--policy` reads.

use crate::table::{Need, lines};

/// Why a text cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct OverrideError {
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl OverrideError {
    fn new(line: usize, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { line, reason }
    }

    pub(crate) fn unknown(line: usize, command: &str) -> Self {
        Self::new(
            line,
            format!("the table knows no command {command:?}, so it is an admin's"),
        )
    }

    pub(crate) fn never(line: usize, command: &str, flag: Option<&str>) -> Self {
        let unless = flag.map_or_else(String::new, |flag| format!("; {flag} gives it to admins"));
        Self::new(line, format!("{command} is for nobody{unless}"))
    }
}

/// The lines: their numbers, commands, and who may. Further columns are for people, as `--show-policy` prints them.
///
/// # Errors
/// The first line that is not one of a table, or is about a command that an earlier one was about.
pub(crate) fn read(text: &str) -> Result<Vec<(usize, &str, Need)>, OverrideError> {
    let mut read: Vec<(usize, &str, Need)> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let Some(text) = lines(text.trim_end()).next() else {
            continue;
        };
        let mut fields = text.split('\t');
        let (Some(command), Some(role)) = (fields.next(), fields.next()) else {
            return Err(OverrideError::new(line, "not of the form COMMAND, a tab, ROLE"));
        };
        if (command, role) == HEADER || (command, role) == OTHERS {
            continue;
        }
        let need = Need::named(role).ok_or_else(|| {
            OverrideError::new(
                line,
                format!("{role:?} is none of viewer, operator, admin, never"),
            )
        })?;
        if read.iter().any(|(_, earlier, _)| *earlier == command) {
            return Err(OverrideError::new(line, format!("{command} comes twice")));
        }
        read.push((line, command, need));
    }
    Ok(read)
}

/// What a printed table begins with, and what it says of commands that it does not know.
const HEADER: (&str, &str) = ("command", "role");
const OTHERS: (&str, &str) = ("*", "admin");
