//! Over the demo machine, which answers out of order: what `async` promises, and what the bridge refuses.

use qmp_bridge::{CloseCode, Endpoint};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::common::TestBridge;

#[tokio::test]
async fn with_async_the_fast_overtakes_the_slow() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    let greeting = client.negotiate(&["async"]).await;
    assert_eq!(greeting["QMP"]["capabilities"], json!(["async"]));
    client
        .send(json!({ "execute": "x-async-sleep", "arguments": { "ms": 300 }, "id": "slow" }))
        .await;
    client
        .send(json!({ "execute": "query-status", "id": "fast" }))
        .await;
    assert_eq!(client.next().await["id"], "fast");
    assert_eq!(client.next().await, json!({ "return": {}, "id": "slow" }));
}

#[tokio::test]
async fn without_async_replies_come_in_order() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&[]).await;
    client
        .send(json!({ "execute": "x-async-sleep", "arguments": { "ms": 200 }, "id": 1 }))
        .await;
    client.send(json!({ "execute": "query-status" })).await;
    assert_eq!(client.next().await, json!({ "return": {}, "id": 1 }));
    assert_eq!(
        client.next().await,
        json!({ "return": { "status": "running", "running": true } })
    );
}

#[tokio::test]
async fn the_words_of_the_async_text_are_understood() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.next().await;
    client
        .send(json!({ "execute": "qmp_capabilities", "arguments": { "capabilities": ["x"] }, "id": 1 }))
        .await;
    assert_eq!(client.next().await["error"]["class"], "GenericError");
    client
        .send(json!({ "execute": "qmp_capabilities", "arguments": { "capabilities": ["async"] } }))
        .await;
    assert_eq!(client.next().await, json!({ "return": {} }));
    client.send(json!({ "execute": "query-status" })).await;
    let refused = client.next().await;
    assert_eq!(
        (&refused["error"]["class"], refused.get("id")),
        (&json!("GenericError"), None)
    );
}

#[tokio::test]
async fn j10_ids_come_back_byte_for_byte() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    let long = format!("\"{}\"", "x".repeat(10_240));
    for id in [
        "1.0",
        "1e999",
        "18446744073709551616",
        "9007199254740993",
        "null",
        "\"\\u00e9\"",
        "{\"b\": 1, \"a\" : [ ]}",
        &long,
    ] {
        client
            .send_text(&format!("{{\"execute\":\"query-name\",\"id\":{id}}}"))
            .await;
        let reply = client.next_text().await;
        assert_eq!(
            reply,
            format!("{{\"return\":{{\"name\":\"demo machine\"}},\"id\":{id}}}")
        );
    }
}

