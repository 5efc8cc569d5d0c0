//! Greeting and negotiation: the refusals in a table, for QEMU and for our server side, and our client's own way.

use qmp_proto::{Capability, CapabilitySet, Command};
use qmp_testkit::Qemu;
use serde_json::json;

use crate::client::Client;
use crate::qemu::bare;
use crate::server::{Raw, Server};

on_each_qemu! {
    bare() =>
        the_greeting_says_what_query_version_says,
        negotiation_is_answered,
        a_refused_offer_leads_to_the_next_rung,
        what_was_enabled_ends_with_the_connection,
        a_client_may_want_nothing;
}

fn the_greeting_says_what_query_version_says(qemu: &mut Qemu) {
    let mut client = Client::connect(qemu.socket(), CapabilitySet::ALL);
    let greeting = client.greeting();
    assert_eq!(greeting.capabilities, ["oob"]);
    client.expect(&["ready {Oob}"]);
    let version = &greeting.version;
    let wanted = json!({
        "qemu": { "major": version.major, "minor": version.minor, "micro": version.micro },
        "package": version.package,
    });
    assert_eq!(client.execute(Command::new("query-version")), Ok(wanted));
}

fn negotiation_is_answered(qemu: &mut Qemu) {
    check(Server::Qemu(qemu.socket()));
}

#[test]
fn our_server_side_answers_alike() {
    check(Server::Ours);
}

fn check(server: Server<'_>) {
    for (name, commands, wanted) in NEGOTIATIONS {
        let input: String = (1..)
            .zip(*commands)
            .map(|(id, command)| numbered(id, command))
            .collect();
        assert_eq!(server.answers(None, input.as_bytes()), *wanted, "{name}");
    }
}

/// `name` or `name: arguments`, as a command with an id.
fn numbered(id: u32, command: &str) -> String {
    let (name, arguments) = command.split_once(": ").unwrap_or((command, "{}"));
    let member = if name == OOB { "exec-oob" } else { "execute" };
    format!(r#"{{"{member}":"{name}","arguments":{arguments},"id":{id}}}"#)
}

/// Each on a connection of its own: commands, and the answers to them.
const NEGOTIATIONS: &[(&str, &[&str], &[&str])] = &[
    (
        "anything else comes first",
        &[
            "query-version",
            "no-such-command",
            "qmp_capabilities",
            "query-name",
        ],
        &[
            "CommandNotFound id=1",
            "CommandNotFound id=2",
            "return {} id=3",
            "return id=4",
        ],
    ),
    (
        "once is enough",
        &["qmp_capabilities", "qmp_capabilities", "query-name"],
        &["return {} id=1", "CommandNotFound id=2", "return id=3"],
    ),
    (
        "a capability that does not exist",
        &[
            r#"qmp_capabilities: {"enable":["cap-does-not-exist"]}"#,
            "query-name",
            "qmp_capabilities",
        ],
        &["GenericError id=1", "CommandNotFound id=2", "return {} id=3"],
    ),
    (
        "one that exists beside one that does not: nothing is enabled",
        &[
            r#"qmp_capabilities: {"enable":["oob","no-such"]}"#,
            "qmp_capabilities",
            OOB,
        ],
        &["GenericError id=1", "return {} id=2", "GenericError id=3"],
    ),
    (
        "a refusal can be followed by success",
        &[
            r#"qmp_capabilities: {"capabilities":["async"]}"#,
            r#"qmp_capabilities: {"enable":["async","oob"]}"#,
            r#"qmp_capabilities: {"enable":["oob"]}"#,
            OOB,
        ],
        &[
            "GenericError id=1",
            "GenericError id=2",
            "return {} id=3",
            "return id=4",
        ],
    ),
    (
        "of wrong types",
        &[
            r#"qmp_capabilities: {"enable":"oob"}"#,
            r#"qmp_capabilities: {"enable":[1]}"#,
            r#"qmp_capabilities: {"enable":{}}"#,
            r#"qmp_capabilities: {"unknown":[]}"#,
            "qmp_capabilities",
        ],
        &[
            "GenericError id=1",
            "GenericError id=2",
            "GenericError id=3",
            "GenericError id=4",
            "return {} id=5",
        ],
    ),
    (
        "the same twice, and none at all",
        &[r#"qmp_capabilities: {"enable":["oob","oob"]}"#, OOB],
        &["return {} id=1", "return id=2"],
    ),
    (
        "an empty list",
        &[r#"qmp_capabilities: {"enable":[]}"#, OOB],
        &["return {} id=1", "GenericError id=2"],
    ),
];

/// A server may offer what it does not keep: here the greeting is doctored, and the refusals are QEMU's own.
fn a_refused_offer_leads_to_the_next_rung(qemu: &mut Qemu) {
    let mut client = Client::connect(qemu.socket(), CapabilitySet::ALL);
    let greeting = client.line();
    let doctored = greeting.replace(r#"["oob"]"#, r#"["async", "oob"]"#);
    assert_ne!(doctored, greeting);
    client.pretend(doctored.as_bytes());
    client.greeting();
    client.expect(&["ready {Oob}"]);
    assert!(client.execute(Command::new(OOB).out_of_band()).is_ok());
}

fn what_was_enabled_ends_with_the_connection(qemu: &mut Qemu) {
    let oob = CapabilitySet::NONE.with(Capability::Oob);
    let mut client = Client::negotiated(qemu.socket(), oob);
    assert!(client.execute(Command::new(OOB).out_of_band()).is_ok());
    drop(client);
    let mut next = Raw::connect(qemu.socket());
    next.write(numbered(1, "qmp_capabilities").as_bytes());
    next.write(numbered(2, OOB).as_bytes());
    assert_eq!(
        (next.answer(), next.answer()),
        ("return {} id=1".into(), "GenericError id=2".into())
    );
}

fn a_client_may_want_nothing(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::NONE);
    client.send("a", Command::new("stop").without_id());
    client.send("b", Command::new("no-such-command").without_id());
    client.send("c", Command::new("cont"));
    client.expect(&["STOP", "a: {}", "b: CommandNotFound", "RESUME", "c: {}"]);
}

/// A command that can be executed out of band.
const OOB: &str = "query-yank";
