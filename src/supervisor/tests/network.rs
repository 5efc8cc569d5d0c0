//! Networks and tabs that come and go.

use super::*;

#[test]
fn no_try_is_spent_without_a_network() {
    let mut rig = Rig::lost();
    assert_eq!(rig.give(Input::Offline), [waiting(1, Next::Online)]);
    assert_eq!(rig.supervisor.next_deadline(), None);
    rig.now += 3_600_000.0;
    assert_eq!(rig.give(Input::Tick), []);
    assert_eq!(rig.give(Input::Visible), []);
    assert!(matches!(rig.give(Input::Online)[0], Output::Connect(_)));

    // By hand it is tried all the same, and what succeeds shows that there is one.
    rig.give(Input::Offline);
    assert_eq!(rig.fail(false), [waiting(2, Next::Online)]);
    rig.now += 1_000.0;
    assert!(matches!(rig.give(Input::Reconnect)[0], Output::Connect(_)));
    rig.open();
    rig.lose(1006);
    assert!(matches!(
        rig.state(),
        State::Reconnecting {
            next: Next::At(_),
            ..
        }
    ));
}

#[test]
fn what_is_open_lives_on_without_a_network() {
    let mut rig = Rig::live();
    assert_eq!(rig.give(Input::Offline), rig.ping());
    assert_eq!(rig.receive(), []);
    assert_eq!(rig.tick(), rig.ping());
    assert!(matches!(
        rig.tick()[..],
        [Output::StateChanged(State::Unstable { .. })]
    ));
    for _ in 0..100 {
        assert_eq!(rig.tick(), rig.ping());
    }
    // Back again, it has a fair chance, and one only.
    rig.now += 9_999.0;
    assert_eq!(rig.give(Input::Online), rig.ping());
    let back = rig.now;
    assert_eq!(rig.tick()[0], Output::Drop(rig.connection));
    assert_eq!(rig.now - back, HURRIED.dead);
}

#[test]
fn whatever_flaps_does_not_hammer() {
    for (reason, apart) in [
        (Input::Visible, APART_BY_EVENT),
        (Input::Online, APART_BY_EVENT),
        (Input::Reconnect, APART_BY_HAND),
    ] {
        let mut rig = Rig::lost();
        let mut tries: Vec<f64> = vec![];
        for _ in 0..2_000 {
            rig.now += 10.0;
            let deadline = rig.supervisor.next_deadline();
            let due = deadline.is_some_and(|deadline| deadline <= rig.now);
            let outputs = rig.give(if due { Input::Tick } else { reason });
            if outputs.iter().any(|output| matches!(output, Output::Connect(_))) {
                tries.push(rig.now);
                rig.fail(false);
            }
        }
        assert!(tries.len() > 15, "flapping does not starve it either");
        assert!(
            tries.windows(2).all(|pair| pair[1] - pair[0] >= apart),
            "{tries:?}"
        );
    }
}

#[test]
fn who_wants_no_second_try_gets_none_unless_by_hand() {
    for at_loss in [Input::Online, Input::Offline] {
        let mut rig = Rig::new(|options| options.tries = Some(0));
        rig.open();
        rig.give(at_loss);
        rig.lose(1006);
        let closed = State::Closed(Why::TriesSpent);
        assert_eq!(rig.supervisor.state(), closed);
        rig.now += 60_000.0;
        for input in [Input::Visible, Input::Offline, Input::Online, Input::Tick] {
            assert_eq!(rig.give(input), []);
        }
        assert_eq!(rig.supervisor.state(), closed);
        assert!(matches!(rig.give(Input::Reconnect)[..], [Output::Connect(_), _]));
    }
}
