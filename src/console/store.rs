//! What the page knows. It is told what happens and remembers it; it knows neither page nor connection.

mod action;
mod charts;
mod connection;
mod exchange;
mod facts;
mod filter;
mod happening;
mod jobs;
mod listing;
mod machine;
mod record;
mod screen;
mod series;
mod session;
mod waterfall;

use qmp_web::{CommandId, Error, Event, Json};

pub(super) use self::action::{Actions, Said};
pub(super) use self::charts::{Chart, Charts, balloon, disk_counts, guest_use};
pub(super) use self::connection::{Connection, Refusal, how_it_ended};
pub(super) use self::exchange::{Exchange, ExchangeId, Origin, Outcome};
pub(super) use self::facts::{Drive, Facts, Question, Topics, size};
pub(super) use self::filter::Filter;
pub(super) use self::happening::{Gap, Happening, Tally, whole};
pub(super) use self::jobs::{BlockJob, End, Ended, Job, Jobs, Key, Listed, Migration, Verb, time_left};
pub(super) use self::listing::Listing;
pub(super) use self::machine::{Machine, Reach, RunState, Server};
pub(super) use self::record::{Mark, Recorded, What};
pub(super) use self::screen::{Picture, Screen, State as ScreenState, pause};
pub(super) use self::series::{Series, Unit};
pub(super) use self::session::Session;
pub(super) use self::waterfall::{Axis, Drawing, Outcomes, Row, Span, Waterfall, Whose, short_id};
use super::line::Line;
use super::log::Log;
use super::sorted::insert_by_key;
use super::view::Tab;

/// What the page knows.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) connection: Connection,
    /// Which part of the work is in front.
    pub(super) tab: Tab,
    /// What the token is good for; `None` where there is no bridge of ours.
    pub(super) session: Option<Session>,
    /// The machine of the page, once it is chosen.
    pub(super) machine: Option<Machine>,
    /// The machines of the bridge.
    pub(super) listing: Listing,
    /// The last time without a connection: where it is among the events, and how many milliseconds it was.
    pub(super) last_gap: Option<(u64, f64)>,
    /// How long commands take from here to the monitor and back, in milliseconds, the latest last; while somebody looks.
    pub(super) round_trips: Vec<f64>,
    /// Who greeted us last.
    pub(super) server: Option<Server>,
    /// `None` while nobody can tell.
    pub(super) run_state: Option<RunState>,
    pub(super) facts: Facts,
    pub(super) actions: Actions,
    pub(super) screen: Screen,
    /// Commands of a person.
    pub(super) commands: Log<Exchange>,
    /// Commands of the page itself.
    pub(super) questions: Log<Exchange>,
    /// Those of both that wait to be sent, in their order.
    pub(super) queued: Vec<ExchangeId>,
    pub(super) events: Log<Happening>,
    pub(super) charts: Charts,
    pub(super) jobs: Jobs,
    /// How the connection was, and who greeted.
    pub(super) marks: Log<Mark>,
    /// What is shown if it is a record of another time; `None` for what happens now.
    pub(super) recorded: Option<Recorded>,
    /// What is wrong with the session that was to be shown.
    pub(super) record_wrong: Option<String>,
    /// How commands are shown over time.
    pub(super) waterfall: Waterfall,
    /// Counts commands that were executed, and their outcomes.
    pub(super) turns: u64,
    /// Of the events since the list was last cleared.
    pub(super) tally: Tally,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            connection: Connection::Connecting,
            tab: Tab::default(),
            session: None,
            machine: None,
            listing: Listing::default(),
            last_gap: None,
            round_trips: Vec::new(),
            server: None,
            run_state: None,
            facts: Facts::default(),
            actions: Actions::default(),
            screen: Screen::default(),
            commands: Log::new(MAX_COMMANDS),
            questions: Log::new(MAX_QUESTIONS),
            queued: Vec::new(),
            events: Log::new(MAX_EVENTS),
            charts: Charts::default(),
            jobs: Jobs::default(),
            marks: Log::new(MAX_MARKS),
            recorded: None,
            record_wrong: None,
            waterfall: Waterfall::default(),
            turns: 0,
            tally: Tally::default(),
        }
    }
}

impl Store {
    /// How the connection is now. That commands which waited are lost is told by [`Store::settled`].
    pub(super) fn changed(&mut self, connection: Connection) {
        if !connection.is_live() {
            self.run_state = None;
            self.round_trips.clear();
        }
        if connection == Connection::Live && !self.is_live() {
            self.charts.reconnected();
            self.jobs.reconnected();
        }
        self.connection = connection;
    }

    /// A command was executed at this time, in milliseconds since 1970.
    pub(super) fn executed(&mut self, line: Line, origin: Origin, now: f64) -> ExchangeId {
        self.turns += 1;
        let exchange = Exchange::new(line, now, self.turns);
        let number = self.log_mut(origin).push(exchange);
        ExchangeId { origin, number }
    }

