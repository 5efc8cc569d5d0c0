//! What the page knows after what happens to it.

use qmp_web::CloseInfo;

use super::*;

#[test]
fn replies_find_their_commands_in_any_order() {
    let mut store = Store::default();
    let slow = store.executed(line("slow"), Origin::Person, 1000.0);
    let fast = store.executed(line("fast"), Origin::Person, 1001.0);
    store.settled(fast, &Ok(raw("{}")), 1003.0);
    assert_eq!(
        outcomes(&store),
        [None, Some((Outcome::Returned(raw("{}")), 2.0))]
    );
    store.settled(slow, &Ok(raw("[18446744073709551615]")), 900.0);
    assert_eq!(
        outcomes(&store)[0],
        Some((Outcome::Returned(raw("[18446744073709551615]")), 0.0))
    );
}

#[test]
fn what_waits_to_be_sent_is_not_in_flight() {
    let mut store = Store::default();
    let [first, second, asked] = [Origin::Person, Origin::Person, Origin::Console].map(|origin| {
        let id = store.executed(line("x"), origin, 1000.0);
        store.sent(id, CommandId::new(id.number), String::new());
        store.waits(id);
        id
    });
    let queued = |store: &Store| {
        let is_queued = |id| store.exchange(id).is_some_and(|exchange| exchange.is_queued);
        [first, second, asked].map(is_queued)
    };
    assert_eq!(queued(&store), [true, true, true]);
    let turns = store.turns;
    store.began(|id| id == CommandId::new(second.number), 3000.0);
    assert_eq!(queued(&store), [false, true, false]);
    // Who shows them sees that something changed.
    assert!(store.turns > turns);
    store.settled(first, &Ok(raw("{}")), 3005.0);
    let outcome = |store: &Store, id| store.exchange(id).and_then(|exchange| exchange.outcome.clone());
    assert_eq!(outcome(&store, first), Some((Outcome::Returned(raw("{}")), 5.0)));
    // It was never sent, and the time is that of waiting.
    let lost = Error::ConnectionLost {
        outcome: qmp_web::Outcome::NotSent,
        close: CloseInfo::default(),
    };
    store.settled(second, &Err(lost), 3010.0);
    assert_eq!(queued(&store), [false; 3]);
    assert!(store.queued.is_empty());
    let lost = Outcome::Lost { may_have_run: false };
    assert_eq!(outcome(&store, second), Some((lost, 2010.0)));
}

#[test]
fn what_went_wrong_is_kept_apart() {
    let close = CloseInfo::default();
    let lost = |outcome| Error::ConnectionLost {
        outcome,
        close: close.clone(),
    };
    let no = qmp_web::ErrorResponse::new(qmp_web::ErrorClass::CommandNotFound, "no such command");
    let command = "x".to_owned();
    for (error, want) in [
        (
            lost(qmp_web::Outcome::NotSent),
            Outcome::Lost { may_have_run: false },
        ),
        (
            lost(qmp_web::Outcome::Unknown),
            Outcome::Lost { may_have_run: true },
        ),
        (
            Error::Command {
                command,
                id: "x-1".to_owned(),
                error: no,
            },
            Outcome::Failed {
                class: "CommandNotFound".to_owned(),
                desc: "no such command".to_owned(),
            },
        ),
        (
            Error::Busy(5),
            Outcome::NotSent("no greeting within 5 ms: another client may hold this monitor".to_owned()),
        ),
    ] {
        assert_eq!(Outcome::from(&Err(error)), want);
    }
}

#[test]
fn the_run_state_follows_events() {
    let mut store = Store::default();
    for (name, ask, status) in [
        ("RTC_CHANGE", false, None),
        ("STOP", true, Some("paused")),
        ("RESET", true, Some("paused")),
        ("RESUME", true, Some("running")),
    ] {
        assert_eq!(store.happened(&event(name), 0.0), ask, "{name}");
        let known = store
            .run_state
            .as_ref()
            .map(|run_state| run_state.status.as_str());
        assert_eq!(known, status, "{name}");
    }
    assert_eq!(store.events.pushed(), 4);
    store.changed(Connection::Gone(String::new()));
    assert_eq!(store.run_state, None);
}

#[test]
fn the_end_of_a_connection_is_told_in_words() {
    for (code, reason, words) in [
        (1006, "", "code 1006"),
        (1001, "", "shutting down"),
        (4000, "", "code 4000"),
        (4000, "monitor is gone.", "Monitor is gone (code 4000)."),
    ] {
        let reason = reason.to_owned();
        let told = how_it_ended(&CloseInfo { code, reason });
        assert!(told.contains(words), "{told}");
    }
}

fn outcomes(store: &Store) -> Vec<Option<(Outcome, f64)>> {
    let outcome = |exchange: &Exchange| {
        let (outcome, took) = exchange.outcome.as_ref()?;
        match outcome {
            Outcome::Returned(json) => Some((Outcome::Returned(json.clone()), *took)),
            other => panic!("{other:?}"),
        }
    };
    store
        .commands
        .iter()
        .map(|(_, exchange)| outcome(exchange))
        .collect()
}

fn line(name: &str) -> Line {
    Line {
        name: name.to_owned(),
        ..Line::default()
    }
}

fn raw(json: &str) -> Json {
    Json::parse(json).unwrap()
}

fn event(name: &str) -> Event {
    Event {
        timestamp: None,
        name: name.to_owned(),
        data: None,
    }
}
