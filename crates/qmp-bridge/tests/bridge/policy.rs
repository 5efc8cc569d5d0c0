//! What each role may have executed, over a scripted machine that keeps all it is told: what is refused does not reach it.

use std::collections::BTreeSet;
use std::process::Output;

use qmp_bridge::{Options, Role};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::common::{Client, TestBridge, soon, token_of};
use crate::fake::{Fake, FakeSocket};
use crate::metrics::metric;
use crate::tokens::ask_json;

/// A bridge with a token for each role in front of a machine that answers whatever it hears, until it hears `last`.
pub(crate) struct Recorded {
    bridge: TestBridge,
    heard: JoinHandle<Vec<Value>>,
}

impl Recorded {
    /// What the holder of a role's token is told of it.
    async fn session(&self, role: Role) -> Value {
        ask_json(&self.bridge.with_token(&token_of(role)), "GET /api/session").await
    }

    pub(crate) async fn start(set: impl FnOnce(&mut Options)) -> Self {
        let socket = FakeSocket::new();
        let vms = [("vm", qmp_bridge::Endpoint::Unix(socket.path()))];
        let bridge = TestBridge::of_roles(&vms, |options| {
            options.policy.allow_admin = true;
            options.rate_limit = None;
            set(options);
        })
        .await;
        let mut fake = Fake::accept(socket, &["oob"]).await;
        let heard = tokio::spawn(async move {
            let mut heard = vec![];
            loop {
                let command = fake.hear().await;
                fake.answer(&command, json!({})).await;
                if command["execute"] == "last" {
                    return heard;
                }
                heard.push(command);
            }
        });
        Self { bridge, heard }
    }

    pub(crate) async fn client(&self, role: Role) -> Client {
        let mut client = self.bridge.client_as(role, "vm").await;
        client.negotiate(&["async", "oob"]).await;
        client
    }

    /// All that the machine was told.
    pub(crate) async fn heard(self) -> Vec<Value> {
        self.client(Role::Admin).await.execute("last").await;
        soon("the machine", self.heard).await.unwrap()
    }
}

/// Sends a command; the error that it was answered with, if it was one of the bridge's own for what may not be.
pub(crate) async fn forbidden(client: &mut Client, mut command: Value) -> Option<String> {
    command["id"] = json!("the id");
    client.send(command).await;
    let (reply, _) = client.reply().await;
    assert_eq!(reply["id"], "the id", "{reply}");
    let error = &reply["error"];
    let is_forbidden = error["class"] == "__io.github.qmp-web_Forbidden";
    is_forbidden.then(|| error["desc"].as_str().unwrap().to_owned())
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

/// What `--show-policy` prints.
pub(crate) async fn show_policy(arguments: &[&str]) -> Vec<[String; 4]> {
    let output = program(&[&["--show-policy"], arguments].concat()).await;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("command\trole\tclass\treason"));
    let columns = lines.map(|line| {
        line.split('\t')
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap()
    });
    columns.collect()
}

pub(crate) async fn program(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"));
    let output = program.args(arguments).kill_on_drop(true).output();
    soon("the program to end", output).await.unwrap()
}

#[tokio::test]
async fn p1_p12_what_a_role_may_not_execute_does_not_reach_the_machine_and_the_shown_policy_says_so() {
    let table = show_policy(&[]).await;
    assert!(table.len() > 240, "{}", table.len());
    for role in Role::ALL {
        let recorded = Recorded::start(|_| ()).await;
        let mut client = recorded.client(role).await;
        // The last row is of those that are not in the table.
        let commands: Vec<&str> = table
            .iter()
            .map(|row| if row[0] == "*" { "x-made-up" } else { &row[0] })
            .collect();
        let (mut allowed, mut due) = (BTreeSet::new(), BTreeSet::new());
        for (command, [_, needs, ..]) in commands.iter().zip(&table) {
            let arguments = if *command == "transaction" {
                json!({ "actions": [] })
            } else {
                json!({})
            };
            let refused = forbidden(&mut client, json!({ "execute": command, "arguments": arguments })).await;
            if let Some(desc) = &refused {
                assert!(
                    desc.contains(command) && desc.contains(if needs == "never" { "nobody" } else { needs }),
                    "{desc}"
                );
            } else if *command != "qmp_capabilities" {
                allowed.insert(*command);
            }
            let ranks = ["viewer", "operator", "admin", "never"];
            let rank = |name: &str| ranks.iter().position(|rank| *rank == name).unwrap();
            if rank(needs) <= rank(role.name()) {
                due.insert(*command);
            }
        }
        assert_eq!(allowed, due, "{role}");
        let shown = show_policy(&[role.name(), "--allow-admin"]).await;
        let shown: BTreeSet<&str> = shown
            .iter()
            .map(|row| if row[0] == "*" { "x-made-up" } else { &row[0] })
            .collect();
        assert_eq!(allowed, shown, "{role}");
        let session = recorded.session(role).await;
        assert_eq!(session["role"], role.name());
        let mut told: BTreeSet<&str> = texts(&session["commands"]).collect();
        if role == Role::Admin {
            told.insert("x-made-up");
            let refused: BTreeSet<&str> = texts(&session["refused"]).collect();
            assert!(refused.contains("human-monitor-command") && refused.is_disjoint(&allowed));
        } else {
            assert_eq!(session.get("refused"), None);
        }
        assert_eq!(allowed, told, "{role}");
        let heard = recorded.heard().await;
        let heard: BTreeSet<&str> = heard
            .iter()
            .map(|command| command["execute"].as_str().unwrap())
            .collect();
        // This one the bridge answers.
        allowed.remove("__io.github.qmp-web_query-events");
        assert_eq!(heard, allowed, "{role}");
    }
}

