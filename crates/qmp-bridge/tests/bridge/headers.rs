//! Every header of every answer, and paths that lead nowhere.

use qmp_bridge::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::access::{ask, offer, raw, status, upgrade, upgrade_request};
use crate::common::{TestBridge, soon};

/// The headers of every answer; what differs stands beside.
pub(crate) const HEADERS: [&str; 5] = [
    "content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' \
     blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for \
     'script'; trusted-types 'none'",
    "cross-origin-opener-policy: same-origin",
    "cross-origin-resource-policy: same-origin",
    "referrer-policy: no-referrer",
    "x-content-type-options: nosniff",
];

/// The headers of an answer but those that have another value each time, sorted.
pub(crate) fn headers(answer: &str) -> Vec<&str> {
    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().skip(1).collect();
    lines.retain(|line| {
        !["date: ", "content-length: "]
            .iter()
            .any(|name| line.starts_with(name))
    });
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn w1_every_answer_has_just_these_headers() {
    let bridge = TestBridge::demo().await;
    let own = bridge.address.to_string();
    let host = format!("Host: {own}");
    let authorization = format!("Authorization: Bearer {}", bridge.token);
    let cors = "vary: origin, access-control-request-method, access-control-request-headers";
    let expose = "access-control-expose-headers: etag,retry-after";
    let (plain, kept_by_nobody) = (
        "content-type: text/plain; charset=utf-8",
        "cache-control: no-store",
    );
    let close = "connection: close";
    let (json, metrics) = (
        "content-type: application/json",
        "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8",
    );
    let (page, script) = ("content-type: text/html", "content-type: text/javascript");
    let here = vec![&*host];
    let known = vec![&*host, &*authorization];
    let mut cases = vec![
        ("GET /nothing", here.clone(), 404, vec![plain, kept_by_nobody]),
        ("GET /healthz", here.clone(), 200, vec![plain, kept_by_nobody]),
        (
            "GET /",
            vec!["Host: evil.example"],
            403,
            vec![plain, kept_by_nobody],
        ),
        ("GET /healthz", vec![], 400, vec![plain, kept_by_nobody]),
        (
            "POST /",
            here.clone(),
            405,
            vec!["allow: GET,HEAD", kept_by_nobody],
        ),
        (
            "POST /healthz",
            here.clone(),
            405,
            vec!["allow: GET,HEAD", kept_by_nobody],
        ),
        ("GET /vm/demo/qmp", here.clone(), 401, vec![plain, kept_by_nobody]),
        (
            "GET /api/vms",
            vec![&host, "Origin: null"],
            403,
            vec![plain, kept_by_nobody],
        ),
        (
            "GET /api/vms",
            here.clone(),
            401,
            vec![plain, kept_by_nobody, cors, expose],
        ),
        (
            "GET /api/vms",
            known.clone(),
            200,
            vec![json, kept_by_nobody, cors, expose],
        ),
        (
            "GET /vm/x/screen.png",
            known.clone(),
            404,
            vec![plain, kept_by_nobody, cors, expose],
        ),
        (
            "GET /vm/demo/screen.png",
            known.clone(),
            501,
            vec![plain, kept_by_nobody, cors, expose],
        ),
        (
            "GET /metrics",
            known,
            200,
            vec![metrics, kept_by_nobody, cors, expose],
        ),
    ];
    // A bridge may have been built without the console.
    if status(&raw(&bridge, &["GET / HTTP/1.1", &host]).await) == 200 {
        for path in ["GET /", "GET /index.html", "GET /lite.html"] {
            cases.push((path, here.clone(), 200, vec![page, kept_by_nobody]));
        }
        cases.push((
            "GET /console.js",
            here,
            200,
            vec![script, "cache-control: no-cache"],
        ));
    }
    for (line, lines, code, own) in cases {
        let line = format!("{line} HTTP/1.1");
        let answer = raw(&bridge, &[vec![&*line], lines].concat()).await;
        let mut due = [&HEADERS[..], &own, &[close]].concat();
        due.sort_unstable();
        assert_eq!((status(&answer), headers(&answer)), (code, due), "{line}");
    }
}

#[tokio::test]
async fn w1_a_web_socket_and_the_metrics_have_them_too() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.metrics_listen = Some(([127, 0, 0, 1], 0).into());
    })
    .await;
    let mut stream = TcpStream::connect(bridge.address).await.unwrap();
    let asked = upgrade_request(&bridge, &[offer(&bridge.token)]);
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut answer = String::new();
    while !answer.ends_with("\r\n\r\n") {
        answer.push(soon("a head", stream.read_u8()).await.unwrap().into());
    }
    let own = [
        "cache-control: no-store",
        "connection: Upgrade",
        "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "sec-websocket-protocol: qmp.v1",
        "upgrade: websocket",
    ];
    let mut due = [&HEADERS[..], &own].concat();
    due.sort_unstable();
    assert_eq!((status(&answer), headers(&answer)), (101, due));

    let metrics = bridge.metrics.unwrap();
    for (path, code, kind) in [
        (
            "/metrics",
            200,
            Some("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ),
        ("/", 404, None),
    ] {
        let stream = TcpStream::connect(metrics).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {metrics}\r\nConnection: close\r\n\r\n");
        let answer = ask(stream, request.as_bytes()).await;
        let mut due = [&HEADERS[..], &["cache-control: no-store", "connection: close"]].concat();
        due.extend(kind);
        due.sort_unstable();
        assert_eq!((status(&answer), headers(&answer)), (code, due), "{path}");
    }
}

#[tokio::test]
async fn w6_strange_paths_lead_nowhere() {
    let bridge = TestBridge::demo().await;
    let host = format!("Host: {}", bridge.address);
    for path in [
        "/%00",
        "/..%2f",
        "/..",
        "/../",
        "/../Cargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//evil/%2f..",
        "//evil.example/",
        "///etc/passwd",
        "/%",
        "/%f",
        "/%ff",
        "/\\",
        "/client",
        "/client/",
        "/client/../index.html",
        "/index.html/",
        "/proc/self/root/etc/passwd",
        "/vm/%00/qmp",
        "/vm/%/qmp",
        "/vm/..%2f/screen.png",
        "*",
        "evil.example:80",
    ] {
        let answer = raw(&bridge, &[&format!("GET {path} HTTP/1.1"), &host]).await;
        assert!((400..500).contains(&status(&answer)), "{path}: {answer}");
        assert!(
            !answer.to_lowercase().contains("\r\nlocation:"),
            "{path}: {answer}"
        );
    }
    assert_eq!(upgrade(&bridge, &[offer(&bridge.token)]).await, 101);
}
