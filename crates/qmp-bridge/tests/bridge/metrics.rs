//! What Prometheus is told.

use qmp_bridge::Endpoint;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{TestBridge, soon};
use crate::fake::Fake;

async fn get(address: std::net::SocketAddr, host: &str, further: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\n{further}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer))
        .await
        .unwrap();
    answer
}

/// The value of a sample.
fn sample(text: &str, name: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

/// The value of a sample now.
pub(crate) async fn metric(bridge: &TestBridge, name: &str) -> f64 {
    let token = format!("Authorization: Bearer {}\r\n", bridge.token);
    let text = get(bridge.address, &bridge.address.to_string(), &token).await;
    sample(&text, name).unwrap_or_else(|| panic!("{name}\n{text}"))
}

#[tokio::test]
async fn what_happens_is_counted() {
    let gone = Endpoint::Unix("/nonexistent/qmp.sock".into());
    let bridge = TestBridge::start(&[("demo", Endpoint::Demo), ("gone", gone)]).await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    client.execute("stop").await;
    client
        .send(json!({ "execute": "no-such-command", "id": 1 }))
        .await;
    assert!(client.reply().await.0.get("error").is_some());
    assert!(bridge.request("demo", &["qmp.v1"]).await.is_err());
    let token = format!("Authorization: Bearer {}\r\n", bridge.token);
    let host = bridge.address.to_string();
    let text = get(bridge.address, &host, &token).await;
    assert!(
        text.contains("content-type: application/openmetrics-text"),
        "{text}"
    );
    for (name, value) in [
        ("qmp_bridge_machine_up{vm=\"demo\"}", 1.0),
        ("qmp_bridge_machine_up{vm=\"gone\"}", 0.0),
        ("qmp_bridge_machine_connections_total{vm=\"demo\"}", 1.0),
        ("qmp_bridge_clients{vm=\"demo\"}", 1.0),
        ("qmp_bridge_commands_total{vm=\"demo\"}", 2.0),
        ("qmp_bridge_returns_total{vm=\"demo\"}", 1.0),
        ("qmp_bridge_errors_total{vm=\"demo\"}", 1.0),
        ("qmp_bridge_events_total{vm=\"demo\"}", 1.0),
        ("qmp_bridge_round_trip_seconds_count{vm=\"demo\"}", 2.0),
        ("qmp_bridge_refusals_total{reason=\"token\"}", 1.0),
    ] {
        assert_eq!(sample(&text, name), Some(value), "{name}\n{text}");
    }
    for name in ["sent", "received"] {
        let bytes = sample(&text, &format!("qmp_bridge_{name}_bytes_total{{vm=\"demo\"}}"));
        assert!(bytes.is_some_and(|bytes| bytes > 100.0), "{name}\n{text}");
    }
    assert!(text.contains("qmp_bridge_build_info{version="), "{text}");
    drop(client);
    soon("the client to be gone", async {
        while sample(
            &get(bridge.address, &host, &token).await,
            "qmp_bridge_clients{vm=\"demo\"}",
        ) != Some(0.0)
        {}
    })
    .await;
    assert!(get(bridge.address, &host, "").await.starts_with("HTTP/1.1 401 "));
}

#[tokio::test]
async fn an_address_of_their_own_needs_no_token_but_the_right_name() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.metrics_listen = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let address = bridge.metrics.unwrap();
    let answer = get(address, &address.to_string(), "").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.trim_end().ends_with("# EOF"),
        "{answer}"
    );
    assert!(
        get(address, "evil.example", "")
            .await
            .starts_with("HTTP/1.1 403 ")
    );
}

#[tokio::test]
async fn nothing_waits_for_a_machine_that_has_gone() {
    const COMMANDS: usize = 20;
    let (bridge, mut fake) = Fake::start().await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    for n in 0..COMMANDS {
        client.send(json!({ "execute": "x", "id": n })).await;
    }
    for _ in 0..8 {
        fake.hear().await;
    }
    let until = async |up: f64, queued: usize| {
        soon("the count", async {
            while metric(&bridge, "qmp_bridge_machine_up{vm=\"vm\"}").await != up
                || metric(&bridge, "qmp_bridge_queued_commands{vm=\"vm\"}").await != queued as f64
            {
            }
        })
        .await;
    };
    until(1.0, COMMANDS - 8).await;
    drop(fake);
    until(0.0, 0).await;
}
