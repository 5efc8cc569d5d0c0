//! What is asked for the jobs and the migration: whenever something happened to them, and once a second while one is under
//! way or somebody looks. And what a person wants of them.

use futures_util::future::join;
use qmp_web::Error;
use wasm_bindgen_futures::spawn_local;

use super::executing::clock;
use super::members::all;
use super::store::{BlockJob, Key, Listed, Migration, Store, Verb};
use super::view::Tab;
use super::{Console, dom, session};

/// Asks from now on, when it is worth it.
pub(super) fn keep(console: &Console) {
    console.poll(INTERVAL, |_| true, async |console| ask(console).await);
}

/// Asks now, if something happened of which the answers do not know yet.
pub(super) fn heard(console: &Console) {
    if dom::document().hidden() || !console.read(|store| store.jobs.is_stale()) {
        return;
    }
    let console = console.clone();
    spawn_local(async move { ask(&console).await });
}

impl Console {
    /// Does this with a job, and says with the job if that did not work.
    pub(super) fn perform_on_job(&self, key: Key, verb: Verb) {
        let line = self.update(|store| {
            let oob = store
                .server
                .as_ref()
                .is_some_and(|server| server.capabilities.contains(&"oob"));
            let mut line = None;
            store.jobs.change(&key, |job| {
                if !job.is_acting && job.allows(verb) {
                    job.is_acting = true;
                    job.problem = None;
                    job.asks = None;
                    line = Some(job.line(verb, oob));
                }
            });
            line
        });
        let Some(line) = line else {
            return;
        };
        let console = self.clone();
        spawn_local(async move {
            let problem = match console.perform(line).await {
                Ok(_) => None,
                Err(Error::Command { error, .. }) => Some(error.desc),
                Err(error) => Some(error.to_string()),
            };
            console.update(|store| {
                store.jobs.change(&key, |job| {
                    job.is_acting = false;
                    job.problem = problem;
                });
            });
            ask(&console).await;
        });
    }
}

/// Asks for what may have changed. However often that is wanted, one such question is on its way at a time.
async fn ask(console: &Console) {
    // What happens meanwhile makes an answer worthless once; what happens on and on is not run after.
    for _ in 0..2 {
        let Some(asked) = Wanted::of(&mut console.0.store.borrow_mut()) else {
            return;
        };
        join(ask_listed(console, &asked), ask_migration(console, &asked)).await;
        console.update(|store| store.jobs.answered());
        if !console.read(|store| store.jobs.is_stale()) {
            return;
        }
    }
}

async fn ask_listed(console: &Console, wanted: &Wanted) {
    if !wanted.listed {
        return;
    }
    let questions = join(
        console.ask("query-jobs", None),
        console.ask("query-block-jobs", None),
    );
    let (Some(jobs), block) = questions.await else {
        return;
    };
    let block = block.and_then(|block| all(block.as_json_ref(), BlockJob::read));
    if let Some(jobs) = all(jobs.as_json_ref(), Listed::read) {
        let block = block.unwrap_or_default();
        console.update(|store| store.jobs.listed(wanted.heard, clock(), jobs, &block));
    }
}

async fn ask_migration(console: &Console, wanted: &Wanted) {
    if wanted.migration
        && let Some(reply) = console.ask("query-migrate", None).await
        && let migration = Migration::read(reply.as_json_ref())
        && console.update(|store| store.jobs.migrated(wanted.heard, clock(), migration))
    {
        // A machine that has migrated does not run here any more, and no event may have told.
        session::ask_run_state(console);
    }
}

/// What is worth asking.
struct Wanted {
    heard: u64,
    listed: bool,
    migration: bool,
}

impl Wanted {
    /// `None` if nothing is, or it is being asked already.
    fn of(store: &mut Store) -> Option<Self> {
        let is_demo = store.machine.as_ref().is_some_and(|machine| machine.demo);
        if is_demo || !store.is_live() {
            return None;
        }
        let stale = store.jobs.is_stale();
        // Events tell of all that happens to jobs but their progress; of a migration they may tell nothing.
        let listed = stale || store.jobs.lists_running();
        let migration = stale || store.jobs.is_migrating() || store.tab == Tab::Jobs;
        let listed = listed && store.may("query-jobs");
        let migration = migration && store.may("query-migrate");
        if !listed && !migration {
            return None;
        }
        let heard = store.jobs.ask()?;
        Some(Self {
            heard,
            listed,
            migration,
        })
    }
}

/// In milliseconds.
const INTERVAL: u32 = 1_000;
