//! What is written is read again, and what is no recorded session is told in words.

use qmp_proto::{ErrorClass, ErrorResponse};
use qmp_web::{CloseInfo, CommandId, Error, Json, Timestamp, Version};

use super::*;
use crate::console::line::Line;
use crate::console::store::{ExchangeId, Machine};

const HEADER: &str = r#"{"format":"qmp-web-trace","version":1,"start":1.5,"dropped":3}"#;

#[test]
fn what_is_written_is_read_again() {
    let store = lived();
    let text = write(&store, 9e9);
    let again = shown(&text);
    assert_eq!(commands(&again), commands(&store));
    assert_eq!(happened(&again), happened(&store));
    let gap = again.events.iter().find_map(|(_, one)| one.gap());
    assert_eq!(gap, Some(Gap::Away(9.0)));
    let again_server = again.server.as_ref().unwrap();
    assert_eq!(
        (again_server.version.as_str(), again_server.package.as_str()),
        ("9.1.2", "Debian")
    );
    assert_eq!(again_server.capabilities, ["async", "oob"]);
    assert_eq!(again.machine.as_ref().unwrap().name, "vm \"1\"");
    assert_eq!(again.run_state.as_ref().unwrap().status, "paused");
    // And so it stays, but for the clock's digits.
    assert_eq!(write(&again, 9e9), text);
}

