//! No command is executed twice, wherever a connection is cut. The bridge repeats nothing, so who gets no reply has to ask.

use qmp_bridge::{CloseCode, Endpoint};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::common::{Client, TestBridge, subprotocols};
use crate::ledger::Ledger;
use crate::relay::{Fault, Relay};

/// Where the connection is cut: on the client's side of the bridge or on the machine's.
#[derive(Clone, Copy, Debug)]
enum Cut {
    BeforeSend,
    MidFrame,
    AfterSend,
    BeforeReply,
    MidReply,
}

const CUTS: [Cut; 5] = [
    Cut::BeforeSend,
    Cut::MidFrame,
    Cut::AfterSend,
    Cut::BeforeReply,
    Cut::MidReply,
];

#[tokio::test]
async fn r6_no_command_is_executed_twice_wherever_the_connection_is_cut() {
    let mut all = JoinSet::new();
    for command in ["quit", "system_reset", "device_add", "stop", "query-status"] {
        all.spawn(async move {
            let far = Far::new().await;
            for cut in CUTS {
                far.cut_from_the_client(command, cut).await;
                far.cut_from_the_machine(command, cut).await;
            }
            let executed = far.ledger.executed();
            assert!(executed.values().all(|&times| times == 1), "{executed:?}");
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}

/// A machine, a bridge and a client, with networks between them that fail.
struct Far {
    ledger: Ledger,
    /// Between the bridge and the machine.
    inner: Relay,
    bridge: TestBridge,
    /// Between the client and the bridge.
    outer: Relay,
    address: std::net::SocketAddr,
    _dir: tempfile::TempDir,
}

impl Far {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, path) = (Ledger::start(6), dir.path().join("relay.sock"));
        let inner = Relay::unix(&path, ledger.path());
        let bridge = TestBridge::start(&[("vm", Endpoint::Unix(path))]).await;
        let (outer, address) = Relay::tcp(bridge.address).await;
        Self {
            ledger,
            inner,
            bridge,
            outer,
            address,
            _dir: dir,
        }
    }

    async fn cut_from_the_client(&self, command: &str, cut: Cut) {
        let mark = format!("{command}, the client's side, {cut:?}");
        let message = order(command, &mark);
        let mut client = self.client().await;
        self.send(&self.outer, &mut client, &message, &mark, cut).await;
        while let Some(bytes) = client.next_bytes().await {
            let message: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(message["event"], "TICK", "{mark}: {message}");
        }
        self.goes_on(&mark, cut).await;
    }

    async fn cut_from_the_machine(&self, command: &str, cut: Cut) {
        let mark = format!("{command}, the machine's side, {cut:?}");
        let message = order(command, &mark);
        let mut client = self.client().await;
        self.send(&self.inner, &mut client, &message, &mark, cut).await;
        assert_eq!(client.close_code().await, CloseCode::MonitorGone.code(), "{mark}");
        self.goes_on(&mark, cut).await;
    }

    /// Sends a command and cuts the connection there.
    async fn send(&self, network: &Relay, client: &mut Client, message: &Value, mark: &str, cut: Cut) {
        let message = message.to_string();
        match cut {
            Cut::BeforeSend => network.cut(),
            Cut::MidFrame => network.set(Fault::Cut(20), Fault::None),
            Cut::AfterSend => network.set(Fault::Last, Fault::None),
            Cut::BeforeReply => self.ledger.say_nothing_of_the_next(),
            Cut::MidReply => network.set(Fault::None, Fault::Cut(10)),
        }
        client.try_send(&message).await;
        if matches!(cut, Cut::BeforeReply) {
            self.ledger.until_executed(mark).await;
            network.cut();
        }
    }

    /// Whoever comes then is served, and finds the command executed once or not at all.
    async fn goes_on(&self, mark: &str, cut: Cut) {
        self.outer.set(Fault::None, Fault::None);
        self.inner.set(Fault::None, Fault::None);
        let mut next = self.bridge.client("vm").await;
        next.negotiate(&["async"]).await;
        let asked = format!("after {mark}");
        next.send(order("x", &asked)).await;
        let (reply, _) = next.reply().await;
        assert_eq!(reply["return"]["mark"], asked);
        let times = self.ledger.executed().get(mark).copied().unwrap_or(0);
        match cut {
            Cut::BeforeSend | Cut::MidFrame => assert_eq!(times, 0, "{mark}"),
            Cut::AfterSend => assert!(times <= 1, "{mark}: {times} times"),
            Cut::BeforeReply | Cut::MidReply => assert_eq!(times, 1, "{mark}"),
        }
    }

    /// A client whose network can be cut.
    async fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let offer = subprotocols(&self.bridge.token);
        let mut client = Client::over(stream, self.bridge.address, "vm", &[&offer])
            .await
            .unwrap();
        client.negotiate(&["async"]).await;
        client
    }
}

fn order(command: &str, mark: &str) -> Value {
    json!({ "execute": command, "arguments": { "mark": mark }, "id": mark })
}
