//! What a reply costs, from its bytes to its command, beside `serde_json` making a `Value` of the same bytes. The replies
//! are those of a real QEMU; `cargo xtask bench core` runs this and prints the ratios.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use qmp_proto::{ClientOptions, ClientSession, Command, Input, Output, SessionTag};
use qmp_testkit::QemuOptions;
use serde_json::Value;
use serde_json::value::RawValue;

criterion_group!(benches, decode, in_flight);
criterion_main!(benches);

/// A session in command mode, with replies out of order.
fn session() -> ClientSession {
    let mut session = ClientSession::new(ClientOptions::new(SessionTag::new(1)));
    let version = "{\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 9}, \"package\": \"\"}";
    let greeting = format!("{{\"QMP\": {{\"version\": {version}, \"capabilities\": [\"async\"]}}}}");
    session
        .handle_input(Input::Bytes(greeting.as_bytes()))
        .expect("a greeting");
    let reply = format!("{{\"return\": {{}}, \"id\": {}}}", session.wire_id(0));
    session
        .handle_input(Input::Bytes(reply.as_bytes()))
        .expect("a reply");
    while session.poll_output().is_some() {}
    session
}

/// A session with as many commands in flight.
fn with_commands(count: usize) -> ClientSession {
    let mut session = session();
    for _ in 0..count {
        session
            .execute(Command::new("query-status"), ())
            .expect("a command");
    }
    while session.poll_output().is_some() {}
    session
}

/// The reply to the command with this number, the first of which is 1, with a line end.
fn reply(session: &ClientSession, number: usize, payload: &str) -> Vec<u8> {
    let id = session.wire_id(number as u64);
    format!("{{\"return\": {payload}, \"id\": {id}}}\r\n").into_bytes()
}

/// A session with as many commands in flight, and the replies to them.
fn with_replies(payload: &str, count: usize) -> (ClientSession, Vec<Vec<u8>>) {
    let session = with_commands(count);
    let replies = (1..=count)
        .map(|number| reply(&session, number, payload))
        .collect();
    (session, replies)
}

/// Feeds the chunks; gives the time that it took to have every reply.
fn feed<'a>(session: &mut ClientSession, chunks: impl Iterator<Item = &'a [u8]>, replies: usize) -> Duration {
    let mut answered = 0;
    let start = Instant::now();
    for chunk in chunks {
        session.handle_input(Input::Bytes(chunk)).expect("replies");
        while let Some(output) = session.poll_output() {
            answered += usize::from(matches!(
                black_box(output),
                Output::Response { result: Ok(_), .. }
            ));
        }
    }
    let took = start.elapsed();
    assert_eq!(answered, replies);
    took
}

fn decode(criterion: &mut Criterion) {
    let schema = schema();
    // As QEMU wrote them, space and all.
    let entries: Vec<&RawValue> = serde_json::from_str(&schema).expect("an array");
    let mut some: Vec<&str> = vec![];
    while some.iter().map(|entry| entry.len() + 2).sum::<usize>() < 4000 {
        some.push(entries[some.len()].get());
    }
    let status = "{\"status\": \"running\", \"singlestep\": false, \"running\": true}".to_owned();
    let mut group = criterion.benchmark_group("decode");
    for (name, payload) in [
        ("82B", status),
        ("4KB", format!("[{}]", some.join(", "))),
        ("207KB", schema),
    ] {
        let length = reply(&session(), 1, &payload).len();
        group.throughput(Throughput::Bytes(length as u64));
        // So many replies are decoded at a time, for the clock's sake; making them is not timed.
        let batch = (4_000_000 / length).max(1);
        group.bench_function(format!("whole/{name}"), |bencher| {
            bencher.iter_custom(|count| {
                batches(count, batch, |size| {
                    let (mut session, replies) = with_replies(&payload, size);
                    feed(&mut session, replies.iter().map(Vec::as_slice), size)
                })
            });
        });
        group.bench_function(format!("chunks/{name}"), |bencher| {
            bencher.iter_custom(|count| {
                batches(count, batch, |size| {
                    let (mut session, replies) = with_replies(&payload, size);
                    feed(&mut session, replies.concat().chunks(CHUNK), size)
                })
            });
        });
        let reply = reply(&session(), 1, &payload);
        group.bench_function(format!("value/{name}"), |bencher| {
            bencher.iter(|| serde_json::from_slice::<Value>(black_box(&reply)).expect("JSON"));
        });
    }
}

/// So many runs, in batches.
fn batches(count: u64, batch: usize, mut run: impl FnMut(usize) -> Duration) -> Duration {
    let mut left = usize::try_from(count).expect("a count");
    let mut took = Duration::ZERO;
    while left > 0 {
        let size = left.min(batch);
        took += run(size);
        left -= size;
    }
    took
}

/// The cost of one reply where many commands are in flight, answered in no order.
fn in_flight(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("in_flight");
    for in_flight in [100, 100_000] {
        group.bench_function(in_flight.to_string(), |bencher| {
            bencher.iter_custom(|count| {
                batches(count, in_flight, |size| {
                    let mut session = with_commands(in_flight);
                    let numbers = (0..size).map(|nth| 1 + nth * FAR % in_flight);
                    let replies: Vec<_> = numbers.map(|number| reply(&session, number, "{}")).collect();
                    feed(&mut session, replies.concat().chunks(CHUNK), size)
                })
            });
        });
    }
}

/// The reply to `query-qmp-schema` of the QEMU at hand: about 207 KB.
fn schema() -> String {
    let qemu = QemuOptions::new("bench")
        .start()
        .expect("a QEMU to ask for its schema");
    let mut stream = UnixStream::connect(qemu.socket()).expect("its monitor");
    stream
        .write_all(b"{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-qmp-schema\"}")
        .expect("a command");
    let reply = BufReader::new(stream)
        .lines()
        .nth(2)
        .expect("greeting and two replies")
        .expect("a reply");
    let value: &str = reply.split_once("\"return\": ").expect("a return").1;
    value.strip_suffix('}').expect("the end of the reply").to_owned()
}

const CHUNK: usize = 64 << 10;
/// A prime: multiples of it meet every command once.
const FAR: usize = 61_057;