#[tokio::test]
async fn what_is_not_one_strict_command_is_refused_and_the_session_goes_on() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    for (text, id) in [
        (r#"{"execute":"query-status","execute":"stop","id":1}"#, json!(1)),
        (r#"{"execute":"stop","id":1,"id":2,"id":3}"#, json!(null)),
        (r#"{"execute":"query-status"}{"execute":"stop"}"#, json!(null)),
        (r#"{'execute':'stop','id':1}"#, json!(null)),
        (r#"{"execute":"stop","exec-oob":"stop","id":2}"#, json!(2)),
        (r#"[{"execute":"stop","id":1}]"#, json!(null)),
        (r#"{"execute":"stop","arguments":{"a":1e999},"id":3}"#, json!(3)),
        (
            r#"{"execute":"stop","arguments":{"a":"\ud800"},"id":4}"#,
            json!(4),
        ),
        (
            r#"{"execute":"stop","arguments":{"a":"\ufffe"},"id":5}"#,
            json!(5),
        ),
        (r#"{"execute":"stop","arguments":{"a":1,"a":2},"id":6}"#, json!(6)),
        (r#"{"execute":"stop","arguments":{"a":NaN},"id":7}"#, json!(null)),
        (
            r#"{"execute":"stop","control":{"run-oob":true},"id":8}"#,
            json!(8),
        ),
        ("", json!(null)),
    ] {
        client.send_text(text).await;
        let reply = client.next().await;
        assert_eq!(reply["error"]["class"], "GenericError", "{text}: {reply}");
        assert_eq!(reply["id"], id, "{text}: {reply}");
    }
    assert_eq!(client.execute("query-status").await["status"], "running");
}

#[tokio::test]
async fn the_bridge_says_that_it_stops() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    let (code, ()) = tokio::join!(client.close_code(), bridge.stop());
    assert_eq!(code, CloseCode::GoingAway.code());
}

#[tokio::test]
async fn a_machine_that_quits_is_gone_and_comes_back() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    client
        .send(json!({ "execute": "x-async-sleep", "arguments": { "ms": 60_000 }, "id": 1 }))
        .await;
    client.send(json!({ "execute": "quit", "id": 2 })).await;
    let (reply, events) = client.reply().await;
    assert_eq!(
        (&reply["id"], &events[0]["event"]),
        (&json!(2), &json!("SHUTDOWN"))
    );
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());

    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    assert_eq!(client.execute("query-status").await["status"], "running");
}

#[tokio::test]
async fn a_monitor_may_be_a_tcp_port() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("tcp:{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { qmp_bridge::demo::serve(listener.accept().await.unwrap().0).await });
    let bridge = TestBridge::start(&[("vm", endpoint)]).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    assert_eq!(client.execute("query-name").await["name"], "demo machine");
}

#[tokio::test]
async fn a_machine_that_is_not_there_is_said_to_be() {
    let nowhere = Endpoint::Unix("/nonexistent/qmp.sock".into());
    let bridge = TestBridge::start(&[("demo", Endpoint::Demo), ("off", nowhere)]).await;
    assert_eq!(
        bridge.client("off").await.close_code().await,
        CloseCode::TryLater.code()
    );
}

#[tokio::test]
async fn an_unknown_command_is_not_found_whatever_its_arguments() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    for (command, class) in [("device_del", "CommandNotFound"), ("stop", "GenericError")] {
        client
            .send(json!({ "execute": command, "arguments": { "id": "x" }, "id": 1 }))
            .await;
        assert_eq!(client.next().await["error"]["class"], class, "{command}");
    }
}

#[tokio::test]
async fn who_leaves_is_noticed_however_much_is_pending() {
    let bridge = TestBridge::demo().await;
    for capabilities in [&["async"][..], &[]] {
        let mut client = bridge.client("demo").await;
        client.negotiate(capabilities).await;
        for id in 0..50 {
            client
                .send(json!({ "execute": "x-async-sleep", "arguments": { "ms": 600_000 }, "id": id }))
                .await;
        }
        client.send_frame(Message::Close(None)).await.unwrap();
        client.ended().await;
    }
}

#[tokio::test]
async fn more_than_may_wait_ends_the_connection() {
    let bridge = TestBridge::demo().await;
    // Without async even refusals wait for their turn, behind the first command.
    for (capabilities, command) in [(&["async"][..], "query-status"), (&[], "")] {
        let mut client = bridge.client("demo").await;
        client.negotiate(capabilities).await;
        for id in 0..32 {
            let sleep = json!({ "execute": "x-async-sleep", "arguments": { "ms": 600_000 }, "id": id });
            client.send(sleep).await;
        }
        let filler = json!({ "execute": command, "id": "x".repeat(60_000) }).to_string();
        for _ in 0..20 {
            client.send_text(&filler).await;
        }
        assert_eq!(client.close_code().await, CloseCode::TooManyCommands.code());
    }
}

#[tokio::test]
async fn more_than_a_client_may_have_in_flight_is_answered_all_the_same() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    for id in 0..200 {
        client
            .send(json!({ "execute": "x-async-sleep", "arguments": { "ms": 200 - id }, "id": id }))
            .await;
    }
    let mut answered = vec![];
    for _ in 0..200 {
        answered.push(client.next().await["id"].as_u64().unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_client_that_closes_gets_its_close_frame_back() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    client.send_frame(Message::Close(None)).await.unwrap();
    assert!(matches!(client.next_frame().await, Some(Ok(Message::Close(_)))));
    assert!(client.next_frame().await.is_none());
}
