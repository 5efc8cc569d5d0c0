//! What holds whatever happens, in whatever order and at whatever times.

use proptest::prelude::*;

use super::super::backoff::SHORTEST;
use super::super::transitions::{APART_BY_EVENT, APART_BY_HAND, LASTING};
use super::super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_is_done_that_must_not_be(
        base in 0..5_000_u32,
        max in 0..60_000_u32,
        tries in proptest::option::of(0..6_u32),
        seed in any::<u64>(),
        steps in prop::collection::vec(step(), 1..150),
    ) {
        let options = Options { base, max, tries, ..Options::new(seed) };
        let mut watch = Watch::new(options);
        for (what, time) in steps {
            watch.step(what, time);
        }
    }

    #[test]
    fn no_times_and_no_options_are_too_odd(
        numbers in prop::array::uniform5(any::<u32>()),
        tries in any::<Option<u32>>(),
        seed in any::<u64>(),
        start in prop::num::f64::ANY,
        steps in prop::collection::vec((what(), prop::num::f64::ANY), 1..100),
    ) {
        let [base, max, silence, unstable, dead] = numbers;
        let mut supervisor = Supervisor::new(Options { base, max, tries, silence, unstable, dead, seed }, start);
        for (what, now) in steps {
            let input = what.input(supervisor.connection);
            supervisor.handle_input(input, now);
            prop_assert!(supervisor.next_deadline().is_none_or(f64::is_finite));
            while supervisor.poll_output().is_some() {}
        }
    }
}

/// An input, of the latest connection or of an older one.
#[derive(Clone, Copy, Debug)]
enum What {
    Failed { old: bool, refused: bool },
    Lost { old: bool, code: u16 },
    Opened { old: bool },
    Other(Input),
    Received { old: bool },
}

impl What {
    fn input(self, latest: ConnectionId) -> Input {
        let one = |old| ConnectionId(latest.0 - u64::from(old));
        match self {
            Self::Failed { old, refused } => Input::Failed {
                connection: one(old),
                refused,
            },
            Self::Lost { old, code } => Input::Lost {
                connection: one(old),
                code,
            },
            Self::Opened { old } => Input::Opened(one(old)),
            Self::Other(input) => input,
            Self::Received { old } => Input::Received(one(old)),
        }
    }
}

/// When it happens.
#[derive(Clone, Copy, Debug)]
enum Time {
    /// So long after what was before; less than nothing is a clock that goes back.
    After(f64),
    /// At the next deadline, or so much later.
    Deadline(f64),
}

fn step() -> impl Strategy<Value = (What, Time)> {
    let time = prop_oneof![
        4 => (-1_000.0..20_000.0).prop_map(Time::After),
        1 => (0.0..100_000_000.0).prop_map(Time::After),
        8 => prop_oneof![Just(0.0), 0.0..1_000.0, 0.0..1e8].prop_map(Time::Deadline),
    ];
    (what(), time)
}

fn what() -> impl Strategy<Value = What> {
    let old = || prop::bool::weighted(0.1);
    prop_oneof![
        10 => Just(What::Other(Input::Tick)),
        4 => old().prop_map(|old| What::Opened { old }),
        4 => old().prop_map(|old| What::Received { old }),
        2 => (old(), prop::bool::weighted(0.1)).prop_map(|(old, refused)| What::Failed { old, refused }),
        2 => (old(), prop_oneof![8 => Just(1006), 1 => any::<u16>()]).prop_map(|(old, code)| What::Lost { old, code }),
        6 => prop::sample::select(vec![
            Input::Online,
            Input::Offline,
            Input::Visible,
            Input::Reconnect,
            Input::Busy(true),
            Input::Busy(false),
        ]).prop_map(What::Other),
        1 => prop::bool::weighted(0.1).prop_map(|close| What::Other(if close { Input::Close } else { Input::Tick })),
    ]
}

/// What a driver sees.
struct Watch {
    supervisor: Supervisor,
    options: Options,
    now: f64,
    online: bool,
    /// The try that is under way.
    trying: Option<ConnectionId>,
    /// The connection that is open, since when, and when it was heard last.
    open: Option<(ConnectionId, f64, f64)>,
    /// Tries in a row.
    tries: u32,
    state: Option<State>,
    closed: bool,
}

impl Watch {
    fn new(options: Options) -> Self {
        let mut watch = Self {
            supervisor: Supervisor::new(options, 0.0),
            options,
            now: 0.0,
            online: true,
            trying: None,
            open: None,
            tries: 0,
            state: None,
            closed: false,
        };
        watch.drain(Input::Tick);
        watch
    }

