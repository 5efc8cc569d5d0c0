//! Over a real QEMU.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qmp_bridge::{CloseCode, Endpoint};
use qmp_testkit::{Fifo, Qemu, QemuOptions};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::common::{Client, TestBridge, soon};

/// A QEMU of one's own, or the end of the test where there is none.
macro_rules! qemu {
    () => {
        match QemuOptions::new("test").start_or_skip() {
            Some(qemu) => qemu,
            None => return,
        }
    };
}
pub(crate) use qemu;

#[tokio::test]
async fn negotiation_offers_what_is_kept() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    let greeting = client.negotiate(&["async", "oob"]).await;
    assert_eq!(greeting["QMP"]["capabilities"], json!(["async", "oob"]));
    assert_eq!(greeting["QMP"]["version"], client.execute("query-version").await);
    client
        .send(json!({ "exec-oob": "query-yank", "id": "urgent" }))
        .await;
    assert!(client.next().await["return"].is_array());
}

#[tokio::test]
async fn two_clients_with_the_same_ids_get_their_own_answers() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let (mut a, mut b) = (bridge.client("vm").await, bridge.client("vm").await);
    a.negotiate(&["async"]).await;
    b.negotiate(&[]).await;
    for id in 0..100 {
        a.send(json!({ "execute": "query-status", "id": id })).await;
        b.send(json!({ "execute": "query-name", "id": id })).await;
    }
    for id in 0..100 {
        let (of_a, of_b) = (a.next().await, b.next().await);
        assert_eq!((&of_a["id"], &of_b["id"]), (&json!(id), &json!(id)));
        assert!(of_a["return"].get("status").is_some(), "{of_a}");
        assert!(of_b["return"].get("status").is_none(), "{of_b}");
    }
}

#[tokio::test]
async fn e2_events_go_to_all_who_are_in_command_mode() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let (mut a, mut b, mut c) = (
        bridge.client("vm").await,
        bridge.client("vm").await,
        bridge.client("vm").await,
    );
    a.negotiate(&["async"]).await;
    b.negotiate(&["async"]).await;
    let greeting = c.next().await;
    assert!(greeting.get("QMP").is_some());
    for (command, event) in [("stop", "STOP"), ("cont", "RESUME")] {
        a.send(json!({ "execute": command, "id": command })).await;
        let (reply, events) = a.reply().await;
        assert_eq!(reply, json!({ "return": {}, "id": command }));
        // QEMU tells of the event before it answers the command that caused it.
        assert_eq!(events.iter().map(|e| &e["event"]).collect::<Vec<_>>(), [event]);
        assert_eq!(b.next().await, events[0]);
    }
    // The third has not negotiated: what it hears next is the answer to that.
    c.send(json!({ "execute": "qmp_capabilities", "id": "c" })).await;
    assert_eq!(c.next().await, json!({ "return": {}, "id": "c" }));
}

#[tokio::test]
async fn an_unknown_command_is_refused_by_class() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    client
        .send(json!({ "execute": "no-such-command", "id": [1, { "a": null }] }))
        .await;
    let reply = client.next().await;
    assert_eq!(reply["error"]["class"], "CommandNotFound");
    assert_eq!(reply["id"], json!([1, { "a": null }]));
}

#[tokio::test]
async fn whatever_json_a_client_sends_qemu_can_parse() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    for value in [
        "0e0",
        "-0E+5",
        "0.0e-9",
        "0e999",
        "1E400",
        "1e308",
        "1.7976931348623157e308",
        "18446744073709551616",
        "-0",
        "0.10",
        "1e-400",
        "\"\\u0000\\u007f\\u2028\"",
        "\"\u{7f}\u{e9}\u{1f600}\"",
        "\"\\/\\b\\f\"",
        "[[[[]]]]",
        "{\"\":{}}",
    ] {
        client
            .send_text(&format!(
                "{{\"execute\":\"no-such-command\",\"arguments\":{{\"a\":{value}}},\"id\":1}}"
            ))
            .await;
        let reply = client.next().await;
        assert_eq!(reply["id"], 1, "{value}: {reply}");
    }
    assert_eq!(client.execute("query-status").await["running"], true);
}

#[tokio::test]
async fn a_big_reply_comes_whole() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    client
        .send(json!({ "execute": "query-qmp-schema", "id": 1 }))
        .await;
    let text = client.next_text().await;
    assert!(text.len() > 200_000, "{} bytes", text.len());
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert!(
        schema["return"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["name"] == "query-status")
    );
}

/// A command that QEMU executes until the pipe that it reads is let go.
pub(crate) struct Slow {
    pipe: Fifo,
}

impl Slow {
    pub(crate) fn new() -> Self {
        Self {
            pipe: Fifo::new().unwrap(),
        }
    }

