//! What clients may take, and that they may not take more.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use qmp_bridge::{CloseCode, Endpoint};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::common::{Client, TestBridge, soon, subprotocols};
use crate::fake::Fake;
use crate::program::Program;

#[tokio::test]
async fn l5_one_client_too_many_is_told_when_to_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.limits.max_clients = NonZeroU32::new(3).unwrap();
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    let path = dir.path().join("demo.sock");
    let mut clients = [
        bridge.client("demo").await,
        bridge.client("demo").await,
        Client::unix(&path).await,
    ];
    for client in &mut clients {
        client.negotiate(&["async"]).await;
    }
    match bridge.request("demo", &[&subprotocols(&bridge.token)]).await {
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), 503);
            assert_eq!(response.headers()["retry-after"], "5");
        }
        other => panic!("{:?}", other.map(|_| "let in")),
    }
    Client::unix(&path).await.ended().await;
    for client in &mut clients {
        assert_eq!(client.execute("query-status").await["running"], true);
    }
    let [leaver, ..] = clients;
    drop(leaver);
    let mut next = soon("a place", until_let_in(&bridge)).await;
    next.negotiate(&["async"]).await;
}

async fn until_let_in(bridge: &TestBridge) -> Client {
    loop {
        match bridge.request("demo", &[&subprotocols(&bridge.token)]).await {
            Ok(client) => return client,
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

#[tokio::test]
async fn r3_who_answers_no_ping_loses_its_place_and_who_does_keeps_it() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.limits.max_clients = NonZeroU32::new(1).unwrap();
        options.limits.ping = Duration::from_secs(1);
    })
    .await;
    let mut quiet = bridge.client("demo").await;
    quiet.negotiate(&["async"]).await;
    for _ in 0..3 {
        assert!(matches!(quiet.next_frame().await, Some(Ok(Message::Ping(_)))));
    }
    assert_eq!(quiet.execute("query-status").await["running"], true);
    // From here on nobody reads there, so nobody answers.
    let mut next = soon("the place of who has gone", until_let_in(&bridge)).await;
    next.negotiate(&["async"]).await;
    drop(quiet);
}

#[tokio::test]
async fn l10_the_33rd_command_waits() {
    let (bridge, fake) = Fake::start().await;
    in_flight(bridge, fake, 32).await;
}

#[tokio::test]
async fn how_many_may_be_in_flight_is_an_option() {
    let (bridge, fake) = Fake::with(|options| {
        options.limits.max_in_flight = NonZeroUsize::new(2).unwrap();
    })
    .await;
    in_flight(bridge, fake, 2).await;
}

/// A client that sends many commands has so many of them at the machine. They are `exec-oob`: these do not wait for
/// each other.
async fn in_flight(bridge: TestBridge, mut fake: Fake, max: usize) {
    let (mut greedy, mut other) = (bridge.client("vm").await, bridge.client("vm").await);
    for client in [&mut greedy, &mut other] {
        client.negotiate(&["async", "oob"]).await;
    }
    for id in 0..max + 3 {
        greedy.send(json!({ "exec-oob": "greedy", "id": id })).await;
    }
    all_read(&mut greedy).await;
    let mut heard = vec![];
    for _ in 0..max {
        heard.push(fake.hear().await);
    }
    assert!(heard.iter().all(|command| command["exec-oob"] == "greedy"));
    other.send(json!({ "exec-oob": "other", "id": 0 })).await;
    assert_eq!(fake.hear().await["exec-oob"], "other");
    fake.answer(&heard[0], json!({})).await;
    assert_eq!(greedy.next().await["id"], 0);
    assert_eq!(fake.hear().await["exec-oob"], "greedy");
}

/// Waits until the bridge has read what this client sent.
async fn all_read(client: &mut Client) {
    client.send_frame(Message::Ping(Bytes::new())).await.unwrap();
    assert!(matches!(client.next_frame().await, Some(Ok(Message::Pong(_)))));
}

#[tokio::test]
async fn l10_no_more_than_eight_in_band_commands_are_at_the_machine() {
    let (bridge, mut fake) = Fake::start().await;
    let (mut a, mut b) = (bridge.client("vm").await, bridge.client("vm").await);
    for client in [&mut a, &mut b] {
        client.negotiate(&["async", "oob"]).await;
        for id in 0..40 {
            client.send(json!({ "execute": "x", "id": id })).await;
        }
        all_read(client).await;
    }
    let mut at_the_machine: Vec<Value> = vec![];
    for _ in 0..8 {
        at_the_machine.push(fake.hear().await);
    }
    for _ in 0..72 {
        // Nothing but this is heard until one of the eight is answered.
        let mut marker = bridge.client("vm").await;
        marker.negotiate(&["oob"]).await;
        marker.send(json!({ "exec-oob": "marker", "id": 0 })).await;
        let heard = fake.hear().await;
        assert_eq!(heard["exec-oob"], "marker");
        fake.answer(&heard, json!({})).await;
        assert_eq!(marker.next().await["id"], 0);
        fake.answer(&at_the_machine.remove(0), json!({})).await;
        at_the_machine.push(fake.hear().await);
        assert_eq!(at_the_machine[7]["execute"], "x");
    }
    for command in at_the_machine {
        fake.answer(&command, json!({})).await;
    }
    for client in [&mut a, &mut b] {
        for _ in 0..40 {
            assert_eq!(client.next().await["return"], json!({}));
        }
    }
}

