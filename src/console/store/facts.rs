//! What the machine is made of, read from what QEMU answers. A fact that QEMU or the bridge keeps to itself is absent.
//! When it is worth asking is known here, how it is asked is not.

mod drive;
mod nic;
mod question;

use qmp_proto::{JsonKind, JsonRef};

pub(in crate::console) use self::drive::Drive;
pub(super) use self::drive::known_as;
pub(in crate::console) use self::nic::{Device, Nic};
pub(in crate::console) use self::question::{Question, Topics};
use crate::console::members::{all, is_true, number, text};

/// What is known of the machine.
#[derive(Debug, Default)]
pub(in crate::console) struct Facts {
    /// Changes whenever something of it may have.
    pub(in crate::console) revision: u64,
    /// Its own name for itself; the bridge may have another.
    pub(in crate::console) name: Option<String>,
    pub(in crate::console) uuid: Option<String>,
    /// Such as `pc-q35-7.2`.
    pub(in crate::console) board: Option<String>,
    /// Such as `x86_64`.
    pub(in crate::console) arch: Option<String>,
    pub(in crate::console) cpus: Option<usize>,
    /// Such as `qemu64`.
    pub(in crate::console) cpu_model: Option<String>,
    pub(in crate::console) kvm: bool,
    /// In bytes.
    pub(in crate::console) memory: Option<u64>,
    /// In bytes; what was plugged in later.
    pub(in crate::console) plugged_memory: u64,
    /// In bytes; what a balloon leaves the guest.
    pub(in crate::console) balloon: Option<u64>,
    pub(in crate::console) vnc: Option<Display>,
    pub(in crate::console) spice: Option<Display>,
    pub(in crate::console) drives: Option<Vec<Drive>>,
    /// What this QEMU can execute; `None` while that is unknown.
    commands: Option<Vec<String>>,
    /// In the order of the containers; `None` where nobody was asked.
    devices: [Option<Vec<Device>>; question::CONTAINERS.len()],
    /// Names of network devices and their addresses.
    addresses: Vec<(String, String)>,
    /// Addresses and backends of network devices by their paths.
    nic_details: Vec<(String, nic::Details)>,
}

/// A way to see the machine's screen from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Display {
    /// Host and port.
    pub(in crate::console) address: String,
    pub(in crate::console) clients: usize,
}

impl Facts {
    /// Learns from a reply; from `None` that there is no such thing.
    pub(in crate::console) fn learn(&mut self, question: Question, reply: Option<&str>) {
        self.revision += 1;
        let reply = reply
            .and_then(|text| JsonRef::parse(text).ok())
            .unwrap_or(JsonRef::NULL);
        match question {
            Question::Commands => {
                self.commands = all(reply, |command| text(command, "name"));
            }
            Question::Name => self.name = text(reply, "name"),
            Question::Uuid => self.uuid = text(reply, "UUID").filter(|uuid| uuid != NO_UUID),
            Question::Board => {
                let name = reply.string().unwrap_or_default();
                self.board =
                    Some(name.trim_end_matches("-machine").to_owned()).filter(|name| !name.is_empty());
            }
            Question::Target => self.arch = text(reply, "arch"),
            Question::Cpus => self.cpus = all(reply, Some).map(|cpus| cpus.len()),
            Question::CpuModels => self.cpu_model = cpu_model(reply),
            Question::Kvm => self.kvm = is_true(reply, "enabled"),
            Question::Memory => {
                self.memory = number(reply, "base-memory");
                self.plugged_memory = number(reply, "plugged-memory").unwrap_or_default();
            }
            Question::Balloon => self.balloon = number(reply, "actual"),
            Question::Vnc => self.vnc = display(reply, "service", "clients"),
            Question::Spice => {
                let port = if reply.get("port").is_none_or(is_null) {
                    "tls-port"
                } else {
                    "port"
                };
                self.spice = display(reply, port, "channels");
            }
            Question::Drives => self.drives = all(reply, |block| Some(Drive::read(block))),
            Question::Devices(container) => {
                let places = question::CONTAINERS.iter().zip(&mut self.devices);
                for (_, place) in places.filter(|(name, _)| **name == container) {
                    *place = Some(Device::all(container, reply));
                }
            }
            Question::Addresses => self.addresses = nic::addresses(reply),
        }
    }