    pub(crate) fn command(&self, id: impl Into<Value>) -> Value {
        let image = json!({ "driver": "null-co", "read-zeroes": true });
        let arguments =
            json!({ "driver": "blkdebug", "node-name": "slow", "config": self.pipe.path(), "image": image });
        json!({ "execute": "blockdev-add", "arguments": arguments, "id": id.into() })
    }

    /// Lets QEMU go on.
    pub(crate) fn release(&self) {
        self.pipe.release();
    }

    /// Waits until QEMU executes the command; the bridge goes on meanwhile.
    async fn wait_until_executing(&self, qemu: &Qemu) {
        soon("QEMU executes the command", async {
            while !self.pipe.is_awaited(qemu) {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn who_does_not_read_is_let_go_and_others_are_served() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let (mut sleeper, mut other) = (bridge.client("vm").await, bridge.client("vm").await);
    sleeper.negotiate(&["async"]).await;
    other.negotiate(&["async"]).await;
    // Over 6 MB of replies, which no socket's buffers hold.
    for id in 0..32 {
        sleeper
            .send(json!({ "execute": "query-qmp-schema", "id": id }))
            .await;
    }
    // It still writes, until that fails because the bridge has gone.
    soon("the bridge to let it go", async {
        while sleeper.send_frame(Message::Ping(Bytes::new())).await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(other.execute("query-status").await["running"], true);
}

#[tokio::test]
async fn r1_qemu_killed_with_a_hundred_commands_pending_ends_every_client_that_waits() {
    let mut qemu = qemu!();
    let dir = tempfile::tempdir().unwrap();
    let bridge = TestBridge::with(&[("vm", Endpoint::Unix(qemu.socket().to_owned()))], |options| {
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    let slow = Slow::new();
    let mut blocking = bridge.client("vm").await;
    blocking.negotiate(&["async"]).await;
    blocking.send(slow.command("slow")).await;
    slow.wait_until_executing(&qemu).await;
    let mut clients = vec![blocking];
    for _ in 0..3 {
        clients.push(bridge.client("vm").await);
    }
    let mut script = Client::unix(&dir.path().join("vm.sock")).await;
    script.negotiate(&["async"]).await;
    for client in &mut clients[1..] {
        client.negotiate(&["async"]).await;
    }
    for id in 0..25 {
        for client in clients[1..].iter_mut().chain([&mut script]) {
            client.send(json!({ "execute": "query-status", "id": id })).await;
        }
    }
    qemu.kill().unwrap();
    for client in clients {
        assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    }
    script.ended().await;
}

#[tokio::test]
async fn out_of_band_overtakes_a_command_that_blocks_qemu() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async", "oob"]).await;
    let slow = Slow::new();
    client.send(slow.command("slow")).await;
    client
        .send(json!({ "execute": "query-name", "id": "behind" }))
        .await;
    client
        .send(json!({ "exec-oob": "query-yank", "id": "urgent" }))
        .await;
    assert_eq!(client.next().await["id"], "urgent");
    slow.release();
    assert_eq!(client.next().await["id"], "slow");
    assert_eq!(client.next().await["id"], "behind");
}

#[tokio::test]
async fn q14_what_a_client_leaves_behind_reaches_nobody() {
    let qemu = qemu!();
    let bridge = TestBridge::over(&qemu).await;
    let slow = Slow::new();
    let mut leaver = bridge.client("vm").await;
    leaver.negotiate(&["async"]).await;
    leaver.send(slow.command(7)).await;
    slow.wait_until_executing(&qemu).await;
    drop(leaver);
    let mut next = bridge.client("vm").await;
    next.negotiate(&["async"]).await;
    next.send(json!({ "execute": "query-name", "id": 7 })).await;
    slow.release();
    assert_eq!(
        next.next().await,
        json!({ "return": { "name": "test" }, "id": 7 }),
        "not the other command 7"
    );
}

#[tokio::test]
async fn q6_q14_a_reply_that_qemu_kept_for_an_earlier_client_is_dropped() {
    let qemu = qemu!();
    let slow = Slow::new();
    // A client leaves a command behind; QEMU will send its reply to the next client, which is the bridge.
    let mut before = UnixStream::connect(qemu.socket()).unwrap();
    write!(before, "{{\"execute\":\"qmp_capabilities\"}}{}", slow.command(0)).unwrap();
    slow.wait_until_executing(&qemu).await;
    drop(before);
    let bridge = TestBridge::over(&qemu).await;
    slow.release();
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    client.send(json!({ "execute": "query-name", "id": 0 })).await;
    assert_eq!(
        client.next().await,
        json!({ "return": { "name": "test" }, "id": 0 })
    );
}
