//! What the machine answers to the questions about jobs.

use qmp_proto::JsonRef;

use super::End;
use crate::console::members::{number, string};

/// A job, as `query-jobs` lists it.
#[derive(Debug)]
pub(in crate::console) struct Listed {
    pub(in crate::console) id: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) current_progress: u64,
    pub(super) total_progress: u64,
    pub(super) error: Option<String>,
}

impl Listed {
    pub(in crate::console) fn read(json: JsonRef<'_>) -> Option<Self> {
        Some(Self {
            id: string(json, "id")?,
            kind: string(json, "type")?,
            status: string(json, "status")?,
            current_progress: number(json, "current-progress")?,
            total_progress: number(json, "total-progress")?,
            error: string(json, "error"),
        })
    }
}

/// What `query-block-jobs` knows more.
#[derive(Debug)]
pub(in crate::console) struct BlockJob {
    pub(super) device: String,
    /// At most so many bytes a second; 0 is without limit.
    pub(super) speed: u64,
}

impl BlockJob {
    pub(in crate::console) fn read(json: JsonRef<'_>) -> Option<Self> {
        Some(Self {
            device: string(json, "device")?,
            speed: number(json, "speed")?,
        })
    }
}

/// What `query-migrate` tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Migration {
    pub(super) status: String,
    error_desc: Option<String>,
    ram: Option<Part>,
    disk: Option<Part>,
    /// In milliseconds, as `setup_time`: they tell one migration from another.
    total_time: Option<u64>,
    setup_time: Option<u64>,
}

/// Bytes of a part of the machine.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    transferred: u64,
    remaining: u64,
    total: u64,
}

impl Part {
    fn read(json: JsonRef<'_>) -> Option<Self> {
        Some(Self {
            transferred: number(json, "transferred")?,
            remaining: number(json, "remaining")?,
            total: number(json, "total")?,
        })
    }
}

impl Migration {
    pub(in crate::console) fn read(reply: JsonRef<'_>) -> Self {
        Self {
            status: string(reply, "status").unwrap_or_default(),
            error_desc: string(reply, "error-desc"),
            ram: reply.get("ram").and_then(Part::read),
            disk: reply.get("disk").and_then(Part::read),
            total_time: number(reply, "total-time"),
            setup_time: number(reply, "setup-time"),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self.status.as_str(), "" | "none")
    }

    /// How it ended, if it has.
    pub(super) fn end(&self) -> Option<End> {
        match self.status.as_str() {
            "completed" => Some(End::Completed),
            "cancelled" => Some(End::Cancelled),
            "failed" => Some(End::Failed(self.error_desc.clone())),
            _ => None,
        }
    }

    /// How many bytes were transferred, how many of those to move are done, and how many those are; once that is known.
    pub(super) fn progress(&self) -> Option<[u64; 3]> {
        let parts = || self.ram.iter().chain(&self.disk);
        let sum = |count: fn(&Part) -> u64| parts().map(count).fold(0, u64::saturating_add);
        self.ram.as_ref()?;
        let total = sum(|part| part.total);
        Some([
            sum(|part| part.transferred),
            total.saturating_sub(sum(|part| part.remaining)),
            total,
        ])
    }
}
