//! Hosts and origins that look like the right ones, over the wire.

use std::fs;

use qmp_bridge::{AuditLog, Endpoint};
use serde_json::Value;

use crate::access::{offer, raw, status, upgrade};
use crate::common::TestBridge;

/// The whole answer to an upgrade that is refused, but for the time.
async fn refusal(bridge: &TestBridge, further: &[&str]) -> String {
    let host = format!("Host: {}", bridge.address);
    let lines = [
        "GET /vm/demo/qmp HTTP/1.1",
        &host,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    let answer = raw(bridge, &[&lines[..], further].concat()).await;
    let but_time = answer
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("date: "));
    but_time.collect()
}

#[tokio::test]
async fn o1_o2_o3_o4_foreign_pages_are_refused_alike_with_and_without_a_token_and_it_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("audit");
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.audit_log = Some(AuditLog::File(log.clone()));
    })
    .await;
    let token = offer(&bridge.token);
    let foreign = ["https://evil.example", "null", "http://localhost:1"];
    for origin in foreign {
        let origin = format!("Origin: {origin}");
        let with = refusal(&bridge, &[&origin, &token]).await;
        assert_eq!(status(&with), 403, "{origin}");
        // Nor is a wrong token told from a right one.
        assert_eq!(refusal(&bridge, &[&origin]).await, with);
        assert_eq!(
            refusal(&bridge, &[&origin, &offer("wrong-wrong-wrong")]).await,
            with
        );
    }
    let own = format!("Origin: http://{}", bridge.address);
    assert_eq!(status(&refusal(&bridge, &[&own, &own, &token]).await), 400);
    assert_eq!(upgrade(&bridge, &[token, own]).await, 101);
    bridge.stop().await;
    let said = fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for origin in foreign {
        let of_this: Vec<&Value> = lines.iter().filter(|line| line["origin"] == origin).collect();
        let whole =
            |line: &&Value| line["what"] == "refusal" && line["reason"] == "origin" && line["vm"] == "demo";
        assert!(of_this.len() == 3 && of_this.iter().all(whole), "{said}");
    }
    assert_eq!(
        lines.iter().filter(|line| line["reason"] == "malformed").count(),
        1,
        "{said}"
    );
}

#[tokio::test]
async fn o5_an_origin_is_the_very_one_or_refused() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.allow_origins = vec!["https://trusted.example.com".into()];
    })
    .await;
    for (origin, due) in [
        ("https://trusted.example.com", 101),
        ("https://TRUSTED.Example.COM", 101),
        ("https://trusted.example.com:443", 101),
        ("https://trusted.example.com.evil.com", 403),
        ("https://trusted.example.comedy", 403),
        ("https://eviltrusted.example.com", 403),
        ("https://trusted.example.com:9999", 403),
        ("http://trusted.example.com", 403),
        ("wss://trusted.example.com", 403),
        ("https://trusted.example.com.", 403),
        ("https://trusted.example.com@evil.com", 403),
        ("https://evil.com@trusted.example.com", 403),
        ("https://trusted.example.com/", 403),
        ("https://trusted.example.com#.evil.com", 403),
        ("https://trusted.example.com, https://evil.com", 403),
        ("trusted.example.com", 403),
    ] {
        let lines = [format!("Origin: {origin}"), offer(&bridge.token)];
        assert_eq!(upgrade(&bridge, &lines).await, due, "{origin}");
    }
}

#[tokio::test]
async fn h3_h4_a_host_is_the_very_one_or_refused_and_there_is_one() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.allow_hosts = vec!["vm.example".into()];
    })
    .await;
    let port = bridge.address.port();
    let other = port ^ 1;
    let at = |name: &str| format!("{name}:{port}");
    for (host, due) in [
        (at("localhost"), 200),
        (at("LOCALHOST"), 200),
        (at("127.0.0.1"), 200),
        (at("[::1]"), 200),
        ("vm.example".to_owned(), 200),
        (at("127.0.0.1.evil.com"), 403),
        (at("localhost.evil.com"), 403),
        (at("evil.localhost"), 403),
        (at("0.0.0.0"), 403),
        (at("[::]"), 403),
        (at("2130706433"), 403),
        (at("0x7f000001"), 403),
        (at("0177.0.0.1"), 403),
        (at("127.1"), 403),
        (at("[::ffff:127.0.0.1]"), 403),
        (format!("localhost:{other}"), 403),
        (format!("127.0.0.1:{other}"), 403),
        ("localhost".to_owned(), 403),
        (at("vm.example"), 403),
        ("vm.example.evil.com".to_owned(), 403),
    ] {
        let answer = raw(&bridge, &["GET /healthz HTTP/1.1", &format!("Host: {host}")]).await;
        assert_eq!(status(&answer), due, "{host}: {answer}");
    }
    let own = format!("Host: {}", bridge.address);
    let absolute = |authority: &str| format!("GET http://{authority}/healthz HTTP/1.1");
    for (line, hosts, due) in [
        ("GET /healthz HTTP/1.1".to_owned(), vec![], 400),
        ("GET /healthz HTTP/1.1".to_owned(), vec![&*own, &*own], 400),
        (
            "GET /healthz HTTP/1.1".to_owned(),
            vec![&*own, "Host: evil.example"],
            400,
        ),
        (absolute("evil.example"), vec![&*own], 400),
        (absolute(&at("localhost")), vec![&*own], 400),
        (absolute(&at("127.0.0.1")), vec![&*own], 200),
    ] {
        let answer = raw(&bridge, &[vec![&*line], hosts].concat()).await;
        assert_eq!(status(&answer), due, "{line}: {answer}");
    }
}
