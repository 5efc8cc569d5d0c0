//! What the token is good for.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What the bridge says of the token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(in crate::console) struct Session {
    /// The token's name.
    #[serde(default)]
    pub(in crate::console) id: String,
    pub(in crate::console) role: Role,
    /// What may be executed, of what the bridge knows.
    commands: BTreeSet<String>,
    /// When it is good no more, as RFC 3339 has it; `None` for never.
    #[serde(default)]
    pub(in crate::console) expires: Option<String>,
    /// The machines that it is good for; `None` for every one.
    #[serde(default)]
    pub(in crate::console) vms: Option<Vec<String>>,
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

    /// Whether it is good for one machine alone, so that there is nothing to choose.
    pub(in crate::console) fn is_for_one(&self) -> bool {
        self.vms.as_ref().is_some_and(|vms| vms.len() == 1)
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
