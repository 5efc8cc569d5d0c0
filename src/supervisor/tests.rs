//! The supervisor with a clock that the test moves.

mod liveness;
mod network;
mod properties;
mod worlds;

use super::transitions::{APART_BY_EVENT, APART_BY_HAND, HURRIED, LASTING};
use super::*;

/// A supervisor and its driver: time passes only here, and its timer is never late unless a test says so.
struct Rig {
    supervisor: Supervisor,
    now: f64,
    connection: ConnectionId,
}

impl Rig {
    fn new(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::new(5);
        change(&mut options);
        let mut rig = Self {
            supervisor: Supervisor::new(options, 0.0),
            now: 0.0,
            connection: ConnectionId(0),
        };
        assert!(matches!(
            rig.outputs()[..],
            [Output::Connect(_), Output::StateChanged(State::Connecting)]
        ));
        rig
    }

    /// Connected since now.
    fn live() -> Self {
        let mut rig = Self::new(|_| {});
        assert_eq!(rig.open(), [Output::StateChanged(State::Live)]);
        rig
    }

    /// It was connected long enough, and no longer is.
    fn lost() -> Self {
        let mut rig = Self::live();
        rig.now += LASTING;
        rig.receive();
        rig.lose(1006);
        rig
    }

    fn give(&mut self, input: Input) -> Vec<Output> {
        self.supervisor.handle_input(input, self.now);
        self.outputs()
    }

    fn outputs(&mut self) -> Vec<Output> {
        let outputs: Vec<_> = std::iter::from_fn(|| self.supervisor.poll_output()).collect();
        for output in &outputs {
            if let Output::Connect(connection) = output {
                self.connection = *connection;
            }
        }
        outputs
    }

    /// Lets the time pass until the deadline, and then some.
    fn tick_late(&mut self, late: f64) -> Vec<Output> {
        self.now = self.supervisor.next_deadline().expect("something waits") + late;
        self.give(Input::Tick)
    }

    fn tick(&mut self) -> Vec<Output> {
        self.tick_late(0.0)
    }

    fn open(&mut self) -> Vec<Output> {
        self.give(Input::Opened(self.connection))
    }

    fn receive(&mut self) -> Vec<Output> {
        self.give(Input::Received(self.connection))
    }

    fn lose(&mut self, code: u16) -> Vec<Output> {
        let connection = self.connection;
        self.give(Input::Lost { connection, code })
    }

    fn fail(&mut self, refused: bool) -> Vec<Output> {
        let connection = self.connection;
        self.give(Input::Failed { connection, refused })
    }

    fn ping(&self) -> [Output; 1] {
        [Output::Ping(self.connection)]
    }

    fn state(&self) -> State {
        self.supervisor.state()
    }
}

/// What is told when no try is under way: which is next, and when.
fn waiting(attempt: u32, next: Next) -> Output {
    Output::StateChanged(State::Reconnecting { attempt, next })
}

fn closed(why: Why) -> Output {
    Output::StateChanged(State::Closed(why))
}

#[test]
fn a_lost_connection_comes_back_and_tells_what_may_be_missed() {
    let mut rig = Rig::live();
    rig.now = 12_000.0;
    rig.receive();
    rig.now = 13_000.0;
    rig.lose(4404);
    let State::Reconnecting {
        attempt: 1,
        next: Next::At(at),
    } = rig.state()
    else {
        panic!("{:?}", rig.state());
    };
    assert_eq!(rig.supervisor.next_deadline(), Some(at));
    assert!((13_100.0..=13_250.0).contains(&at));

    let old = rig.connection;
    let outputs = rig.tick();
    assert_eq!(outputs, [Output::Connect(rig.connection), waiting(1, Next::Now)]);
    assert!(rig.connection > old && rig.supervisor.next_deadline().is_none());
    rig.now += 500.0;
    let gap = rig.now - 12_000.0;
    assert_eq!(
        rig.open(),
        [Output::Resumed(gap), Output::StateChanged(State::Live)]
    );
}

#[test]
fn what_is_told_of_an_older_connection_has_no_effect() {
    let mut rig = Rig::lost();
    let connection = rig.connection;
    rig.tick();
    rig.open();
    for stale in [
        Input::Lost {
            connection,
            code: 1006,
        },
        Input::Failed {
            connection,
            refused: true,
        },
        Input::Opened(connection),
        Input::Received(connection),
    ] {
        assert_eq!(rig.give(stale), []);
        assert_eq!(rig.state(), State::Live);
    }
}

#[test]
fn r7_a_refusal_is_not_repeated_until_somebody_asks() {
    for (code, why) in [
        (None, Why::Refused),
        (Some(1008), Why::Code(1008)),
        (Some(4401), Why::Code(4401)),
    ] {
        let mut rig = Rig::lost();
        rig.tick();
        let outputs = match code {
            Some(code) => rig.lose(code),
            None => rig.fail(true),
        };
        assert_eq!(outputs, [closed(why)]);
        assert_eq!(rig.supervisor.next_deadline(), None);
        rig.now += 60_000.0;
        for input in [Input::Online, Input::Visible, Input::Tick] {
            assert_eq!(rig.give(input), []);
        }
        assert!(matches!(
            rig.give(Input::Reconnect)[..],
            [
                Output::Connect(_),
                Output::StateChanged(State::Reconnecting {
                    attempt: 1,
                    next: Next::Now
                })
            ]
        ));
    }
}

