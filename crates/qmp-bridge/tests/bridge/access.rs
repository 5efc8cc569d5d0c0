//! Who is let in: raw requests, so that every header is ours.

use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use qmp_bridge::Endpoint;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;

use crate::common::{TestBridge, soon, subprotocols};
use crate::random::Random;

/// The whole answer to a request of these lines, after which the connection is closed.
pub(crate) async fn raw(bridge: &TestBridge, lines: &[&str]) -> String {
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let request = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"));
    ask(stream, request.as_bytes()).await
}

/// Everything that is answered to these bytes until the connection is closed, in good order.
pub(crate) async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    soon("an answer", stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// The status for the lines of an upgrade, with further ones.
pub(crate) async fn upgrade(bridge: &TestBridge, further: &[String]) -> u16 {
    status(&upgrade_head(bridge, further).await)
}

/// The head of the answer to them.
async fn upgrade_head(bridge: &TestBridge, further: &[String]) -> String {
    let mut stream = TcpStream::connect(bridge.address).await.unwrap();
    let request = upgrade_request(bridge, further);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon("a head", stream.read_u8()).await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

pub(crate) fn upgrade_request(bridge: &TestBridge, further: &[String]) -> String {
    let host = format!("Host: {}", bridge.address);
    let mut lines = vec![
        "GET /vm/demo/qmp HTTP/1.1",
        &host,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    lines.extend(further.iter().map(String::as_str));
    format!("{}\r\n\r\n", lines.join("\r\n"))
}

pub(crate) fn offer(token: &str) -> String {
    format!("Sec-WebSocket-Protocol: {}", subprotocols(token))
}

#[tokio::test]
async fn a_browser_of_an_allowed_page_with_a_token_is_let_in() {
    let bridge = TestBridge::demo().await;
    let own = format!("Origin: http://{}", bridge.address);
    assert_eq!(upgrade(&bridge, &[offer(&bridge.token), own]).await, 101);
}

#[tokio::test]
async fn an_upgrade_with_a_body_is_malformed() {
    let bridge = TestBridge::demo().await;
    for (header, due) in [
        ("Content-Length: 5", 400),
        ("Transfer-Encoding: chunked", 400),
        ("Content-Length: 0", 101),
    ] {
        let header = header.to_owned();
        assert_eq!(upgrade(&bridge, &[offer(&bridge.token), header]).await, due);
    }
}

#[tokio::test]
async fn o7_a1_a3_a_token_is_needed() {
    let bridge = TestBridge::demo().await;
    assert_eq!(upgrade(&bridge, &[offer(&bridge.token)]).await, 101);
    assert_eq!(upgrade(&bridge, &[]).await, 401);
    for wrong in ["", "x", &bridge.token[1..], &format!("{}x", bridge.token)] {
        assert_eq!(upgrade(&bridge, &[offer(wrong)]).await, 401, "{wrong}");
    }
    let alone = offer(&bridge.token).replace("qmp.v1, ", "");
    assert_eq!(upgrade(&bridge, &[alone]).await, 400);
}

#[tokio::test]
async fn a1_some_hundred_random_values_are_refused() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.limits.max_failures = None;
    })
    .await;
    let mut random = Random::new(1);
    for _ in 0..300 {
        let wrong: String = (0..random.below(80))
            .map(|_| char::from(33 + random.below(94) as u8))
            .collect();
        assert_eq!(upgrade(&bridge, &[offer(&wrong)]).await, 401, "{wrong}");
        let garbage = format!(
            "Sec-WebSocket-Protocol: qmp.v1, qmp.bearer.{}",
            wrong.replace(',', ".")
        );
        assert!(
            [400, 401].contains(&upgrade(&bridge, &[garbage]).await),
            "{wrong}"
        );
    }
    assert_eq!(upgrade(&bridge, &[offer(&bridge.token)]).await, 101);
}

