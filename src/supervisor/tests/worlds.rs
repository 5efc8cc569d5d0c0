//! Peers that live and peers that do not, seen from pages whose timers come when they like.

use proptest::prelude::*;

use super::super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever becomes of its timers and however often the page sleeps: who answers is not given up. What came while it
    /// slept is delivered after the timer that is late.
    #[test]
    fn a_peer_that_answers_is_never_dropped(
        latency in 1.0..1_900.0,
        busy in any::<bool>(),
        ticks in prop::collection::vec(lateness(), 1..200),
    ) {
        let mut page = Page::new(Some(latency));
        page.supervisor.handle_input(Input::Busy(busy), 0.0);
        for (late, asleep, visible) in ticks {
            page.run_to_tick(late, asleep, visible);
            prop_assert!(!page.dropped);
        }
        page.run_to_tick(0.0, false, false);
        prop_assert!(page.supervisor.state() == State::Live || page.answer.is_some());
    }

    /// Timers may be held back by a minute each, and no close ever comes.
    #[test]
    fn a_peer_that_does_not_answer_is_unstable_first_and_then_dropped(
        ticks in prop::collection::vec((0.0..60_000.0, any::<bool>(), prop::bool::weighted(0.05)), 12),
    ) {
        let mut page = Page::new(None);
        let mut was_unstable = false;
        for (late, asleep, visible) in ticks {
            was_unstable |= matches!(page.supervisor.state(), State::Unstable { .. });
            page.run_to_tick(late, asleep, visible);
            if page.dropped {
                prop_assert!(was_unstable);
                return Ok(());
            }
        }
        prop_assert!(false, "it was never dropped");
    }
}

/// How late the next tick is, whether the page sleeps until then, and whether somebody looks at it halfway.
fn lateness() -> impl Strategy<Value = (f64, bool, bool)> {
    let late = prop_oneof![Just(0.0), 0.0..3_000.0, 0.0..70_000.0, 0.0..40_000_000.0];
    (late, any::<bool>(), prop::bool::weighted(0.2))
}

/// A page with an open connection.
struct Page {
    supervisor: Supervisor,
    connection: ConnectionId,
    /// How long the peer takes to answer, if it does.
    latency: Option<f64>,
    now: f64,
    /// When the next answer comes.
    answer: Option<f64>,
    dropped: bool,
}

impl Page {
    fn new(latency: Option<f64>) -> Self {
        let mut page = Self {
            supervisor: Supervisor::new(Options::new(5), 0.0),
            connection: ConnectionId(1),
            latency,
            now: 0.0,
            answer: None,
            dropped: false,
        };
        page.give(Input::Opened(page.connection), 0.0);
        page
    }

    /// Lets the time pass until the tick, which is so late. A page that is asleep hears what came only afterwards.
    fn run_to_tick(&mut self, late: f64, asleep: bool, visible: bool) {
        let Some(deadline) = self.supervisor.next_deadline() else {
            return;
        };
        let at = deadline.max(self.now) + late;
        if visible && !asleep {
            let halfway = f64::midpoint(self.now, at);
            self.hear(halfway);
            self.give(Input::Visible, halfway);
        }
        if !asleep {
            self.hear(at);
        }
        self.give(Input::Tick, at);
        self.hear(at);
    }

    fn hear(&mut self, until: f64) {
        while let Some(answer) = self.answer.take_if(|answer| *answer <= until) {
            self.give(Input::Received(self.connection), answer);
        }
    }

    fn give(&mut self, input: Input, now: f64) {
        self.now = self.now.max(now);
        self.supervisor.handle_input(input, now);
        while let Some(output) = self.supervisor.poll_output() {
            match output {
                Output::Ping(_) if self.answer.is_none() => {
                    self.answer = self.latency.map(|latency| self.now + latency);
                }
                Output::Drop(_) => self.dropped = true,
                _ => {}
            }
        }
    }
}
