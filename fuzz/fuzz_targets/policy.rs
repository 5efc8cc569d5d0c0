//! Attacks: whatever a client sends, what goes on to the machine is one object, which a strict reader finds to be one command
//! that the client's role may execute. The first byte is the role and the switches, the rest is what the client sends.

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use qmp_fuzz::{Members, greeting};
use qmp_policy::{Policy, Role, Switches};
use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, Input, Limits, Output, Request, ServerInput,
    ServerOptions, ServerOutput, ServerSession, SessionTag,
};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some((&how, said)) = data.split_first() else {
        return;
    };
    let Case { policy, role, oracle } = &CASES[usize::from(how) % CASES.len()];

    let (mut client, mut machine) = (client(), machine());
    // What is too long ends a session, and nothing of it is executed.
    let _ = client.handle_input(ServerInput::Bytes(said));
    while let Some(output) = client.poll_output() {
        if let ServerOutput::Execute(request) = output
            && policy.decide(*role, &request).is_ok()
        {
            oracle.check(&forward(&mut machine, &request));
        }
    }
});

/// A client's role, at a bridge.
struct Case {
    policy: Policy,
    role: Role,
    oracle: Oracle,
}

/// Each role with each way to switch.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let switched = (0..8).map(|bits| {
        let mut switches = Switches::default();
        switches.admin = bits & 1 != 0;
        switches.hmp = bits & 2 != 0;
        switches.session = bits & 4 != 0;
        switches
    });
    let cases = switched.flat_map(|switches| Role::ALL.map(|role| (switches, role)));
    let case = |(switches, role): (Switches, Role)| {
        let policy = Policy::new(switches);
        let oracle = Oracle {
            allowed: policy.allowed(role).collect(),
            known: policy.commands().map(|command| command.name).collect(),
            is_admin: role == Role::Admin && switches.admin,
        };
        Case { policy, role, oracle }
    };
    cases.map(case).collect()
});

/// What may be, known before anything is said.
struct Oracle {
    allowed: BTreeSet<&'static str>,
    known: BTreeSet<&'static str>,
    is_admin: bool,
}

impl Oracle {
    fn check(&self, text: &str) {
        let message = Members::of(text).expect("one object");
        assert_eq!(message.count(&["execute", "exec-oob"]), 1, "{text}");
        assert!(
            message.count(&["arguments"]) <= 1 && message.count(&["id"]) == 1,
            "{text}"
        );
        // An object with a member of such a name is another value to the oracle's reader, with its raw values, than to JSON.
        if text.contains("$serde_json::private::") {
            return;
        }
        let message: Value = serde_json::from_str(text).expect("JSON");
        let name = message.get("execute").or(message.get("exec-oob"));
        let name = name.and_then(Value::as_str).expect("a string");
        assert!(self.may(name), "{text}");
        let arguments = message.get("arguments");
        match name {
            "transaction" => {
                let actions = arguments
                    .and_then(|arguments| arguments["actions"].as_array())
                    .expect("a list");
                for action in actions {
                    let action = action["type"].as_str().expect("a string");
                    assert!(self.may(action) && action != "transaction", "{text}");
                }
            }
            "screendump" => {
                let filename = arguments.and_then(|arguments| arguments.get("filename"));
                assert!(self.is_admin || filename.is_none(), "{text}");
            }
            _ => {}
        }
    }

    fn may(&self, name: &str) -> bool {
        let is_own = name.starts_with("__io.github.qmp-web_");
        self.allowed.contains(name) || is_own || self.is_admin && !self.known.contains(name)
    }
}

/// A client that has negotiated.
fn client() -> ServerSession {
    let mut session = ServerSession::new(ServerOptions {
        greeting: greeting(CapabilitySet::ALL),
        limits: Limits::CLIENT,
    });
    let negotiation = r#"{"execute":"qmp_capabilities","arguments":{"enable":["oob"]}}"#;
    session
        .handle_input(ServerInput::Message(negotiation))
        .expect("short");
    while session.poll_output().is_some() {}
    session
}

/// A machine that has negotiated.
fn machine() -> ClientSession<()> {
    let mut session = ClientSession::new(ClientOptions::new(SessionTag::new(0)));
    let greeting = greeting(CapabilitySet::ALL).to_json();
    session
        .handle_input(Input::Bytes(greeting.as_bytes()))
        .expect("a greeting");
    let negotiated = format!("{{\"return\":{{}},\"id\":{}}}", session.wire_id(0));
    session
        .handle_input(Input::Bytes(negotiated.as_bytes()))
        .expect("a reply");
    while session.poll_output().is_some() {}
    session
}

/// What the machine is sent.
fn forward(machine: &mut ClientSession<()>, request: &Request) -> String {
    let command = Command {
        name: &request.name,
        arguments: request.arguments.as_deref(),
        oob: request.oob,
        id: true,
    };
    let id = machine.execute(command, ()).expect("a machine that is ready");
    let Some(Output::Transmit(text)) = machine.poll_output() else {
        panic!("not sent: {request:?}");
    };
    // Else further ones would wait.
    let reply = format!("{{\"return\":{{}},\"id\":{}}}", machine.wire_id(id.number()));
    machine
        .handle_input(Input::Bytes(reply.as_bytes()))
        .expect("a reply");
    while machine.poll_output().is_some() {}
    text
}
