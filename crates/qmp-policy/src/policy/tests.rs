//! Decisions: by the table, by the switches, by a file.

use proptest::prelude::*;
use qmp_proto::{Greeting, Limits, ServerInput, ServerOptions, ServerOutput, ServerSession, Ticket};
use serde_json::Value;

use super::*;

fn all_on() -> Switches {
    Switches {
        admin: true,
        hmp: true,
        session: true,
    }
}

fn admin_on() -> Switches {
    Switches {
        admin: true,
        ..Switches::default()
    }
}

fn request(name: &str, arguments: Option<&str>) -> Request {
    Request {
        ticket: Ticket::new(0),
        name: name.to_owned(),
        arguments: arguments.map(str::to_owned),
        oob: false,
    }
}

fn refusal(policy: &Policy, role: Role, name: &str) -> String {
    policy.decide(role, &request(name, None)).unwrap_err().to_string()
}

#[test]
fn p1_each_command_is_decided_as_the_table_says() {
    let policy = Policy::new(admin_on());
    let mut decided = 0;
    for Command { name, need, .. } in policy.commands() {
        for role in Role::ALL {
            let may = matches!(need, Need::Role(least) if least <= role);
            assert_eq!(policy.allows(role, name), may, "{role} {name}");
            assert_eq!(
                policy.allowed(role).any(|allowed| allowed == name),
                may,
                "{role} {name}"
            );
            // Nothing is asked of its arguments but of this one's.
            if name != "transaction" {
                assert_eq!(
                    policy.decide(role, &request(name, None)).is_ok(),
                    may,
                    "{role} {name}"
                );
            }
            decided += 1;
        }
    }
    assert!(decided > 700, "{decided}");
}

#[test]
fn the_documentation_counts_what_there_is() {
    let roles = || {
        include_str!("../commands.tsv")
            .lines()
            .filter_map(|line| line.split('\t').nth(1))
    };
    let of = |role: &str| roles().filter(|it| *it == role).count();
    let due = format!(
        "{} are a viewer's, {} more an operator's and {} more an admin's; {} are nobody's",
        of("viewer"),
        of("operator"),
        of("admin"),
        of("never"),
    );
    let page = include_str!("../../../../docs/security.md").split_whitespace();
    let page = page.collect::<Vec<_>>().join(" ");
    assert!(page.contains(&due), "{due}");
    assert!(page.contains(&format!("Of the {} commands", roles().count())));
}

#[test]
fn p2_what_is_not_known_is_an_admins() {
    let policy = Policy::new(admin_on());
    for name in [
        "made-up",
        "x-made-up",
        "__com.example_made-up",
        "query-made-up",
        "",
        "QUERY-STATUS",
        "query-status ",
        " quit",
    ] {
        assert!(policy.decide(Role::Admin, &request(name, None)).is_ok(), "{name}");
        for (role, it_is) in [(Role::Operator, "an operator"), (Role::Viewer, "a viewer")] {
            assert_eq!(
                refusal(&policy, role, name),
                format!(
                    "the bridge does not know this command: {name} needs the role admin; this client is {it_is}"
                )
            );
        }
    }
}

#[test]
fn p4_what_is_for_nobody_takes_a_switch_and_an_admin() {
    let (plain, all) = (Policy::new(admin_on()), Policy::new(all_on()));
    for (name, flag) in [
        ("human-monitor-command", "--allow-hmp"),
        ("add-fd", "--allow-session-commands"),
        ("getfd", "--allow-session-commands"),
        ("x-exit-preconfig", "--allow-session-commands"),
    ] {
        for role in Role::ALL {
            assert_eq!(
                refusal(&plain, role, name),
                format!("{name} is for nobody: only with {flag} a bridge lets admins have it")
            );
        }
        assert!(all.decide(Role::Admin, &request(name, None)).is_ok());
        assert!(refusal(&all, Role::Operator, name).contains("needs the role admin"));
    }
    assert_eq!(
        refusal(&all, Role::Admin, "qmp_capabilities"),
        "qmp_capabilities is for nobody"
    );
    // Without admins the switch helps nobody.
    let hmp = Policy::new(Switches {
        hmp: true,
        ..Switches::default()
    });
    assert!(refusal(&hmp, Role::Admin, "human-monitor-command").contains("--allow-admin"));
}

