//! Why a command is not executed, in words for whoever sent it.

use crate::role::Role;

/// Why a command is not executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Forbidden {
    /// One of a transaction's actions may not be executed.
    #[error("transaction: {0}")]
    Action(Box<Self>),
    /// A role that nobody has here.
    #[error("{command} needs the role admin, which nobody has here: the bridge runs without --allow-admin")]
    AdminOff {
        /// The command.
        command: String,
    },
    /// A file of the host.
    #[error("{command} with a {argument} needs the role admin{}; /vm/NAME/screen.png shows the screen", off(*.admin_off))]
    Argument {
        /// The command.
        command: String,
        /// The argument that names it.
        argument: &'static str,
        /// Whether nobody is an admin here.
        admin_off: bool,
    },
    /// A command for nobody.
    #[error("{command} is for nobody{}", unless(*.flag))]
    Never {
        /// The command.
        command: String,
        /// What would give it to admins.
        flag: Option<&'static str>,
    },
    /// A role that this client has not.
    #[error("{command} needs the role {needs}; this client is {}", match .role { Role::Viewer => "a viewer", Role::Operator => "an operator", Role::Admin => "an admin" })]
    Role {
        /// The command.
        command: String,
        /// The least role that may.
        needs: Role,
        /// The role that the client has.
        role: Role,
    },
    /// A transaction whose actions cannot be told.
    #[error("transaction: {0}")]
    Transaction(String),
    /// A command that no table has, which may be a slip of whoever typed it.
    #[error("the bridge does not know this command: {0}")]
    Unknown(Box<Self>),
}

fn off(admin_off: bool) -> &'static str {
    if admin_off {
        ", which nobody has here: the bridge runs without --allow-admin"
    } else {
        ""
    }
}

fn unless(flag: Option<&str>) -> String {
    flag.map_or_else(String::new, |flag| {
        format!(": only with {flag} a bridge lets admins have it")
    })
}
