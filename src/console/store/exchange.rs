//! A command and what became of it.

use qmp_web::{CommandId, Error, Json};

use crate::console::line::Line;
use crate::console::log::Entry;

/// Whose command it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::console) enum Origin {
    /// The page asks for what it shows.
    Console,
    Person,
}

/// Names an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::console) struct ExchangeId {
    pub(in crate::console) origin: Origin,
    pub(in crate::console) number: u64,
}

/// A command and, once there is one, its outcome.
#[derive(Debug)]
pub(in crate::console) struct Exchange {
    pub(in crate::console) line: Line,
    /// When it was sent, in milliseconds since 1970; while it is queued, when it was executed.
    pub(in crate::console) sent: f64,
    /// Whether it waits to be sent: QEMU takes only so many at a time.
    pub(in crate::console) is_queued: bool,
    /// Whether its button tells what becomes of it.
    pub(in crate::console) has_button: bool,
    /// Its place in the order in which commands were executed and settled.
    pub(in crate::console) turn: u64,
    /// The place of its outcome in the same order; 0 while there is none.
    pub(in crate::console) settled: u64,
    /// What the connection knows it by, once it was taken.
    pub(in crate::console) id: Option<CommandId>,
    /// Its `id` in the message.
    pub(in crate::console) wire_id: String,
    /// The outcome, and after how many milliseconds it came.
    pub(in crate::console) outcome: Option<(Outcome, f64)>,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) enum Outcome {
    /// The reply: JSON as it came.
    Returned(Json),
    /// The server said no.
    Failed { class: String, desc: String },
    /// It was not waited for any longer.
    GivenUp { may_have_run: bool },
    /// The connection ended before the reply came.
    Lost { may_have_run: bool },
    /// It was not taken, and why.
    NotSent(String),
}

impl Exchange {
    pub(super) const fn new(line: Line, now: f64, turn: u64) -> Self {
        Self {
            line,
            sent: now,
            is_queued: false,
            has_button: false,
            turn,
            settled: 0,
            id: None,
            wire_id: String::new(),
            outcome: None,
        }
    }

    pub(super) fn settle(&mut self, outcome: Outcome, now: f64, turn: u64) {
        self.is_queued = false;
        self.settled = turn;
        // The clock may have been set back.
        self.outcome = Some((outcome, (now - self.sent).max(0.0)));
    }
}

impl Entry for Exchange {
    fn size(&self) -> usize {
        let reply = match &self.outcome {
            Some((Outcome::Returned(json), _)) => json.as_str().len(),
            Some((Outcome::NotSent(text) | Outcome::Failed { desc: text, .. }, _)) => text.len(),
            _ => 0,
        };
        self.line.name.len() + self.line.arguments.as_ref().map_or(0, String::len) + reply
    }

    fn is_settled(&self) -> bool {
        self.outcome.is_some()
    }

    fn is_waiting(&self) -> bool {
        self.is_queued
    }
}

impl From<&Result<Json, Error>> for Outcome {
    fn from(result: &Result<Json, Error>) -> Self {
        let may_have_run = |outcome: &qmp_web::Outcome| *outcome == qmp_web::Outcome::Unknown;
        match result {
            Ok(value) => Self::Returned(value.clone()),
            Err(Error::Command { error, .. }) => Self::Failed {
                class: error.class.to_string(),
                desc: error.desc.clone(),
            },
            Err(Error::ConnectionLost { outcome, .. }) => Self::Lost {
                may_have_run: may_have_run(outcome),
            },
            Err(Error::Timeout { outcome, .. }) => Self::GivenUp {
                may_have_run: may_have_run(outcome),
            },
            Err(error) => Self::NotSent(error.to_string()),
        }
    }
}
