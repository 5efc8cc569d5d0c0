//! TLS: who gets a connection and by which certificate, and that nothing else changes.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use qmp_bridge::{Endpoint, Options, TlsFiles};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::access::{ask, status};
use crate::common::{TestBridge, soon, subprotocols};
use crate::headers::{HEADERS, headers};
use crate::program::Program;

/// A certificate of its own issue, in files.
struct Issued {
    dir: TempDir,
    certificate: CertificateDer<'static>,
}

impl Issued {
    fn new() -> Self {
        let mut issued = Self {
            dir: tempfile::tempdir().unwrap(),
            certificate: CertificateDer::from_slice(&[]).into_owned(),
        };
        issued.renew();
        issued
    }

    fn cert(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.dir.path().join("key.pem")
    }

    fn files(&self) -> TlsFiles {
        TlsFiles::new(self.cert(), self.key())
    }

    /// Another certificate, with another key, in the place of the one before.
    fn renew(&mut self) {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        replace(&self.key(), signing_key.serialize_pem().as_bytes());
        replace(&self.cert(), cert.pem().as_bytes());
        self.certificate = cert.der().clone();
    }

    /// A connection to the bridge by a client that trusts this certificate alone.
    async fn connect(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.connect_by(stream, &[&version::TLS13, &version::TLS12]).await
    }

    async fn connect_by(
        &self,
        stream: TcpStream,
        versions: &[&'static SupportedProtocolVersion],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::from(stream.peer_addr().unwrap().ip());
        soon("TLS", TlsConnector::from(Arc::new(config)).connect(name, stream)).await
    }

    /// The whole answer to a request of these lines.
    async fn raw(&self, bridge: &TestBridge, lines: &[&str]) -> String {
        let stream = self.connect(dial(bridge).await).await.unwrap();
        let request = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"));
        ask(stream, request.as_bytes()).await
    }
}

/// Puts a file, readable by nobody else, in the place of another at once.
fn replace(path: &Path, contents: &[u8]) {
    let new = path.with_extension("new");
    fs::write(&new, contents).unwrap();
    fs::set_permissions(&new, Permissions::from_mode(0o600)).unwrap();
    fs::rename(new, path).unwrap();
}

async fn dial(bridge: &TestBridge) -> TcpStream {
    TcpStream::connect(bridge.address).await.unwrap()
}

async fn secure(set: impl FnOnce(&mut Options)) -> (Issued, TestBridge) {
    let issued = Issued::new();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.tls = Some(issued.files());
        set(options);
    })
    .await;
    (issued, bridge)
}

#[tokio::test]
async fn n4_commands_are_executed_over_tls_at_either_family() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (issued, bridge) = secure(|options| options.listen = address.parse().unwrap()).await;
        let stream = issued.connect(dial(&bridge).await).await.unwrap();
        let mut request = format!("wss://{}/vm/demo/qmp", bridge.address)
            .into_client_request()
            .unwrap();
        let offered = HeaderValue::from_str(&subprotocols(&bridge.token)).unwrap();
        request.headers_mut().insert("sec-websocket-protocol", offered);
        let (mut socket, response) = soon("upgrade", client_async(request, stream)).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "qmp.v1");
        for command in ["qmp_capabilities", "query-status"] {
            let command = json!({ "execute": command, "id": command });
            socket.send(Message::text(command.to_string())).await.unwrap();
        }
        let running = async {
            loop {
                let message = socket.next().await.unwrap().unwrap();
                let message: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
                if message["id"] == "query-status" {
                    return message["return"]["running"].clone();
                }
            }
        };
        assert_eq!(soon("a reply", running).await, true);
        let told = async { while let Some(Ok(_)) = socket.next().await {} };
        tokio::join!(bridge.stop(), soon("the end", told));
    }
}

#[tokio::test]
async fn n4_an_ipv6_literal_is_a_name_without_tls_too() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.listen = "[::1]:0".parse().unwrap();
    })
    .await;
    assert!(bridge.address.is_ipv6());
    bridge.client("demo").await.negotiate(&["async"]).await;
}

