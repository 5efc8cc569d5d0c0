//! What each role may do to real QEMUs: no file of the host is touched, no program is started there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use qmp_bridge::{Endpoint, Options, PolicyOptions, Role};
use qmp_testkit::{Qemu, QemuOptions, QemuVersion};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::common::{Client, TestBridge, soon};

pub(crate) const VERSIONS: [QemuVersion; 2] = [QemuVersion::Installed, QemuVersion::Ten];

/// A bridge with a token for each role before a QEMU, and a directory in which nothing is to appear.
pub(crate) struct Machine {
    qemu: Qemu,
    bridge: TestBridge,
    dir: TempDir,
}

impl Machine {
    async fn start(version: QemuVersion, more: impl FnOnce(&mut Options)) -> Option<Self> {
        let arguments = ["-nodefaults", "-display", "none", "-vga", "std"];
        let qemu = QemuOptions::new("policy")
            .args(arguments)
            .version(version)
            .start_or_skip()?;
        Some(Self::of(qemu, more).await)
    }

    pub(crate) async fn of(qemu: Qemu, more: impl FnOnce(&mut Options)) -> Self {
        let vms = [("vm", Endpoint::Unix(qemu.socket().to_owned()))];
        let bridge = TestBridge::of_roles(&vms, more).await;
        let dir = tempfile::tempdir().unwrap();
        Self { qemu, bridge, dir }
    }

    pub(crate) async fn client(&self, role: Role) -> Client {
        let mut client = self.bridge.client_as(role, "vm").await;
        client.negotiate(&["async", "oob"]).await;
        client
    }

    fn witness(&self) -> PathBuf {
        self.dir.path().join("witness")
    }

    fn files(&self) -> usize {
        fs::read_dir(self.dir.path()).unwrap().count()
    }
}

pub(crate) async fn ask(client: &mut Client, command: &str, arguments: Value) -> Value {
    client
        .send(json!({ "execute": command, "arguments": arguments, "id": 1 }))
        .await;
    client.reply().await.0
}

pub(crate) fn is_forbidden(reply: &Value) -> bool {
    reply["error"]["class"] == "__io.github.qmp-web_Forbidden"
}

