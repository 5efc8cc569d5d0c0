//! Devices of the machine, and which of them are network devices or displays. No command of QMP lists those with their
//! addresses: `query-rx-filter` knows addresses of virtio devices, properties may be read by an admin.

use qmp_proto::JsonRef;

use crate::console::members::text;

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Device {
    pub(in crate::console) path: String,
    /// Such as `virtio-net-pci`.
    pub(in crate::console) model: String,
}

/// A network device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Nic {
    /// In the tree of QEMU's objects.
    pub(in crate::console) path: String,
    /// Its id; empty if it has none.
    pub(in crate::console) id: String,
    pub(in crate::console) model: String,
    pub(in crate::console) address: Option<String>,
    /// The id of what it is connected to on the host.
    pub(in crate::console) backend: Option<String>,
}

impl Device {
    /// The devices of a container, by the answer to `qom-list`.
    pub(super) fn all(container: &str, reply: JsonRef<'_>) -> Vec<Self> {
        let device = |property: JsonRef<'_>| {
            let kind = text(property, "type")?;
            let model = kind.strip_prefix("child<")?.strip_suffix('>')?;
            Some(Self {
                path: format!("{container}/{}", text(property, "name")?),
                model: model.to_owned(),
            })
        };
        // QEMU lists them in no order; those without an id have numbers, in the order in which they were made.
        let mut devices: Vec<Self> = Vec::new();
        for device in reply.elements().filter_map(device) {
            if device.is_nic() || device.is_display() {
                let place = devices.partition_point(|other| other.rank() < device.rank());
                devices.insert(place, device);
            }
        }
        devices
    }

    pub(super) fn is_display(&self) -> bool {
        DISPLAYS
            .iter()
            .any(|part| self.model.to_ascii_lowercase().contains(part))
    }

    /// Sorts numbers by their size.
    fn rank(&self) -> (usize, &str) {
        (self.path.len(), &self.path)
    }

    fn is_nic(&self) -> bool {
        NICS.iter().any(|start| self.model.starts_with(start))
    }
}

/// The addresses in the answer to `query-rx-filter`, by the names of the devices.
pub(super) fn addresses(reply: JsonRef<'_>) -> Vec<(String, String)> {
    reply
        .elements()
        .filter_map(|filter| Some((text(filter, "name")?, text(filter, "main-mac")?)))
        .collect()
}

/// The address of a network device and its backend, as it says itself.
pub(super) type Details = (Option<String>, Option<String>);

/// The network devices among all, with what is known of them.
pub(super) fn find<'a>(
    devices: impl Iterator<Item = &'a Device>,
    addresses: &[(String, String)],
    details: &[(String, Details)],
) -> Vec<Nic> {
    let mut unnamed: Vec<&str> = Vec::new();
    let nic = |device: &'a Device| {
        let id = device
            .path
            .strip_prefix("/machine/peripheral/")
            .unwrap_or_default();
        let told = if id.is_empty() {
            // QEMU calls them by their model and a number, which leaves out what has an id.
            let before = unnamed.iter().filter(|model| **model == device.model).count();
            unnamed.push(&device.model);
            let is_of_model = |name: &str| {
                name.rsplit_once('.')
                    .is_some_and(|(model, _)| model == device.model)
            };
            addresses.iter().filter(|(name, _)| is_of_model(name)).nth(before)
        } else {
            addresses.iter().find(|(name, _)| name == id)
        };
        let (address, backend) = details
            .iter()
            .find(|(path, _)| *path == device.path)
            .map(|(_, details)| details.clone())
            .unwrap_or_default();
        Nic {
            path: device.path.clone(),
            id: id.to_owned(),
            model: device.model.clone(),
            address: address.or_else(|| Some(told?.1.clone())),
            backend,
        }
    };
    devices.filter(|device| device.is_nic()).map(nic).collect()
}

/// How the names of network devices begin.
const NICS: [&str; 31] = [
    "allwinner-emac",
    "allwinner-sun8i-emac",
    "cadence_gem",
    "dp8393x",
    "e1000",
    "eTSEC",
    "etraxfs-eth",
    "ftgmac100",
    "i8255",
    "i82562",
    "i82596",
    "i82801",
    "igb",
    "imx.enet",
    "imx.fec",
    "lan9118",
    "lance",
    "mcf-fec",
    "ne2k_",
    "npcm7xx-emc",
    "pcnet",
    "rtl8139",
    "smc91c111",
    "spapr-vlan",
    "stellaris_enet",
    "sungem",
    "sunhme",
    "tulip",
    "usb-net",
    "virtio-net",
    "vmxnet",
];
/// What is in the names of displays, in small letters.
const DISPLAYS: [&str; 12] = [
    "ati-", "bochs-", "cg3", "cirrus-", "fb", "gpu", "qxl", "sm501", "tcx", "vfio-pci", "vga", "virgl",
];
