//! What is asked, and after what it is asked again. Nothing is asked by the clock: QEMU tells of most changes by events,
//! and the rest are made by commands.

use std::ops::BitOr;

/// A question to QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Question {
    Commands,
    Name,
    Uuid,
    Board,
    Target,
    Cpus,
    CpuModels,
    Kvm,
    Memory,
    Balloon,
    Drives,
    /// The devices in one of the [`CONTAINERS`].
    Devices(&'static str),
    Addresses,
    Vnc,
    Spice,
}

impl Question {
    /// All, in the order in which the answers are wanted.
    pub(in crate::console) const ALL: [Self; 17] = [
        Self::Commands,
        Self::Name,
        Self::Cpus,
        Self::Memory,
        Self::Balloon,
        Self::Target,
        Self::CpuModels,
        Self::Kvm,
        Self::Uuid,
        Self::Board,
        Self::Devices(CONTAINERS[0]),
        Self::Devices(CONTAINERS[1]),
        Self::Devices(CONTAINERS[2]),
        Self::Drives,
        Self::Addresses,
        Self::Vnc,
        Self::Spice,
    ];

    /// The command, and its arguments as JSON.
    pub(in crate::console) fn command(self) -> (&'static str, Option<String>) {
        let name = match self {
            Self::Commands => "query-commands",
            Self::Name => "query-name",
            Self::Uuid => "query-uuid",
            Self::Board => {
                let arguments = r#"{"path":"/machine","property":"type"}"#;
                return ("qom-get", Some(arguments.to_owned()));
            }
            Self::Target => "query-target",
            Self::Cpus => "query-cpus-fast",
            Self::CpuModels => "query-hotpluggable-cpus",
            Self::Kvm => "query-kvm",
            Self::Memory => "query-memory-size-summary",
            Self::Balloon => "query-balloon",
            Self::Drives => "query-block",
            Self::Devices(container) => {
                return ("qom-list", Some([r#"{"path":""#, container, r#""}"#].concat()));
            }
            Self::Addresses => "query-rx-filter",
            Self::Vnc => "query-vnc",
            Self::Spice => "query-spice",
        };
        (name, None)
    }

    /// What its answer belongs to.
    pub(in crate::console) const fn topic(self) -> Topics {
        match self {
            Self::Commands | Self::Name | Self::Uuid | Self::Board | Self::Target | Self::Kvm => {
                Topics::IDENTITY
            }
            Self::Cpus | Self::CpuModels => Topics::CPUS,
            Self::Memory | Self::Balloon => Topics::MEMORY,
            Self::Drives => Topics::DRIVES,
            Self::Devices(_) | Self::Addresses => Topics::NETWORK,
            Self::Vnc | Self::Spice => Topics::DISPLAYS,
        }
    }
}

/// A set of what is asked for together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Topics(u8);

impl Topics {
    pub(in crate::console) const NONE: Self = Self(0);
    pub(in crate::console) const ALL: Self = Self(0x3f);
    pub(in crate::console) const NETWORK: Self = Self(0x10);
    const IDENTITY: Self = Self(0x01);
    const CPUS: Self = Self(0x02);
    const MEMORY: Self = Self(0x04);
    const DRIVES: Self = Self(0x08);
    const DISPLAYS: Self = Self(0x20);

    pub(in crate::console) const fn has(self, topic: Self) -> bool {
        self.0 & topic.0 != 0
    }

    /// What may be different after an event.
    pub(in crate::console) fn after_event(name: &str) -> Self {
        match name {
            "DEVICE_DELETED" => Self(Self::ALL.0 & !Self::IDENTITY.0),
            // A reset unlocks trays, and what had stopped for an error of a disk tries again.
            "DEVICE_TRAY_MOVED" | "RESET" | "RESUME" => Self::DRIVES,
            "ACPI_DEVICE_OST" => Self::CPUS | Self::MEMORY,
            "BALLOON_CHANGE" | "MEMORY_DEVICE_SIZE_CHANGE" => Self::MEMORY,
            "NIC_RX_FILTER_CHANGED" => Self::NETWORK,
            name if name.starts_with("BLOCK_") => Self::DRIVES,
            name if name.starts_with("VNC_") || name.starts_with("SPICE_") => Self::DISPLAYS,
            _ => Self::NONE,
        }
    }

    /// What may be different after a command that was done: not all that they do has an event.
    pub(in crate::console) fn after_command(name: &str) -> Self {
        match name {
            "balloon" => Self::MEMORY,
            "eject" | "block_resize" | "block_set_io_throttle" => Self::DRIVES,
            "device_add" | "human-monitor-command" | "transaction" | "cpu-add" => {
                Self(Self::ALL.0 & !Self::IDENTITY.0)
            }
            name if name.starts_with("blockdev-") || name.starts_with("drive") => Self::DRIVES,
            name if name.starts_with("netdev_") => Self::NETWORK,
            name if name.starts_with("display-") || name.starts_with("set_password") => Self::DISPLAYS,
            _ => Self::NONE,
        }
    }
}

impl BitOr for Topics {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Where the machine's devices are: the board's own, those without an id, and those with one.
pub(super) const CONTAINERS: [&str; 3] = [
    "/machine/unattached",
    "/machine/peripheral-anon",
    "/machine/peripheral",
];
