//! Whether an open connection lives, told by its silence. A peer that has said nothing for a while is asked; one that does
//! not answer is unstable, then dead. What becomes of a dead one is the supervisor's business.
//!
//! The timers of a hidden tab are held back, and those of a computer that sleeps come when it wakes, perhaps before the
//! answer that came meanwhile. So silence counts only up to a tick that comes when it is due. A late one asks anew.

/// The signs of life of one connection.
#[derive(Debug)]
pub(super) struct Liveness {
    /// How long silence is no question, in milliseconds.
    silence: f64,
    /// How much time an answer has, usually.
    usual: Grace,
    /// How much the present one has.
    grace: Grace,
    /// When a byte last came.
    heard: f64,
    stage: Stage,
    /// When the stage is over.
    due: f64,
    /// How many ticks in a row were held back, with a question open.
    held_back: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Heard of lately.
    Live,
    /// Asked.
    Asked,
    /// Asked, and it does not answer.
    Unstable,
}

/// How long a peer may leave a question unanswered, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grace {
    /// Until it is unstable.
    pub(super) unstable: f64,
    /// From then until it is dead.
    pub(super) dead: f64,
}

impl Grace {
    pub(super) const fn min(self, other: Self) -> Self {
        Self {
            unstable: self.unstable.min(other.unstable),
            dead: self.dead.min(other.dead),
        }
    }
}

/// What a tick leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Ask the peer for a sign of life.
    Ask,
    /// Give the connection up.
    Dead,
    /// Nothing, for now.
    Wait,
}

impl Liveness {
    /// Of a connection that has just opened.
    pub(super) fn new(now: f64, silence: u32, grace: Grace) -> Self {
        let silence = SHORTEST_SILENCE.max(silence.into());
        Self {
            silence,
            usual: grace,
            grace,
            heard: now,
            stage: Stage::Live,
            due: now + silence,
            held_back: 0,
        }
    }

    /// Bytes came, and answer any question.
    pub(super) fn heard(&mut self, now: f64) {
        self.heard = now;
        self.held_back = 0;
        self.enter(Stage::Live, now);
    }

    /// Wants to know now, within this time. Tells whether to ask the peer: a question that is open already will do, unless
    /// its time is up or it is to be put `anew`, with its time beginning again.
    pub(super) fn ask(&mut self, now: f64, grace: Grace, anew: bool) -> bool {
        self.grace = grace;
        let open = match self.stage {
            Stage::Live => None,
            Stage::Asked => Some(grace.unstable),
            Stage::Unstable => Some(grace.dead),
        };
        if let Some(longest) = open
            && !anew
            && now <= self.due
        {
            self.due = self.due.min(now + longest);
            return false;
        }
        self.held_back = 0;
        let stage = if open.is_none() { Stage::Asked } else { self.stage };
        self.enter(stage, now);
        true
    }

    /// Time has passed. A connection that may not die stays unstable, and is asked again and again.
    pub(super) fn tick(&mut self, now: f64, may_die: bool) -> Verdict {
        if now < self.due {
            return Verdict::Wait;
        }
        if self.stage != Stage::Live && self.proves_nothing(now - self.due) {
            self.grace = self.usual;
            self.enter(self.stage, now);
            return Verdict::Ask;
        }
        match self.stage {
            Stage::Live => {
                self.grace = self.usual;
                self.enter(Stage::Asked, now);
                Verdict::Ask
            }
            Stage::Asked => {
                self.enter(Stage::Unstable, now);
                Verdict::Wait
            }
            Stage::Unstable if may_die => Verdict::Dead,
            Stage::Unstable => {
                self.enter(Stage::Unstable, now);
                Verdict::Ask
            }
        }
    }

    pub(super) const fn deadline(&self) -> f64 {
        self.due
    }

    pub(super) const fn last_heard(&self) -> f64 {
        self.heard
    }

    pub(super) fn is_unstable(&self) -> bool {
        self.stage == Stage::Unstable
    }

    /// Whether a tick that is so many milliseconds late may have come before an answer that is here already.
    ///
    /// In a hidden tab every tick may be late, and a dead peer is to be noticed there too. But the page runs there, if
    /// seldom: where time and again a question is put, the page runs, and no byte has come, that is proof.
    fn proves_nothing(&mut self, late: f64) -> bool {
        if late <= PUNCTUAL {
            return false;
        }
        // What is later than timers are held back was sleep, in which no page runs.
        self.held_back = if late <= HELD_BACK { self.held_back + 1 } else { 0 };
        self.held_back < PROOF
    }

    fn enter(&mut self, stage: Stage, now: f64) {
        self.stage = stage;
        self.due = now
            + match stage {
                Stage::Live => self.silence,
                Stage::Asked => self.grace.unstable,
                Stage::Unstable => self.grace.dead,
            };
    }
}

/// Peers are not asked more often than this, in milliseconds, whatever the options say.
const SHORTEST_SILENCE: f64 = 1_000.0;
/// How late a tick may be, in milliseconds: the timers of a tab that was hidden just now run once in a second.
const PUNCTUAL: f64 = 2_000.0;
/// How late the timers of a hidden tab are at most, in milliseconds: they run once in a minute.
const HELD_BACK: f64 = 65_000.0;
/// How many late ticks in a row, with a question open all the time, count as one that is punctual.
const PROOF: u32 = 3;
