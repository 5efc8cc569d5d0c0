//! The jobs of the machine and its migration: what is under way, and how what was has ended. It is told of answers and
//! events; it asks nothing.

mod job;
mod pace;
mod reply;

use std::collections::VecDeque;

use qmp_proto::JsonRef;
use qmp_web::{Event, Json};

pub(in crate::console) use self::job::{Job, Key, Verb, time_left};
pub(in crate::console) use self::reply::{BlockJob, Listed, Migration};
use crate::console::members::string;

/// The jobs of the machine, and its migration.
#[derive(Debug, Default)]
pub(in crate::console) struct Jobs {
    jobs: Vec<Job>,
    ended: VecDeque<Ended>,
    /// How many have ever ended.
    ends: u64,
    /// Whether something happened of which the answers do not know yet.
    is_stale: bool,
    is_asking: bool,
    /// How often something happened: an answer to a question that is older knows nothing of it.
    heard: u64,
    /// The last answer that told how a migration ended.
    last_migration: Option<Migration>,
    /// Whether a migration was started that has not been seen to end.
    migration_began: bool,
    is_known: bool,
    version: u64,
}

/// A job that is no more, or a migration.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::console) struct Ended {
    /// The first has 1.
    pub(in crate::console) number: u64,
    pub(in crate::console) name: String,
    pub(in crate::console) kind: String,
    pub(in crate::console) how: End,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) enum End {
    Completed,
    Cancelled,
    /// Why, where that was told.
    Failed(Option<String>),
    /// It is gone, and nobody saw how it ended.
    Unseen,
}

impl Jobs {
    /// Something happened in the machine. Returns whether the jobs should be asked for anew.
    pub(super) fn happened(&mut self, event: &Event) -> bool {
        let told = Told(event.data.as_ref().map_or(JsonRef::NULL, Json::as_json_ref));
        match event.name.as_str() {
            "MIGRATION" => self.migration_began |= told.get("status") == "setup",
            "JOB_STATUS_CHANGE" => match (told.get("id"), told.get("status")) {
                (id, status) if status == "null" => self.remove(&Key::Listed(id)),
                (id, status) => self.job(id).turn(status),
            },
            "BLOCK_JOB_READY" | "BLOCK_JOB_PENDING" => {}
            "BLOCK_JOB_COMPLETED" => {
                let end = match string(told.0, "error") {
                    None => End::Completed,
                    error => End::Failed(error),
                };
                self.end_of(told, end);
            }
            "BLOCK_JOB_CANCELLED" => self.end_of(told, End::Cancelled),
            "BLOCK_JOB_ERROR" => {
                let what = match told.get("action").as_str() {
                    "stop" => "and the job waits: resume it to try again",
                    "ignore" => "and was ignored",
                    _ => "and ends the job",
                };
                let job = self.job(told.get("device"));
                job.error = Some(format!("A {} failed, {what}.", told.get("operation")));
            }
            _ => return false,
        }
        self.heard += 1;
        self.is_stale = true;
        self.version += 1;
        true
    }

    /// A migration was started by the page.
    pub(super) const fn migration_began(&mut self) {
        self.migration_began = true;
        self.is_stale = true;
        self.heard += 1;
    }

    /// What is known may be old.
    pub(super) const fn reconnected(&mut self) {
        self.is_stale = true;
        self.heard += 1;
    }

    /// A question is about to be asked. What is returned goes with the answers; `None` if one is on its way.
    pub(in crate::console) fn ask(&mut self) -> Option<u64> {
        if std::mem::replace(&mut self.is_asking, true) {
            return None;
        }
        self.is_stale = false;
        Some(self.heard)
    }

    /// What was asked is answered, or will not be.
    pub(in crate::console) const fn answered(&mut self) {
        self.is_asking = false;
    }

    /// The jobs were listed at this time. Returns whether they were: an answer that something overtook is not taken.
    pub(in crate::console) fn listed(
        &mut self,
        asked: u64,
        now: f64,
        jobs: Vec<Listed>,
        block: &[BlockJob],
    ) -> bool {
        if asked != self.heard {
            self.is_stale = true;
            return false;
        }
        self.is_known = true;
        self.version += 1;
        let gone: Vec<Key> = self
            .jobs
            .iter()
            .map(|job| job.key.clone())
            .filter(|key| matches!(key, Key::Listed(id) if !jobs.iter().any(|job| job.id == *id)))
            .collect();
        for key in &gone {
            self.remove(key);
        }
        for listed in jobs {
            let block = block.iter().find(|block| block.device == listed.id);
            self.job(listed.id.clone()).saw(now, listed, block);
        }
        true
    }

