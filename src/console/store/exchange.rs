//! A command and what became of it.

use qmp_web::{Error, Json};

use crate::console::json;
use crate::console::line::Line;
use crate::console::log::Entry;

/// A command and, once there is one, its outcome.
#[derive(Debug)]
pub(in crate::console) struct Exchange {
    pub(in crate::console) line: Line,
    /// When it was executed, in milliseconds since 1970.
    pub(in crate::console) sent: f64,
    /// The outcome, and after how many milliseconds it came.
    pub(in crate::console) outcome: Option<(Outcome, f64)>,
}

/// What became of a command.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::console) enum Outcome {
    /// The reply, laid out.
    Returned(String),
    /// The server said no.
    Failed { class: String, desc: String },
    /// The connection ended before the reply came.
    Lost { may_have_run: bool },
    /// It was not taken, and why.
    NotSent(String),
}

impl Exchange {
    pub(super) const fn new(line: Line, now: f64) -> Self {
        Self {
            line,
            sent: now,
            outcome: None,
        }
    }

    pub(super) fn settle(&mut self, outcome: Outcome, now: f64) {
        // The clock may have been set back.
        self.outcome = Some((outcome, (now - self.sent).max(0.0)));
    }
}

impl Entry for Exchange {
    fn size(&self) -> usize {
        let reply = match &self.outcome {
            Some((
                Outcome::Returned(text) | Outcome::NotSent(text) | Outcome::Failed { desc: text, .. },
                _,
            )) => text.len(),
            _ => 0,
        };
        self.line.name.len() + self.line.arguments.as_ref().map_or(0, String::len) + reply
    }

    fn is_settled(&self) -> bool {
        self.outcome.is_some()
    }
}

impl From<Result<Json, Error>> for Outcome {
    fn from(result: Result<Json, Error>) -> Self {
        match result {
            Ok(value) => Self::Returned(json::pretty(value.as_str())),
            Err(Error::Command { error, .. }) => Self::Failed {
                class: error.class.to_string(),
                desc: error.desc,
            },
            Err(Error::ConnectionLost { outcome, .. }) => Self::Lost {
                may_have_run: outcome == qmp_web::Outcome::Unknown,
            },
            Err(error) => Self::NotSent(error.to_string()),
        }
    }
}