#[tokio::test]
async fn n1_off_loopback_there_is_tls_or_no_bridge() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let output = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
            .args(["--demo", "--listen", address])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = soon("the bridge to end", output).await.unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        let due = format!(
            "qmp-bridge: --listen {address}: only loopback addresses are allowed without TLS: give --tls-cert"
        );
        assert!(said.starts_with(&due) && said.lines().count() == 1, "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[tokio::test]
async fn n2_tls_is_1_2_or_1_3() {
    let (issued, bridge) = secure(|_| ()).await;
    for (allowed, due) in [
        (&version::TLS12, ProtocolVersion::TLSv1_2),
        (&version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let stream = issued.connect_by(dial(&bridge).await, &[allowed]).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(due));
    }
    for minor in [1, 2] {
        // A client that knows TLS 1.0 or 1.1 and what goes with it, and nothing newer.
        let ciphers = [0, 4, 0xc0, 0x09, 0xc0, 0x13, 1, 0];
        let (signatures, groups, points) = (
            [0, 13, 0, 4, 0, 2, 4, 3],
            [0, 10, 0, 4, 0, 2, 0, 23],
            [0, 11, 0, 2, 1, 0],
        );
        let extensions = [&signatures[..], &groups, &points].concat();
        let random = [7; 32];
        let length = [0, extensions.len() as u8];
        let hello = [&[3, minor][..], &random, &[0], &ciphers, &length, &extensions].concat();
        let handshake = [&[1, 0, 0, hello.len() as u8][..], &hello].concat();
        let record = [&[22, 3, 1, 0, handshake.len() as u8][..], &handshake].concat();
        let mut stream = dial(&bridge).await;
        stream.write_all(&record).await.unwrap();
        let mut alert = [0; 7];
        soon("an alert", stream.read_exact(&mut alert)).await.unwrap();
        // Fatal: protocol_version.
        assert_eq!((alert[0], &alert[5..]), (21, &[2, 70][..]), "{alert:?}");
    }
}

#[tokio::test]
async fn n2_l1_a_handshake_is_not_waited_for() {
    let (_, bridge) = secure(|options| options.limits.handshake_timeout = Duration::from_secs(1)).await;
    for begun in [&b""[..], &[22, 3, 1]] {
        let mut stream = dial(&bridge).await;
        stream.write_all(begun).await.unwrap();
        let mut rest = Vec::new();
        soon("the end", stream.read_to_end(&mut rest)).await.unwrap();
    }
}

/// The program with this certificate, and where its log is.
async fn program(issued: &Issued) -> (Program, PathBuf) {
    let log = issued.dir.path().join("log");
    let files = (issued.cert(), issued.key());
    let arguments = [
        OsStr::new("--tls-cert"),
        files.0.as_os_str(),
        OsStr::new("--tls-key"),
        files.1.as_os_str(),
    ];
    let bridge = Program::with("000", &arguments, File::create(&log).unwrap().into()).await;
    (bridge, log)
}

#[tokio::test]
async fn n2_a_new_certificate_is_taken_and_a_broken_one_is_not() {
    let mut issued = Issued::new();
    let (bridge, log) = program(&issued).await;
    let connected = async |issued: &Issued| {
        let stream = TcpStream::connect(bridge.address()).await.unwrap();
        issued.connect(stream).await.is_ok()
    };
    assert!(connected(&issued).await);
    let complaints = || fs::read_to_string(&log).unwrap().matches("stays in use").count();
    for broken in [
        &b"nonsense"[..],
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let before = complaints();
        replace(&issued.cert(), broken);
        soon("it is noticed", async {
            while complaints() == before {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        assert!(connected(&issued).await);
        let old = issued.certificate.clone();
        issued.renew();
        assert_ne!(issued.certificate, old);
        soon("the new one is there", async {
            while !connected(&issued).await {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_key_that_others_may_read_or_that_is_anothers_is_refused() {
    let (issued, other) = (Issued::new(), Issued::new());
    fs::set_permissions(other.key(), Permissions::from_mode(0o640)).unwrap();
    let strange = issued.dir.path().join("strange.pem");
    fs::copy(other.key(), &strange).unwrap();
    fs::set_permissions(&strange, Permissions::from_mode(0o600)).unwrap();
    for (key, said) in [(other.key(), "mode 0640"), (strange, "cert.pem: ")] {
        let output = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
            .args(["--demo", "--listen", "127.0.0.1:0", "--tls-cert"])
            .arg(issued.cert())
            .arg("--tls-key")
            .arg(key)
            .env("RUST_LOG", "error")
            .kill_on_drop(true)
            .output();
        let output = soon("the bridge to end", output).await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(error.contains(said) && error.lines().count() == 1, "{error}");
    }
}

#[tokio::test]
async fn n3_who_speaks_plain_http_is_let_go() {
    let issued = Issued::new();
    let (bridge, log) = program(&issued).await;
    for request in [
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\0\u{1}garbage",
        "\n",
    ] {
        let stream = TcpStream::connect(bridge.address()).await.unwrap();
        let (mut reader, mut writer) = stream.into_split();
        writer.write_all(request.as_bytes()).await.unwrap();
        writer.shutdown().await.unwrap();
        let mut answer = Vec::new();
        soon("the end", reader.read_to_end(&mut answer)).await.unwrap();
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    let stream = TcpStream::connect(bridge.address()).await.unwrap();
    assert!(issued.connect(stream).await.is_ok());
    let said = fs::read_to_string(&log).unwrap();
    let of_this: Vec<&str> = said
        .lines()
        .filter(|line| !line.contains("runs as root"))
        .collect();
    assert!(of_this.is_empty(), "{said}");
}

#[tokio::test]
async fn o6_pages_come_by_the_scheme_of_the_listener() {
    let (issued, secure) = secure(|options| options.allow_hosts = vec!["vm.example".into()]).await;
    let plain = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.allow_hosts = vec!["vm.example".into()];
    })
    .await;
    for (bridge, scheme, other) in [(&secure, "https", "http"), (&plain, "http", "https")] {
        let port = bridge.address.port();
        for name in [
            "vm.example".to_owned(),
            format!("localhost:{port}"),
            format!("127.0.0.1:{port}"),
            format!("[::1]:{port}"),
        ] {
            for (scheme, due) in [(scheme, 200), (other, 403)] {
                let lines = [
                    "GET /api/vms HTTP/1.1",
                    &format!("Host: {name}"),
                    &format!("Origin: {scheme}://{name}"),
                    &format!("Authorization: Bearer {}", bridge.token),
                ];
                let answer = if std::ptr::eq(bridge, &secure) {
                    issued.raw(bridge, &lines).await
                } else {
                    crate::access::raw(bridge, &lines).await
                };
                assert_eq!(status(&answer), due, "{lines:?}");
            }
        }
    }
}

#[tokio::test]
async fn w1_over_tls_browsers_are_told_to_stay_there() {
    let (issued, bridge) = secure(|options| options.allow_hosts = vec!["vm.example".into()]).await;
    let port = bridge.address.port();
    let hsts = "strict-transport-security: max-age=31536000";
    for (host, code, told) in [
        ("vm.example".to_owned(), 200, true),
        (format!("127.0.0.1:{port}"), 200, true),
        ("evil.example".to_owned(), 403, true),
        (format!("localhost:{port}"), 200, false),
        (format!("LocalHost:{port}"), 200, false),
    ] {
        let answer = issued
            .raw(&bridge, &["GET /healthz HTTP/1.1", &format!("Host: {host}")])
            .await;
        let own = [
            "cache-control: no-store",
            "connection: close",
            "content-type: text/plain; charset=utf-8",
        ];
        let mut due = [&HEADERS[..], &own].concat();
        due.extend(told.then_some(hsts));
        due.sort_unstable();
        assert_eq!((status(&answer), headers(&answer)), (code, due), "{host}");
    }
}
