//! What the token is good for.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What the bridge says of the token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(in crate::console) struct Session {
    pub(in crate::console) role: Role,
    /// What may be executed, of what the bridge knows.
    commands: BTreeSet<String>,
}

/// Who is asking. The last may execute what the bridge does not know, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::console) enum Role {
    Viewer,
    Operator,
    Admin,
}

impl Session {
    pub(super) fn may(&self, command: &str) -> bool {
        self.role == Role::Admin || self.commands.contains(command)
    }
}

impl Role {
    pub(in crate::console) const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}
