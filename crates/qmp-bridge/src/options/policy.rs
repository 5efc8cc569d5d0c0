//! What roles may do here: flags, and the file's `[policy]`, which has the same names.

use std::path::PathBuf;

use clap::Args;
use qmp_policy::{Role, Switches};
use serde::Deserialize;

/// What roles may do here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyOptions {
    /// There are admins.
    pub allow_admin: bool,
    /// Admins may use the human monitor.
    pub allow_hmp: bool,
    /// Admins may change what all clients of a connection share.
    pub allow_session_commands: bool,
    /// What it says of commands goes before the built-in table.
    pub file: Option<PathBuf>,
    /// The program prints the table, or what a role may execute, and ends.
    pub show: Option<Option<Role>>,
}

impl PolicyOptions {
    pub(crate) fn switches(&self) -> Switches {
        let mut switches = Switches::default();
        switches.admin = self.allow_admin;
        switches.hmp = self.allow_hmp;
        switches.session = self.allow_session_commands;
        switches
    }
}

/// What flags or the file say of it.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[group(skip)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Given {
    /// Let admins do what QEMU can: any program as QEMU's user. Without it they are operators
    #[arg(long)]
    allow_admin: bool,
    /// Let admins run any command of the human monitor, which can run programs on the host
    #[arg(long)]
    allow_hmp: bool,
    /// Let admins change what all clients of a monitor share: descriptors, the phase before the machine exists
    #[arg(long)]
    allow_session_commands: bool,
    /// Let this file say who may execute a command: COMMAND, a tab and ROLE (or never) on each line
    #[arg(long = "policy", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print who may execute what, or what this role may, and exit
    #[arg(long = "show-policy", value_name = "ROLE")]
    #[serde(skip)]
    #[expect(clippy::option_option, reason = "a flag with a value that may be left out")]
    show: Option<Option<Role>>,
}

impl Given {
    /// What is given here or there.
    pub(super) fn or(self, other: Self) -> PolicyOptions {
        PolicyOptions {
            allow_admin: self.allow_admin || other.allow_admin,
            allow_hmp: self.allow_hmp || other.allow_hmp,
            allow_session_commands: self.allow_session_commands || other.allow_session_commands,
            file: self.file.or(other.file),
            show: self.show,
        }
    }
}
