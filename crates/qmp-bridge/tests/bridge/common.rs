//! A bridge and its clients, for tests.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use futures_util::future::poll_immediate;
use futures_util::{SinkExt, StreamExt};
use qmp_bridge::{Bridge, Endpoint, Options, Role};
use qmp_testkit::Qemu;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Nothing in these tests takes this long, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what}: nothing within {PATIENCE:?}"))
}

/// A bridge in this process.
pub(crate) struct TestBridge {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    pub(crate) metrics: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    _dir: Option<TempDir>,
}

impl TestBridge {
    pub(crate) async fn start(vms: &[(&str, Endpoint)]) -> Self {
        Self::with(vms, |_| ()).await
    }

    /// A bridge with further options. Its clients are admins: what roles may do is tested in `policy`.
    pub(crate) async fn with(vms: &[(&str, Endpoint)], set: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::default();
        options.policy.allow_admin = true;
        options.vms = vms
            .iter()
            .map(|(name, endpoint)| ((*name).to_owned(), endpoint.clone()))
            .collect();
        set(&mut options);
        Self::with_options(options).await
    }

    /// A bridge with a token for each role, and with further options; there are admins only if they say so.
    pub(crate) async fn of_roles(vms: &[(&str, Endpoint)], set: impl FnOnce(&mut Options)) -> Self {
        let line = |role: &Role| {
            let digest = Sha256::digest(token_of(*role));
            let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("id={role} role={role} sha256={digits}\n")
        };
        let dir = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .unwrap();
        let path = dir.path().join("tokens");
        fs::write(&path, Role::ALL.iter().map(line).collect::<String>()).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let all = |options: &mut Options| {
            options.policy.allow_admin = false;
            options.token_file = Some(path);
            set(options);
        };
        let mut bridge = Self::with(vms, all).await;
        bridge.token = token_of(Role::Viewer);
        bridge._dir = Some(dir);
        bridge
    }

    /// A client of a bridge that has tokens for each role.
    pub(crate) async fn client_as(&self, role: Role, vm: &str) -> Client {
        Client::web_socket(self.address, &token_of(role), vm)
            .await
            .unwrap()
    }

    /// One with these options, on a free port.
    pub(crate) async fn with_options(mut options: Options) -> Self {
        options.listen.set_port(0);
        let bridge = Bridge::bind(options).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let mut started = Self::at(&bridge.link());
        started.metrics = bridge.metrics_address();
        started.stop = Some(stop);
        started.serving = Some(tokio::spawn(async move {
            bridge.serve(async { drop(stopped.await) }).await;
        }));
        started
    }

    /// The bridge that has printed this link, which somebody else ends.
    pub(crate) fn at(link: &str) -> Self {
        let (_, link) = link.split_once("://").unwrap();
        let (address, fragment) = link.split_once('/').unwrap();
        // There is none where a file has them.
        let token = fragment.strip_prefix("#token=").unwrap_or_default();
        Self {
            address: address.parse().unwrap(),
            token: token.split('&').next().unwrap().to_owned(),
            metrics: None,
            stop: None,
            serving: None,
            _dir: None,
        }
    }

    pub(crate) async fn demo() -> Self {
        Self::start(&[("demo", Endpoint::Demo)]).await
    }

    /// The demo machine, on `demo.sock` in a directory too.
    pub(crate) async fn on_unix() -> (TempDir, Self) {
        let dir = tempfile::tempdir().unwrap();
        let listen = |options: &mut Options| options.listen_unix = Some(dir.path().to_owned());
        let bridge = Self::with(&[("demo", Endpoint::Demo)], listen).await;
        (dir, bridge)
    }

    pub(crate) async fn over(qemu: &Qemu) -> Self {
        Self::start(&[("vm", Endpoint::Unix(qemu.socket().to_owned()))]).await
    }

