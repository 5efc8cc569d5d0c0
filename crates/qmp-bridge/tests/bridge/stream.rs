//! What a machine may say and how it may be cut, in order and out of it, and what is too long.

use std::ffi::OsString;

use qmp_bridge::{CloseCode, Endpoint};
use qmp_testkit::QemuOptions;
use serde_json::{Value, json};
use tokio::task::yield_now;

use crate::common::{Client, TestBridge};
use crate::fake::{Fake, FakeSocket};
use crate::program::Program;
use crate::random::Random;

#[tokio::test]
async fn e1_q5_events_and_replies_come_in_the_order_of_the_machine_however_they_are_cut() {
    const EACH: usize = 25;
    for pieces in [1, 7, usize::MAX] {
        let (bridge, mut fake) = Fake::start().await;
        let mut clients = vec![];
        for _ in 0..4 {
            let mut client = bridge.client("vm").await;
            client.negotiate(&["async", "oob"]).await;
            clients.push(client);
        }
        for id in 0..EACH {
            for (number, client) in clients.iter_mut().enumerate() {
                let arguments = json!({ "of": number, "n": id });
                client
                    .send(json!({ "exec-oob": "x", "arguments": arguments, "id": id }))
                    .await;
            }
        }
        let mut said: Vec<Value> = (0..200)
            .map(|n| json!({ "event": "TICK", "data": { "n": n } }))
            .collect();
        for _ in 0..clients.len() * EACH {
            let command = fake.hear().await;
            said.push(json!({ "return": command["arguments"], "id": command["id"] }));
        }
        Random::new(5).shuffle(&mut said);
        let text: String = said.iter().map(|message| format!("{message}\r\n")).collect();
        for piece in text.as_bytes().chunks(pieces) {
            fake.say(str::from_utf8(piece).unwrap()).await;
            // The bridge has its turn between any two.
            yield_now().await;
        }
        for (number, client) in clients.iter_mut().enumerate() {
            for due in &said {
                if due.get("event").is_some() {
                    let event = client.next().await;
                    assert_eq!(
                        (&event["event"], &event["data"]),
                        (&due["event"], &due["data"]),
                        "{pieces}"
                    );
                } else if due["return"]["of"] == number {
                    let due = json!({ "return": due["return"], "id": due["return"]["n"] });
                    assert_eq!(client.next().await, due, "{pieces}");
                }
            }
        }
    }
}

#[tokio::test]
async fn q9_replies_in_any_order_are_matched_by_id_where_the_machine_has_async() {
    let socket = FakeSocket::new();
    let bridge = TestBridge::start(&[("vm", Endpoint::Unix(socket.path()))]).await;
    let mut fake = Fake::accept(socket, &["async", "oob"]).await;
    let (mut a, mut b) = (bridge.client("vm").await, bridge.client("vm").await);
    // The second gets its replies in the order of its commands all the same.
    a.negotiate(&["async"]).await;
    b.negotiate(&[]).await;
    for id in 0..4 {
        a.send(json!({ "execute": "a", "arguments": { "n": id }, "id": id }))
            .await;
        b.send(json!({ "execute": "b", "arguments": { "n": id }, "id": id }))
            .await;
    }
    let mut heard = vec![];
    for _ in 0..8 {
        heard.push(fake.hear().await);
    }
    for command in heard.iter().rev() {
        let reply = json!({ "to": command["execute"], "n": command["arguments"]["n"] });
        fake.answer(command, reply).await;
    }
    for n in 0..4 {
        let reply = |to, n| json!({ "return": { "to": to, "n": n }, "id": n });
        assert_eq!(a.next().await, reply("a", 3 - n));
        assert_eq!(b.next().await, reply("b", n));
    }
}

#[tokio::test]
async fn q9_without_async_another_order_ends_the_connection_and_nobody_gets_a_reply() {
    let (bridge, mut fake) = Fake::start().await;
    let (mut a, mut b) = (bridge.client("vm").await, bridge.client("vm").await);
    for client in [&mut a, &mut b] {
        client.negotiate(&["async"]).await;
        client.send(json!({ "execute": "x", "id": 0 })).await;
    }
    fake.hear().await;
    let second = fake.hear().await;
    fake.answer(&second, json!("of the second")).await;
    for client in [a, b] {
        assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    }
}

