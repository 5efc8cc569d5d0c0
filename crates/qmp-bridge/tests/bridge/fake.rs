//! Over a machine that does what QEMU seldom does.

use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::path::PathBuf;

use qmp_bridge::{CloseCode, Endpoint, Options};
use serde_json::{Value, json};
use socket2::SockRef;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::common::{TestBridge, soon};
use crate::metrics::metric;

/// A monitor that says what a test wants, and does nothing else.
pub(crate) struct Fake {
    stream: BufReader<UnixStream>,
    socket: FakeSocket,
}

/// Where a fake waits for a bridge.
pub(crate) struct FakeSocket {
    listener: UnixListener,
    dir: TempDir,
}

impl FakeSocket {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("qmp.sock")).unwrap();
        Self { listener, dir }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("qmp.sock")
    }

    async fn accept(&self) -> BufReader<UnixStream> {
        let (stream, _) = soon("the bridge to dial", self.listener.accept()).await.unwrap();
        BufReader::new(stream)
    }
}

impl Fake {
    /// A bridge in front of a fake that has negotiated and offers `oob`.
    pub(crate) async fn start() -> (TestBridge, Self) {
        Self::with(|_| ()).await
    }

    /// The same, of a bridge that is told more.
    pub(crate) async fn with(more: impl FnOnce(&mut Options)) -> (TestBridge, Self) {
        let socket = FakeSocket::new();
        let bridge = TestBridge::with(&[("vm", Endpoint::Unix(socket.path()))], more).await;
        (bridge, Self::accept(socket, &["oob"]).await)
    }

    /// A fake that offers these capabilities, and negotiates with the bridge that dials.
    pub(crate) async fn accept(socket: FakeSocket, capabilities: &[&str]) -> Self {
        let stream = socket.accept().await;
        let mut fake = Self { stream, socket };
        fake.negotiate(capabilities).await;
        fake
    }

    /// Ends the connection, and negotiates with the bridge that dials again.
    pub(crate) async fn again(&mut self, capabilities: &[&str]) {
        // The old one first: the bridge may wait for its end.
        self.stream.shutdown().await.ok();
        self.stream = self.socket.accept().await;
        self.negotiate(capabilities).await;
    }

    async fn negotiate(&mut self, capabilities: &[&str]) {
        let version = json!({ "qemu": { "micro": 0, "minor": 0, "major": 9 }, "package": "" });
        self.say(&format!(
            "{}\r\n",
            json!({ "QMP": { "version": version, "capabilities": capabilities } })
        ))
        .await;
        let negotiation = self.hear().await;
        assert_eq!(negotiation["execute"], "qmp_capabilities");
        self.answer(&negotiation, json!({})).await;
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.try_say(text).await.unwrap();
    }

    /// Says something to a bridge that may have gone.
    pub(crate) async fn try_say(&mut self, text: &str) -> io::Result<()> {
        soon("the bridge to read", self.stream.write_all(text.as_bytes())).await
    }

    pub(crate) async fn answer(&mut self, command: &Value, value: Value) {
        self.say(&format!(
            "{}\r\n",
            json!({ "return": value, "id": command["id"] })
        ))
        .await;
    }

    pub(crate) async fn hear(&mut self) -> Value {
        serde_json::from_str(&self.hear_text().await).unwrap()
    }