    /// Learns what a network device's own properties say.
    pub(in crate::console) fn learn_nic(&mut self, path: String, mac: Option<&str>, backend: Option<&str>) {
        self.revision += 1;
        let string = |json: Option<&str>| {
            let text = JsonRef::parse(json?).ok()?.string()?.into_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        self.nic_details.retain(|(other, _)| *other != path);
        self.nic_details.push((path, (string(mac), string(backend))));
    }

    /// Whether QEMU can execute this; yes, while it is not known.
    pub(in crate::console) fn knows(&self, command: &str) -> bool {
        self.commands
            .as_ref()
            .is_none_or(|commands| commands.iter().any(|known| known == command))
    }

    /// Whether QEMU told what it can execute.
    pub(in crate::console) const fn has_commands(&self) -> bool {
        self.commands.is_some()
    }

    /// The network devices; `None` if QEMU does not say.
    pub(in crate::console) fn nics(&self) -> Option<Vec<Nic>> {
        if self.devices.iter().all(Option::is_none) {
            return None;
        }
        let devices = self.devices.iter().flatten().flatten();
        Some(nic::find(devices, &self.addresses, &self.nic_details))
    }

    /// Whether a picture of the screen can be had: `None` if that is to be found out by asking for one.
    pub(in crate::console) fn has_screen(&self) -> Option<bool> {
        if self.devices.iter().flatten().flatten().any(Device::is_display) {
            return Some(true);
        }
        // Boards of other architectures have displays that are called whatever they are.
        let is_pc = matches!(self.arch.as_deref(), Some("x86_64" | "i386"));
        (is_pc && self.has_devices()).then_some(false)
    }

    /// Whether it was told, or refused, what devices there are.
    pub(in crate::console) fn has_devices(&self) -> bool {
        self.devices.iter().all(Option::is_some)
    }
}

/// A number of bytes for people, such as `1.5 GiB`.
pub(in crate::console) fn size(bytes: u64) -> String {
    let (mut unit, mut value, mut rest) = (0, bytes, 0);
    while value >= 1024 && unit + 1 < UNITS.len() {
        rest = value % 1024;
        value /= 1024;
        unit += 1;
    }
    match rest * 10 / 1024 {
        0 => format!("{value} {}", UNITS[unit]),
        tenth => format!("{value}.{tenth} {}", UNITS[unit]),
    }
}

/// The CPUs' model, if they have the same.
fn cpu_model(reply: JsonRef<'_>) -> Option<String> {
    let mut models = reply.elements().filter_map(|cpu| text(cpu, "type"));
    let model = models.next()?;
    if models.any(|other| other != model) {
        return None;
    }
    // It ends in the architecture.
    let name = model.trim_end_matches("-cpu");
    let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
    Some(name.to_owned())
}

fn display(reply: JsonRef<'_>, port: &str, clients: &str) -> Option<Display> {
    let enabled = is_true(reply, "enabled");
    let host = text(reply, "host")?;
    let port = text(reply, port).or_else(|| Some(number(reply, port)?.to_string()))?;
    let clients = reply.get(clients).map_or(0, |clients| clients.elements().count());
    let address = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    enabled.then_some(Display { address, clients })
}

fn is_null(json: JsonRef<'_>) -> bool {
    json.kind() == JsonKind::Null
}

const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
/// What QEMU says where nobody gave one.
const NO_UUID: &str = "00000000-0000-0000-0000-000000000000";

#[cfg(test)]
mod tests;