#[tokio::test]
async fn q12_a_reply_as_deep_as_qemu_makes_them_is_delivered() {
    let dir = tempfile::tempdir().unwrap();
    let (bridge, mut fake) = Fake::with(|options| options.listen_unix = Some(dir.path().to_owned())).await;
    let mut browser = bridge.client("vm").await;
    let mut script = Client::unix(&dir.path().join("vm.sock")).await;
    for client in [&mut browser, &mut script] {
        client.negotiate(&["async"]).await;
        // 1024 is QEMU's own limit, and the message itself is a level.
        for depth in [156, 1000, 1023] {
            let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            client.send(json!({ "execute": "x", "id": depth })).await;
            let id = fake.hear().await["id"].clone();
            fake.say(&format!("{{\"return\": {deep}, \"id\": {id}}}\r\n"))
                .await;
            let due = format!("{{\"return\":{deep},\"id\":{depth}}}");
            assert_eq!(client.next_text().await, due);
        }
    }
}

#[tokio::test]
async fn q13_any_line_end_is_one_and_none_is_needed() {
    let (bridge, mut fake) = Fake::start().await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    for (number, end) in ["\r\n", "\n", "\r", "", "\n\n \r\n\t"].iter().enumerate() {
        let pretty = |message: Value| {
            let text = serde_json::to_string_pretty(&message).unwrap();
            // What is within a message is space as well.
            format!(
                "{}{end}",
                text.replace('\n', if end.is_empty() { " " } else { end })
            )
        };
        client.send(json!({ "execute": "x", "id": number })).await;
        let id = fake.hear().await["id"].clone();
        let event = json!({ "event": "TICK", "data": { "n": number } });
        let reply = json!({ "return": { "a": [1, { "b": "{\r\n}" }] }, "id": id });
        fake.say(&(pretty(event) + &pretty(reply))).await;
        let (reply, events) = client.reply().await;
        assert_eq!(reply["return"], json!({ "a": [1, { "b": "{\r\n}" }] }), "{end:?}");
        assert_eq!(
            (&reply["id"], &events[0]["data"]["n"]),
            (&json!(number), &json!(number))
        );
    }
}

#[tokio::test]
async fn q13_a_qemu_that_writes_over_several_lines_is_understood() {
    let Some(qemu) = QemuOptions::new("test").pretty().start_or_skip() else {
        return;
    };
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    assert_eq!(client.execute("query-name").await, json!({ "name": "test" }));
    client.send(json!({ "execute": "stop", "id": 1 })).await;
    let (reply, events) = client.reply().await;
    assert_eq!(
        (&reply["return"], &events[0]["event"]),
        (&json!({}), &json!("STOP"))
    );
}

#[tokio::test]
async fn q4_a_message_without_an_end_is_given_up_at_64_mib_and_others_are_served() {
    const CAP: usize = 64;
    let socket = FakeSocket::new();
    let mut vm = OsString::from("vm=");
    vm.push(socket.path());
    let bridge = Program::start(&["--vm".as_ref(), &vm]).await;
    let mut fake = Fake::accept(socket, &["oob"]).await;
    let (mut client, mut other) = (bridge.client_of("vm").await, bridge.client().await);
    client.negotiate(&["async"]).await;
    other.negotiate(&["async"]).await;
    client.send(json!({ "execute": "x", "id": 1 })).await;
    fake.hear().await;
    fake.say("{\"return\": \"").await;
    let mebibyte = "x".repeat(1 << 20);
    let mut said = 0;
    while fake.try_say(&mebibyte).await.is_ok() {
        said += 1;
        assert!(said <= CAP + 1, "it still reads after {said} MiB");
        if said % 8 == 0 {
            assert_eq!(other.execute("query-status").await["running"], true);
        }
    }
    assert!(said >= CAP - 1, "it ended after {said} MiB");
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    // What it keeps is a list that grows by doubling, so both halves of the last step are there for a moment.
    let most = bridge.memory("VmHWM") >> 10;
    assert!(most < 256, "{most} MiB");
    fake.again(&["oob"]).await;
    let mut next = bridge.client_of("vm").await;
    next.negotiate(&["async"]).await;
    assert_eq!(other.execute("query-status").await["running"], true);
}