    /// The next command as it was written.
    pub(crate) async fn hear_text(&mut self) -> String {
        let mut line = String::new();
        soon("a command", self.stream.read_line(&mut line)).await.unwrap();
        line
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_events_reaches_who_reads() {
    const EVENTS: usize = 20_000;
    let (bridge, mut fake) = Fake::start().await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    let burst: String = (0..EVENTS)
        .map(|n| format!("{{\"event\": \"TICK\", \"data\": {{\"n\": {n}}}}}\r\n"))
        .collect();
    let reading = async {
        for n in 0..EVENTS {
            assert_eq!(client.next().await["data"]["n"], n);
        }
    };
    tokio::join!(fake.say(&burst), reading);
}

#[tokio::test]
async fn who_leaves_takes_what_was_not_sent_along() {
    let (bridge, mut fake) = Fake::start().await;
    let mut leaver = bridge.client("vm").await;
    leaver.negotiate(&["async"]).await;
    for n in 0..20 {
        leaver.send(json!({ "execute": "leaver", "id": n })).await;
    }
    // Eight are in flight; QEMU has those.
    let mut heard = VecDeque::new();
    for _ in 0..8 {
        heard.push_back(fake.hear().await);
    }
    drop(leaver);
    let mut stayer = bridge.client("vm").await;
    stayer.negotiate(&["async"]).await;
    stayer.send(json!({ "execute": "stayer", "id": 1 })).await;
    // The bridge learns of the two by different ways: a command of the leaver may still come before it has gone.
    while heard.back().is_some_and(|command| command["execute"] != "stayer") {
        fake.answer(&heard.pop_front().unwrap(), json!({})).await;
        heard.push_back(fake.hear().await);
    }
    assert!(
        heard.len() == 8
            && heard
                .iter()
                .filter(|command| command["execute"] == "leaver")
                .count()
                < 8
    );
    while let Some(command) = heard.pop_front() {
        fake.answer(&command, command["execute"].clone()).await;
    }
    assert_eq!(stayer.next().await, json!({ "return": "stayer", "id": 1 }));
}

#[tokio::test]
async fn q6_q7_replies_to_nobody_are_dropped() {
    let (bridge, mut fake) = Fake::start().await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    client.send(json!({ "execute": "x", "id": 1 })).await;
    let id = fake.hear().await["id"].clone();
    let reply = json!({ "return": "first", "id": id });
    let again = json!({ "return": "again", "id": id });
    fake.say(&format!(
        "{}{reply}{again}{}",
        json!({ "return": 1, "id": "unknown" }),
        json!({ "return": 2 })
    ))
    .await;
    fake.say(&format!("{}\r\n", json!({ "event": "LAST" }))).await;
    assert_eq!(client.next().await["return"], "first");
    assert_eq!(client.next().await["event"], "LAST");
}

#[tokio::test]
async fn q3_q8_q10_q11_what_is_not_qmp_ends_the_connection_to_that_machine() {
    for garbage in [
        "{\"return\": {} \"id\": 1}",
        "{\"return\": {}, \"id\": inf}",
        "{\"return\": {}, \"error\": {\"class\": \"GenericError\", \"desc\": \"\"}}",
        "{\"id\": 1}",
        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no id\"}}",
        "{\"QMP\": {\"version\": {}}}",
        "SSH-2.0-OpenSSH\r\n",
    ] {
        let (bridge, mut fake) = Fake::start().await;
        let mut client = bridge.client("vm").await;
        client.negotiate(&["async"]).await;
        client.send(json!({ "execute": "x", "id": 1 })).await;
        fake.hear().await;
        fake.say(garbage).await;
        assert_eq!(
            client.close_code().await,
            CloseCode::MonitorGone.code(),
            "{garbage}"
        );
    }
}

#[tokio::test]
async fn what_was_said_before_what_is_not_qmp_is_still_told() {
    let (bridge, mut fake) = Fake::start().await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    client.send(json!({ "execute": "x", "id": 1 })).await;
    let id = fake.hear().await["id"].clone();
    let event = json!({ "event": "LAST" });
    let reply = json!({ "return": "done", "id": id });
    fake.say(&format!("{event}\r\n{reply}\r\n}}")).await;
    assert_eq!(client.next().await["event"], "LAST");
    assert_eq!(client.next().await, json!({ "return": "done", "id": 1 }));
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
}

/// As QEMU does when it is told to quit while others go on asking.
#[tokio::test]
async fn what_a_machine_says_that_reads_no_more_is_still_told() {
    let (bridge, mut fake) = Fake::start().await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    client.send(json!({ "execute": "quit", "id": 1 })).await;
    let quit = fake.hear().await;
    SockRef::from(fake.stream.get_ref())
        .shutdown(Shutdown::Read)
        .unwrap();
    let sent = async || metric(&bridge, "qmp_bridge_sent_bytes_total{vm=\"vm\"}").await;
    let before = sent().await;
    client.send(json!({ "execute": "x", "id": 2 })).await;
    soon("a command to be sent", async { while sent().await == before {} }).await;
    fake.answer(&quit, json!({})).await;
    fake.say("{\"event\": \"SHUTDOWN\"}\r\n").await;
    drop(fake);
    assert_eq!(client.next().await, json!({ "return": {}, "id": 1 }));
    assert_eq!(client.next().await["event"], "SHUTDOWN");
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
}

/// QEMU gives a descriptor to whichever command asks for one first, and those that come are the bridge's own.
#[tokio::test]
async fn no_client_gets_a_descriptor_of_the_bridges_own() {
    let (bridge, mut fake) = Fake::with(|options| options.policy.allow_session_commands = true).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    for name in ["add-fd", "getfd"] {
        client.send(json!({ "execute": name, "id": name })).await;
        let (reply, _) = client.reply().await;
        let desc = "No file descriptor supplied via SCM_RIGHTS";
        assert_eq!(
            reply,
            json!({ "error": { "class": "GenericError", "desc": desc }, "id": name })
        );
    }
    client.send(json!({ "execute": "x", "id": 1 })).await;
    assert_eq!(fake.hear().await["execute"], "x");
}
