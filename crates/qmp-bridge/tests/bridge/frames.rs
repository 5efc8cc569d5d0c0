//! Frames that no good client sends: too long, too many, not text. Each ends in a close frame that says why.

use qmp_bridge::CloseCode;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::common::{Client, TestBridge};
use crate::program::Program;

/// A command of so many bytes.
fn command(length: usize) -> String {
    let empty = json!({ "execute": "x", "id": "" }).to_string();
    let id = "x".repeat(length - empty.len());
    json!({ "execute": "x", "id": id }).to_string()
}

/// The close frame with its reason, which has to fit into one.
async fn close_frame(client: &mut Client) -> u16 {
    loop {
        match client.next_frame().await {
            Some(Ok(Message::Close(Some(frame)))) => {
                assert!((1..=123).contains(&frame.reason.len()), "{frame}");
                return frame.code.into();
            }
            Some(Ok(_)) => {}
            other => panic!("no close frame: {other:?}"),
        }
    }
}

#[tokio::test]
async fn l7_a_message_of_64_kib_is_taken_and_one_byte_more_is_not() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    client.send_text(&command(64 << 10)).await;
    assert_eq!(client.next().await["error"]["class"], "CommandNotFound");
    client.send_text(&command((64 << 10) + 1)).await;
    assert_eq!(close_frame(&mut client).await, CloseCode::TooBig.code());
}

#[tokio::test]
async fn l7_how_long_a_message_says_it_is_costs_no_memory() {
    let bridge = Program::start(&[]).await;
    bridge.client().await.negotiate(&["async"]).await;
    let before = bridge.memory("VmHWM");
    for _ in 0..5 {
        // The whole of it may not go out any more; why is told in any case.
        let mut client = bridge.client().await;
        client.negotiate(&["async"]).await;
        let _ = client.send_frame(Message::text("x".repeat(10 << 20))).await;
        assert_eq!(close_frame(&mut client).await, CloseCode::TooBig.code());

        let mut client = bridge.client().await;
        client.negotiate(&["async"]).await;
        let length = (1_u64 << 62).to_be_bytes();
        client
            .send_bytes(&[&[0x81, 0xff], &length[..], &[0; 4]].concat())
            .await;
        assert_eq!(close_frame(&mut client).await, CloseCode::TooBig.code());
    }
    let growth = bridge.memory("VmHWM") - before;
    assert!(growth < 2 << 10, "{growth} KiB");
}

#[tokio::test]
async fn l8_fragments_are_as_long_as_their_message() {
    let bridge = TestBridge::demo().await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    let fragment = |opcode, is_final| {
        let frame = Frame::message("x".repeat(1024), OpCode::Data(opcode), is_final);
        Message::Frame(frame)
    };
    client.send_frame(fragment(Data::Text, false)).await.unwrap();
    for _ in 0..100 {
        // From some time on nobody reads.
        let _ = client.send_frame(fragment(Data::Continue, false)).await;
    }
    assert_eq!(close_frame(&mut client).await, CloseCode::TooBig.code());
}

#[tokio::test]
async fn l9_a_flood_of_control_frames_ends_the_connection_and_a_few_do_not() {
    let bridge = Program::start(&[]).await;
    for flood in [
        Message::Ping(Default::default()),
        Message::Pong(Default::default()),
    ] {
        let mut client = bridge.client().await;
        client.negotiate(&["async"]).await;
        for _ in 0..30 {
            client.send_frame(flood.clone()).await.unwrap();
        }
        client.send(json!({ "execute": "query-status", "id": 1 })).await;
        while !matches!(client.next_frame().await, Some(Ok(Message::Text(_)))) {}
        let before = bridge.ticks();
        let mut sent = 0;
        // Whoever goes on and on is not listened to for long.
        while sent < 1_000_000 && client.send_frame(flood.clone()).await.is_ok() {
            sent += 1;
        }
        assert!(sent < 1_000_000);
        assert_eq!(close_frame(&mut client).await, CloseCode::Flood.code());
        let cost = bridge.ticks() - before;
        assert!(cost < 200, "{cost} hundredths of a second for {sent} frames");
    }
}

#[tokio::test]
async fn j11_what_is_no_text_is_said_to_be_none() {
    let bridge = TestBridge::demo().await;
    let whole =
        |opcode, bytes: &'static [u8]| Message::Frame(Frame::message(bytes, OpCode::Data(opcode), true));
    for (frame, code) in [
        (Message::binary(b"{}".as_slice()), CloseCode::BinaryFrame),
        (
            whole(Data::Text, b"{\"execute\":\"\xc0\x80\"}"),
            CloseCode::NotText,
        ),
        (whole(Data::Text, b"\xff"), CloseCode::NotText),
        (whole(Data::Text, b"\xed\xa0\x80"), CloseCode::NotText),
    ] {
        let mut client = bridge.client("demo").await;
        client.negotiate(&["async"]).await;
        client.send_frame(frame.clone()).await.unwrap();
        assert_eq!(close_frame(&mut client).await, code.code(), "{frame:?}");
    }
    // In the middle of a character a message may be cut.
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    let parts = [
        (Data::Text, &b"{\"execute\":\"\xc3"[..], false),
        (Data::Continue, b"\xa9\",\"id\":1}", true),
    ];
    for (opcode, bytes, is_final) in parts {
        let frame = Frame::message(bytes, OpCode::Data(opcode), is_final);
        client.send_frame(Message::Frame(frame)).await.unwrap();
    }
    assert_eq!(client.next().await["error"]["class"], "CommandNotFound");
}