#[test]
fn p5_the_actions_of_a_transaction_are_looked_up_too() {
    let decide = |policy: &Policy, role, actions: &str| {
        let arguments = format!("{{\"actions\":{actions}}}");
        policy
            .decide(role, &request("transaction", Some(&arguments)))
            .map_err(|forbidden| forbidden.to_string())
    };
    let policy = Policy::new(admin_on());
    let bitmap = r#"[{"type":"block-dirty-bitmap-add","data":{}}]"#;
    assert_eq!(decide(&policy, Role::Admin, bitmap), Ok(()));
    assert_eq!(decide(&policy, Role::Admin, "[]"), Ok(()));
    for role in [Role::Viewer, Role::Operator] {
        assert!(
            decide(&policy, role, bitmap)
                .unwrap_err()
                .starts_with("transaction needs the role admin")
        );
    }
    let hmp = decide(
        &policy,
        Role::Admin,
        r#"[{"type":"abort"},{"type":"human-monitor-command"}]"#,
    );
    assert!(
        hmp.unwrap_err()
            .starts_with("transaction: human-monitor-command is for nobody")
    );
    for odd in ["[{}]", "[1]", "{}", r#"[{"type":"transaction"}]"#] {
        assert!(decide(&policy, Role::Admin, odd).is_err(), "{odd}");
    }
    // Where the wrapper is another's, what is in it is still not.
    let lowered = policy
        .with_overrides("transaction\toperator\nblock-dirty-bitmap-add\toperator")
        .unwrap();
    assert_eq!(decide(&lowered, Role::Operator, bitmap), Ok(()));
    let snapshot = decide(
        &lowered,
        Role::Operator,
        r#"[{"type":"blockdev-snapshot-sync","data":{}}]"#,
    );
    assert!(
        snapshot
            .unwrap_err()
            .starts_with("transaction: blockdev-snapshot-sync needs the role admin")
    );
}