    /// What was told of the migration at this time. An answer that something overtook is not taken. Returns whether one has ended
    /// that was not known to have.
    pub(in crate::console) fn migrated(&mut self, asked: u64, now: f64, migration: Migration) -> bool {
        if asked != self.heard {
            self.is_stale = true;
            return false;
        }
        self.is_known = true;
        let under_way = self.get(&Key::Migration).is_some();
        match migration.end() {
            None if migration.is_none() => {
                self.migration_began = false;
                self.remove(&Key::Migration);
                false
            }
            None => {
                self.version += 1;
                let job = self.job_by_key(Key::Migration);
                job.saw_migration(now, &migration);
                false
            }
            Some(end) => {
                let is_news =
                    under_way || self.migration_began || self.last_migration.as_ref() != Some(&migration);
                if is_news {
                    self.job_by_key(Key::Migration).told = Some(end);
                    self.remove(&Key::Migration);
                }
                self.migration_began = false;
                self.last_migration = Some(migration);
                is_news
            }
        }
    }

    /// Changes a job, if it is still there.
    pub(in crate::console) fn change(&mut self, key: &Key, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.key == *key) {
            change(job);
            self.version += 1;
        }
    }

    pub(in crate::console) fn get(&self, key: &Key) -> Option<&Job> {
        self.jobs.iter().find(|job| job.key == *key)
    }

    /// What is there, oldest first.
    pub(in crate::console) fn iter(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter()
    }

    /// What has ended, newest first.
    pub(in crate::console) fn ended(&self) -> impl Iterator<Item = &Ended> {
        self.ended.iter().rev()
    }

    /// How many have not come to their end.
    pub(in crate::console) fn running(&self) -> usize {
        self.jobs.iter().filter(|job| job.is_under_way()).count()
    }

    /// Whether listed jobs have to be asked for: events do not tell of their progress.
    pub(in crate::console) fn lists_running(&self) -> bool {
        self.jobs
            .iter()
            .any(|job| job.is_under_way() && job.key != Key::Migration)
    }

    pub(in crate::console) fn is_migrating(&self) -> bool {
        self.get(&Key::Migration).is_some() || self.migration_began
    }

    pub(in crate::console) const fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Whether the machine has ever told of its jobs.
    pub(in crate::console) const fn is_known(&self) -> bool {
        self.is_known
    }

    /// Grows with whatever changes what is shown.
    pub(in crate::console) const fn version(&self) -> u64 {
        self.version
    }

    /// The listed job of this id, which may be a new one.
    fn job(&mut self, id: String) -> &mut Job {
        self.job_by_key(Key::Listed(id))
    }

    fn job_by_key(&mut self, key: Key) -> &mut Job {
        let known = self.jobs.iter().position(|job| job.key == key);
        let place = known.unwrap_or_else(|| {
            self.jobs.push(Job::new(key));
            self.jobs.len() - 1
        });
        &mut self.jobs[place]
    }

    /// It was told how a block job ended, which may be gone when it is asked for.
    fn end_of(&mut self, told: Told<'_>, end: End) {
        let job = self.job(told.get("device"));
        job.kind = told.get("type");
        job.told = Some(end);
    }

    fn remove(&mut self, key: &Key) {
        let Some(place) = self.jobs.iter().position(|job| job.key == *key) else {
            return;
        };
        let job = self.jobs.remove(place);
        self.version += 1;
        self.ends += 1;
        if self.ended.len() == MAX_ENDED {
            self.ended.pop_front();
        }
        self.ended.push_back(Ended {
            number: self.ends,
            how: job.end(),
            name: job.key.name().to_owned(),
            kind: job.kind,
        });
    }
}

/// What an event tells of a job.
#[derive(Clone, Copy)]
struct Told<'a>(JsonRef<'a>);

impl Told<'_> {
    fn get(self, member: &str) -> String {
        string(self.0, member).unwrap_or_default()
    }
}

const MAX_ENDED: usize = 50;

#[cfg(test)]
mod tests;
