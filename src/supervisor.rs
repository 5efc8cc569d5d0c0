//! What keeps a connection to one machine: it decides when to connect, when to try again and when no more, and when a
//! connection that says nothing is in doubt or dead. It has no timer, no socket and no randomness of its own: its driver
//! gives it inputs with the time, does what its outputs say, and keeps one timer for [`Supervisor::next_deadline`].
//!
//! Times are milliseconds of one clock that does not go back, as `performance.now()` gives them. A clock that stands
//! still while the computer sleeps will do. Commands and subscriptions are not known here.

mod backoff;
mod close_code;
mod input;
mod liveness;
mod options;
mod output;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod transitions;

use std::collections::VecDeque;

use self::backoff::Backoff;
pub use self::close_code::is_fatal;
pub(crate) use self::input::{ConnectionId, Input};
use self::liveness::Liveness;
pub use self::options::Options;
pub(crate) use self::output::Output;
pub use self::output::{Next, State, Why};

/// Keeps a connection.
#[derive(Debug)]
pub(crate) struct Supervisor {
    options: Options,
    backoff: Backoff,
    /// The latest time that was given.
    now: f64,
    online: bool,
    busy: bool,
    phase: Phase,
    /// The latest connection.
    connection: ConnectionId,
    /// How many tries were made since a connection that lasted.
    tries: u32,
    /// When the last one began.
    tried: f64,
    /// When a byte last came over any connection.
    heard: Option<f64>,
    told: Option<State>,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
enum Phase {
    Connecting,
    Open { since: f64, liveness: Liveness },
    Waiting { until: Option<f64> },
    Closed(Why),
}

impl Supervisor {
    /// Begins with a try. It is made even if [`Input::Offline`] comes right after: somebody asked for it.
    pub(crate) fn new(options: Options, now: f64) -> Self {
        let now = if now.is_finite() { now } else { 0.0 };
        let mut supervisor = Self {
            options,
            backoff: Backoff::new(options.base, options.max, options.seed),
            now,
            online: true,
            busy: false,
            phase: Phase::Connecting,
            connection: ConnectionId(0),
            tries: 0,
            tried: now,
            heard: None,
            told: None,
            outputs: VecDeque::new(),
        };
        supervisor.connect();
        supervisor.tell();
        supervisor
    }

    /// Takes what happened, at this time. A time before one that was given counts as that one.
    pub(crate) fn handle_input(&mut self, input: Input, now: f64) {
        if now.is_finite() {
            self.now = self.now.max(now);
        }
        match input {
            _ if matches!(self.phase, Phase::Closed(Why::ByUs)) => {}
            Input::Busy(busy) => self.set_busy(busy),
            Input::Close => self.close(),
            Input::Failed { connection, refused } if self.is_current(connection) => {
                self.ended(refused.then_some(Why::Refused));
            }
            Input::Lost { connection, code } if self.is_current(connection) => {
                self.ended(is_fatal(code).then_some(Why::Code(code)));
            }
            Input::Opened(connection) if self.is_current(connection) => self.opened(),
            Input::Received(connection) if self.is_current(connection) => self.received(),
            Input::Failed { .. } | Input::Lost { .. } | Input::Opened(_) | Input::Received(_) => {}
            Input::Offline => self.offline(),
            Input::Online => self.online(),
            Input::Reconnect => self.reconnect(),
            Input::Tick => self.tick(),
            Input::Visible => self.encouraged(),
        }
        self.tell();
    }

    /// What to do next; `None` when there is nothing more until the next input.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When the next [`Input::Tick`] is wanted; `None` where only other inputs lead on. Ask again after each input. A
    /// timer that stands for an earlier time may stay: too early a tick does nothing.
    pub(crate) const fn next_deadline(&self) -> Option<f64> {
        match &self.phase {
            Phase::Open { liveness, .. } => Some(liveness.deadline()),
            Phase::Waiting { until } => *until,
            Phase::Connecting | Phase::Closed(_) => None,
        }
    }

    /// How the connection is.
    pub(crate) fn state(&self) -> State {
        let reconnecting = |attempt, next| State::Reconnecting { attempt, next };
        match &self.phase {
            Phase::Connecting if self.tries == 1 && self.heard.is_none() => State::Connecting,
            Phase::Connecting => reconnecting(self.tries, Next::Now),
            Phase::Open { liveness, .. } if liveness.is_unstable() => State::Unstable {
                heard: liveness.last_heard(),
            },
            Phase::Open { .. } => State::Live,
            Phase::Waiting { until } => {
                reconnecting(self.tries.saturating_add(1), until.map_or(Next::Online, Next::At))
            }
            Phase::Closed(why) => State::Closed(*why),
        }
    }

    fn tell(&mut self) {
        let state = self.state();
        if self.told.replace(state) != Some(state) {
            self.outputs.push_back(Output::StateChanged(state));
        }
    }

    fn is_current(&self, connection: ConnectionId) -> bool {
        connection == self.connection && matches!(self.phase, Phase::Connecting | Phase::Open { .. })
    }
}
