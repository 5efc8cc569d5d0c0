//! Whose turn it is, what a client is refused and what it may ask for later, over real sockets. All cases of turns are tested
//! in the mux.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use serde_json::json;

use crate::common::soon;
use crate::fake::Fake;
use crate::metrics::metric;

/// Many commands of one client, then one of another, over a machine that answers one after the other and only when it has
/// to. Each has so many bytes; the bridge takes the first `taken` at once, and sends `in_flight` of these.
async fn another_is_served_next(execute: &str, many: usize, bytes: usize, taken: usize, in_flight: usize) {
    let (bridge, mut fake) = Fake::start().await;
    let (mut greedy, mut other) = (bridge.client("vm").await, bridge.client("vm").await);
    for client in [&mut greedy, &mut other] {
        client.negotiate(&["async", "oob"]).await;
    }
    let have_come = async |commands: usize| {
        let total = async || metric(&bridge, "qmp_bridge_commands_total{vm=\"vm\"}").await;
        let all = async { while total().await != commands as f64 {} };
        soon("the commands to come", all).await;
    };
    for id in 0..many {
        let arguments = json!({ "id": id, "x": "x".repeat(bytes) });
        let command = json!({ execute: "greedy", "arguments": arguments, "id": id });
        greedy.send(command).await;
    }
    have_come(taken).await;
    other.send(json!({ execute: "other", "id": "other" })).await;
    have_come(taken + 1).await;

    let (mut executing, mut read) = (VecDeque::new(), Vec::new());
    while read.len() <= many {
        // All that may be in flight is, and the bridge waits for an answer.
        if executing.len() == in_flight {
            fake.answer(&executing.pop_front().unwrap(), json!({})).await;
        }
        let command = fake.hear().await;
        read.push(command["arguments"]["id"].as_u64());
        executing.push_back(command);
    }
    for command in executing {
        fake.answer(&command, json!({})).await;
    }
    let place = read.iter().position(Option::is_none).unwrap();
    assert!(place < in_flight + 2, "{place}");
    assert!(read.iter().flatten().copied().eq(0..many as u64));
    assert_eq!(other.next().await, json!({ "return": {}, "id": "other" }));
    for id in 0..many {
        assert_eq!(greedy.next().await, json!({ "return": {}, "id": id }));
    }
}

#[tokio::test]
async fn l11_a_thousand_commands_of_one_client_do_not_delay_one_of_another() {
    another_is_served_next("execute", 1000, 0, 32, 8).await;
}

#[tokio::test]
async fn l12_long_commands_of_one_client_do_not_delay_one_of_another() {
    another_is_served_next("execute", 14, 60_000, 14, 1).await;
}

#[tokio::test]
async fn l12_long_out_of_band_commands_of_one_client_do_not_delay_one_of_another() {
    another_is_served_next("exec-oob", 14, 60_000, 14, 1).await;
}

#[tokio::test]
async fn l13_who_asks_too_often_is_refused_unexecuted_and_others_are_served() {
    let (bridge, mut fake) = Fake::with(|options| options.rate_limit = NonZeroU32::new(1)).await;
    let (mut greedy, mut other) = (bridge.client("vm").await, bridge.client("vm").await);
    for client in [&mut greedy, &mut other] {
        client.negotiate(&["async", "oob"]).await;
    }
    // Twice the limit may come at once.
    for id in 0..3 {
        greedy.send(json!({ "exec-oob": "greedy", "id": id })).await;
    }
    let refused = greedy.next().await;
    assert_eq!(
        (&refused["id"], &refused["error"]["class"]),
        (&json!(2), &json!("__io.github.qmp-web_RateLimited"))
    );
    other.send(json!({ "exec-oob": "other", "id": 0 })).await;
    for due in ["greedy", "greedy", "other"] {
        let command = fake.hear().await;
        assert_eq!(command["exec-oob"], due);
        fake.answer(&command, json!({})).await;
    }
    assert_eq!(other.next().await, json!({ "return": {}, "id": 0 }));
}

#[tokio::test]
async fn l15_a_reply_of_megabytes_is_delivered_and_one_beyond_the_limit_is_an_error() {
    let (bridge, mut fake) = Fake::start().await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    for mebibytes in [6, 17] {
        client.send(json!({ "execute": "x", "id": mebibytes })).await;
        let command = fake.hear().await;
        let value = "x".repeat(mebibytes << 20);
        let (reply, ()) = tokio::join!(client.next(), fake.answer(&command, json!(value)));
        assert_eq!(reply["id"], mebibytes);
        if mebibytes < 16 {
            assert_eq!(reply["return"].as_str().map(str::len), Some(value.len()));
        } else {
            assert_eq!(reply["error"]["class"], "__io.github.qmp-web_ReplyTooLarge");
        }
    }
    client.send(json!({ "execute": "x", "id": "next" })).await;
    let command = fake.hear().await;
    fake.answer(&command, json!({})).await;
    assert_eq!(client.next().await, json!({ "return": {}, "id": "next" }));
}

#[tokio::test]
async fn e5_who_comes_late_hears_no_old_events_unless_it_asks() {
    let (bridge, mut fake) = Fake::start().await;
    let mut early = bridge.client("vm").await;
    early.negotiate(&["async"]).await;
    for n in 0..3 {
        fake.say(&format!("{{\"event\": \"TICK\", \"data\": {{\"n\": {n}}}}}\r\n"))
            .await;
        assert_eq!(early.next().await["data"]["n"], n);
    }
    let mut late = bridge.client("vm").await;
    late.negotiate(&["async"]).await;
    const QUERY: &str = "__io.github.qmp-web_query-events";
    let now = late.execute(QUERY).await;
    assert_eq!(now["events"], json!([]));
    let first = now["number"].as_u64().unwrap() - 2;
    let arguments = json!({ "epoch": now["epoch"], "after": first });
    late.send(json!({ "execute": QUERY, "arguments": arguments, "id": 1 }))
        .await;
    let missed = late.next().await["return"]["events"].take();
    let numbers: Vec<_> = missed
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["data"]["n"])
        .collect();
    assert_eq!(numbers, [1, 2]);
}
