//! Silence, and what is made of it.

use super::*;

#[test]
fn silence_is_asked_about_then_unstable_then_dead() {
    let mut rig = Rig::live();
    rig.now = 1_000.0;
    assert_eq!(rig.receive(), []);
    assert_eq!(rig.tick(), rig.ping());
    assert_eq!(rig.now, 16_000.0);
    assert_eq!(
        rig.tick(),
        [Output::StateChanged(State::Unstable { heard: 1_000.0 })]
    );
    assert_eq!(rig.now, 21_000.0);

    // Any byte will do.
    rig.now = 30_999.0;
    assert_eq!(rig.receive(), [Output::StateChanged(State::Live)]);
    assert_eq!(rig.tick(), rig.ping());
    rig.tick();
    let outputs = rig.tick();
    assert_eq!(rig.now, 60_999.0);
    assert_eq!(outputs[0], Output::Drop(rig.connection));
    assert!(matches!(
        outputs[1..],
        [Output::StateChanged(State::Reconnecting {
            attempt: 1,
            next: Next::At(_)
        })]
    ));
}

#[test]
fn r10_a_computer_that_slept_asks_again_before_it_judges() {
    for asked in 1..=2 {
        let mut rig = Rig::live();
        for _ in 0..asked {
            rig.tick();
        }
        for _ in 0..10 {
            // However often it sleeps.
            assert_eq!(rig.tick_late(8.0 * 3_600_000.0), rig.ping());
        }
        assert_eq!(rig.receive().len(), asked - 1, "it may have been unstable");
        assert_eq!(rig.state(), State::Live);
    }
}

#[test]
fn r10_a_connection_that_did_not_outlive_ten_minutes_of_sleep_is_made_anew_once() {
    let mut rig = Rig::live();
    rig.tick();
    let mut outputs = rig.tick_late(600_000.0);
    assert_eq!(outputs, rig.ping());
    while !matches!(rig.state(), State::Reconnecting { next: Next::Now, .. }) {
        outputs.extend(rig.tick());
    }
    let asleep = ConnectionId(rig.connection.0 - 1);
    outputs.extend(rig.open());
    // Its own end comes late, and means nothing any more.
    assert_eq!(
        rig.give(Input::Lost {
            connection: asleep,
            code: 1006
        }),
        []
    );
    let count = |what: fn(&Output) -> bool| outputs.iter().filter(|output| what(output)).count();
    assert_eq!(count(|output| matches!(output, Output::Drop(_))), 1);
    assert_eq!(count(|output| matches!(output, Output::Connect(_))), 1);
    assert_eq!(count(|output| matches!(output, Output::Resumed(_))), 1);
    assert_eq!(rig.state(), State::Live);
}

#[test]
fn a_dead_peer_is_noticed_in_a_hidden_tab_too() {
    let mut rig = Rig::live();
    let mut said = vec![];
    let mut now = 0.0;
    while !matches!(rig.state(), State::Reconnecting { .. }) {
        // Timers run once a minute.
        now += 60_000.0;
        rig.now = now;
        said.extend(rig.give(Input::Tick));
    }
    assert!(rig.now <= 300_000.0);
    let ping = rig.ping()[0];
    assert_eq!(said[..3], [ping; 3]);
    assert!(matches!(
        said[3..],
        [
            Output::StateChanged(State::Unstable { .. }),
            Output::Drop(_),
            Output::StateChanged(_)
        ]
    ));
}

#[test]
fn somebody_who_looks_again_soon_sees_what_is_true() {
    for reason in [Input::Visible, Input::Online] {
        let mut rig = Rig::live();
        rig.now = 3_000.0;
        assert_eq!(rig.give(reason), rig.ping());
        // To flap asks nothing more, and delays nothing.
        rig.now = 4_900.0;
        assert_eq!(rig.give(reason), []);
        assert!(matches!(
            rig.tick()[..],
            [Output::StateChanged(State::Unstable { .. })]
        ));
        assert_eq!(rig.now, 5_000.0);
        rig.now = 9_900.0;
        assert_eq!(rig.give(reason), []);
        assert_eq!(rig.tick()[0], Output::Drop(rig.connection));
        assert_eq!(rig.now, 10_000.0);
    }
}

#[test]
fn a_tab_that_is_shown_before_its_late_timer_asks_first() {
    let mut rig = Rig::live();
    rig.tick();
    rig.now += 3_600_000.0;
    assert_eq!(rig.give(Input::Visible), rig.ping());
    assert_eq!(rig.give(Input::Tick), []);
    assert_eq!(rig.supervisor.next_deadline(), Some(rig.now + HURRIED.unstable));
}

#[test]
fn a_peer_that_is_busy_may_be_silent() {
    let mut rig = Rig::live();
    rig.give(Input::Busy(true));
    rig.tick();
    rig.tick();
    for _ in 0..100 {
        assert_eq!(rig.tick(), rig.ping());
        assert!(matches!(rig.state(), State::Unstable { .. }));
    }
    assert_eq!(rig.give(Input::Busy(false)), rig.ping());
    assert_eq!(rig.tick()[0], Output::Drop(rig.connection));

    // The next connection is not the busy one.
    rig.give(Input::Busy(true));
    rig.tick();
    rig.open();
    for _ in 0..2 {
        rig.tick();
    }
    assert_eq!(rig.tick()[0], Output::Drop(rig.connection));
}

#[test]
fn a_question_that_is_open_already_becomes_more_urgent() {
    let mut rig = Rig::live();
    rig.tick();
    let asked = rig.now;
    rig.now += 1_000.0;
    assert_eq!(rig.give(Input::Visible), []);
    rig.tick();
    assert_eq!(rig.now - asked, 1_000.0 + HURRIED.unstable);
}

#[test]
fn ticks_that_are_held_back_prove_nothing_where_bytes_come_between() {
    let mut rig = Rig::live();
    for _ in 0..10 {
        rig.tick();
        for _ in 0..2 {
            assert_eq!(rig.tick_late(50_000.0), rig.ping());
        }
        assert_eq!(rig.receive(), []);
    }
}