#[test]
fn tries_are_capped_and_begin_anew_where_there_is_a_reason() {
    for reason in [Input::Reconnect, Input::Visible, Input::Online] {
        let mut rig = Rig::new(|options| options.tries = Some(4));
        for attempt in 2..=4 {
            rig.fail(false);
            assert!(matches!(rig.state(), State::Reconnecting { attempt: n, .. } if n == attempt));
            rig.tick();
        }
        assert_eq!(rig.fail(false), [closed(Why::TriesSpent)]);
        rig.now += 60_000.0;
        assert!(matches!(rig.give(reason)[0], Output::Connect(_)));
        rig.fail(false);
        assert!(matches!(rig.state(), State::Reconnecting { attempt: 2, .. }));
    }
}

#[test]
fn without_tries_nothing_is_tried_again() {
    let mut rig = Rig::new(|options| options.tries = Some(0));
    rig.open();
    rig.now += 60_000.0;
    rig.receive();
    assert_eq!(rig.lose(1006), [closed(Why::TriesSpent)]);
}

#[test]
fn a_connection_that_dies_at_once_is_a_failed_try() {
    let mut rig = Rig::live();
    for attempt in 2..30 {
        rig.now += LASTING - 1.0;
        rig.receive();
        rig.lose(1013);
        assert!(matches!(rig.state(), State::Reconnecting { attempt: n, .. } if n == attempt));
        rig.tick();
        rig.open();
    }
    rig.now += LASTING;
    rig.receive();
    rig.lose(1006);
    assert!(matches!(rig.state(), State::Reconnecting { attempt: 1, .. }));
}

#[test]
fn reconnecting_by_hand_replaces_what_is_open_and_waits_for_what_is_under_way() {
    let mut rig = Rig::live();
    rig.now = 1_000.0;
    let old = rig.connection;
    let outputs = rig.give(Input::Reconnect);
    assert_eq!(
        outputs,
        [
            Output::Drop(old),
            Output::Connect(rig.connection),
            waiting(1, Next::Now)
        ]
    );
    assert_eq!(rig.give(Input::Reconnect), []);
    rig.now = 1_500.0;
    assert_eq!(
        rig.open(),
        [Output::Resumed(1_500.0), Output::StateChanged(State::Live)]
    );
}

#[test]
fn r11_closed_is_closed() {
    for mut rig in [Rig::new(|_| {}), Rig::live(), Rig::lost()] {
        let was_up = !matches!(rig.state(), State::Reconnecting { .. });
        let mut outputs = rig.give(Input::Close);
        assert_eq!(outputs.pop(), Some(closed(Why::ByUs)));
        assert_eq!(outputs, [Output::Drop(rig.connection)][..usize::from(was_up)]);
        rig.now += 60_000.0;
        for input in [
            Input::Close,
            Input::Reconnect,
            Input::Online,
            Input::Visible,
            Input::Tick,
        ] {
            assert_eq!(rig.give(input), []);
        }
        assert_eq!((rig.open(), rig.lose(1006)), (vec![], vec![]));
        assert_eq!(rig.supervisor.next_deadline(), None);
    }
}

#[test]
fn a_close_takes_back_what_nobody_did_yet() {
    let mut supervisor = Supervisor::new(Options::new(5), 0.0);
    supervisor.handle_input(Input::Close, 0.0);
    let outputs: Vec<_> = std::iter::from_fn(|| supervisor.poll_output()).collect();
    assert!(!outputs.iter().any(|output| matches!(output, Output::Connect(_))));
}

#[test]
fn r5_a_thousand_clients_of_a_bridge_that_was_away_come_back_one_after_another() {
    const AWAY: f64 = 10_000.0;
    let mut back: Vec<f64> = (0..1_000)
        .map(|seed| {
            let mut rig = Rig::new(|options| options.seed = seed);
            rig.open();
            rig.now = LASTING;
            rig.receive();
            rig.lose(1001);
            loop {
                rig.tick();
                if rig.now >= LASTING + AWAY {
                    rig.open();
                    return rig.now - LASTING - AWAY;
                }
                rig.fail(false);
            }
        })
        .collect();
    back.sort_by(f64::total_cmp);
    assert!(back[999] < 60_000.0, "the last comes after {} ms", back[999]);
    let within_a_second = |first: &f64| {
        back.iter()
            .filter(|at| (*first..first + 1_000.0).contains(*at))
            .count()
    };
    let most = back.iter().map(within_a_second).max().unwrap();
    assert!(most <= 200, "{most} within a second");
}
