//! Who does not read: what it costs, and that nobody else pays.

use std::ffi::OsString;
use std::net::SocketAddr;

use serde_json::json;
use tokio::net::{TcpSocket, TcpStream};

use crate::common::Client;
use crate::fake::{Fake, FakeSocket};
use crate::program::Program;

#[tokio::test]
async fn e4_what_a_client_that_stalls_cannot_be_told_is_counted_and_costs_little() {
    const EVENTS: u64 = 10_000;
    let (bridge, mut fake) = over_a_fake().await;
    let mut client = slow_reader(&bridge).await;
    let before = bridge.memory("VmRSS");
    client.send(json!({ "execute": "x", "id": 1 })).await;
    let command = fake.hear().await;
    // It reads nothing until all are said.
    fake.say(&ticks(0..EVENTS, 400)).await;
    let growth = bridge.memory("VmHWM").saturating_sub(before);
    fake.answer(&command, json!({})).await;
    let (reply, events) = client.reply().await;
    assert_eq!(reply, json!({ "return": {}, "id": 1 }));
    let (mut next, mut heard) = (0, 0);
    for event in events {
        if event["event"] == "__io.github.qmp-web_LAGGED" {
            next += event["data"]["dropped"].as_u64().unwrap();
        } else {
            assert_eq!(
                event["data"]["n"], next,
                "what is missing is told where it is missing"
            );
            (next, heard) = (next + 1, heard + 1);
        }
    }
    assert_eq!(next, EVENTS);
    assert!((1..EVENTS).contains(&heard), "{heard} were heard");
    // 1 MiB waits for the client, 1 MiB is kept for who asks later.
    assert!(growth < 16 << 10, "{growth} KiB");
}

#[tokio::test]
async fn l16_a_hundred_who_do_not_read_cost_little_and_ten_who_do_lose_nothing() {
    const EVENTS: u64 = 1024;
    const SIZE: usize = 8 << 10;
    let (bridge, mut fake) = over_a_fake().await;
    let (mut readers, mut sleepers) = (vec![], vec![]);
    for _ in 0..10 {
        let mut reader = bridge.client_of("vm").await;
        reader.negotiate(&["async"]).await;
        readers.push(reader);
    }
    for _ in 0..100 {
        sleepers.push(slow_reader(&bridge).await);
    }
    let before = bridge.memory("VmRSS");
    // Together more than anybody's queue and buffers hold; each part is less than who reads may have waiting.
    for first in (0..EVENTS).step_by(32) {
        fake.say(&ticks(first..first + 32, SIZE)).await;
        for reader in &mut readers {
            for n in first..first + 32 {
                let text = reader.next_text().await;
                assert!(text.contains(&format!("{{\"n\":{n},")), "{}", &text[..200]);
            }
        }
    }
    let growth = bridge.memory("VmHWM").saturating_sub(before) >> 10;
    assert!(growth < 200, "{growth} MiB");
    for reader in &mut readers {
        reader.send(json!({ "execute": "x", "id": 1 })).await;
        let command = fake.hear().await;
        fake.answer(&command, json!({})).await;
        assert_eq!(reader.next().await, json!({ "return": {}, "id": 1 }));
    }
}

/// A bridge as a program, whose memory is its own.
async fn over_a_fake() -> (Program, Fake) {
    let socket = FakeSocket::new();
    let mut vm = OsString::from("vm=");
    vm.push(socket.path());
    let bridge = Program::start(&["--vm".as_ref(), &vm]).await;
    (bridge, Fake::accept(socket, &["oob"]).await)
}

/// A client for which the operating system keeps next to nothing.
async fn slow_reader(bridge: &Program) -> Client {
    let stream = small(bridge.address()).await;
    let mut client = bridge.client_over(stream, "vm").await.unwrap();
    client.negotiate(&["async"]).await;
    client
}

async fn small(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(address).await.unwrap()
}

/// Events with these numbers, of about this size each.
fn ticks(numbers: std::ops::Range<u64>, size: usize) -> String {
    let filler = "x".repeat(size);
    numbers
        .map(|n| format!("{{\"event\": \"TICK\", \"data\": {{\"n\":{n}, \"filler\": \"{filler}\"}}}}\r\n"))
        .collect()
}
