//! Over what behaves as libvirt's `virt-qemu-qmp-proxy` does. libvirt does not run here, so this is written by how the
//! proxy reads and answers: what came so far is one JSON text or is waited for, `qmp_capabilities` it answers itself,
//! and the `data` of events is a string.

use qmp_bridge::{CloseCode, Endpoint};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::common::{Client, TestBridge, soon};

/// The proxy, with its one client.
struct Proxy {
    stream: UnixStream,
    /// What came and is no JSON text yet. Two texts never become one.
    received: Vec<u8>,
    _dir: TempDir,
}

impl Proxy {
    async fn start() -> (TestBridge, Self) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("proxy.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let bridge = TestBridge::start(&[("vm", Endpoint::Libvirt(path))]).await;
        let (stream, _) = soon("the bridge to dial", listener.accept()).await.unwrap();
        let mut proxy = Self {
            stream,
            received: Vec::new(),
            _dir: dir,
        };
        let version = json!({ "qemu": { "major": 8, "minor": 2, "micro": 2 }, "package": "qemu-8.2.2" });
        // Events that nobody was there for come first.
        proxy.tell("RESUME", None).await;
        proxy
            .say(json!({ "QMP": { "version": version, "capabilities": ["oob"] } }))
            .await;
        let negotiation = proxy.command().await;
        assert_eq!(negotiation["execute"], "qmp_capabilities");
        assert_eq!(negotiation.get("arguments"), None, "libvirt has no oob to give");
        proxy.answer(&negotiation, json!({})).await;
        (bridge, proxy)
    }

    /// The next command: the first that is alone.
    async fn command(&mut self) -> Value {
        loop {
            if let Ok(command) = serde_json::from_slice(&self.received) {
                self.received.clear();
                return command;
            }
            let mut chunk = [0; 1024];
            let length = soon("a command that is alone", self.stream.read(&mut chunk))
                .await
                .unwrap();
            assert!(length > 0, "the bridge left");
            self.received.extend_from_slice(&chunk[..length]);
        }
    }

    async fn say(&mut self, message: Value) {
        self.stream
            .write_all(format!("{message}\r\n").as_bytes())
            .await
            .unwrap();
    }

    async fn tell(&mut self, event: &str, data: Option<&str>) {
        let mut message = json!({ "event": event, "timestamp": { "seconds": 1, "microseconds": 2 } });
        if let Some(data) = data {
            message["data"] = data.into();
        }
        self.say(message).await;
    }

    async fn answer(&mut self, command: &Value, value: Value) {
        self.say(json!({ "return": value, "id": command["id"] })).await;
    }
}

async fn client(bridge: &TestBridge) -> Client {
    let mut client = bridge.client("vm").await;
    let greeting = client.negotiate(&["async"]).await;
    assert_eq!(greeting["QMP"]["capabilities"], json!(["async"]));
    assert_eq!(greeting["QMP"]["version"]["package"], "qemu-8.2.2");
    client
}

#[tokio::test]
async fn one_command_is_in_flight_whatever_clients_send() {
    const COMMANDS: usize = 20;
    let (bridge, mut proxy) = Proxy::start().await;
    let (mut one, mut other) = (client(&bridge).await, client(&bridge).await);
    let long = "x".repeat(5000);
    for n in 0..COMMANDS {
        let command = json!({ "execute": "a", "arguments": { "n": n, "long": long }, "id": n });
        one.send(command.clone()).await;
        other.send(command).await;
    }
    for _ in 0..2 * COMMANDS {
        let command = proxy.command().await;
        proxy.answer(&command, command["arguments"]["n"].clone()).await;
    }
    for n in 0..COMMANDS {
        assert_eq!(one.next().await, json!({ "return": n, "id": n }));
        assert_eq!(other.next().await, json!({ "return": n, "id": n }));
    }
    // What cannot be answered is not sent.
    one.send(json!({ "exec-oob": "query-yank", "id": "oob" })).await;
    assert_eq!(one.next().await["error"]["class"], "GenericError");
}

#[tokio::test]
async fn the_data_of_events_is_an_object_again() {
    let (bridge, mut proxy) = Proxy::start().await;
    let mut client = client(&bridge).await;
    proxy
        .tell(
            "SHUTDOWN",
            Some("{\"guest\": true, \"reason\": \"guest-\\\"shutdown\\\"\"}"),
        )
        .await;
    proxy.tell("STOP", None).await;
    proxy.tell("ODD", Some("{no JSON")).await;
    let event = client.next().await;
    assert_eq!(
        event["data"],
        json!({ "guest": true, "reason": "guest-\"shutdown\"" })
    );
    assert_eq!(event["timestamp"], json!({ "seconds": 1, "microseconds": 2 }));
    assert_eq!(client.next().await.get("data"), None);
    assert_eq!(client.next().await["data"], "{no JSON");
}

#[tokio::test]
async fn who_leaves_takes_what_waits_along() {
    let (bridge, mut proxy) = Proxy::start().await;
    let (mut leaver, mut stayer) = (client(&bridge).await, client(&bridge).await);
    for n in 0..10 {
        leaver.send(json!({ "execute": "leaver", "id": n })).await;
    }
    let running = proxy.command().await;
    leaver
        .send_frame(tokio_tungstenite::tungstenite::Message::Close(None))
        .await
        .unwrap();
    leaver.ended().await;
    stayer.send(json!({ "execute": "stayer", "id": 1 })).await;
    let mut command = running;
    let mut left = 0;
    while command["execute"] == "leaver" {
        left += 1;
        proxy.answer(&command, json!({})).await;
        command = proxy.command().await;
    }
    // Those that were on their way to the machine when the client left may still come.
    assert!(left < 10, "{left}");
    proxy.answer(&command, json!("stayer")).await;
    assert_eq!(stayer.next().await, json!({ "return": "stayer", "id": 1 }));
    drop(proxy);
    assert_eq!(stayer.close_code().await, CloseCode::MonitorGone.code());
}
