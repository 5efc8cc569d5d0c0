//! How connections begin, end and follow each other on one monitor, seen by our client.

use std::process::Command as Program;

use qmp_proto::{CapabilitySet, Command};
use qmp_testkit::Qemu;
use serde_json::json;

use crate::client::Client;
use crate::qemu::{Slow, bare};
use crate::server::{BARE, Raw};

on_each_qemu! {
    bare() =>
        a_reply_to_the_client_before_is_nobodys,
        a_command_that_was_not_begun_dies_with_its_client,
        a_second_client_waits_for_the_first_to_leave,
        commands_in_flight_are_interrupted_when_qemu_is_killed,
        nothing_is_answered_after_quit,
        a_signal_is_told_as_shutdown,
        who_writes_no_more_still_hears_the_reply;
}

fn a_reply_to_the_client_before_is_nobodys(qemu: &mut Qemu) {
    let slow = Slow::new("blocks");
    let mut before = Raw::connect(qemu.socket());
    before.write(BARE.as_bytes());
    assert_eq!(before.answer(), "return {}");
    before.write(slow.message(r#""of the client before""#).as_bytes());
    slow.wait_until_executing(qemu);
    drop(before);
    let mut client = Client::connect(qemu.socket(), CapabilitySet::ALL);
    client.greeting();
    slow.release();
    client.expect(&[r#"unroutable: Some("of the client before")"#, "ready {Oob}"]);
    assert_eq!(
        client.execute(Command::new("query-name")),
        Ok(json!({ "name": "test" }))
    );
}

fn a_command_that_was_not_begun_dies_with_its_client(qemu: &mut Qemu) {
    for (node, wanted) in [("in-order", CapabilitySet::NONE), ("oob", CapabilitySet::ALL)] {
        let slow = Slow::new(node);
        let mut before = Client::negotiated(qemu.socket(), wanted);
        before.send("blocks", slow.command());
        before.send("never", Command::new("stop"));
        slow.wait_until_executing(qemu);
        drop(before);
        // The greeting tells that QEMU knows of the end of the other connection.
        let mut client = Client::connect(qemu.socket(), wanted);
        client.greeting();
        slow.release();
        assert!(client.hear().starts_with("unroutable: Some("), "{node}");
        assert!(client.hear().starts_with("ready "), "{node}");
        let status = client.execute(Command::new("query-status")).unwrap();
        assert_eq!(status["running"], true, "{node}");
    }
}

fn a_second_client_waits_for_the_first_to_leave(qemu: &mut Qemu) {
    let mut first = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let mut second = Raw::silent(qemu.socket());
    second.write(BARE.as_bytes());
    assert!(first.execute(Command::new("query-name")).is_ok());
    assert!(!second.has_input());
    drop(first);
    assert_eq!(
        (second.answer(), second.answer()),
        ("greeting".into(), "return {}".into())
    );
}

fn commands_in_flight_are_interrupted_when_qemu_is_killed(qemu: &mut Qemu) {
    let slow = Slow::new("blocks");
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    client.send("blocks", slow.command());
    let labels: Vec<String> = (1..10).map(|number| format!("command {number}")).collect();
    for label in &labels {
        client.send(label, Command::new("query-name"));
    }
    slow.wait_until_executing(qemu);
    qemu.kill().unwrap();
    client.expect(&["blocks: interrupted"]);
    for label in &labels[..7] {
        client.expect(&[&format!("{label}: interrupted")]);
    }
    for label in &labels[7..] {
        client.expect(&[&format!("{label}: interrupted before it was sent")]);
    }
    client.expect(&["the end"]);
}

fn nothing_is_answered_after_quit(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::NONE);
    client.send("quit", Command::new("quit"));
    client.send("too late", Command::new("query-name"));
    let event = client.event();
    assert_eq!(event.name, "SHUTDOWN");
    let data: serde_json::Value = serde_json::from_str(event.data.unwrap().as_str()).unwrap();
    assert_eq!(data, json!({ "guest": false, "reason": "host-qmp-quit" }));
    client.expect(&["quit: {}", "too late: interrupted", "the end"]);
}

fn a_signal_is_told_as_shutdown(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let sent = Program::new("kill").arg(qemu.pid().to_string()).status();
    assert!(sent.unwrap().success());
    let event = client.event();
    assert_eq!(event.name, "SHUTDOWN");
    let data: serde_json::Value = serde_json::from_str(event.data.unwrap().as_str()).unwrap();
    assert_eq!(data["reason"], "host-signal");
    client.expect(&["the end"]);
}

fn who_writes_no_more_still_hears_the_reply(qemu: &mut Qemu) {
    // With oob QEMU would read on, find the end and might drop the reply.
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::NONE);
    client.send("last", Command::new("query-name"));
    client.shut_down();
    client.expect(&["last: a value", "the end"]);
}