#[tokio::test]
async fn a2_the_answer_has_the_protocol_and_no_token() {
    let bridge = TestBridge::demo().await;
    let head = upgrade_head(&bridge, &[offer(&bridge.token)]).await;
    assert_eq!(status(&head), 101);
    let lines: Vec<String> = head.lines().map(str::to_lowercase).collect();
    let protocols = lines
        .iter()
        .filter(|line| line.starts_with("sec-websocket-protocol:"));
    assert_eq!(protocols.collect::<Vec<_>>(), ["sec-websocket-protocol: qmp.v1"]);
    let encoded = offer(&bridge.token);
    let (_, encoded) = encoded.rsplit_once('.').unwrap();
    assert!(!head.contains(&bridge.token) && !head.contains(encoded), "{head}");
}

#[tokio::test]
async fn h6_what_is_forwarded_by_nobody_we_know_is_ignored() {
    let bridge = TestBridge::demo().await;
    let own = bridge.address;
    let (own_host, evil_host) = (format!("Host: {own}"), "Host: evil.example".to_owned());
    let forwarded = |host: &str| {
        [
            format!("X-Forwarded-Host: {host}"),
            format!("X-Forwarded-Proto: https\r\nForwarded: host={host};proto=https"),
        ]
    };
    let [host, rest] = forwarded(&own.to_string());
    let answer = raw(&bridge, &["GET / HTTP/1.1", &evil_host, &host, &rest]).await;
    assert_eq!(status(&answer), 403);
    let [host, rest] = forwarded("evil.example");
    let answer = raw(&bridge, &["GET / HTTP/1.1", &own_host, &host, &rest]).await;
    assert_eq!(status(&answer), 200);
    // Its own pages are still those of http.
    let origin = format!("Origin: https://{own}");
    let [host, rest] = forwarded(&own.to_string());
    assert_eq!(
        upgrade(&bridge, &[offer(&bridge.token), origin, host, rest]).await,
        403
    );
}

#[tokio::test]
async fn a4_a_token_in_the_url_is_worth_nothing() {
    let bridge = TestBridge::demo().await;
    let host = format!("Host: {}", bridge.address);
    let answer = raw(
        &bridge,
        &[&format!("GET /api/vms?token={} HTTP/1.1", bridge.token), &host],
    )
    .await;
    assert_eq!(status(&answer), 401);
    let answer = upgrade_request(&bridge, &[]).replace("/qmp ", &format!("/qmp?token={} ", bridge.token));
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let answer = ask(
        stream,
        answer
            .replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
            .as_bytes(),
    )
    .await;
    assert_eq!(status(&answer), 401);
}

#[tokio::test]
async fn h1_h2_foreign_names_get_nothing() {
    let bridge = TestBridge::demo().await;
    let authorization = format!("Authorization: Bearer {}", bridge.token);
    for path in ["/", "/start.js", "/vm/demo/qmp", "/healthz", "/api/vms"] {
        let line = format!("GET {path} HTTP/1.1");
        for host in [
            "evil.example".to_owned(),
            format!("evil.example:{}", bridge.address.port()),
        ] {
            let (origin, host) = (format!("Origin: http://{host}"), format!("Host: {host}"));
            let answer = raw(
                &bridge,
                &[&line, &host, &origin, &authorization, &offer(&bridge.token)],
            )
            .await;
            assert_eq!(status(&answer), 403, "{path} {host}");
            assert!(!answer.contains("<html"), "{answer}");
        }
    }
}

#[tokio::test]
async fn h5_nonsense_is_answered_and_survived() {
    let bridge = TestBridge::demo().await;
    for host in [
        "[::1",
        "a\u{1}b",
        "\u{ff}",
        " ",
        &"x".repeat(10_240),
        "::::",
        "localhost:999999",
    ] {
        let answer = raw(&bridge, &["GET / HTTP/1.1", &format!("Host: {host}")]).await;
        assert!((400..500).contains(&status(&answer)), "{host}: {answer}");
    }
    assert_eq!(upgrade(&bridge, &[offer(&bridge.token)]).await, 101);
}

