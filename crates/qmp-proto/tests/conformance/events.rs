//! Events: their shape, and their place among replies. Ours are written in the shape in which QEMU's are read.

use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, Event, Greeting, Input, Limits, Message, Output,
    ServerInput, ServerOptions, ServerOutput, ServerSession, SessionTag,
};
use qmp_testkit::Qemu;
use serde_json::{Value, json};

use crate::client::Client;
use crate::qemu::bare;
use crate::server::BARE;

on_each_qemu! {
    bare() =>
        an_event_has_a_time_and_perhaps_data,
        an_event_comes_before_the_reply_to_its_command,
        a_job_goes_on_after_the_reply;
    bare().monitors(2) => events_are_told_from_the_end_of_negotiation;
}

fn an_event_has_a_time_and_perhaps_data(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let mut last = 0;
    for (command, name, data) in [
        ("stop", "STOP", None),
        ("cont", "RESUME", None),
        (
            "quit",
            "SHUTDOWN",
            Some(json!({ "guest": false, "reason": "host-qmp-quit" })),
        ),
    ] {
        client.send(command, Command::new(command));
        let event = client.event();
        assert_eq!((&*event.name, data_of(&event)), (name, data));
        let time = event.timestamp.unwrap();
        assert!((0..1_000_000).contains(&time.microseconds), "{time:?}");
        assert!(time.seconds >= last.max(1_700_000_000), "{time:?}");
        last = time.seconds;
        client.expect(&[&format!("{command}: {{}}")]);
    }
}

fn an_event_comes_before_the_reply_to_its_command(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    for command in ["stop", "stop", "cont", "system_reset", "no-such-command"] {
        client.send(command, Command::new(command));
    }
    client.expect(&["STOP", "stop: {}", "stop: {}", "RESUME", "cont: {}"]);
    // The reset itself may come later.
    let mut rest = [client.hear(), client.hear(), client.hear()];
    rest.sort();
    assert_eq!(
        rest,
        ["RESET", "no-such-command: CommandNotFound", "system_reset: {}"]
    );
}

fn a_job_goes_on_after_the_reply(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let dir = tempfile::tempdir().unwrap();
    let options = json!({ "driver": "file", "filename": dir.path().join("image"), "size": 0 });
    let arguments = json!({ "job-id": "job", "options": options }).to_string();
    client.send(
        "create",
        Command::new("blockdev-create").with_arguments(&arguments),
    );
    let mut heard = vec![];
    for _ in 0..6 {
        heard.push(match client.next() {
            Some(Output::Event(event)) => {
                assert_eq!(event.name, "JOB_STATUS_CHANGE");
                data_of(&event).unwrap()["status"].as_str().unwrap().to_owned()
            }
            Some(Output::Response { result: Ok(_), .. }) => "the reply".to_owned(),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(
        heard,
        [
            "created",
            "running",
            "the reply",
            "waiting",
            "pending",
            "concluded"
        ]
    );
}

fn events_are_told_from_the_end_of_negotiation(qemu: &mut Qemu) {
    let mut a = Client::negotiated(&qemu.sockets()[0], CapabilitySet::ALL);
    let mut b = Client::connect(&qemu.sockets()[1], CapabilitySet::ALL);
    // QEMU has greeted; our client answers to that only when it is asked what came next.
    b.greeting();
    for command in ["stop", "cont"] {
        assert_eq!(a.execute(Command::new(command)), Ok(json!({})));
    }
    b.expect(&["ready {Oob}"]);
    assert_eq!(a.execute(Command::new("stop")), Ok(json!({})));
    b.expect(&["STOP"]);
}

/// QEMU does this when it tells of an event in the moment in which a client connects.
#[test]
fn an_event_before_the_greeting_is_let_go() {
    let mut session = ClientSession::<()>::new(ClientOptions::new(SessionTag::new(1)));
    let resume = b"{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"RESUME\"}\r\n";
    session.handle_input(Input::Bytes(resume)).unwrap();
    assert!(session.poll_output().is_none());
    let greeting = Greeting::default();
    session
        .handle_input(Input::Bytes(greeting.to_json().as_bytes()))
        .unwrap();
    assert!(matches!(session.poll_output(), Some(Output::Greeting(read)) if read == greeting));
}

/// `test-qmp-event.c`: events without data, with data, with data in data.
#[test]
fn what_our_server_side_tells_is_what_was_told_to_our_client() {
    let time = json!({ "seconds": 1_600_000_000, "microseconds": 20 });
    for event in [
        json!({ "event": "EVENT_A", "timestamp": time }),
        json!({ "event": "EVENT_B", "timestamp": time, "data": {} }),
        json!({ "event": "EVENT_C", "timestamp": time, "data":
            { "a": 1, "b": { "integer": 2, "string": "test1", "enum1": "value1" }, "c": "test2" } }),
        json!({ "event": "EVENT_D", "timestamp": time, "data":
            { "a": { "struct1": { "integer": 2, "string": "test1" }, "string": "test2" }, "b": "test3" } }),
        // The host's clock could not be read.
        json!({ "event": "EVENT_E", "timestamp": { "seconds": -1, "microseconds": -1 } }),
    ] {
        let Ok(Message::Event(read)) = Message::parse(&event.to_string()) else {
            panic!("{event}")
        };
        assert_eq!(read.timestamp.is_none(), event["timestamp"]["seconds"] == -1);
        assert_eq!(told(&read), event);
    }
}

/// What a client in command mode is told.
fn told(event: &Event) -> Value {
    let mut session = ServerSession::new(ServerOptions {
        greeting: Greeting::default(),
        limits: Limits::CLIENT,
    });
    session.emit(event);
    session.handle_input(ServerInput::Bytes(BARE.as_bytes())).unwrap();
    session.emit(event);
    let mut written = vec![];
    while let Some(output) = session.poll_output() {
        if let ServerOutput::Transmit(text) = output {
            written.push(serde_json::from_str::<Value>(&text).unwrap());
        }
    }
    assert_eq!(
        written.len(),
        3,
        "greeting, reply and one event, not one before: {written:?}"
    );
    written.remove(2)
}

fn data_of(event: &Event) -> Option<Value> {
    let data = event.data.as_ref()?;
    Some(serde_json::from_str(data.as_str()).unwrap())
}