    /// A command was taken by the connection.
    pub(super) fn sent(&mut self, exchange: ExchangeId, id: CommandId, wire_id: String) {
        self.log_mut(exchange.origin).change(exchange.number, |exchange| {
            exchange.id = Some(id);
            exchange.wire_id = wire_id;
        });
    }

    /// A command that was taken waits to be sent.
    pub(super) fn waits(&mut self, exchange: ExchangeId) {
        self.log_mut(exchange.origin)
            .change(exchange.number, |exchange| exchange.is_queued = true);
        self.queued.push(exchange);
    }

    /// Those that waited to be sent are sent now, but for those that still wait.
    pub(super) fn began(&mut self, still_waits: impl Fn(CommandId) -> bool, now: f64) {
        let queued = std::mem::take(&mut self.queued);
        let (waits, begun) = queued.into_iter().partition(|id| {
            let exchange = self.exchange(*id);
            exchange.is_some_and(|exchange| exchange.id.is_some_and(&still_waits))
        });
        self.queued = waits;
        for id in begun as Vec<ExchangeId> {
            self.turns += 1;
            self.log_mut(id.origin).change(id.number, |exchange| {
                exchange.is_queued = false;
                exchange.sent = now;
            });
        }
    }

    /// What becomes of a command is told where its button is, and nowhere else.
    pub(super) fn leave_to_its_button(&mut self, exchange: ExchangeId) {
        self.log_mut(exchange.origin)
            .change(exchange.number, |exchange| exchange.has_button = true);
    }

    /// A command's reply came, or is known never to come.
    pub(super) fn settled(&mut self, exchange: ExchangeId, result: &Result<Json, Error>, now: f64) {
        self.turns += 1;
        let turn = self.turns;
        self.queued.retain(|queued| *queued != exchange);
        self.log_mut(exchange.origin).change(exchange.number, |exchange| {
            exchange.settle(result.into(), now, turn)
        });
        if result.is_ok()
            && self
                .exchange(exchange)
                .is_some_and(|exchange| exchange.line.name == "migrate")
        {
            self.jobs.migration_began();
        }
    }

    /// Something happened in the machine, and was heard of at this time. Returns whether its run state should be asked for
    /// anew.
    pub(super) fn happened(&mut self, event: &Event, now: f64) -> bool {
        if let Some(run_state) = RunState::after(&event.name) {
            self.run_state = Some(run_state);
        }
        self.jobs.happened(event);
        self.tally.add(&event.name);
        self.events.push(Happening::new(event.clone(), now));
        Event::may_change_run_state(&event.name)
    }

    /// A command came back after so many milliseconds.
    pub(super) fn came_back(&mut self, milliseconds: f64) {
        if self.round_trips.len() == MAX_ROUND_TRIPS {
            self.round_trips.remove(0);
        }
        self.round_trips.push(milliseconds);
    }

    /// The median of the latest round trips.
    pub(super) fn round_trip(&self) -> Option<f64> {
        let mut sorted = Vec::new();
        for milliseconds in &self.round_trips {
            // Of what is not negative, the bits have the same order.
            insert_by_key(&mut sorted, *milliseconds, |time: &f64| time.to_bits());
        }
        sorted.get(sorted.len() / 2).copied()
    }

    /// There was no connection for so many milliseconds until now: events of that time may be missing.
    pub(super) fn missed(&mut self, gap_ms: f64, now: f64) {
        self.last_gap = Some((self.events.pushed(), gap_ms));
        self.events.push(Happening::missed(gap_ms, now));
    }

    /// Forgets the events.
    pub(super) fn clear_events(&mut self) {
        self.events.clear();
        self.tally = Tally::default();
    }

    /// A command, if it is not forgotten.
    pub(super) fn exchange(&self, exchange: ExchangeId) -> Option<&Exchange> {
        match exchange.origin {
            Origin::Console => self.questions.get(exchange.number),
            Origin::Person => self.commands.get(exchange.number),
        }
    }

    /// Whether commands can be executed.
    pub(super) const fn is_live(&self) -> bool {
        self.connection.is_live()
    }

    /// Whether the bridge would let this command through. Where there is no bridge of ours, nobody stands between.
    pub(super) fn may(&self, command: &str) -> bool {
        self.session.as_ref().is_none_or(|session| session.may(command))
    }

    /// Whether this command can be executed as far as bridge and QEMU say.
    pub(super) fn offers(&self, command: &str) -> bool {
        self.may(command) && self.facts.knows(command)
    }

    const fn log_mut(&mut self, origin: Origin) -> &mut Log<Exchange> {
        match origin {
            Origin::Console => &mut self.questions,
            Origin::Person => &mut self.commands,
        }
    }
}

const MAX_COMMANDS: usize = 500;
const MAX_ROUND_TRIPS: usize = 9;
const MAX_QUESTIONS: usize = 500;
const MAX_EVENTS: usize = 2000;
const MAX_MARKS: usize = 500;

#[cfg(test)]
mod tests;
