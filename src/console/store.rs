//! What the page knows. It is told what happens and remembers it; it knows neither page nor connection.

mod connection;
mod exchange;
mod happening;
mod machine;
mod record;
mod session;
mod waterfall;

use qmp_web::{CommandId, Error, Event, Json};

pub(super) use self::connection::{Connection, Refusal, how_it_ended};
pub(super) use self::exchange::{Exchange, ExchangeId, Origin, Outcome};
pub(super) use self::happening::Happening;
pub(super) use self::machine::{Machine, Reach, RunState, Server};
pub(super) use self::record::{Mark, Recorded, What};
pub(super) use self::session::Session;
pub(super) use self::waterfall::{Axis, Outcomes, Picture, Row, Span, Waterfall, Whose, short_id};
use super::line::Line;
use super::log::Log;
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
    /// Whether the bridge has other machines too.
    pub(super) has_others: bool,
    /// Who greeted us last.
    pub(super) server: Option<Server>,
    /// `None` while nobody can tell.
    pub(super) run_state: Option<RunState>,
    /// Commands of a person.
    pub(super) commands: Log<Exchange>,
    /// Commands of the page itself.
    pub(super) questions: Log<Exchange>,
    pub(super) events: Log<Happening>,
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
}

impl Default for Store {
    fn default() -> Self {
        Self {
            connection: Connection::Connecting,
            tab: Tab::default(),
            session: None,
            machine: None,
            has_others: false,
            server: None,
            run_state: None,
            commands: Log::new(MAX_COMMANDS),
            questions: Log::new(MAX_QUESTIONS),
            events: Log::new(MAX_EVENTS),
            marks: Log::new(MAX_MARKS),
            recorded: None,
            record_wrong: None,
            waterfall: Waterfall::default(),
            turns: 0,
        }
    }
}

impl Store {
    /// How the connection is now. That commands which waited are lost is told by [`Store::settled`].
    pub(super) fn changed(&mut self, connection: Connection) {
        if !matches!(connection, Connection::Live | Connection::Unstable { .. }) {
            self.run_state = None;
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

    /// A command's reply came, or is known never to come.
    pub(super) fn settled(&mut self, exchange: ExchangeId, result: &Result<Json, Error>, now: f64) {
        self.turns += 1;
        let turn = self.turns;
        self.log_mut(exchange.origin).change(exchange.number, |exchange| {
            exchange.settle(result.into(), now, turn)
        });
    }

    /// Something happened in the machine, and was heard of at this time. Returns whether its run state should be asked for
    /// anew.
    pub(super) fn happened(&mut self, event: &Event, now: f64) -> bool {
        if let Some(run_state) = RunState::after(&event.name) {
            self.run_state = Some(run_state);
        }
        self.events.push(Happening::new(event.clone(), now));
        RunState::may_change_with(&event.name)
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
        matches!(self.connection, Connection::Live | Connection::Unstable { .. })
    }

    /// Whether the bridge would let this command through. Where there is no bridge of ours, nobody stands between.
    pub(super) fn may(&self, command: &str) -> bool {
        self.session.as_ref().is_none_or(|session| session.may(command))
    }

    const fn log_mut(&mut self, origin: Origin) -> &mut Log<Exchange> {
        match origin {
            Origin::Console => &mut self.questions,
            Origin::Person => &mut self.commands,
        }
    }
}

const MAX_COMMANDS: usize = 500;
const MAX_QUESTIONS: usize = 500;
const MAX_EVENTS: usize = 2000;
const MAX_MARKS: usize = 500;

#[cfg(test)]
mod tests;
