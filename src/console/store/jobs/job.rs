//! One job, or the migration: how it is, how fast it goes, and what can be done with it.

use super::pace::Pace;
use super::{BlockJob, End, Listed, Migration};
use crate::console::json;
use crate::console::line::Line;

/// A job of the machine, or its migration.
#[derive(Debug)]
pub(in crate::console) struct Job {
    pub(in crate::console) key: Key,
    /// Such as `mirror`; empty as long as only events told of it.
    pub(in crate::console) kind: String,
    /// In QEMU's words.
    pub(in crate::console) status: String,
    /// How much is done, of how much.
    pub(in crate::console) progress: Option<(u64, u64)>,
    /// Whether that is in bytes.
    pub(in crate::console) in_bytes: bool,
    /// At most so many bytes a second; 0 is without limit.
    pub(in crate::console) limit: u64,
    /// What went wrong in the machine.
    pub(in crate::console) error: Option<String>,
    /// What went wrong with what a person wanted of it.
    pub(in crate::console) problem: Option<String>,
    /// What a person is asked whether it is meant.
    pub(in crate::console) asks: Option<Verb>,
    /// Whether something that a person wanted of it is on its way.
    pub(in crate::console) is_acting: bool,
    /// What was told of its end.
    pub(super) told: Option<End>,
    was_aborted: bool,
    done: Pace,
    moved: Pace,
}

/// Names a job. There is one migration at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::console) enum Key {
    Listed(String),
    Migration,
}

/// What a person can do with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Verb {
    Pause,
    Resume,
    Complete,
    /// A mirror that is ready ends, and its copy stays as it is then.
    KeepCopy,
    Finalize,
    Dismiss,
    Cancel,
}

impl Key {
    pub(in crate::console) fn name(&self) -> &str {
        match self {
            Self::Listed(id) => id,
            Self::Migration => "Migration",
        }
    }
}

impl Verb {
    pub(in crate::console) const ALL: [Self; 7] = [
        Self::Pause,
        Self::Resume,
        Self::Complete,
        Self::KeepCopy,
        Self::Finalize,
        Self::Dismiss,
        Self::Cancel,
    ];

    /// Of its button.
    pub(in crate::console) const fn part(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::KeepCopy => "keep-copy",
            Self::Finalize => "finalize",
            Self::Dismiss => "dismiss",
            Self::Cancel => "cancel",
        }
    }
}

impl Job {
    pub(super) fn new(key: Key) -> Self {
        let kind = match key {
            Key::Listed(_) => String::new(),
            Key::Migration => "migration".to_owned(),
        };
        Self {
            key,
            kind,
            status: String::new(),
            progress: None,
            in_bytes: false,
            limit: 0,
            error: None,
            problem: None,
            asks: None,
            is_acting: false,
            told: None,
            was_aborted: false,
            done: Pace::default(),
            moved: Pace::default(),
        }
    }

    /// Its status is another one.
    pub(super) fn turn(&mut self, status: String) {
        if self.status == status {
            return;
        }
        self.was_aborted |= status == "aborting";
        if !(self.key == Key::Migration || (status == "running" && self.status == "created")) {
            self.done.stop();
            self.moved.stop();
        }
        self.status = status;
        // What was asked may be void now.
        if self.asks.is_some_and(|verb| !self.allows(verb)) {
            self.asks = None;
        }
    }

    pub(super) fn saw(&mut self, now: f64, listed: Listed, block: Option<&BlockJob>) {
        self.kind = listed.kind;
        self.turn(listed.status);
        self.error = listed.error.or_else(|| self.error.take());
        self.progress = Some((listed.current_progress, listed.total_progress));
        self.in_bytes |= block.is_some();
        self.limit = block.map_or(0, |block| block.speed);
        self.done.saw(now, listed.current_progress);
        self.moved.saw(now, listed.current_progress);
    }

    pub(super) fn saw_migration(&mut self, now: f64, migration: &Migration) {
        self.turn(migration.status.clone());
        if let Some([transferred, done, total]) = migration.progress() {
            self.in_bytes = true;
            self.progress = Some((done, total));
            self.done.saw(now, done);
            self.moved.saw(now, transferred);
        }
    }

    /// Whether it has not come to its end.
    pub(in crate::console) fn is_under_way(&self) -> bool {
        !matches!(self.status.as_str(), "concluded" | "null")
    }

    /// Whether it makes progress, or should.
    pub(in crate::console) fn is_moving(&self) -> bool {
        matches!(
            self.status.as_str(),
            "running" | "active" | "postcopy-active" | "device" | "setup"
        )
    }

