//! What the machine answers to the questions of the charts.

use serde::Deserialize;

/// What a disk has counted since it came, or since the machine was reset.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::console) struct DiskCount {
    pub(in crate::console) name: String,
    /// Bytes read and written, reads and writes.
    pub(in crate::console) counts: [u64; 4],
}

/// What `query-blockstats` tells.
pub(in crate::console) fn disk_counts(reply: &str) -> Option<Vec<DiskCount>> {
    let disks: Vec<Stats> = serde_json::from_str(reply).ok()?;
    Some(disks.into_iter().map(DiskCount::from).collect())
}

/// What `query-balloon` tells.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(in crate::console) struct Balloon {
    /// In bytes.
    pub(in crate::console) actual: f64,
}

/// The property `guest-stats` of a balloon.
#[derive(Debug, Deserialize)]
pub(in crate::console) struct GuestStats {
    /// 0 as long as the guest says nothing, or is not asked.
    #[serde(rename = "last-update")]
    last_update: i64,
    stats: Memory,
}

impl GuestStats {
    /// How many bytes the guest uses.
    pub(in crate::console) fn used(&self) -> Option<f64> {
        let Memory {
            total,
            available,
            free,
        } = &self.stats;
        let known = |value: &Option<f64>| value.filter(|bytes| (0.0..UNKNOWN).contains(bytes));
        let left = known(available).or_else(|| known(free))?;
        (self.last_update != 0).then_some((known(total)? - left).max(0.0))
    }
}

#[derive(Debug, Deserialize)]
struct Memory {
    #[serde(rename = "stat-total-memory")]
    total: Option<f64>,
    #[serde(rename = "stat-available-memory")]
    available: Option<f64>,
    #[serde(rename = "stat-free-memory")]
    free: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Stats {
    #[serde(default)]
    device: String,
    qdev: Option<String>,
    node_name: Option<String>,
    stats: Counts,
}

#[derive(Deserialize)]
struct Counts {
    rd_bytes: u64,
    wr_bytes: u64,
    rd_operations: u64,
    wr_operations: u64,
}

impl From<Stats> for DiskCount {
    fn from(disk: Stats) -> Self {
        let Counts {
            rd_bytes,
            wr_bytes,
            rd_operations,
            wr_operations,
        } = disk.stats;
        let qdev = disk.qdev.map(|path| short(&path).to_owned());
        let name = Some(disk.device)
            .filter(|name| !name.is_empty())
            .or(qdev)
            .or(disk.node_name)
            .unwrap_or_default();
        Self {
            name,
            counts: [rd_bytes, wr_bytes, rd_operations, wr_operations],
        }
    }
}

/// The name that a person gave to a device, of its path in QEMU's tree of objects.
fn short(qdev: &str) -> &str {
    let path = qdev.strip_suffix("/virtio-backend").unwrap_or(qdev);
    path.strip_prefix("/machine/peripheral/").unwrap_or(path)
}

/// What QEMU says of what the guest does not tell: -1 as a number without sign.
const UNKNOWN: f64 = 18_446_744_073_709_551_615.0;
