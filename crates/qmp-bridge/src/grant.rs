//! What somebody who was let in may do, and for how long.

use crate::role::Role;

/// What a token stands for. Fixed when a connection is made: nothing that comes over it changes it.
#[derive(Debug)]
pub(crate) struct Grant {
    /// Names the token where the token itself must not be.
    pub id: String,
    pub role: Role,
    pub scope: Scope,
}

/// The machines that a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    All,
    Only(Vec<String>),
}

impl Grant {
    /// What whoever may open a machine's own unix socket may do.
    pub(crate) fn of_file(vm: &str) -> Self {
        Self {
            id: format!("{vm}.sock"),
            role: Role::Admin,
            scope: Scope::Only(vec![vm.to_owned()]),
        }
    }

    /// Whether the machine is among those that it is good for.
    pub(crate) fn covers(&self, vm: &str) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Only(names) => names.iter().any(|name| name == vm),
        }
    }
}
