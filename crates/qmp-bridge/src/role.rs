//! The roles, least first: whoever may do something may do what those before may.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How much the holder of a token may do. Which command needs which role is in `policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Looks: nothing that changes a machine, and nothing that tells of its host.
    Viewer,
    /// Runs the machine: pauses, resets, types, ejects. Nothing that names a file, an address or a program of the host.
    Operator,
    /// Does whatever QEMU can, which is to run any program as the user that QEMU runs as.
    Admin,
}

impl Role {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
