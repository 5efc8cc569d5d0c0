//! The table as it is for one bridge, and decisions by it.

use std::collections::HashMap;

use qmp_proto::{JsonRef, Request};

use crate::OWN;
use crate::forbidden::Forbidden;
use crate::overrides::{self, OverrideError};
use crate::role::Role;
use crate::table::{Need, ROWS, Row};
use crate::transaction;

/// What is off unless somebody has switched it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switches {
    /// There are admins; else those who could be are operators.
    pub admin: bool,
    /// `human-monitor-command` is an admin's.
    pub hmp: bool,
    /// What a client changes for all who share the connection is an admin's.
    pub session: bool,
}

impl Switches {
    /// What gives a class to admins that is for nobody: the flag, and whether it is there.
    fn of(self, class: &str) -> Option<(&'static str, bool)> {
        match class {
            "hmp" => Some(("--allow-hmp", self.hmp)),
            "fd" | "preconfig" => Some(("--allow-session-commands", self.session)),
            _ => None,
        }
    }
}

/// Who may do what.
#[derive(Clone, Debug)]
pub struct Policy {
    rows: HashMap<&'static str, Row>,
    switches: Switches,
}

/// A command of the table, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Who may execute it.
    pub need: Need,
    /// A name for the reason.
    pub class: &'static str,
    /// Why not everybody.
    pub reason: &'static str,
}

impl Policy {
    /// The built-in table, where these switches are on.
    pub fn new(switches: Switches) -> Self {
        let mut rows: HashMap<_, _> = ROWS.iter().map(|(name, row)| (*name, *row)).collect();
        for row in rows.values_mut() {
            if row.need == Need::Never && switches.of(row.class).is_some_and(|(_, is_on)| is_on) {
                row.need = Need::Role(Role::Admin);
            }
        }
        Self { rows, switches }
    }

    /// The same with what a text says of some commands: `command`, `role` on each line.
    ///
    /// # Errors
    /// The first line that cannot be followed.
    pub fn with_overrides(mut self, text: &str) -> Result<Self, OverrideError> {
        for (line, command, need) in overrides::read(text)? {
            let row = self.rows.get_mut(command);
            let row = row.ok_or_else(|| OverrideError::unknown(line, command))?;
            if row.need == Need::Never && need != Need::Never {
                return Err(OverrideError::never(line, command, built_in_flag(command)));
            }
            if need != row.need {
                *row = Row {
                    need,
                    class: row.class,
                    reason: BY_FILE,
                };
            }
        }
        Ok(self)
    }

    /// Whether somebody in this role may have the command executed.
    ///
    /// # Errors
    /// Why not.
    pub fn decide(&self, role: Role, request: &Request) -> Result<(), Forbidden> {
        self.check(role, &request.name)?;
        let arguments = request.arguments.as_deref();
        match request.name.as_str() {
            TRANSACTION => {
                for action in transaction::actions(arguments).map_err(Forbidden::Transaction)? {
                    let checked = self.check(role, &action);
                    checked.map_err(|forbidden| Forbidden::Action(Box::new(forbidden)))?;
                }
                Ok(())
            }
            SCREENDUMP if self.cap(role) < Role::Admin && has(arguments, FILENAME) => {
                Err(Forbidden::Argument {
                    command: request.name.clone(),
                    argument: FILENAME,
                    admin_off: !self.switches.admin,
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether somebody in this role may execute a command of this name, with some arguments at least.
    pub fn allows(&self, role: Role, command: &str) -> bool {
        self.need(command).is_some_and(|need| need <= self.cap(role))
    }

    /// What somebody in this role may execute, of what the table knows.
    pub fn allowed(&self, role: Role) -> impl Iterator<Item = &'static str> {
        let role = self.cap(role);
        let commands = self.commands();
        commands.filter_map(move |command| {
            let may = matches!(command.need, Need::Role(need) if need <= role);
            may.then_some(command.name)
        })
    }

    /// What an admin may not execute, though it is in the table; of others it is enough to know what they may.
    pub fn refused(&self, role: Role) -> impl Iterator<Item = &'static str> {
        let is_admin = self.cap(role) == Role::Admin;
        let commands = self.commands();
        commands.filter_map(move |command| (is_admin && command.need == Need::Never).then_some(command.name))
    }

    /// The table, by the names of the commands.
    pub fn commands(&self) -> impl Iterator<Item = Command> {
        ROWS.keys().filter_map(|&name| {
            let &Row { need, class, reason } = self.rows.get(name)?;
            Some(Command {
                name,
                need,
                class,
                reason,
            })
        })
    }

    /// What is left of a role here: where there are no admins, an operator's.
    pub fn cap(&self, role: Role) -> Role {
        if self.switches.admin {
            role
        } else {
            role.min(Role::Operator)
        }
    }

    /// The least role that may; `None` if nobody may.
    fn need(&self, command: &str) -> Option<Role> {
        match self.rows.get(command) {
            Some(Row {
                need: Need::Role(role),
                ..
            }) => Some(*role),
            Some(Row {
                need: Need::Never, ..
            }) => None,
            // What the bridge answers itself, if only to say that it knows no such command.
            None if command.starts_with(OWN) => Some(Role::Viewer),
            None => Some(Role::Admin),
        }
    }

    fn check(&self, role: Role, command: &str) -> Result<(), Forbidden> {
        let role = self.cap(role);
        let needs = match self.need(command) {
            Some(needs) if needs <= role => return Ok(()),
            needs => needs,
        };
        let is_known = self.rows.contains_key(command);
        let command = command.to_owned();
        let forbidden = match needs {
            Some(Role::Admin) if !self.switches.admin => Forbidden::AdminOff { command },
            Some(needs) => Forbidden::Role { command, needs, role },
            None => {
                let flag = built_in_flag(&command);
                Forbidden::Never { command, flag }
            }
        };
        Err(if is_known {
            forbidden
        } else {
            Forbidden::Unknown(Box::new(forbidden))
        })
    }
}

/// What gives a command to admins that is for nobody by the built-in table.
fn built_in_flag(command: &str) -> Option<&'static str> {
    let row = ROWS.get(command).filter(|row| row.need == Need::Never)?;
    Some(Switches::default().of(row.class)?.0)
}

/// Whether the arguments have one of this name. What cannot be read might.
fn has(arguments: Option<&str>, name: &str) -> bool {
    arguments.is_some_and(|text| JsonRef::parse(text).map_or(true, |arguments| arguments.get(name).is_some()))
}

const TRANSACTION: &str = "transaction";
/// QEMU writes the picture into a file that the client names.
const SCREENDUMP: &str = "screendump";
const FILENAME: &str = "filename";
/// The reason of what the built-in table says otherwise.
const BY_FILE: &str = "the policy file says so";

#[cfg(test)]
mod tests;
