//! The audit log: what is in it, and what is not.

mod file;

use std::fs;
use std::num::NonZeroU32;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use qmp_bridge::{AuditLog, Endpoint, Options, Role};
use qmp_testkit::QemuOptions;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{Client, TestBridge, soon, subprotocols, token_of};
use crate::fake::Fake;
use crate::qemu::qemu;

/// A directory for sockets, with the log beside them.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Who comes by WebSocket is an operator.
    fn set(&self, options: &mut Options) {
        let tokens = self.path("tokens");
        fs::write(&tokens, token_of(Role::Operator)).unwrap();
        fs::set_permissions(&tokens, fs::Permissions::from_mode(0o600)).unwrap();
        options.token_file = Some(tokens);
        options.audit_log = Some(AuditLog::File(self.path("audit")));
        options.listen_unix = Some(self.0.path().to_owned());
    }

    /// Who comes by unix socket is an administrator.
    async fn admin(&self, vm: &str) -> Client {
        let mut admin = Client::unix(&self.path(&format!("{vm}.sock"))).await;
        admin.negotiate(&[]).await;
        admin
    }

    fn lines(&self) -> Vec<Value> {
        lines(&self.path("audit"))
    }
}

fn lines(path: &Path) -> Vec<Value> {
    parsed(&fs::read_to_string(path).unwrap())
}

fn parsed(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}")))
        .collect()
}

/// The lines of one kind.
fn of<'a>(lines: &'a [Value], what: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["what"] == what).collect()
}

/// Executes what only an administrator may, and the demo machine has.
async fn sleep(admin: &mut Client) {
    admin
        .send(json!({ "execute": "x-async-sleep", "arguments": { "ms": 1 }, "id": 1 }))
        .await;
    let (reply, _) = admin.reply().await;
    assert!(reply.get("return").is_some(), "{reply}");
}

async fn operator(bridge: &TestBridge, vm: &str) -> Client {
    let mut operator = bridge.client_as(Role::Operator, vm).await;
    operator.negotiate(&["async"]).await;
    operator
}

/// The lines of a bridge that is told to stop.
async fn lines_in_the_end(place: &Place, bridge: TestBridge) -> Vec<Value> {
    bridge.stop().await;
    place.lines()
}