#[test]
fn p6_only_an_admin_names_a_file_for_the_screen() {
    let policy = Policy::new(admin_on());
    let named = request("screendump", Some(r#"{"f\u0069lename":"/tmp/x"}"#));
    assert!(policy.decide(Role::Admin, &named).is_ok());
    let refused = policy.decide(Role::Operator, &named).unwrap_err().to_string();
    assert!(refused.contains("/vm/NAME/screen.png"), "{refused}");
    assert!(
        policy
            .decide(Role::Operator, &request("screendump", Some("{}")))
            .is_ok()
    );
    assert!(
        policy
            .decide(Role::Viewer, &request("screendump", Some("{}")))
            .is_err()
    );
    assert!(
        policy
            .decide(Role::Operator, &request("screendump", Some("{")))
            .is_err()
    );
}

#[test]
fn p7_there_are_no_admins_unless_somebody_says_so() {
    let policy = Policy::new(Switches::default());
    assert_eq!(
        refusal(&policy, Role::Admin, "migrate"),
        "migrate needs the role admin, which nobody has here: the bridge runs without --allow-admin"
    );
    assert!(policy.allows(Role::Admin, "quit"));
    assert!(policy.allowed(Role::Admin).eq(policy.allowed(Role::Operator)));
}

#[test]
fn p14_a_file_that_cannot_be_followed_is_refused_with_its_line() {
    for (text, said) in [
        (
            "\n# x\nmade-up\tadmin",
            "line 3: the table knows no command \"made-up\"",
        ),
        ("stop\troot", "line 1: \"root\" is none of"),
        ("stop\tOperator", "line 1: \"Operator\" is none of"),
        ("stop admin", "line 1: not of the form"),
        ("stop", "line 1: not of the form"),
        ("stop\t", "line 1: not of the form"),
        (" stop\tadmin", "line 1: the table knows no command \" stop\""),
        (
            "stop\tadmin\nquit\tadmin\nstop\tviewer",
            "line 3: stop comes twice",
        ),
        (
            "human-monitor-command\tadmin",
            "line 1: human-monitor-command is for nobody; --allow-hmp gives it",
        ),
        (
            "qmp_capabilities\tviewer",
            "line 1: qmp_capabilities is for nobody",
        ),
        ("*\toperator", "line 1: the table knows no command \"*\""),
    ] {
        let error = Policy::new(admin_on())
            .with_overrides(text)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(said), "{text:?}: {error}");
    }
}

#[test]
fn a_file_raises_lowers_and_forbids() {
    let text =
        "command\trole\n# comment\n\nquit\tadmin\tas\tshown\nquery-status\tnever\nstop\tviewer\r\n*\tadmin\n";
    let policy = Policy::new(admin_on()).with_overrides(text).unwrap();
    assert!(!policy.allows(Role::Operator, "quit"));
    assert!(policy.allows(Role::Viewer, "stop"));
    assert_eq!(
        refusal(&policy, Role::Admin, "query-status"),
        "query-status is for nobody"
    );
    // What a switch has given may be taken again, or given away.
    let policy = Policy::new(all_on())
        .with_overrides("human-monitor-command\tnever")
        .unwrap();
    assert!(!policy.allows(Role::Admin, "human-monitor-command"));
}

/// Whatever comes from a client: forwarded is one object with one command that its role may execute.
fn forwarded_is_allowed(policy: &Policy, role: Role, bytes: &[u8]) {
    let mut session = ServerSession::new(ServerOptions {
        greeting: Greeting::default(),
        limits: Limits::CLIENT,
    });
    let negotiation = r#"{"execute":"qmp_capabilities"}"#;
    session.handle_input(ServerInput::Message(negotiation)).unwrap();
    let _ = session.handle_input(ServerInput::Bytes(bytes));
    while let Some(output) = session.poll_output() {
        let ServerOutput::Execute(request) = output else {
            continue;
        };
        if policy.decide(role, &request).is_err() {
            continue;
        }
        let allowed: Vec<&str> = policy.allowed(role).collect();
        let known =
            |name: &str| allowed.contains(&name) || policy.commands().all(|command| command.name != name);
        assert!(
            allowed.contains(&request.name.as_str())
                || (role == Role::Admin && known(&request.name))
                || request.name.starts_with(OWN)
        );
        let arguments: Value = request
            .arguments
            .as_deref()
            .map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        if request.name == "transaction" {
            for action in arguments["actions"].as_array().unwrap() {
                let name = action["type"].as_str().unwrap();
                assert!(known(name) && name != "transaction");
            }
        }
        assert!(request.name != "screendump" || role == Role::Admin || arguments.get("filename").is_none());
    }
}

fn name() -> impl Strategy<Value = String> {
    let known = Policy::new(all_on())
        .commands()
        .map(|command| command.name.to_owned())
        .collect::<Vec<_>>();
    prop_oneof![
        3 => prop::sample::select(known),
        2 => prop::sample::select(vec!["transaction", "screendump", "human-monitor-command", "quit", "migrate"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

/// A string of JSON with escapes where there need be none.
fn spelled() -> impl Strategy<Value = String> {
    (name(), any::<u64>()).prop_map(|(name, bits)| {
        let spell = |(place, c): (usize, char)| {
            let plain = bits >> (place % 64) & 3 != 0 && !c.is_control() && !matches!(c, '"' | '\\');
            if plain {
                c.to_string()
            } else {
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect()
            }
        };
        format!("\"{}\"", name.chars().enumerate().map(spell).collect::<String>())
    })
}

fn message() -> impl Strategy<Value = String> {
    let action = prop_oneof![
        4 => spelled().prop_map(|kind| format!("{{\"type\":{kind},\"data\":{{}}}}")),
        1 => (spelled(), spelled()).prop_map(|(kind, other)| format!("{{\"type\":{kind},\"type\":{other}}}")),
        1 => Just("{}".to_owned()),
        1 => any::<i32>().prop_map(|number| number.to_string()),
    ];
    let arguments = prop_oneof![
        Just("{}".to_owned()),
        Just("{\"filename\":\"/x\"}".to_owned()),
        Just("{'filename':'/x'}".to_owned()),
        proptest::collection::vec(action, 0..4)
            .prop_map(|actions| format!("{{\"actions\":[{}]}}", actions.join(","))),
    ];
    let member = prop_oneof![
        Just("execute"),
        Just("exec-oob"),
        Just("exec\\u0075te"),
        Just("id")
    ];
    let command = proptest::collection::vec((member, spelled()), 1..3);
    (command, arguments, any::<bool>()).prop_map(|(command, arguments, comment)| {
        let members: String = command
            .iter()
            .map(|(member, name)| format!("\"{member}\":{name},"))
            .collect();
        format!(
            "{{{members}\"arguments\":{arguments}}}{}",
            if comment { "//{\"execute\":\"quit\"}\n" } else { "" }
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn j12_what_is_forwarded_is_one_command_that_is_allowed(
        messages in proptest::collection::vec(message(), 1..4), junk in any::<Vec<u8>>(), role in 0..3_usize, on in any::<[bool; 3]>()
    ) {
        let policy = Policy::new(Switches { admin: on[0], hmp: on[1], session: on[2] });
        let mut bytes = messages.concat().into_bytes();
        bytes.extend(junk);
        forwarded_is_allowed(&policy, policy.cap(Role::ALL[role]), &bytes);
    }
}
