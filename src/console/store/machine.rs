//! A machine: its name, who runs it, and whether it runs.

use qmp_proto::JsonRef;
use qmp_web::{Client, Version, Waiter};

use crate::console::members::{is_true, string};

/// A machine, as the bridge lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Machine {
    pub(in crate::console) name: String,
    /// Whether the bridge makes it up.
    pub(in crate::console) demo: bool,
    pub(in crate::console) reach: Reach,
    /// Such as `paused`, if the bridge tells.
    pub(in crate::console) run_state: Option<String>,
}

/// Whether the bridge reaches a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) enum Reach {
    /// Something else holds its monitor.
    Busy,
    Down,
    /// What listens there is no QMP server.
    NotQmp,
    #[default]
    Up,
}

impl Machine {
    /// Reads what the bridge says of one.
    pub(in crate::console) fn read(json: JsonRef<'_>) -> Option<Self> {
        Some(Self {
            name: string(json, "name")?,
            demo: is_true(json, "demo"),
            reach: match string(json, "state").as_deref() {
                Some("busy") => Reach::Busy,
                Some("down") => Reach::Down,
                Some("not-qmp") => Reach::NotQmp,
                _ => Reach::Up,
            },
            run_state: string(json, "runState"),
        })
    }

    /// A machine of which only the name is known.
    pub(in crate::console) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// The QMP server of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Server {
    /// Such as `7.2.22`.
    pub(in crate::console) version: String,
    /// Who packaged it; may be empty.
    pub(in crate::console) package: String,
    /// What it can do beyond plain QMP.
    pub(in crate::console) offered: Vec<String>,
    /// What was negotiated.
    pub(in crate::console) capabilities: Vec<&'static str>,
}

impl<W: Waiter> From<&Client<W>> for Server {
    fn from(client: &Client<W>) -> Self {
        let greeting = client.greeting().unwrap_or_default();
        let Version {
            major,
            minor,
            micro,
            package,
        } = greeting.version;
        Self {
            offered: greeting.capabilities,
            version: format!("{major}.{minor}.{micro}"),
            package,
            capabilities: client.capabilities().names().collect(),
        }
    }
}

/// What `query-status` returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct RunState {
    /// Such as `paused`.
    pub(in crate::console) status: String,
    pub(in crate::console) running: bool,
}

impl RunState {
    /// Reads a reply.
    pub(in crate::console) fn read(reply: JsonRef<'_>) -> Option<Self> {
        Some(Self {
            status: string(reply, "status")?,
            running: is_true(reply, "running"),
        })
    }

    /// What an event says of it for sure, or nearly so: there are other reasons to stop than being paused, and the
    /// answer to `query-status`, for which it is worth asking then, may come much later than the event.
    pub(super) fn after(event: &str) -> Option<Self> {
        let (status, running) = match event {
            "RESUME" => ("running", true),
            "STOP" => ("paused", false),
            _ => return None,
        };
        Some(Self {
            status: status.to_owned(),
            running,
        })
    }
}
