//! A drive, as `query-block` tells of it.

use qmp_proto::{JsonKind, JsonRef};

use crate::console::members::{is_true, number, text};

/// A disk, or a drive for media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Drive {
    /// The device's id, or the end of its path.
    pub(in crate::console) name: String,
    /// What commands know it by: the member of their arguments, and its value.
    pub(in crate::console) handle: (&'static str, String),
    pub(in crate::console) removable: bool,
    /// The guest does not want its medium to be taken out.
    pub(in crate::console) locked: bool,
    /// Whether its tray is open, if it has one.
    pub(in crate::console) tray_open: Option<bool>,
    /// `None` if all is well.
    pub(in crate::console) trouble: Option<String>,
    /// `None` if there is none in it.
    pub(in crate::console) medium: Option<Medium>,
}

/// What a drive reads and writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Medium {
    /// Where it is, as QEMU knows it.
    pub(in crate::console) file: String,
    /// Such as `qcow2`.
    pub(in crate::console) format: String,
    /// In bytes, as the guest sees it.
    pub(in crate::console) size: Option<u64>,
    pub(in crate::console) read_only: bool,
}

impl Medium {
    /// The last part of where it is.
    pub(in crate::console) fn short(&self) -> String {
        // What QEMU cannot say as an address it says as JSON.
        let node = self.file.strip_prefix("json:").map(JsonRef::parse);
        let file = node.and_then(|node| lowest(node.ok()?));
        let file = file.unwrap_or_else(|| self.file.clone());
        match file.trim_end_matches('/').rsplit('/').next() {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => file,
        }
    }
}

impl Drive {
    pub(super) fn read(block: JsonRef<'_>) -> Self {
        let backend = text(block, "device");
        let device = text(block, "qdev");
        let name = known_as(device.as_deref(), backend.as_deref()).to_owned();
        let handle = match (device, backend) {
            (Some(device), _) => ("id", device),
            (None, backend) => ("device", backend.unwrap_or_default()),
        };
        let inserted = block.get("inserted");
        let inserted = inserted.filter(|inserted| inserted.kind() == JsonKind::Object);
        let medium = inserted.map(|inserted| {
            let image = inserted.get("image").unwrap_or(JsonRef::NULL);
            Medium {
                file: text(inserted, "file")
                    .or_else(|| text(image, "filename"))
                    .unwrap_or_default(),
                format: text(inserted, "drv").unwrap_or_default(),
                size: number(image, "virtual-size"),
                read_only: is_true(inserted, "ro"),
            }
        });
        Self {
            name,
            handle,
            removable: is_true(block, "removable"),
            locked: is_true(block, "locked"),
            tray_open: block.get("tray_open").map(|_| is_true(block, "tray_open")),
            trouble: text(block, "io-status").filter(|status| status != "ok"),
            medium,
        }
    }
}

/// The file at the bottom of a chain of block nodes, or what kind of thing is there instead.
fn lowest(mut node: JsonRef<'_>) -> Option<String> {
    while let Some(file) = node.get("file").filter(|file| file.kind() == JsonKind::Object) {
        node = file;
    }
    text(node, "filename").or_else(|| text(node, "driver"))
}

/// The id in the path of a device, or its last part.
/// What a drive is called, by its device and what that is connected to.
pub(in crate::console::store) fn known_as<'a>(device: Option<&'a str>, backend: Option<&'a str>) -> &'a str {
    match (device, backend) {
        // One that was made without an id is better known by its backend.
        (Some(device), Some(backend)) if device.contains('[') => backend,
        (Some(device), _) => short_path(device),
        (None, backend) => backend.unwrap_or_default(),
    }
}

fn short_path(path: &str) -> &str {
    if let Some(rest) = path.strip_prefix("/machine/peripheral/") {
        return rest.split('/').next().unwrap_or(rest);
    }
    path.rsplit('/').next().unwrap_or(path)
}