/// The names of the built-in table.
fn table() -> Vec<String> {
    let text = qmp_bridge::show_policy(&PolicyOptions::default(), None).unwrap();
    text.lines()
        .map(|line| line.split('\t').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn p2_every_command_of_a_qemu_is_in_the_table() {
    for version in VERSIONS {
        let Some(machine) = Machine::start(version, |_| ()).await else {
            continue;
        };
        let mut viewer = machine.client(Role::Viewer).await;
        let commands = viewer.execute("query-commands").await;
        let table = table();
        let names = commands
            .as_array()
            .unwrap()
            .iter()
            .map(|command| command["name"].as_str().unwrap());
        let missing: Vec<&str> = names
            .filter(|name| !table.iter().any(|known| known == name))
            .collect();
        assert!(
            commands.as_array().unwrap().len() > 200 && missing.is_empty(),
            "{missing:?}"
        );
        for role in [Role::Viewer, Role::Operator] {
            let mut client = machine.client(role).await;
            assert!(is_forbidden(&ask(&mut client, "made-up", json!({})).await));
        }
    }
}

#[tokio::test]
async fn p4_p7_no_program_is_started_on_the_host_but_by_an_admin_where_there_are_any() {
    for allow_admin in [false, true] {
        let set = |options: &mut Options| options.policy.allow_admin = allow_admin;
        let Some(machine) = Machine::start(QemuVersion::Installed, set).await else {
            return;
        };
        let program = format!("exec:touch {}", machine.witness().display());
        let lines = [
            "info status".to_owned(),
            format!(" migrate -d \"{program}\""),
            format!("migrate -d \"{program}\""),
            format!("screendump {}", machine.witness().display()),
        ];
        for role in Role::ALL {
            let mut client = machine.client(role).await;
            for line in &lines {
                let reply = ask(
                    &mut client,
                    "human-monitor-command",
                    json!({ "command-line": line }),
                )
                .await;
                assert!(is_forbidden(&reply), "{role}: {reply}");
            }
            if role < Role::Admin || !allow_admin {
                assert!(is_forbidden(
                    &ask(&mut client, "migrate", json!({ "uri": program })).await
                ));
            }
            // QEMU has executed all that reached it.
            assert_eq!(
                ask(&mut client, "query-status", json!({})).await["return"]["status"],
                "running"
            );
        }
        assert_eq!(machine.files(), 0);
        if allow_admin {
            let mut admin = machine.client(Role::Admin).await;
            assert_eq!(
                ask(&mut admin, "migrate", json!({ "uri": program })).await["return"],
                json!({})
            );
            soon("the program", appears(&machine.witness())).await;
        }
    }
}

async fn appears(path: &Path) {
    while !path.exists() {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn p4_an_admin_may_use_the_human_monitor_where_a_flag_says_so() {
    let set = |options: &mut Options| {
        options.policy.allow_admin = true;
        options.policy.allow_hmp = true;
    };
    let Some(machine) = Machine::start(QemuVersion::Installed, set).await else {
        return;
    };
    let line = json!({ "command-line": "info status" });
    let mut operator = machine.client(Role::Operator).await;
    assert!(is_forbidden(
        &ask(&mut operator, "human-monitor-command", line.clone()).await
    ));
    let mut admin = machine.client(Role::Admin).await;
    let reply = ask(&mut admin, "human-monitor-command", line).await;
    assert!(reply["return"].as_str().unwrap().contains("running"), "{reply}");
}

#[tokio::test]
async fn p6_an_operator_gets_the_screen_without_a_file() {
    for version in VERSIONS {
        let Some(mut machine) = Machine::start(version, |options| options.policy.allow_admin = true).await
        else {
            continue;
        };
        let named = json!({ "filename": machine.witness() });
        for role in [Role::Viewer, Role::Operator] {
            let mut client = machine.client(role).await;
            let reply = ask(&mut client, "screendump", named.clone()).await;
            assert!(is_forbidden(&reply), "{reply}");
            let tells = reply["error"]["desc"]
                .as_str()
                .unwrap()
                .contains("/vm/NAME/screen.png");
            assert_eq!(tells, role == Role::Operator, "{reply}");
        }
        for (role, status) in [(Role::Viewer, 403), (Role::Operator, 200)] {
            machine.bridge.token = crate::common::token_of(role);
            let answer = crate::screen::get(&machine.bridge, "vm", &[]).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.body.starts_with(b"\x89PNG"), role == Role::Operator);
        }
        assert_eq!(machine.files(), 0);
        let mut admin = machine.client(Role::Admin).await;
        assert_eq!(ask(&mut admin, "screendump", named).await["return"], json!({}));
        assert_eq!(machine.files(), 1);
    }
}

/// Something that a client may send: a command that QEMU has, with arguments of one that would do something, or junk.
fn message(commands: Vec<String>) -> impl Strategy<Value = String> {
    let name = prop_oneof![
        6 => prop::sample::select(commands),
        3 => prop::sample::select(vec!["stop", "cont", "quit", "system_reset", "system_powerdown", "human-monitor-command", "qom-set", "set-action"])
            .prop_map(str::to_owned),
    ];
    let arguments = prop::sample::select(vec![
        "{}",
        r#"{"command-line":"stop"}"#,
        r#"{"id":"x"}"#,
        r#"{"uri":"exec:true"}"#,
        r#"{"action":"poweroff"}"#,
        r#"{"actions":[{"type":"abort","data":{}}]}"#,
    ]);
    let execute = prop::sample::select(vec!["execute", "exec-oob", "exec\\u0075te"]);
    let end = prop::sample::select(vec![
        "",
        "",
        "",
        "{\"execute\":\"stop\"}",
        "//\n{\"execute\":\"stop\"}",
        "]",
    ]);
    (execute, name, arguments, end).prop_map(|(execute, name, arguments, end)| {
        format!("{{\"{execute}\":\"{name}\",\"arguments\":{arguments},\"id\":1}}{end}")
    })
}

/// On threads of its own, because each case waits for sockets.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p13_nothing_that_a_viewer_says_changes_the_machine() {
    let Some(mut machine) = Machine::start(QemuVersion::Installed, |options| options.rate_limit = None).await
    else {
        return;
    };
    let commands = machine
        .client(Role::Operator)
        .await
        .execute("query-commands")
        .await;
    let names = commands
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command["name"].as_str().unwrap().to_owned());
    let names: Vec<String> = names.collect();
    let handle = tokio::runtime::Handle::current();
    let machine = &mut machine;
    tokio::task::block_in_place(|| {
        let config = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(12)
        };
        let sequences = proptest::collection::vec(message(names), 1..40);
        let result = TestRunner::new(config).run(&sequences, |messages| {
            handle.block_on(async {
                let mut viewer = machine.client(Role::Viewer).await;
                for message in &messages {
                    viewer.send_text(message).await;
                    viewer.reply().await;
                }
                let mut operator = machine.client(Role::Operator).await;
                let status = operator.execute("query-status").await;
                prop_assert_eq!(&status["status"], "running", "{:?}", messages);
                Ok(())
            })
        });
        result.unwrap();
    });
    assert!(machine.qemu.try_wait().unwrap().is_none());
}
