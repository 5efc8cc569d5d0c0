//! What the page knows. It is told what happens and remembers it; it knows neither page nor connection.

mod exchange;
mod machine;

use qmp_web::{CloseInfo, Error, Event, Json};

pub(super) use self::exchange::{Exchange, Outcome};
pub(super) use self::machine::{Machine, Reach, RunState, Server};
use super::line::Line;
use super::log::{Entry, Log};

/// What the page knows.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) connection: Connection,
    /// The machine of the page, once it is chosen.
    pub(super) machine: Option<Machine>,
    /// Whether the bridge has other machines too.
    pub(super) has_others: bool,
    /// Who greeted us last.
    pub(super) server: Option<Server>,
    /// `None` while nobody can tell.
    pub(super) run_state: Option<RunState>,
    pub(super) exchanges: Log<Exchange>,
    pub(super) events: Log<Event>,
}

/// Where the page is on its way to a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    /// On the way.
    Connecting,
    /// Commands can be executed.
    Live,
    /// It was live. Why it no longer is, in words.
    Lost(String),
    /// Several machines to choose from.
    Choosing(Vec<Machine>),
    /// The bridge wants a token, and another one if there is a problem with this one.
    TokenNeeded { problem: Option<&'static str> },
    /// It did not come about.
    Refused(Refusal),
}

/// Why there is no connection, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) title: String,
    pub(super) advice: String,
}

impl Refusal {
    pub(super) fn new(title: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            advice: advice.into(),
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            connection: Connection::Connecting,
            machine: None,
            has_others: false,
            server: None,
            run_state: None,
            exchanges: Log::new(MAX_EXCHANGES),
            events: Log::new(MAX_EVENTS),
        }
    }
}

impl Store {
    /// A connection is there, and this is who greeted us.
    pub(super) fn connected(&mut self, server: Server) {
        self.server = Some(server);
        self.connection = Connection::Live;
    }

    /// The connection is gone. That the commands that waited are lost too is told by [`Store::settled`].
    pub(super) fn lost(&mut self, close: &CloseInfo) {
        self.connection = Connection::Lost(how_it_ended(close));
        self.run_state = None;
    }

    /// A command was executed at this time, in milliseconds. Returns its number.
    pub(super) fn executed(&mut self, line: Line, now: f64) -> u64 {
        self.exchanges.push(Exchange::new(line, now))
    }

    /// A command's reply came, or is known never to come.
    pub(super) fn settled(&mut self, number: u64, result: Result<Json, Error>, now: f64) {
        self.exchanges
            .change(number, |exchange| exchange.settle(result.into(), now));
    }

    /// Something happened in the machine. Returns whether its run state should be asked for anew.
    pub(super) fn happened(&mut self, event: &Event) -> bool {
        if let Some(run_state) = RunState::after(&event.name) {
            self.run_state = Some(run_state);
        }
        self.events.push(event.clone());
        RunState::may_change_with(&event.name)
    }
}

impl Entry for Event {
    fn size(&self) -> usize {
        self.name.len() + self.data.as_ref().map_or(0, |data| data.as_str().len())
    }

    fn is_settled(&self) -> bool {
        true
    }
}

/// How a connection ended, as a sentence.
pub(super) fn how_it_ended(close: &CloseInfo) -> String {
    let CloseInfo { code, reason } = close;
    match (code, reason.as_str()) {
        (1000 | 1005, "") => format!("The other side closed the connection (code {code})."),
        (1001, "") => "The bridge is shutting down (code 1001).".to_owned(),
        (1006, "") => {
            "It broke without a word (code 1006): QEMU, the bridge or the network in between is gone."
                .to_owned()
        }
        (_, "") => format!("It was closed with code {code}."),
        (_, reason) => format!("{} (code {code}).", sentence(reason.trim_end_matches('.'))),
    }
}

/// The text with a capital at its start.
fn sentence(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

const MAX_EXCHANGES: usize = 200;
const MAX_EVENTS: usize = 500;

#[cfg(test)]
mod tests;