#[tokio::test]
async fn how_long_a_message_may_be_is_an_option() {
    let dir = tempfile::tempdir().unwrap();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.limits.max_frame = 100;
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    let just_fits = format!("{{\"execute\":\"x\",\"id\":\"{}\"}}", "x".repeat(100 - 23));
    let too_long = just_fits.replace("id\":\"", "id\":\"x");
    assert_eq!((just_fits.len(), too_long.len()), (100, 101));
    let mut browser = bridge.client("demo").await;
    let mut script = Client::unix(&dir.path().join("demo.sock")).await;
    for client in [&mut browser, &mut script] {
        client.next().await;
        client.send_text("{\"execute\":\"qmp_capabilities\"}").await;
        assert_eq!(client.next().await, json!({ "return": {} }));
        client.send_text(&just_fits).await;
        assert_eq!(client.next().await["error"]["class"], "CommandNotFound");
        client.send_text(&too_long).await;
    }
    assert_eq!(browser.close_code().await, CloseCode::TooBig.code());
    // What has no close code is told in QMP.
    assert_eq!(script.next().await["error"]["class"], "GenericError");
    script.ended().await;
}

#[tokio::test]
async fn how_much_may_wait_is_an_option() {
    let dir = tempfile::tempdir().unwrap();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.limits.max_queue = 1000;
        options.limits.max_in_flight = NonZeroUsize::MIN;
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    let slow = json!({ "execute": "x-async-sleep", "arguments": { "ms": 300 }, "id": 0 });
    let mut browser = bridge.client("demo").await;
    browser.negotiate(&["async"]).await;
    let mut script = Client::unix(&dir.path().join("demo.sock")).await;
    script.negotiate(&["async"]).await;
    for client in [&mut browser, &mut script] {
        client.send(slow.clone()).await;
        for id in 1..40 {
            client.send(json!({ "execute": "query-status", "id": id })).await;
        }
    }
    assert_eq!(browser.close_code().await, CloseCode::TooManyCommands.code());
    // From a stream no more is read than there is room for, and nothing is lost.
    for id in 0..40 {
        assert_eq!(script.next().await["id"], id);
    }
}

#[tokio::test]
async fn e3_l14_how_much_may_wait_for_a_client_is_an_option_and_what_is_lost_is_told() {
    let (bridge, mut fake) = Fake::with(|options| options.limits.max_queue = 1000).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    fake.say(&"{\"event\":\"TICK\"}".repeat(3)).await;
    for _ in 0..3 {
        assert_eq!(client.next().await["event"], "TICK");
    }
    // They come at once, so there is no room for most of them. What is lost is told before what comes next.
    client.send(json!({ "execute": "query-status", "id": 1 })).await;
    let command = fake.hear().await;
    fake.say(&"{\"event\":\"TICK\"}".repeat(1000)).await;
    fake.answer(&command, json!({})).await;
    let (reply, events) = client.reply().await;
    let dropped = events
        .iter()
        .filter_map(|event| event["data"]["dropped"].as_u64());
    let ticks = events.iter().filter(|event| event["event"] == "TICK").count() as u64;
    assert!(ticks < 1000);
    assert_eq!(
        (reply["id"].as_u64(), ticks + dropped.sum::<u64>()),
        (Some(1), 1000)
    );
}

/// Prints what an idle WebSocket costs: `cargo test --release -p qmp-bridge --test bridge -- --ignored --nocapture idle`.
#[tokio::test]
#[ignore = "it measures"]
async fn an_idle_client_costs_at_most_24_kib() {
    const CLIENTS: u64 = 1000;
    let bridge = Program::start(&[]).await;
    bridge.client().await.negotiate(&["async"]).await;
    let (empty, mut clients) = (bridge.memory("VmRSS"), vec![]);
    for _ in 0..CLIENTS {
        let mut client = bridge.client().await;
        client.negotiate(&["async"]).await;
        clients.push(client);
    }
    let full = bridge.memory("VmRSS");
    let each = (full - empty) * 1024 / CLIENTS;
    eprintln!("empty {empty} KiB, with {CLIENTS} clients {full} KiB: {each} bytes each");
    assert!(each <= 24 << 10);
}