#[tokio::test]
async fn p3_p4_p5_p6_p7_no_way_of_saying_it_reaches_the_machine() {
    let hmp =
        |line: &str| json!({ "execute": "human-monitor-command", "arguments": { "command-line": line } });
    let action = |kind: &str| json!({ "execute": "transaction", "arguments": { "actions": [{ "type": kind, "data": {} }] } });
    let monitor = [
        hmp("info status"),
        hmp(" migrate -d \"exec:touch /x\""),
        hmp("screendump /x"),
        hmp("   \t info status"),
        json!({ "exec-oob": "human-monitor-command", "arguments": { "command-line": "info status" } }),
    ];
    let out_of_band = ["migrate-recover", "migrate-pause", "yank"]
        .map(|name| json!({ "exec-oob": name, "arguments": { "uri": "x" } }));
    let named = json!({ "execute": "screendump", "arguments": { "filename": "/x" } });
    let operators = [
        &out_of_band[..],
        &monitor,
        &[
            action("abort"),
            named,
            json!({ "execute": "migrate", "arguments": { "uri": "exec:x" } }),
        ],
    ]
    .concat();
    let odd = [
        action("transaction"),
        action("human-monitor-command"),
        json!({ "execute": "transaction" }),
    ];
    let admins = [&monitor[..], &odd].concat();
    let recorded = Recorded::start(|_| ()).await;
    for (role, commands) in [
        (Role::Viewer, &operators),
        (Role::Operator, &operators),
        (Role::Admin, &admins),
    ] {
        let mut client = recorded.client(role).await;
        for command in commands {
            assert!(
                forbidden(&mut client, command.clone()).await.is_some(),
                "{role} {command}"
            );
        }
        // What is refused does not end the session.
        assert_eq!(
            forbidden(&mut client, json!({ "execute": "query-status" })).await,
            None
        );
    }
    let heard = recorded.heard().await;
    assert!(
        heard.len() == 3 && heard.iter().all(|command| command["execute"] == "query-status"),
        "{heard:?}"
    );
}

#[tokio::test]
async fn p7_nobody_is_an_admin_unless_the_bridge_is_told_so() {
    let recorded = Recorded::start(|options| options.policy.allow_admin = false).await;
    let mut client = recorded.client(Role::Admin).await;
    let desc = forbidden(
        &mut client,
        json!({ "execute": "migrate", "arguments": { "uri": "exec:x" } }),
    )
    .await;
    assert!(desc.unwrap().contains("without --allow-admin"));
    assert_eq!(forbidden(&mut client, json!({ "execute": "stop" })).await, None);
    recorded.heard.abort();
}

#[tokio::test]
async fn p7_a_unix_socket_makes_no_admin_where_there_are_none() {
    let dir = tempfile::tempdir().unwrap();
    for allow_admin in [false, true] {
        let recorded = Recorded::start(|options| {
            options.policy.allow_admin = allow_admin;
            options.listen_unix = Some(dir.path().to_owned());
        })
        .await;
        let mut client = Client::unix(&dir.path().join("vm.sock")).await;
        client.negotiate(&["async"]).await;
        let migrate = json!({ "execute": "migrate", "arguments": { "uri": "exec:x" } });
        assert_eq!(forbidden(&mut client, migrate).await.is_none(), allow_admin);
        assert_eq!(forbidden(&mut client, json!({ "execute": "stop" })).await, None);
        recorded.heard.abort();
        recorded.bridge.stop().await;
    }
}