    /// Tells the bridge to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.unwrap().send(()).unwrap();
        soon("the bridge stops", self.serving.unwrap()).await.unwrap();
    }

    /// The same bridge, with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            address: self.address,
            token: token.to_owned(),
            metrics: self.metrics,
            stop: None,
            serving: None,
            _dir: None,
        }
    }

    /// The list of machines, as it changes.
    pub(crate) async fn machines(&self) -> MachineList {
        self.machines_by("/api/vms/events").await
    }

    /// The same, by another path.
    pub(crate) async fn machines_by(&self, path: &str) -> MachineList {
        let mut stream = BufReader::new(TcpStream::connect(self.address).await.unwrap());
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            self.address, self.token
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        MachineList(stream.lines())
    }

    /// Waits until there are just these machines in these states.
    pub(crate) async fn until(&self, machines: &[(&str, &str)]) {
        let due: Vec<Value> = machines
            .iter()
            .map(|(name, state)| json!({ "name": name, "demo": false, "state": state }))
            .collect();
        let mut list = self.machines().await;
        loop {
            let machines = soon(&format!("{due:?}"), list.next()).await.unwrap();
            if machines["vms"] == json!(due) {
                return;
            }
        }
    }

    /// Asks for a WebSocket as the console does.
    pub(crate) async fn client(&self, vm: &str) -> Client {
        Client::web_socket(self.address, &self.token, vm).await.unwrap()
    }

    /// Asks for a WebSocket with these subprotocols.
    pub(crate) async fn request(&self, vm: &str, subprotocols: &[&str]) -> Result<Client, Error> {
        Client::request(self.address, vm, subprotocols).await
    }
}

/// What the bridge says of its machines.
pub(crate) struct MachineList(Lines<BufReader<TcpStream>>);

impl MachineList {
    /// The next list; `None` after the last.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let line = soon("a list of machines", self.0.next_line()).await.unwrap()?;
            if let Some(list) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(list).unwrap());
            }
            // A chunk of this size is the end of the answer; the connection may go on.
            if line == "0" {
                return None;
            }
        }
    }

    /// Whether it may still go on, as far as is known by now.
    pub(crate) async fn is_open(&mut self) -> bool {
        loop {
            match poll_immediate(self.0.next_line()).await {
                None => return true,
                Some(Ok(Some(_))) => {}
                Some(_) => return false,
            }
        }
    }
}

/// The token of a role, where there is one for each.
pub(crate) fn token_of(role: Role) -> String {
    format!("the-token-of-the-{role}")
}

/// What a browser offers.
pub(crate) fn subprotocols(token: &str) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    format!(
        "binary, qmp.v1, qmp.bearer.{}",
        BASE64_URL_SAFE_NO_PAD.encode(token)
    )
}

/// A QMP client of the bridge.
pub(crate) enum Client {
    WebSocket(Box<WebSocketStream<TcpStream>>),
    Unix(BufReader<UnixStream>),
}

impl Client {
    pub(crate) async fn web_socket(address: SocketAddr, token: &str, vm: &str) -> Result<Self, Error> {
        Self::request(address, vm, &[&subprotocols(token)]).await
    }