#[test]
fn the_file_has_the_form_of_a_trace() {
    let text = write(&lived(), 9e9);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        r#"{"format":"qmp-web-trace","version":1,"start":1760000000000.125,"qemu":{"major":9,"minor":1,"micro":2,"package":"Debian"},"machine":"vm \"1\"","dropped":0}"#
    );
    assert!(lines.contains(&r#"{"time":1760000000010.500,"kind":"sent","command":"x-slow","message":{"execute":"x-slow","arguments":{"n": 9007199254740993},"id":"abc-1"}}"#));
    assert!(lines.contains(&r#"{"time":1760000000020.000,"kind":"received","command":"query-status","message":{"return":{"status": "paused", "running": false},"id":"abc-2"}}"#));
    assert!(lines.contains(&r#"{"time":1760000000011.000,"kind":"sent","command":"query-status","origin":"console","message":{"execute":"query-status","id":"abc-2"}}"#));
    for line in &lines {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    // In the order of time.
    let times: Vec<_> = lines[1..].iter().map(|line| &line[8..25]).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn secrets_are_not_in_the_file() {
    let mut store = Store::default();
    let id = sent(
        &mut store,
        "object-add",
        Some(r#"{"id": "s", "data": "hunter2"}"#),
        1,
        1.0,
    );
    let desc = "hunter2 is no secret".to_owned();
    let error = ErrorResponse::new(ErrorClass::GenericError, desc);
    store.settled(
        id,
        &Err(Error::Command {
            command: "x".to_owned(),
            id: "x".to_owned(),
            error,
        }),
        2.0,
    );
    let id = sent(
        &mut store,
        "qom-get",
        Some(r#"{"path": "s", "property": "data"}"#),
        2,
        3.0,
    );
    store.settled(id, &Ok(json("\"hunter2\"")), 4.0);
    let event = |text| Event {
        timestamp: None,
        name: "X".to_owned(),
        data: Some(json(text)),
    };
    store.happened(
        &event(r#"{"password": "hunter2", "url": "https://hunter2@h/"}"#),
        5.0,
    );
    store.happened(&event(r#"{"list": ["nbd://u:hunter2@h"]}"#), 6.0);
    let text = write(&store, 7.0);
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(text.matches("\"redacted\":true").count(), 5, "{text}");
    assert_eq!(shown(&text).commands.pushed(), 2);
}

#[test]
fn what_was_not_answered_is_known() {
    let text = write(&lived(), 9e9);
    let store = shown(&text);
    let outcomes: Vec<_> = store
        .commands
        .iter()
        .map(|(_, one)| {
            (
                one.line.name.as_str(),
                one.outcome.as_ref().map(|(outcome, _)| outcome),
            )
        })
        .collect();
    assert!(matches!(
        outcomes[2],
        ("x-given-up", Some(Outcome::GivenUp { may_have_run: true }))
    ));
    assert!(matches!(
        outcomes[3],
        ("x-lost", Some(Outcome::Lost { may_have_run: true }))
    ));
    assert!(matches!(outcomes[4], ("x-waits", None)));
    // Never sent.
    assert!(outcomes.iter().all(|(name, _)| *name != "x-not-sent"));
}

#[test]
fn the_clients_own_traces_are_read() {
    let trace = [
        r#"{"format":"qmp-web-trace","version":1,"start":1760000000000.25,"qemu":{"major":9,"minor":0,"micro":0,"package":""},"dropped":0}"#,
        r#"{"time":1760000000000.3,"kind":"try","url":"ws://h/"}"#,
        r#"{"time":1760000000001,"kind":"received","message":{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}, "capabilities": ["oob"]}}}"#,
        r#"{"time":1760000000002,"kind":"sent","command":"qmp_capabilities","message":{"execute":"qmp_capabilities","arguments":{"enable":["oob"]},"id":"a-0"}}"#,
        r#"{"time":1760000000003,"kind":"received","command":"qmp_capabilities","message":{"return": {}, "id": "a-0"}}"#,
        r#"{"time":1760000000004,"kind":"state","state":"live","attempt":0}"#,
        r#"{"time":1760000000005,"kind":"sent","command":"query-yank","message":{"exec-oob":"query-yank","id":"a-1"}}"#,
        r#"{"time":1760000000005.5,"kind":"ping","id":"a-1"}"#,
        r#"{"time":1760000000006,"kind":"sent","command":"query-qmp-schema","message":{"execute":"query-qmp-schema","id":"a-2"}}"#,
        r#"{"time":1760000000007,"kind":"received","command":"query-qmp-schema","text":"{\"return\": [","truncated":200000}"#,
        r#"{"time":1760000000008,"kind":"sent","command":"x-secret","redacted":true}"#,
        r#"{"time":1760000000009,"kind":"received","text":"nonsense"}"#,
        r#"{"time":1760000000009,"kind":"diagnostic","diagnostic":{"kind":"late-reply"}}"#,
        r#"{"time":1760000000010,"kind":"closed","code":1006,"reason":""}"#,
        r#"{"time":1760000000010,"kind":"diagnostic","diagnostic":{"kind":"resumed","gap":1.5}}"#,
        r#"{"time":1760000000010,"kind":"diagnostic","diagnostic":{"kind":"resumed","gap":-1}}"#,
        r#"{"time":1760000000010,"kind":"diagnostic"}"#,
        r#"{"time":1760000000010,"kind":"new-kind"}"#,
    ]
    .join("\r\n");
    let store = shown(&trace);
    assert_eq!(store.server.as_ref().unwrap().capabilities, ["oob"]);
    let names = |log: &crate::console::log::Log<Exchange>| {
        log.iter()
            .map(|(_, one)| one.line.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&store.commands), ["query-qmp-schema", "x-secret"]);
    assert_eq!(names(&store.questions), ["query-yank"]);
    assert!(store.commands.iter().all(|(_, one)| one.outcome.is_some()));
    let gaps: Vec<_> = store.events.iter().filter_map(|(_, one)| one.gap()).collect();
    assert_eq!(gaps, [Gap::Away(1.5)]);
    assert_eq!(store.recorded.as_ref().unwrap().skipped, 1);
}

#[test]
fn what_is_no_record_is_told() {
    let line = |line: &str| format!("{HEADER}\n{line}\n");
    for (text, words) in [
        (String::new(), "empty"),
        ("\n \n".to_owned(), "empty"),
        ("hello".to_owned(), "no recorded session"),
        ("\u{0}\u{1}PNG".to_owned(), "no recorded session"),
        ("[1, 2]".to_owned(), "no recorded session"),
        ("{\"QMP\": {}}".to_owned(), "no recorded session"),
        (
            r#"{"format":"qmp-web-trace","version":2}"#.to_owned(),
            "version 2",
        ),
        (r#"{"format":"qmp-web-trace"}"#.to_owned(), "version ?"),
        (HEADER.to_owned(), "No message"),
        (line(r#"{"time":1,"kind":"state","state":"live"}"#), "No message"),
        (
            format!("{HEADER}\n{{\"time\":1,\"kind\":\"sent\",\"comm"),
            "cut off in line 2",
        ),
        (
            line(r#"{"time":1,"kind":"sent","comm"#),
            "Line 2 is wrong: it is not JSON",
        ),
        (line("[]"), "no object"),
        (line(r#"{"kind":"sent"}"#), "no time"),
        (line(r#"{"time":-1,"kind":"sent"}"#), "no time"),
        (line(r#"{"time":"1","kind":"sent"}"#), "no time"),
        (
            line(r#"{"time":99999999999999999999999,"kind":"sent"}"#),
            "no time",
        ),
        (line(r#"{"time":1}"#), "which kind"),
        (line(r#"{"time":1,"kind":"sent"}"#), "no command"),
        (
            line(r#"{"time":1,"kind":"sent","message":{"id":1}}"#),
            "no command",
        ),
        (line(r#"{"time":1,"kind":"sent","message":7}"#), "no command"),
        (
            line(r#"{"time":1,"kind":"received","message":{"a":1}}"#),
            "no message of QMP",
        ),
        (
            line(r#"{"time":1,"kind":"received","message":[]}"#),
            "no message of QMP",
        ),
        (line(r#"{"time":1,"kind":"given-up"}"#), "no id"),
        (" ".repeat((64 << 20) + 1), "64 MB"),
    ] {
        let told = read(&text).unwrap_err().to_string();
        assert!(told.contains(words), "{told} for {}", &text[..text.len().min(90)]);
    }
}

#[test]
fn hostile_lines_are_no_trouble() {
    let bodies = [
        r#"{"time":1,"kind":"received","message":{"return":1,"id":{"a":[1]}}}"#,
        r#"{"time":5,"kind":"sent","message":{"execute":"\u0000<img src=x onerror=alert(1)>","arguments":[1],"id":7}}"#,
        r#"{"time":2,"kind":"received","message":{"return":1,"id":7}}"#,
        r#"{"time":2,"kind":"received","message":{"return":1,"id":7}}"#,
        r#"{"time":3,"kind":"received","message":{"event":"\ud800","timestamp":{"seconds":-1,"microseconds":-1}}}"#,
    ];
    for body in bodies {
        if let Ok(recording) = read(&format!("{HEADER}\n{body}\n")) {
            let mut store = Store::default();
            let mut replay = Replay::begin(recording, "x".to_owned(), &mut store);
            while replay.step(&mut store) {}
            let _ = write(&store, 1.0);
        }
    }
    let store = shown(&format!("{HEADER}\n{}\n{}\n", bodies[1], bodies[2]));
    let (_, one) = store.commands.iter().next().unwrap();
    // Time does not go back.
    assert_eq!(one.outcome, Some((Outcome::Returned(json("1")), 0.0)));
    assert_eq!(one.wire_id, "7");
}

/// A store to which much has happened.
fn lived() -> Store {
    const T: f64 = 1_760_000_000_000.0;
    let mut store = Store {
        machine: Some(Machine::named("vm \"1\"")),
        ..Store::default()
    };
    let greeting = Greeting {
        version: Version {
            major: 9,
            minor: 1,
            micro: 2,
            package: "Debian".to_owned(),
        },
        capabilities: vec!["oob".to_owned(), "async".to_owned()],
    };
    let greeted = What::Greeted(greeting, vec!["async", "oob"]);
    store.marks.push(Mark::new(greeted, T + 0.125));
    store.marks.push(Mark::new(What::State("live"), T + 0.25));
    let slow = sent(
        &mut store,
        "x-slow",
        Some("{\"n\": 9007199254740993}"),
        1,
        T + 10.5,
    );
    let line = line("query-status", None);
    let asked = store.executed(line, Origin::Console, T + 11.0);
    store.sent(asked, CommandId::new(2), "abc-2".to_owned());
    let stop = Event {
        timestamp: Some(Timestamp {
            seconds: 1_760_000_000,
            microseconds: 12_345,
        }),
        name: "STOP".to_owned(),
        data: None,
    };
    store.happened(&stop, T + 15.0);
    store.settled(
        asked,
        &Ok(json("{\"status\": \"paused\", \"running\": false}")),
        T + 20.0,
    );
    let no = sent(&mut store, "x-no", None, 3, T + 21.0);
    let error = ErrorResponse::new(ErrorClass::CommandNotFound, "no \"x-no\"");
    let (command, id) = ("x-no".to_owned(), "abc-3".to_owned());
    store.settled(no, &Err(Error::Command { command, id, error }), T + 22.0);
    store.settled(slow, &Ok(json("[1,\n 2]")), T + 23.0);
    let given_up = sent(&mut store, "x-given-up", None, 4, T + 30.0);
    let (command, outcome) = ("x-given-up".to_owned(), qmp_web::Outcome::Unknown);
    store.settled(given_up, &Err(Error::Timeout { command, outcome }), T + 31.0);
    let lost = sent(&mut store, "x-lost", None, 5, T + 32.0);
    let end = |outcome| Error::ConnectionLost {
        outcome,
        close: CloseInfo::default(),
    };
    store.settled(lost, &Err(end(qmp_web::Outcome::Unknown)), T + 40.0);
    store.marks.push(Mark::new(What::State("reconnecting"), T + 40.0));
    let not_sent = store.executed(self::line("x-not-sent", None), Origin::Person, T + 41.0);
    store.settled(not_sent, &Err(end(qmp_web::Outcome::NotSent)), T + 41.0);
    store.missed(9.0, T + 50.0);
    store.marks.push(Mark::new(What::State("live"), T + 50.0));
    sent(&mut store, "x-waits", None, 6, T + 60.0);
    store
}

fn shown(text: &str) -> Store {
    let mut store = Store::default();
    let mut replay = Replay::begin(read(text).unwrap(), "a.ndjson".to_owned(), &mut store);
    while replay.step(&mut store) {}
    store
}

fn sent(store: &mut Store, name: &str, arguments: Option<&str>, number: u64, now: f64) -> ExchangeId {
    let id = store.executed(line(name, arguments), Origin::Person, now);
    store.sent(id, CommandId::new(number), format!("abc-{number}"));
    id
}

fn commands(store: &Store) -> Vec<(Origin, String, String, f64, Option<Outcome>)> {
    let logs = [
        (Origin::Person, &store.commands),
        (Origin::Console, &store.questions),
    ];
    let all = logs
        .into_iter()
        .flat_map(|(origin, log)| log.iter().map(move |(_, one)| (origin, one)));
    all.filter(|(_, one)| !one.wire_id.is_empty())
        .map(|(origin, one)| {
            let outcome = one.outcome.as_ref().map(|(outcome, _)| match outcome {
                // Line ends are space in the file.
                Outcome::Returned(value) => Outcome::Returned(json(&value.as_str().replace('\n', " "))),
                other => other.clone(),
            });
            (
                origin,
                one.line.to_string(),
                one.wire_id.clone(),
                one.sent,
                outcome,
            )
        })
        .collect()
}

fn happened(store: &Store) -> Vec<(Event, f64)> {
    let all = store.events.iter();
    all.filter_map(|(_, one)| Some((one.event()?.clone(), one.received)))
        .collect()
}

fn line(name: &str, arguments: Option<&str>) -> Line {
    Line {
        name: name.to_owned(),
        arguments: arguments.map(str::to_owned),
        oob: false,
    }
}

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}