#[tokio::test]
async fn p4_what_is_for_nobody_is_an_admins_where_a_flag_says_so() {
    let recorded = Recorded::start(|options| {
        options.policy.allow_hmp = true;
        options.policy.allow_session_commands = true;
    })
    .await;
    for name in ["human-monitor-command", "x-exit-preconfig", "remove-fd"] {
        let mut operator = recorded.client(Role::Operator).await;
        let desc = forbidden(&mut operator, json!({ "execute": name })).await;
        assert_eq!(
            desc.unwrap(),
            format!("{name} needs the role admin; this client is an operator")
        );
        let mut admin = recorded.client(Role::Admin).await;
        assert_eq!(forbidden(&mut admin, json!({ "execute": name })).await, None);
    }
    assert_eq!(recorded.heard().await.len(), 3);
}

#[tokio::test]
async fn p10_no_command_makes_a_client_more_than_it_is() {
    let recorded = Recorded::start(|_| ()).await;
    let mut client = recorded.client(Role::Viewer).await;
    client
        .send(json!({ "execute": "__io.github.qmp-web_become-admin", "id": 1 }))
        .await;
    assert_eq!(client.reply().await.0["error"]["class"], "CommandNotFound");
    client
        .send(json!({ "execute": "qmp_capabilities", "arguments": { "role": "admin" }, "id": 2 }))
        .await;
    assert_eq!(client.reply().await.0["error"]["class"], "CommandNotFound");
    assert!(
        forbidden(&mut client, json!({ "execute": "stop" }))
            .await
            .is_some()
    );
    assert!(recorded.heard().await.is_empty());
}

#[tokio::test]
async fn to_be_refused_is_no_way_to_ask_more_often() {
    let recorded = Recorded::start(|options| options.rate_limit = 5.try_into().ok()).await;
    let mut client = recorded.client(Role::Viewer).await;
    let mut classes = vec![];
    for id in 0..30 {
        client.send(json!({ "execute": "quit", "id": id })).await;
        classes.push(client.reply().await.0["error"]["class"].clone());
    }
    let is = |class: &'static str| move |told: &&Value| **told == format!("__io.github.qmp-web_{class}");
    let (forbidden, limited) = (
        classes.iter().filter(is("Forbidden")).count(),
        classes.iter().filter(is("RateLimited")).count(),
    );
    assert!(
        forbidden >= 10 && limited > 0 && forbidden + limited == 30,
        "{forbidden} {limited}"
    );
    let counted = metric(&recorded.bridge, "qmp_bridge_forbidden_commands_total{vm=\"vm\"}").await;
    assert_eq!(counted as usize, forbidden);
    recorded.heard.abort();
}

#[tokio::test]
async fn p9_a_viewer_hears_what_is_its_own_and_can_ask_for_no_more() {
    let socket = FakeSocket::new();
    let vms = [("vm", qmp_bridge::Endpoint::Unix(socket.path()))];
    let bridge = TestBridge::of_roles(&vms, |_| ()).await;
    let mut fake = Fake::accept(socket, &["oob"]).await;
    let mut clients = vec![];
    for role in [Role::Viewer, Role::Operator] {
        let mut client = bridge.client_as(role, "vm").await;
        client.negotiate(&["async"]).await;
        let start = client.execute("__io.github.qmp-web_query-events").await;
        clients.push((client, start["epoch"].clone()));
    }
    let all = [
        "STOP",
        "VNC_CONNECTED",
        "MADE_UP",
        "NIC_RX_FILTER_CHANGED",
        "RESUME",
    ];
    for name in all {
        fake.say(&format!(
            "{}\r\n",
            json!({ "event": name, "data": { "host": "198.51.100.7" } })
        ))
        .await;
    }
    for ((client, epoch), due) in clients.iter_mut().zip([&["STOP", "RESUME"][..], &all]) {
        let number = |name: &&str| 1 + all.iter().position(|it| it == name).unwrap() as u64;
        let told = |event: &Value| {
            (
                event["event"].as_str().unwrap().to_owned(),
                event["__io.github.qmp-web_number"].as_u64().unwrap(),
            )
        };
        let due: Vec<(String, u64)> = due
            .iter()
            .map(|name| ((*name).to_owned(), number(name)))
            .collect();
        let mut heard = vec![];
        while heard.len() < due.len() {
            heard.push(told(&client.next().await));
        }
        assert_eq!(heard, due);
        for epoch in [epoch.clone(), json!("another")] {
            let arguments = json!({ "epoch": epoch, "after": 0 });
            client
                .send(
                    json!({ "execute": "__io.github.qmp-web_query-events", "arguments": arguments, "id": 1 }),
                )
                .await;
            let (reply, events) = client.reply().await;
            assert!(events.is_empty(), "{events:?}");
            let missed: Vec<(String, u64)> = reply["return"]["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(told)
                .collect();
            assert_eq!((missed, &reply["return"]["number"]), (due.clone(), &json!(5)));
        }
    }
}
