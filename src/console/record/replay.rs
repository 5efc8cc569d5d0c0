//! Tells a recorded session to a store, as a connection would have told it.

use std::collections::VecDeque;

use qmp_web::CommandId;

use super::reading::{Recording, Step};
use crate::console::store::{Connection, ExchangeId, Machine, Mark, Recorded, RunState, Server, Store, What};

/// A session that is being told.
#[derive(Debug, Default)]
pub(in crate::console) struct Replay {
    steps: VecDeque<(f64, Step)>,
    /// What the store calls the commands.
    ids: Vec<ExchangeId>,
}

impl Replay {
    /// Begins: the store knows that it shows a recorded session, and nothing of it yet.
    pub(in crate::console) fn begin(recording: Recording, name: String, store: &mut Store) -> Self {
        let time = |step: Option<&(f64, Step)>| step.map_or(0.0, |(time, _)| *time);
        let start = time(recording.steps.front());
        store.changed(Connection::Recorded);
        store.machine = Some(Machine::named(recording.machine.unwrap_or_else(|| name.clone())));
        store.recorded = Some(Recorded {
            name,
            now: start,
            start,
            end: time(recording.steps.back()),
            dropped: recording.dropped,
            skipped: recording.skipped,
            is_playing: false,
            speed: 1,
        });
        let mut server = Server::default();
        if let Some(version) = recording.version {
            name_server(&mut server, &version);
        }
        store.server = Some(server);
        Self {
            steps: recording.steps,
            ids: Vec::new(),
        }
    }

    /// When the next thing happened.
    pub(in crate::console) fn next_time(&self) -> Option<f64> {
        self.steps.front().map(|(time, _)| *time)
    }

    /// Tells what happened next; returns whether there was anything.
    pub(in crate::console) fn step(&mut self, store: &mut Store) -> bool {
        let Some((time, step)) = self.steps.pop_front() else {
            return false;
        };
        if let Some(recorded) = &mut store.recorded {
            recorded.now = recorded.now.max(time);
        }
        match step {
            Step::Executed {
                number,
                line,
                origin,
                wire_id,
            } => {
                let id = store.executed(line, origin, time);
                store.sent(id, CommandId::new(number as u64), wire_id);
                self.ids.push(id);
            }
            Step::Settled(number, result) => {
                if let Some(id) = self.ids.get(number) {
                    store.settled(*id, &result, time);
                    let asks = store
                        .exchange(*id)
                        .is_some_and(|one| one.line.name == "query-status");
                    if let (true, Ok(reply)) = (asks, &result) {
                        store.run_state = RunState::read(reply.as_json_ref());
                    }
                }
            }
            Step::Happened(event) => {
                store.happened(&event, time);
            }
            Step::Missed(gap_ms) => store.missed(gap_ms, time),
            Step::Greeted(greeting) => {
                if let Some(server) = &mut store.server {
                    name_server(server, &greeting.version);
                }
                store
                    .marks
                    .push(Mark::new(What::Greeted(greeting, Vec::new()), time));
            }
            Step::Negotiated(names) => {
                store.marks.change_last(|mark| {
                    if let What::Greeted(_, negotiated) = &mut mark.what {
                        negotiated.clone_from(&names);
                    }
                });
                if let Some(server) = &mut store.server {
                    server.capabilities = names;
                }
            }
            Step::State(state) => {
                store.marks.push(Mark::new(What::State(state), time));
            }
        }
        true
    }
}

fn name_server(server: &mut Server, version: &qmp_web::Version) {
    let qmp_web::Version {
        major,
        minor,
        micro,
        package,
    } = version;
    server.version = format!("{major}.{minor}.{micro}");
    server.package.clone_from(package);
}
