//! What the machine answers to the questions about jobs.

use serde::Deserialize;

use super::End;

/// A job, as `query-jobs` lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::console) struct Listed {
    pub(in crate::console) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) current_progress: u64,
    pub(super) total_progress: u64,
    pub(super) error: Option<String>,
}

/// What `query-block-jobs` knows more.
#[derive(Debug, Deserialize)]
pub(in crate::console) struct BlockJob {
    pub(super) device: String,
    /// At most so many bytes a second; 0 is without limit.
    pub(super) speed: u64,
}

/// What `query-migrate` tells.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::console) struct Migration {
    #[serde(default)]
    pub(super) status: String,
    error_desc: Option<String>,
    ram: Option<Part>,
    disk: Option<Part>,
    /// In milliseconds, as `setup_time`: they tell one migration from another.
    total_time: Option<u64>,
    setup_time: Option<u64>,
}

/// Bytes of a part of the machine.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Part {
    transferred: u64,
    remaining: u64,
    total: u64,
}

impl Migration {
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