#[tokio::test]
async fn g1_who_came_what_was_asked_and_what_became_of_it() {
    let place = Place::new();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| place.set(options)).await;
    let token = token_of(Role::Operator);
    let mut client = operator(&bridge, "demo").await;
    client.execute("query-status").await;
    client.execute("eject").await;
    client.try_send("not JSON").await;
    client.next().await;
    drop(client);
    let mut admin = place.admin("demo").await;
    admin.execute("query-name").await;
    sleep(&mut admin).await;
    drop(admin);
    for (vm, token, origin) in [
        ("demo", "wrong", None),
        ("other", &*token, None),
        ("demo", &*token, Some("http://evil.example")),
    ] {
        let stream = TcpStream::connect(bridge.address).await.unwrap();
        upgrade(stream, vm, token, origin).await;
    }
    let lines = lines_in_the_end(&place, bridge).await;
    let said = fs::read_to_string(place.path("audit")).unwrap();
    assert!(!said.contains(&token), "{said}");
    assert!(
        lines
            .iter()
            .all(|line| line["ts"].as_str().unwrap().ends_with('Z')),
        "{said}"
    );

    let conn = of(&lines, "connect")[0]["conn"].clone();
    let client: Vec<&Value> = lines.iter().filter(|line| line["conn"] == conn).collect();
    let whats: Vec<&Value> = client.iter().map(|line| &line["what"]).collect();
    assert_eq!(whats, ["connect", "command", "command", "disconnect"], "{said}");
    for line in &client {
        assert_eq!(
            (&line["role"], &line["vm"]),
            (&json!("operator"), &json!("demo")),
            "{line}"
        );
        assert!(!line["token"].as_str().unwrap().is_empty(), "{line}");
        assert!(line["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
    }
    for (line, name, result) in [
        (client[1], "query-status", "ok"),
        (client[2], "eject", "CommandNotFound"),
    ] {
        assert_eq!(
            (&line["command"], &line["oob"]),
            (&json!(name), &json!(false)),
            "{line}"
        );
        assert_eq!(
            (&line["decision"], &line["result"]),
            (&json!("allowed"), &json!(result)),
            "{line}"
        );
        assert!(line["ms"].as_f64().unwrap() > 0.0, "{line}");
    }
    assert_eq!(client[3]["reason"], "left");

    let conn = of(&lines, "connect")[1]["conn"].clone();
    let admin: Vec<&Value> = lines.iter().filter(|line| line["conn"] == conn).collect();
    let whats: Vec<&Value> = admin.iter().map(|line| &line["what"]).collect();
    assert_eq!(
        whats,
        ["connect", "command", "decision", "outcome", "disconnect"],
        "{said}"
    );
    assert!(admin.iter().all(|line| line["role"] == "admin"), "{said}");
    let uid = format!(
        "unix:uid={},pid={}",
        rustix::process::geteuid(),
        std::process::id()
    );
    assert_eq!(admin[0]["peer"], uid);
    assert_eq!(
        (&admin[2]["decision"], &admin[2]["result"]),
        (&json!("allowed"), &Value::Null)
    );
    assert_eq!(
        (&admin[3]["seq"], &admin[3]["result"]),
        (&admin[2]["seq"], &json!("ok"))
    );

    let refusals = of(&lines, "refusal");
    let reasons: Vec<&Value> = refusals.iter().map(|line| &line["reason"]).collect();
    assert_eq!(reasons, ["token", "unknown-vm", "origin"], "{said}");
    let vms: Vec<&Value> = refusals.iter().map(|line| &line["vm"]).collect();
    // What is no machine's name may be anything.
    assert_eq!(json!(vms), json!(["demo", null, "demo"]));
    assert_eq!(refusals[2]["origin"], "http://evil.example");
    assert!(
        refusals
            .iter()
            .all(|line| line["peer"].as_str().unwrap().starts_with("127.0.0.1:"))
    );
}

/// Asks for a WebSocket, and waits for the answer's first bytes.
async fn upgrade(mut stream: TcpStream, vm: &str, token: &str, origin: Option<&str>) {
    let host = stream.peer_addr().unwrap();
    let origin = origin.map_or_else(String::new, |origin| format!("Origin: {origin}\r\n"));
    let request = format!(
        "GET /vm/{vm}/qmp HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {}\r\n\r\n",
        subprotocols(token)
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 16];
    soon("an answer", stream.read_exact(&mut answer)).await.unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 101"));
}

#[tokio::test]
async fn g1_a_command_that_nobody_answers_has_an_outcome_too() {
    let place = Place::new();
    let (bridge, mut machine) = Fake::with(|options| place.set(options)).await;
    let mut client = operator(&bridge, "vm").await;
    client.send(json!({ "execute": "system_reset", "id": 1 })).await;
    assert_eq!(machine.hear().await["execute"], "system_reset");
    let mut admin = place.admin("vm").await;
    admin.send(json!({ "execute": "device_del", "id": 1 })).await;
    assert_eq!(machine.hear().await["execute"], "device_del");
    drop(machine);
    client.ended().await;
    admin.ended().await;
    let lines = lines_in_the_end(&place, bridge).await;
    let reset = of(&lines, "command")[0];
    assert_eq!(
        (&reset["command"], &reset["result"]),
        (&json!("system_reset"), &json!("unanswered"))
    );
    let unplug = of(&lines, "outcome")[0];
    assert_eq!(
        (&unplug["command"], &unplug["result"]),
        (&json!("device_del"), &json!("unanswered"))
    );
    let ends = of(&lines, "disconnect");
    assert!(
        ends.iter()
            .all(|line| line["reason"] == "the connection to the machine ended")
    );
}

#[tokio::test]
async fn g2_no_secret_of_a_command_is_written() {
    let qemu = qemu!();
    let place = Place::new();
    let machine = Endpoint::Unix(qemu.socket().to_owned());
    let bridge = TestBridge::with(&[("vm", machine)], |options| place.set(options)).await;
    let mut admin = place.admin("vm").await;
    for (name, arguments) in [
        (
            "object-add",
            json!({ "qom-type": "secret", "id": "s0", "data": "hunter2" }),
        ),
        (
            "set_password",
            json!({ "protocol": "vnc", "password": "hunter2" }),
        ),
        ("human-monitor-command", json!({ "command-line": "info hunter2" })),
        (
            "qom-set",
            json!({ "path": "/objects/s0", "property": "data", "value": "hunter2" }),
        ),
        (
            "blockdev-add",
            json!({ "driver": "raw", "node-name": "n", "file": { "driver": "hunter2" } }),
        ),
        (
            "no-such-command",
            json!({ "key": "hunter2", "list": [{ "password": "hunter2" }] }),
        ),
    ] {
        admin
            .send(json!({ "execute": name, "arguments": arguments, "id": 1 }))
            .await;
        admin.reply().await;
    }
    drop(admin);
    let lines = lines_in_the_end(&place, bridge).await;
    let said = fs::read_to_string(place.path("audit")).unwrap();
    assert!(!said.contains("hunter2"), "{said}");
    let shown: Vec<&Value> = lines.iter().filter_map(|line| line.get("arguments")).collect();
    assert_eq!(
        json!(shown),
        json!([
            { "qom-type": "secret", "id": "s0", "data": null },
            { "protocol": null, "password": null },
            { "command-line": null },
            { "path": null, "property": "data", "value": null },
            { "driver": "raw", "node-name": "n", "file": ["driver"] },
            { "key": null, "list": null },
        ])
    );
    assert_eq!(of(&lines, "outcome")[0]["result"], "ok");
}

#[tokio::test]
async fn g3_what_an_administrator_does_is_written_before_it_is_sent() {
    let place = Place::new();
    let (bridge, mut machine) = Fake::with(|options| place.set(options)).await;
    let mut admin = place.admin("vm").await;
    for n in 0..20 {
        let id = format!("{n}");
        let command = json!({ "execute": "device_del", "arguments": { "id": id }, "id": n });
        admin.send(command).await;
        let heard = machine.hear().await;
        let lines = place.lines();
        let last = of(&lines, "decision").last().copied().unwrap().clone();
        assert_eq!(last["arguments"]["id"], heard["arguments"]["id"], "{last}");
        machine.answer(&heard, json!({})).await;
        admin.reply().await;
    }
    drop(bridge);
}

#[tokio::test]
async fn g4_no_name_makes_a_line_of_its_own() {
    let place = Place::new();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| place.set(options)).await;
    let mut admin = place.admin("demo").await;
    let names = [
        "x\n{\"what\":\"disconnect\",\"role\":\"viewer\"}\n",
        "\u{1b}[2J\u{9b}31m\u{7f}\r",
        "\",\"result\":\"ok",
        "\u{85}\u{2028}\u{202e}",
    ];
    for name in names {
        let arguments = json!({ name: 1, "id": name });
        admin
            .send(json!({ "execute": name, "arguments": arguments, "id": 1 }))
            .await;
        admin.reply().await;
    }
    drop(admin);
    let lines = lines_in_the_end(&place, bridge).await;
    let said = fs::read(place.path("audit")).unwrap();
    assert!(said.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')));
    assert_eq!(lines.len(), 2 + 2 * names.len());
    for (line, name) in of(&lines, "decision").into_iter().zip(names) {
        assert_eq!(
            (&line["command"], &line["arguments"]["id"]),
            (&json!(name), &json!(name))
        );
        assert_eq!((&line["role"], &line["result"]), (&json!("admin"), &Value::Null));
    }
}

#[tokio::test]
async fn g6_of_ten_thousand_refusals_few_are_written_and_all_are_counted() {
    let place = Place::new();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| place.set(options)).await;
    let start = Instant::now();
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let request = format!(
        "GET /vm/demo/screen.png HTTP/1.1\r\nHost: {}\r\nOrigin: http://x\r\n\r\n",
        bridge.address
    );
    let (mut reader, mut writer) = stream.into_split();
    let send = async {
        for _ in 0..REFUSALS {
            writer.write_all(request.as_bytes()).await.unwrap();
        }
        writer.shutdown().await.unwrap();
    };
    let mut answers = Vec::new();
    let (_, read) = soon("the answers", async {
        tokio::join!(send, reader.read_to_end(&mut answers))
    })
    .await;
    read.unwrap();
    let seconds = start.elapsed().as_secs() + 1;
    let lines = lines_in_the_end(&place, bridge).await;
    let written = of(&lines, "refusal").len() as u64;
    let more: u64 = of(&lines, "refusals")
        .iter()
        .map(|line| line["count"].as_u64().unwrap())
        .sum();
    assert_eq!(written + more, REFUSALS);
    assert!(written <= 10 * (seconds + 1), "{written} in {seconds} s");
    assert!(
        of(&lines, "refusals")
            .iter()
            .all(|line| line["reason"] == "origin")
    );
}