    fn step(&mut self, what: What, time: Time) {
        let given = match time {
            Time::After(time) => self.now + time,
            Time::Deadline(late) => self.supervisor.next_deadline().unwrap_or(self.now) + late,
        };
        self.now = self.now.max(given);
        let input = what.input(self.supervisor.connection);
        let before = self.state;
        self.note(input);
        self.supervisor.handle_input(input, given);
        self.drain(input);
        self.check(input, self.state != before);
    }

    /// What the driver knows itself.
    fn note(&mut self, input: Input) {
        match input {
            Input::Opened(connection) if self.trying == Some(connection) => {
                self.trying = None;
                self.online = true;
                self.open = Some((connection, self.now, self.now));
            }
            Input::Received(connection) => {
                if let Some(open) = &mut self.open
                    && open.0 == connection
                {
                    open.2 = self.now;
                }
            }
            Input::Failed { connection, .. } | Input::Lost { connection, .. } => self.end(connection),
            Input::Online => self.online = true,
            Input::Offline => self.online = false,
            Input::Close => self.closed = true,
            _ => {}
        }
        if matches!(input, Input::Online | Input::Visible | Input::Reconnect) {
            self.tries = 0;
        }
    }

    fn end(&mut self, connection: ConnectionId) {
        if let Some((_, since, heard)) = self.open.take_if(|open| open.0 == connection)
            && heard - since >= LASTING
        {
            self.tries = 0;
        }
        self.trying.take_if(|trying| *trying == connection);
    }

    fn drain(&mut self, input: Input) {
        let mut dropped = false;
        while let Some(output) = self.supervisor.poll_output() {
            match output {
                Output::Connect(connection) => {
                    assert!(!self.closed, "closed is closed");
                    assert!(self.trying.is_none() && self.open.is_none(), "one at a time");
                    assert!(
                        self.online || self.tries == 0,
                        "offline only the first, or by hand"
                    );
                    self.trying = Some(connection);
                    self.tries += 1;
                    let most = self.options.tries.unwrap_or(u32::MAX).max(1);
                    assert!(self.tries <= most, "{} of {most} tries", self.tries);
                }
                Output::Drop(connection) => {
                    let open = self.open.map(|open| open.0);
                    assert_eq!(Some(connection), self.trying.or(open), "what is dropped is there");
                    self.end(connection);
                    dropped = true;
                }
                Output::Ping(connection) => {
                    assert_eq!(Some(connection), self.open.map(|open| open.0), "asked while open");
                }
                Output::Resumed(gap) => assert!(gap >= 0.0),
                Output::StateChanged(state) => {
                    assert_ne!(self.state, Some(state), "a change is one");
                    self.state = Some(state);
                }
            }
        }
        if dropped {
            let after = self.supervisor.state();
            assert!(
                matches!(after, State::Reconnecting { .. } | State::Closed(_)),
                "{input:?} {after:?}"
            );
        }
    }

    fn check(&self, input: Input, changed: bool) {
        let state = self.supervisor.state();
        assert_eq!(self.state, Some(state), "every change is told");
        let deadline = self.supervisor.next_deadline();
        match state {
            State::Live | State::Unstable { .. } => {
                assert!(self.open.is_some() && deadline.is_some_and(f64::is_finite));
            }
            State::Connecting | State::Reconnecting { next: Next::Now, .. } => {
                assert!(self.trying.is_some() && deadline.is_none());
            }
            State::Reconnecting {
                next: Next::At(at), ..
            } => {
                assert_eq!(deadline, Some(at));
                let delay = at - self.now;
                // What a sum of two such numbers may be off by.
                let off = 1e-3;
                match input {
                    Input::Failed { .. } | Input::Lost { .. } | Input::Tick if changed => {
                        let longest = SHORTEST.max(self.options.max.into());
                        assert!((SHORTEST - off..=longest + off).contains(&delay), "{delay}");
                    }
                    Input::Online | Input::Visible => assert!(delay <= APART_BY_EVENT + off),
                    Input::Reconnect => assert!(delay <= APART_BY_HAND + off),
                    _ => {}
                }
            }
            State::Reconnecting {
                next: Next::Online, ..
            } => assert!(!self.online && deadline.is_none()),
            State::Closed(why) => {
                assert!(self.trying.is_none() && self.open.is_none() && deadline.is_none());
                assert_eq!(why == Why::ByUs, self.closed);
            }
        }
    }
}