    /// Bytes a second, as far as that is known.
    pub(in crate::console) fn speed(&self) -> Option<f64> {
        self.moved
            .per_second()
            .filter(|_| self.in_bytes && self.is_moving())
    }

    /// Seconds, if it goes on like this.
    pub(in crate::console) fn left(&self) -> Option<u64> {
        let (done, total) = self.progress?;
        let pace = self
            .done
            .per_second()
            .filter(|pace| *pace > 0.0 && self.is_moving())?;
        Some(ceil(
            crate::console::store::series::lossy(total.checked_sub(done)?) / pace,
        ))
    }

    /// In thousandths.
    pub(in crate::console) fn share(&self) -> Option<u64> {
        let (done, total) = self.progress.filter(|(_, total)| *total > 0)?;
        let done = done.min(total);
        // What is too large for it is large enough for the other way.
        Some(
            done.checked_mul(1000)
                .map_or_else(|| done / (total / 1000), |done| done / total),
        )
    }

    /// How it ended, or will have.
    pub(in crate::console) fn end(&self) -> End {
        match (&self.told, &self.error) {
            (Some(end), _) => end.clone(),
            // QEMU's words for it, by which it tells a cancelled job from a failed one.
            (None, Some(error)) if error == "Operation canceled" => End::Cancelled,
            (None, Some(error)) => End::Failed(Some(error.clone())),
            (None, None) if self.was_aborted => End::Failed(None),
            (None, None) if self.status == "concluded" => End::Completed,
            (None, None) => End::Unseen,
        }
    }

    /// Whether its state allows this, by QEMU's own table.
    pub(in crate::console) fn allows(&self, verb: Verb) -> bool {
        let states: &[&str] = match (&self.key, verb) {
            (Key::Listed(_), Verb::Pause) => &["created", "running", "ready"],
            // While it is paused or stands by; the table would allow more, but there is nothing to resume.
            (Key::Listed(_), Verb::Resume) => &["paused", "standby"],
            (Key::Listed(_), Verb::Complete) => &["ready"],
            (Key::Listed(_), Verb::KeepCopy) if self.kind == "mirror" => &["ready"],
            (Key::Listed(_), Verb::Finalize) => &["pending"],
            (Key::Listed(_), Verb::Dismiss) => &["concluded"],
            (Key::Listed(_), Verb::Cancel) => &[
                "created", "running", "paused", "ready", "standby", "waiting", "pending",
            ],
            (Key::Migration, Verb::Pause) => &["postcopy-active"],
            (Key::Migration, Verb::Complete) => &["pre-switchover"],
            // Not after the switch to postcopy: each side has a part of the machine then.
            (Key::Migration, Verb::Cancel) => &["setup", "wait-unplug", "active", "pre-switchover", "device"],
            _ => &[],
        };
        states.contains(&self.status.as_str())
    }

    /// The command that does this. What waits for a network should go out of band, where that is negotiated.
    pub(in crate::console) fn line(&self, verb: Verb, oob: bool) -> Line {
        let Key::Listed(id) = &self.key else {
            let (name, arguments, oob) = match verb {
                Verb::Pause => ("migrate-pause", None, oob),
                Verb::Complete => ("migrate-continue", Some(r#"{"state": "pre-switchover"}"#), false),
                _ => ("migrate_cancel", None, false),
            };
            return line(name, arguments.map(str::to_owned), oob);
        };
        let id = json::string(id);
        let name = match verb {
            Verb::Pause => "job-pause",
            Verb::Resume => "job-resume",
            Verb::Complete => "job-complete",
            Verb::Finalize => "job-finalize",
            Verb::Dismiss => "job-dismiss",
            Verb::Cancel => "job-cancel",
            Verb::KeepCopy => return line("block-job-cancel", Some(format!(r#"{{"device": {id}}}"#)), false),
        };
        line(name, Some(format!(r#"{{"id": {id}}}"#)), false)
    }
}

/// Seconds as a person would say it.
pub(in crate::console) fn time_left(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match (hours, minutes) {
        (0, 0) => format!("{} s left", seconds.max(1)),
        (0, 1..10) => format!("{minutes} min {} s left", seconds % 60),
        (0, _) => format!("{minutes} min left"),
        (1..48, _) => format!("{hours} h {} min left", minutes % 60),
        _ => format!("{} days left", hours / 24),
    }
}

fn line(name: &str, arguments: Option<String>, oob: bool) -> Line {
    Line {
        name: name.to_owned(),
        arguments,
        oob,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates, and is not negative"
)]
fn ceil(seconds: f64) -> u64 {
    seconds.ceil() as u64
}
