//! Out-of-band execution: what overtakes a command that blocks QEMU, and what does not (`qmp-test.c`, `qmp/oob`).

use qmp_proto::{CapabilitySet, Command};
use qmp_testkit::Qemu;

use crate::client::Client;
use crate::qemu::{Slow, bare};
use crate::server::{Raw, WITH_OOB};

on_each_qemu! {
    bare() =>
        a_command_that_cannot_go_out_of_band_is_refused,
        it_overtakes_what_was_sent_before,
        it_overtakes_more_commands_than_may_be_in_flight,
        a_malformed_command_keeps_its_place,
        beyond_eight_in_flight_nothing_is_lost;
    bare().monitors(2) => one_slow_command_blocks_all_monitors_but_for_out_of_band;
}

fn a_command_that_cannot_go_out_of_band_is_refused(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    for name in ["query-name", "stop", "qmp_capabilities"] {
        let outcome = client.execute(Command::new(name).out_of_band());
        assert_eq!(outcome, Err("GenericError".to_owned()), "{name}");
    }
    let unknown = client.execute(Command::new("no-such-command").out_of_band());
    assert_eq!(unknown, Err("CommandNotFound".to_owned()));
}

fn it_overtakes_what_was_sent_before(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let slow = Slow::new("blocks");
    client.send("blocks", slow.command());
    client.send("behind", Command::new("query-name"));
    // There is no migration to pause: its error overtakes as any reply would.
    client.send("urgent", Command::new("migrate-pause").out_of_band());
    client.expect(&["urgent: GenericError"]);
    slow.release();
    client.expect(&["blocks: {}", "behind: a value"]);
}

/// QEMU reads an out-of-band command behind at most eight others; our client sends no more than that.
fn it_overtakes_more_commands_than_may_be_in_flight(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let slow = Slow::new("blocks");
    client.send("blocks", slow.command());
    let labels: Vec<String> = (1..20).map(|number| format!("command {number}")).collect();
    for label in &labels {
        client.send(label, Command::new("no-such-command"));
    }
    for label in ["first", "second"] {
        client.send(label, Command::new("query-yank").out_of_band());
    }
    client.expect(&["first: a value", "second: a value"]);
    slow.release();
    client.expect(&["blocks: {}"]);
    for label in &labels {
        client.expect(&[&format!("{label}: CommandNotFound")]);
    }
}

fn a_malformed_command_keeps_its_place(qemu: &mut Qemu) {
    let slow = Slow::new("blocks");
    let mut monitor = Raw::connect(qemu.socket());
    monitor.write(WITH_OOB.as_bytes());
    assert_eq!(monitor.answer(), "return {}");
    monitor.write(slow.message(r#""blocks""#).as_bytes());
    monitor.write(b"{\"id\":\"malformed\"}{]\n");
    monitor.write(b"{\"exec-oob\":\"query-yank\",\"id\":\"urgent\"}");
    assert_eq!(monitor.answer(), r#"return id="urgent""#);
    slow.release();
    assert_eq!(monitor.answer(), r#"return {} id="blocks""#);
    assert_eq!(monitor.answer(), r#"GenericError id="malformed""#);
    assert_eq!(monitor.answer(), "GenericError");
}

fn beyond_eight_in_flight_nothing_is_lost(qemu: &mut Qemu) {
    let slow = Slow::new("blocks");
    let mut monitor = Raw::connect(qemu.socket());
    monitor.write(WITH_OOB.as_bytes());
    assert_eq!(monitor.answer(), "return {}");
    monitor.write(slow.message("0").as_bytes());
    for id in 1..20 {
        monitor.write(format!(r#"{{"execute":"no-such-command","id":{id}}}"#).as_bytes());
    }
    monitor.write(b"{\"exec-oob\":\"query-yank\",\"id\":\"urgent\"}");
    slow.release();
    // When the out-of-band command is read is not known now; the order of the others is.
    let mut answers: Vec<String> = (0..21).map(|_| monitor.answer()).collect();
    answers.retain(|answer| answer != r#"return id="urgent""#);
    assert_eq!(answers[0], "return {} id=0");
    let others: Vec<String> = (1..20).map(|id| format!("CommandNotFound id={id}")).collect();
    assert_eq!(answers[1..], others);
}

fn one_slow_command_blocks_all_monitors_but_for_out_of_band(qemu: &mut Qemu) {
    let mut a = Client::negotiated(&qemu.sockets()[0], CapabilitySet::ALL);
    let mut b = Client::negotiated(&qemu.sockets()[1], CapabilitySet::ALL);
    let slow = Slow::new("blocks");
    a.send("blocks", slow.command());
    slow.wait_until_executing(qemu);
    b.send("behind", Command::new("query-name"));
    b.send("urgent", Command::new("query-yank").out_of_band());
    b.expect(&["urgent: a value"]);
    slow.release();
    a.expect(&["blocks: {}"]);
    b.expect(&["behind: a value"]);
}