    async fn request(address: SocketAddr, vm: &str, subprotocols: &[&str]) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await?;
        Self::over(stream, address, vm, subprotocols).await
    }

    /// The same over a stream that is there already, which leads to the bridge at this address.
    pub(crate) async fn over(
        stream: TcpStream,
        address: SocketAddr,
        vm: &str,
        subprotocols: &[&str],
    ) -> Result<Self, Error> {
        let mut request = format!("ws://{address}/vm/{vm}/qmp").into_client_request()?;
        for offered in subprotocols {
            request
                .headers_mut()
                .append("sec-websocket-protocol", HeaderValue::from_str(offered)?);
        }
        let (socket, response) = soon("upgrade", client_async(request, stream)).await?;
        assert_eq!(response.headers()["sec-websocket-protocol"], "qmp.v1");
        Ok(Self::WebSocket(Box::new(socket)))
    }

    pub(crate) async fn unix(path: &Path) -> Self {
        Self::Unix(BufReader::new(UnixStream::connect(path).await.unwrap()))
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Value {
        serde_json::from_str(&self.next_text().await).unwrap()
    }

    /// The next message as it is written, without the line end that it has on a stream.
    pub(crate) async fn next_text(&mut self) -> String {
        match self {
            Self::WebSocket(_) => match self.next_frame().await {
                Some(Ok(Message::Text(text))) => text.to_string(),
                other => panic!("no message: {other:?}"),
            },
            Self::Unix(stream) => {
                let mut line = String::new();
                soon("a message", stream.read_line(&mut line)).await.unwrap();
                line.strip_suffix("\r\n")
                    .unwrap_or_else(|| panic!("no message: {line:?}"))
                    .to_owned()
            }
        }
    }

    /// The bytes that come next; `None` at the end, whatever its reason.
    pub(crate) async fn next_bytes(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::WebSocket(socket) => match soon("a frame", socket.next()).await? {
                Ok(Message::Close(_)) | Err(_) => None,
                Ok(frame) => Some(frame.into_data().into()),
            },
            Self::Unix(stream) => {
                let mut bytes = vec![];
                let read = soon("a line", stream.read_until(b'\n', &mut bytes)).await;
                (read.is_ok() && !bytes.is_empty()).then_some(bytes)
            }
        }
    }

    /// Sends a message; false if there is nobody any more.
    pub(crate) async fn try_send(&mut self, text: &str) -> bool {
        match self {
            Self::WebSocket(_) => self.send_frame(Message::text(text)).await.is_ok(),
            Self::Unix(stream) => soon("sending", stream.write_all(text.as_bytes())).await.is_ok(),
        }
    }

    /// Sends bytes that need not be a frame.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        soon("sending", self.socket().get_mut().write_all(bytes))
            .await
            .unwrap();
    }

    /// The next frame of a WebSocket; a ping is answered.
    pub(crate) async fn next_frame(&mut self) -> Option<Result<Message, Error>> {
        soon("a frame", self.socket().next()).await
    }

    fn socket(&mut self) -> &mut WebSocketStream<TcpStream> {
        match self {
            Self::WebSocket(socket) => socket,
            Self::Unix(_) => panic!("a stream has no frames"),
        }
    }

    /// The next message that is a reply; events before it are given too.
    pub(crate) async fn reply(&mut self) -> (Value, Vec<Value>) {
        let mut events = vec![];
        loop {
            let message = self.next().await;
            if message.get("event").is_none() {
                return (message, events);
            }
            events.push(message);
        }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        assert!(self.try_send(text).await, "nobody takes {text}");
    }

    pub(crate) async fn send_frame(&mut self, frame: Message) -> Result<(), Error> {
        soon("sending", self.socket().send(frame)).await
    }

    /// Greeting and negotiation; gives the greeting.
    pub(crate) async fn negotiate(&mut self, capabilities: &[&str]) -> Value {
        let greeting = self.next().await;
        self.send(json!({ "execute": "qmp_capabilities", "arguments": { "enable": capabilities }, "id": 0 }))
            .await;
        assert_eq!(self.next().await, json!({ "return": {}, "id": 0 }));
        greeting
    }

    /// A command and its `return`.
    pub(crate) async fn execute(&mut self, command: &str) -> Value {
        self.send(json!({ "execute": command, "id": command })).await;
        let (mut reply, _) = self.reply().await;
        assert_eq!(reply["id"], command, "{reply}");
        reply["return"].take()
    }

    /// Waits until the connection has ended.
    pub(crate) async fn ended(mut self) {
        match &mut self {
            Self::WebSocket(socket) => {
                soon("the end", async {
                    while let Some(Ok(_)) = socket.next().await {}
                })
                .await
            }
            Self::Unix(stream) => {
                let mut rest = Vec::new();
                soon("the end", stream.read_to_end(&mut rest)).await.unwrap();
            }
        }
    }

    /// The code with which the bridge closes the connection; messages before it are let go.
    pub(crate) async fn close_code(mut self) -> u16 {
        loop {
            match self.next_frame().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("no close frame: {other:?}"),
            }
        }
    }
}
