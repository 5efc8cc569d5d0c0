//! What a server writes in other forms and sizes than usual: all of it is read by our client.

use qmp_proto::{CapabilitySet, Command, Message};
use qmp_testkit::Qemu;
use serde_json::Value;

use crate::client::Client;
use crate::qemu::bare;
use crate::server::{BARE, Raw};

on_each_qemu! {
    bare() => a_long_reply_is_one_line;
    bare().pretty() => a_message_over_several_lines_is_one;
}

fn a_message_over_several_lines_is_one(qemu: &mut Qemu) {
    let mut client = Client::connect(qemu.socket(), CapabilitySet::ALL);
    // The first line is not yet the greeting.
    let begin = client.line();
    assert_eq!(begin, "{\r\n");
    client.pretend(begin.as_bytes());
    assert_eq!(client.greeting().capabilities, ["oob"]);
    client.expect(&["ready {Oob}"]);
    client.send("stop", Command::new("stop"));
    client.send("none", Command::new("no-such-command"));
    client.send("urgent", Command::new("query-yank").out_of_band());
    let mut heard: Vec<String> = (0..4).map(|_| client.hear()).collect();
    let urgent = heard.iter().position(|what| what.starts_with("urgent: "));
    heard.remove(urgent.unwrap());
    assert_eq!(heard, ["STOP", "stop: {}", "none: CommandNotFound"]);
    let schema = client.execute(Command::new("query-qmp-schema")).unwrap();
    assert!(schema.as_array().unwrap().len() > 500);
}

fn a_long_reply_is_one_line(qemu: &mut Qemu) {
    let mut monitor = Raw::connect(qemu.socket());
    monitor.write(BARE.as_bytes());
    assert_eq!(monitor.answer(), "return {}");
    monitor.write(b"{\"execute\":\"query-qmp-schema\",\"id\":1}");
    let line = monitor.line().unwrap();
    assert!(line.len() > 200_000, "{} bytes", line.len());
    drop(monitor);
    let Message::Response { result, .. } = Message::parse(&line).unwrap() else {
        panic!("no reply")
    };
    let wanted: Value = serde_json::from_str(result.unwrap().as_str()).unwrap();
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    assert_eq!(client.execute(Command::new("query-qmp-schema")), Ok(wanted));
}