#[tokio::test]
async fn the_list_of_machines_is_for_those_with_a_token() {
    let bridge = TestBridge::demo().await;
    // Once a client was served, the machine is up.
    bridge.client("demo").await.negotiate(&["async"]).await;
    let (host, line) = (format!("Host: {}", bridge.address), "GET /api/vms HTTP/1.1");
    assert_eq!(status(&raw(&bridge, &[line, &host]).await), 401);
    assert_eq!(
        status(&raw(&bridge, &[line, &host, "Authorization: Bearer x"]).await),
        401
    );
    let answer = raw(
        &bridge,
        &[line, &host, &format!("Authorization: Bearer {}", bridge.token)],
    )
    .await;
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "vms": [{ "name": "demo", "demo": true, "state": "up" }] })
    );
}

#[tokio::test]
async fn health_is_told_without_a_token() {
    let bridge = TestBridge::demo().await;
    let answer = raw(
        &bridge,
        &["GET /healthz HTTP/1.1", &format!("Host: {}", bridge.address)],
    )
    .await;
    assert!(
        status(&answer) == 200 && answer.ends_with("\r\n\r\nok\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn p11_only_configured_names_lead_to_machines() {
    let bridge = TestBridge::demo().await;
    // A socket that is there, and a link to it, are no machines because somebody names them.
    let dir = tempfile::tempdir().unwrap();
    let (socket, link) = (dir.path().join("vm.sock"), dir.path().join("link"));
    let listener = UnixListener::bind(&socket).unwrap();
    listener.set_nonblocking(true).unwrap();
    symlink(&socket, &link).unwrap();
    let paths = [&socket, &link].map(|path| path.to_str().unwrap().replace('/', "%2f"));
    let names = ["other", "..", "%2e%2e", "demo%2f..", "%00", "vm.sock", "link"];
    for vm in names.into_iter().chain(paths.iter().map(String::as_str)) {
        match bridge.request(vm, &[&subprotocols(&bridge.token)]).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 404, "{vm}"),
            other => panic!("{vm}: {:?}", other.map(|_| "let in")),
        }
    }
    assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let bridge = TestBridge::demo().await;
    for (line, host) in [
        ("GET / HTTP/1.1", format!("Host: {}", bridge.address)),
        ("GET /nothing HTTP/1.1", format!("Host: {}", bridge.address)),
        ("GET / HTTP/1.1", "Host: evil.example".to_owned()),
    ] {
        let answer = raw(&bridge, &[line, &host]).await.to_lowercase();
        for header in [
            "content-security-policy: default-src 'none';",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.contains(header), "{line}: {answer}");
        }
    }
}

#[tokio::test]
async fn why_a_page_is_refused_is_told_to_allowed_pages_only() {
    let bridge = TestBridge::demo().await;
    let host = format!("Host: {}", bridge.address);
    let own = format!("http://{}", bridge.address);
    for (origin, allowed) in [(&*own, true), ("http://evil.example", false), ("null", false)] {
        let origin_line = format!("Origin: {origin}");
        let asks = [
            "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: authorization",
        ];
        let preflight = raw(
            &bridge,
            &["OPTIONS /api/vms HTTP/1.1", &host, &origin_line, asks[0], asks[1]],
        )
        .await;
        let refused = raw(
            &bridge,
            &[
                "GET /api/vms HTTP/1.1",
                &host,
                &origin_line,
                "Authorization: Bearer x",
            ],
        )
        .await;
        let post = "Access-Control-Request-Method: POST";
        let session = raw(
            &bridge,
            &[
                "OPTIONS /api/session HTTP/1.1",
                &host,
                &origin_line,
                post,
                asks[1],
            ],
        )
        .await;
        let methods = session
            .lines()
            .find(|line| line.starts_with("access-control-allow-methods:"));
        assert_eq!(
            methods.is_some_and(|methods| methods.contains("POST")),
            allowed,
            "{session}"
        );
        let readable = format!("access-control-allow-origin: {origin}\r\n");
        assert_eq!(preflight.contains(&readable), allowed, "{preflight}");
        assert_eq!(session.contains(&readable), allowed, "{session}");
        assert_eq!(refused.contains(&readable), allowed, "{refused}");
        assert_eq!(status(&refused), if allowed { 401 } else { 403 });
        // A page is told, but not by cookies or the like.
        assert!(!refused.contains("access-control-allow-credentials"));
    }
}
