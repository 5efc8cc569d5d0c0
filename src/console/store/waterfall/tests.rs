//! Rows, their order and their axis, of commands that are recorded here.

use qmp_web::{Error, Json};

use super::*;
use crate::console::line::Line;

#[test]
fn overtaking_follows_from_the_order_alone() {
    let mut store = Store::default();
    // All of it in one moment of the clock.
    let [slow, fast, waits] = ["slow", "fast", "waits"].map(|name| execute(&mut store, name, 0.0));
    answer(&mut store, fast, 0.0);
    assert_eq!(order(&store, slow), (vec!["fast"], vec![]));
    assert_eq!(order(&store, fast), (vec![], vec!["slow"]));
    assert_eq!(order(&store, waits), (vec![], vec![]));
    let last = execute(&mut store, "last", 0.0);
    answer(&mut store, last, 0.0);
    answer(&mut store, slow, 0.0);
    assert_eq!(order(&store, slow), (vec!["fast", "last"], vec![]));
    assert_eq!(order(&store, last), (vec![], vec!["slow", "waits"]));
    assert_eq!(order(&store, fast), (vec![], vec!["slow"]));
    // Slow was answered before it too, but was executed before it.
    assert_eq!(order(&store, waits), (vec!["last"], vec![]));
}

#[test]
fn what_is_given_up_overtakes_nobody() {
    let mut store = Store::default();
    let slow = execute(&mut store, "slow", 0.0);
    let given_up = execute(&mut store, "given-up", 1.0);
    let timeout = Error::Timeout {
        command: "given-up".to_owned(),
        outcome: qmp_web::Outcome::Unknown,
    };
    store.settled(given_up, &Err(timeout), 2.0);
    answer(&mut store, slow, 3.0);
    assert_eq!(order(&store, slow), (vec![], vec![]));
    assert_eq!(order(&store, given_up), (vec![], vec![]));
}

#[test]
fn rows_are_those_in_the_time_that_is_shown_and_of_whom_is_asked_for() {
    let mut store = Store::default();
    let old = execute(&mut store, "query-old", 1_000.0);
    answer(&mut store, old, 1_010.0);
    let waits = execute(&mut store, "sleep", 2_000.0);
    let asked = store.executed(line("query-status"), Origin::Console, 30_000.0);
    answer(&mut store, asked, 30_005.0);
    let new = execute(&mut store, "query-new", 60_000.0);
    answer(&mut store, new, 60_100.0);

    let names = |store: &Store| names(store, 61_000.0);
    assert_eq!(names(&store), ["query-new", "sleep", "query-old"]);
    store.waterfall.whose = Whose::Everybody;
    assert_eq!(names(&store), ["query-new", "query-status", "sleep", "query-old"]);
    store.waterfall.span = Span::Last(10_000);
    assert_eq!(names(&store), ["query-new", "sleep"]);
    assert!(store.picture(61_000.0, 9).grows);
    store.waterfall.until = Some(30_001.0);
    assert_eq!(names(&store), ["query-status", "sleep"]);
    assert!(!store.picture(61_000.0, 9).grows);
    answer(&mut store, waits, 61_000.0);
    store.waterfall.span = Span::All;
    store.waterfall.until = None;
    store.waterfall.text = "query".to_owned();
    assert_eq!(names(&store), ["query-new", "query-status", "query-old"]);
    store.waterfall.outcomes = Outcomes::Pending;
    assert_eq!(names(&store), [""; 0]);
    store.waterfall = Waterfall::default();
    let picture = store.picture(90_000.0, 2);
    assert_eq!((picture.rows.len(), picture.left_out), (2, 1));
    // Nothing waits: it ends with the last reply.
    assert_eq!(
        picture.axis,
        Axis {
            from: 1_000.0,
            to: 61_000.0
        }
    );
}

#[test]
fn the_axis_moves_and_follows_again() {
    let mut store = Store::default();
    for time in [0.0, 50_000.0, 100_000.0] {
        let id = execute(&mut store, "x", time);
        answer(&mut store, id, time + 1.0);
    }
    store.waterfall.span = Span::Last(10_000);
    store.pan(false, 200_000.0);
    assert_eq!(store.waterfall.until, Some(95_001.0));
    store.pan(true, 200_000.0);
    assert_eq!(store.waterfall.until, None);
    for _ in 0..100 {
        store.pan(false, 200_000.0);
    }
    assert_eq!(store.waterfall.until, Some(5_000.0));
    assert_eq!(names(&store, 200_000.0), ["x"]);
}

#[test]
fn places_are_clamped_and_ticks_are_round() {
    let axis = Axis {
        from: 1_000.0,
        to: 3_000.0,
    };
    for (time, place) in [
        (0.0, 0),
        (1_000.0, 0),
        (1_500.0, 2_500),
        (3_000.0, 10_000),
        (9e9, 10_000),
    ] {
        assert_eq!(axis.place(time), place);
    }
    assert_eq!(
        axis.ticks(),
        (vec![1_000.0, 1_500.0, 2_000.0, 2_500.0, 3_000.0], 500.0)
    );
    let (ticks, step) = Axis {
        from: 0.0,
        to: 40.0 * DAY,
    }
    .ticks();
    assert_eq!((ticks.len(), step), (5, 10.0 * DAY));
    let far = Axis {
        from: 1.76e12,
        to: 1.76e12 + 10_000.0,
    };
    let (ticks, step) = far.ticks();
    assert!(ticks.len() >= 3 && ticks.iter().all(|tick| tick % step == 0.0));
    // No time at all, which the axis of a store never has.
    assert_eq!(Axis { from: 1.0, to: 1.0 }.place(1.0), 0);
}

#[test]
fn ids_are_short() {
    for (id, short) in [
        ("fy26yzha-3", "#3"),
        ("", ""),
        ("a-b", "#a-b"),
        ("7", "#7"),
        ("{\"a\":\"12345678\"}", "#{\"a\":\"123456"),
    ] {
        assert_eq!(short_id(id), short);
    }
}

fn execute(store: &mut Store, name: &str, now: f64) -> ExchangeId {
    store.executed(line(name), Origin::Person, now)
}

fn answer(store: &mut Store, id: ExchangeId, now: f64) {
    store.settled(id, &Ok(Json::empty_object()), now);
}

fn order(store: &Store, id: ExchangeId) -> (Vec<&str>, Vec<&str>) {
    let row = store.row(id).unwrap();
    let names = |all: Vec<&Exchange>| all.iter().map(|one| one.turn).collect::<Vec<_>>();
    let named = |turns: Vec<u64>| {
        let of = |turn| store.commands.iter().find(|(_, one)| one.turn == turn).unwrap().1;
        turns
            .into_iter()
            .map(|turn| of(turn).line.name.as_str())
            .collect()
    };
    (named(names(row.overtaken_by)), named(names(row.overtook)))
}

fn names(store: &Store, now: f64) -> Vec<String> {
    let picture = store.picture(now, 100);
    picture
        .rows
        .iter()
        .map(|row| row.exchange.line.name.clone())
        .collect()
}

fn line(name: &str) -> Line {
    let name = name.to_owned();
    Line {
        name,
        ..Line::default()
    }
}
