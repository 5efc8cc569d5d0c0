//! What the token is good for.

use std::borrow::Cow;

use qmp_proto::{JsonKind, JsonRef};

use crate::console::members::string;

/// What the bridge says of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Session {
    /// The token's name.
    pub(in crate::console) id: String,
    pub(in crate::console) role: Role,
    /// What may be executed, of what the bridge knows.
    commands: Vec<String>,
    /// What may not be executed though the role may what the bridge does not know.
    refused: Vec<String>,
    /// When it is good no more, as RFC 3339 has it; `None` for never.
    pub(in crate::console) expires: Option<String>,
    /// The machines that it is good for; `None` for every one.
    pub(in crate::console) vms: Option<Vec<String>>,
}

/// Who is asking. The last may execute what the bridge does not know, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Role {
    Viewer,
    Operator,
    Admin,
}

impl Session {
    /// Reads the bridge's answer.
    pub(in crate::console) fn read(json: JsonRef<'_>) -> Option<Self> {
        let names = |member| {
            let list = json.get(member).filter(|list| list.kind() == JsonKind::Array)?;
            let names = list.elements().filter_map(JsonRef::string);
            Some(names.map(Cow::into_owned).collect())
        };
        Some(Self {
            id: string(json, "id").unwrap_or_default(),
            role: Role::from_name(&string(json, "role")?)?,
            commands: names("commands")?,
            refused: names("refused").unwrap_or_default(),
            expires: string(json, "expires"),
            vms: names("vms"),
        })
    }

    pub(super) fn may(&self, command: &str) -> bool {
        let has = |list: &[String]| list.iter().any(|known| known == command);
        has(&self.commands) || self.role == Role::Admin && !has(&self.refused)
    }

    /// Whether it is good for one machine alone, so that there is nothing to choose.
    pub(in crate::console) fn is_for_one(&self) -> bool {
        self.vms.as_ref().is_some_and(|vms| vms.len() == 1)
    }
}

impl Role {
    fn from_name(name: &str) -> Option<Self> {
        [Self::Viewer, Self::Operator, Self::Admin]
            .into_iter()
            .find(|role| role.name() == name)
    }

    pub(in crate::console) const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}
