//! Who is let in: raw requests, so that every header is ours.

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;

use crate::common::{TestBridge, soon, subprotocols};

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

/// The answer to an upgrade with further lines.
pub(crate) async fn upgrade(bridge: &TestBridge, further: &[String]) -> u16 {
    let mut stream = TcpStream::connect(bridge.address).await.unwrap();
    let request = upgrade_request(bridge, further);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    soon("a status", stream.read_exact(&mut head)).await.unwrap();
    status(std::str::from_utf8(&head).unwrap())
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
async fn o1_to_o4_foreign_pages_are_refused_with_and_without_a_token() {
    let bridge = TestBridge::demo().await;
    for origin in ["https://evil.example", "null", "http://localhost:1"] {
        let origin = format!("Origin: {origin}");
        assert_eq!(
            upgrade(&bridge, &[offer(&bridge.token), origin.clone()]).await,
            403,
            "{origin}"
        );
        assert_eq!(
            upgrade(&bridge, std::slice::from_ref(&origin)).await,
            403,
            "{origin}"
        );
    }
    let own = format!("Origin: http://{}", bridge.address);
    assert_eq!(
        upgrade(&bridge, &[offer(&bridge.token), own.clone(), own]).await,
        400
    );
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
async fn a4_a_token_in_the_url_is_worth_nothing() {
    let bridge = TestBridge::demo().await;
    let host = format!("Host: {}", bridge.address);
    let answer = raw(
        &bridge,
        &[&format!("GET /api/vms?token={} HTTP/1.1", bridge.token), &host],
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
    for vm in ["other", "..", "%2e%2e", "demo%2f..", "%00"] {
        match bridge.request(vm, &[&subprotocols(&bridge.token)]).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 404, "{vm}"),
            other => panic!("{vm}: {:?}", other.map(|_| "let in")),
        }
    }
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
        let readable = format!("access-control-allow-origin: {origin}\r\n");
        assert_eq!(preflight.contains(&readable), allowed, "{preflight}");
        assert_eq!(refused.contains(&readable), allowed, "{refused}");
        assert_eq!(status(&refused), if allowed { 401 } else { 403 });
        // A page is told, but not by cookies or the like.
        assert!(!refused.contains("access-control-allow-credentials"));
    }
}