const REFUSALS: u64 = 10_000;

#[tokio::test]
async fn g6_neither_does_a_client_that_asks_too_often_fill_the_disk() {
    let place = Place::new();
    let (bridge, mut machine) = Fake::with(|options| {
        place.set(options);
        options.rate_limit = NonZeroU32::new(1);
    })
    .await;
    let mut client = operator(&bridge, "vm").await;
    let serve = tokio::spawn(async move {
        loop {
            let command = machine.hear().await;
            machine.answer(&command, json!({})).await;
        }
    });
    let start = Instant::now();
    let mut limited = 0;
    for n in 0..1000 {
        client.send(json!({ "execute": "query-status", "id": n })).await;
        limited += u64::from(client.reply().await.0.get("error").is_some());
    }
    let seconds = start.elapsed().as_secs() + 1;
    serve.abort();
    drop(client);
    let lines = lines_in_the_end(&place, bridge).await;
    let of_class = |line: &&&Value| line["result"] == "__io.github.qmp-web_RateLimited";
    let written = of(&lines, "command").iter().filter(of_class).count() as u64;
    let more: u64 = of(&lines, "refusals")
        .iter()
        .map(|line| line["count"].as_u64().unwrap())
        .sum();
    assert_eq!(written + more, limited);
    assert!(written <= 10 * (seconds + 1), "{written} in {seconds} s");
    assert!(
        of(&lines, "refusals")
            .iter()
            .all(|line| line["reason"] == "rate" && line["conn"] == 1)
    );
}
