//! The roles, least first: whoever may do something may do what those before may.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much somebody may do. Which command needs which role is the [`Policy`](crate::Policy)'s business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
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
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
