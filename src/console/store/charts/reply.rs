//! What the machine answers to the questions of the charts.

use qmp_proto::JsonRef;

use crate::console::members::{all, number, text};
use crate::console::store::facts::known_as;

/// What a disk has counted since it came, or since the machine was reset.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::console) struct DiskCount {
    pub(in crate::console) name: String,
    /// Bytes read and written, reads and writes.
    pub(in crate::console) counts: [u64; 4],
}

/// What `query-blockstats` tells.
pub(in crate::console) fn disk_counts(reply: JsonRef<'_>) -> Option<Vec<DiskCount>> {
    all(reply, DiskCount::read)
}

/// What `query-balloon` tells, in bytes.
pub(in crate::console) fn balloon(reply: JsonRef<'_>) -> Option<f64> {
    bytes(reply, "actual")
}

/// How many bytes the guest uses, by the property `guest-stats` of a balloon.
pub(in crate::console) fn guest_use(reply: JsonRef<'_>) -> Option<f64> {
    let stats = reply.get("stats")?;
    let left = bytes(stats, "stat-available-memory").or_else(|| bytes(stats, "stat-free-memory"))?;
    // 0 as long as the guest says nothing, or is not asked.
    let is_told = reply.get("last-update")?.as_str() != "0";
    is_told.then_some((bytes(stats, "stat-total-memory")? - left).max(0.0))
}

/// What the guest does not tell, QEMU says to be -1, as a number with or without sign.
#[expect(clippy::cast_precision_loss, reason = "nobody sees the last of so many bytes")]
fn bytes(object: JsonRef<'_>, member: &str) -> Option<f64> {
    let known = number(object, member).filter(|bytes| *bytes != u64::MAX)?;
    Some(known as f64)
}

impl DiskCount {
    fn read(disk: JsonRef<'_>) -> Option<Self> {
        let stats = disk.get("stats")?;
        let count = |name| number(stats, name);
        // The same as Hardware calls it.
        let backend = text(disk, "device").or_else(|| text(disk, "node-name"));
        let name = known_as(text(disk, "qdev").as_deref(), backend.as_deref()).to_owned();
        Some(Self {
            name,
            counts: [
                count("rd_bytes")?,
                count("wr_bytes")?,
                count("rd_operations")?,
                count("wr_operations")?,
            ],
        })
    }
}
