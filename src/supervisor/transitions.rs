//! What each input does to a supervisor.

use super::liveness::{Grace, Liveness, Verdict};
use super::{Output, Phase, Supervisor, Why};

/// What inputs do.
impl Supervisor {
    pub(super) fn opened(&mut self) {
        if !matches!(self.phase, Phase::Connecting) {
            return;
        }
        // There is a network, whatever the browser says.
        self.online = true;
        self.phase = Phase::Open {
            since: self.now,
            liveness: Liveness::new(self.now, self.options.silence, self.grace()),
        };
        if let Some(heard) = self.heard.replace(self.now) {
            self.outputs.push_back(Output::Resumed(self.now - heard));
        }
    }

    pub(super) fn received(&mut self) {
        if let Phase::Open { liveness, .. } = &mut self.phase {
            liveness.heard(self.now);
            self.heard = Some(self.now);
        }
    }

    /// A connection or a try at one ended.
    pub(super) fn ended(&mut self, fatal: Option<Why>) {
        let lasted = match &self.phase {
            // By what was heard: a connection that never said a word did not live, however late that was noticed.
            Phase::Open { since, liveness } => liveness.last_heard() - since >= LASTING,
            _ => false,
        };
        if lasted {
            self.tries = 0;
        }
        self.phase = match fatal {
            Some(why) => Phase::Closed(why),
            None if self.tries_none() => Phase::Closed(Why::TriesSpent),
            None if !self.online => Phase::Waiting { until: None },
            None if self.options.tries.is_some_and(|tries| self.tries >= tries) => {
                Phase::Closed(Why::TriesSpent)
            }
            None => Phase::Waiting {
                until: Some(self.now + self.backoff.delay(self.tries)),
            },
        };
    }

    pub(super) fn tick(&mut self) {
        let may_die = self.online && !self.busy;
        match &mut self.phase {
            Phase::Open { liveness, .. } => match liveness.tick(self.now, may_die) {
                Verdict::Ask => self.ping(),
                Verdict::Dead => {
                    self.outputs.push_back(Output::Drop(self.connection));
                    self.ended(None);
                }
                Verdict::Wait => {}
            },
            Phase::Waiting { until: Some(until) } if *until <= self.now => self.connect(),
            _ => {}
        }
    }

    pub(super) fn reconnect(&mut self) {
        match self.phase {
            Phase::Connecting => return,
            Phase::Open { .. } => self.outputs.push_back(Output::Drop(self.connection)),
            Phase::Waiting { .. } | Phase::Closed(_) => {}
        }
        self.try_soon(APART_BY_HAND);
    }

    /// There may be a better chance than a moment ago.
    pub(super) fn encouraged(&mut self) {
        match &self.phase {
            Phase::Open { .. } => self.ask(self.grace().min(HURRIED), false),
            Phase::Waiting { .. } | Phase::Closed(Why::TriesSpent) if self.online && !self.tries_none() => {
                self.try_soon(APART_BY_EVENT)
            }
            Phase::Waiting { .. } | Phase::Connecting | Phase::Closed(_) => {}
        }
    }

    pub(super) fn online(&mut self) {
        let was_offline = !std::mem::replace(&mut self.online, true);
        if was_offline && matches!(self.phase, Phase::Open { .. }) {
            // What was asked without a network was not asked.
            self.ask(self.grace().min(HURRIED), true);
        } else {
            self.encouraged();
        }
    }

    /// Tries would come to nothing. What is open may live on, and is not given up while nothing better can be had.
    pub(super) fn offline(&mut self) {
        self.online = false;
        match &mut self.phase {
            Phase::Open { .. } => self.ask(self.grace(), false),
            Phase::Waiting { until } => *until = None,
            Phase::Connecting | Phase::Closed(_) => {}
        }
    }

    pub(super) fn set_busy(&mut self, busy: bool) {
        let was_busy = std::mem::replace(&mut self.busy, busy);
        if was_busy && !busy && matches!(&self.phase, Phase::Open { liveness, .. } if liveness.is_unstable())
        {
            self.ask(self.grace(), true);
        }
    }

    pub(super) fn close(&mut self) {
        // What was not done yet is not to be done any more.
        self.outputs
            .retain(|output| !matches!(output, Output::Connect(_) | Output::Ping(_)));
        if matches!(self.phase, Phase::Connecting | Phase::Open { .. }) {
            self.outputs.push_back(Output::Drop(self.connection));
        }
        self.phase = Phase::Closed(Why::ByUs);
    }
}

/// What several of them do.
impl Supervisor {
    /// A new row of tries. It begins at once, unless the last try began less than so many milliseconds ago.
    fn try_soon(&mut self, apart: f64) {
        self.tries = 0;
        self.phase = Phase::Waiting {
            until: Some(self.now.max(self.tried + apart)),
        };
        self.tick();
    }

    pub(super) fn connect(&mut self) {
        self.connection.0 += 1;
        self.tries = self.tries.saturating_add(1);
        self.tried = self.now;
        self.busy = false;
        self.phase = Phase::Connecting;
        self.outputs.push_back(Output::Connect(self.connection));
    }

    fn ask(&mut self, grace: Grace, anew: bool) {
        if let Phase::Open { liveness, .. } = &mut self.phase
            && liveness.ask(self.now, grace, anew)
        {
            self.ping();
        }
    }

    /// Whether nothing is ever tried again by itself.
    fn tries_none(&self) -> bool {
        self.options.tries == Some(0)
    }

    fn ping(&mut self) {
        self.outputs.push_back(Output::Ping(self.connection));
    }

    fn grace(&self) -> Grace {
        Grace {
            unstable: self.options.unstable.into(),
            dead: self.options.dead.into(),
        }
    }
}

/// How long a connection must have spoken for its end to begin a new row of tries. One that dies sooner counts as a
/// failed try, so that what dies as soon as it is born is not repeated more often than once in this time.
pub(super) const LASTING: f64 = 10_000.0;
/// How far apart tries begin at least that a person asks for: she does not notice it, and a program that asks whenever
/// the state changes does no harm.
pub(super) const APART_BY_HAND: f64 = 250.0;
/// How far apart tries begin at least that a network or a tab asks for that comes and goes.
pub(super) const APART_BY_EVENT: f64 = 1_000.0;
/// Somebody looks again, or the network is another: soon it should show what is true. Unstable comes fast, since it costs
/// nothing; to be wrong about dead costs the commands that are pending, and a network needs seconds to wake up.
pub(super) const HURRIED: Grace = Grace {
    unstable: 2_000.0,
    dead: 5_000.0,
};
