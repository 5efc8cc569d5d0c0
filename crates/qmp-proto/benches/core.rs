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

/// A session with as many commands in flight, and the replies to them, each with a line end.
fn with_replies(payload: &str, count: usize) -> (ClientSession, Vec<Vec<u8>>) {
    let mut session = session();
    let replies = (0..count).map(|_| {
        let id = session
            .execute(Command::new("query-status"), ())
            .expect("a command");
        format!(
            "{{\"return\": {payload}, \"id\": {}}}\r\n",
            session.wire_id(id.number())
        )
        .into_bytes()
    });
    let replies = replies.collect();
    while session.poll_output().is_some() {}
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
    let Ok(Value::Array(entries)) = serde_json::from_str(&schema) else {
        panic!("the schema is no array")
    };
    let mut some: Vec<String> = vec![];
    while some.iter().map(|entry| entry.len() + 2).sum::<usize>() < 4000 {
        some.push(entries[some.len()].to_string());
    }
    let status = "{\"status\": \"running\", \"singlestep\": false, \"running\": true}".to_owned();
    let mut group = criterion.benchmark_group("decode");
    for (name, payload) in [
        ("82B", status),
        ("4KB", format!("[{}]", some.join(", "))),
        ("207KB", schema),
    ] {
        let length = with_replies(&payload, 1).1[0].len();
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
        let reply = with_replies(&payload, 1).1.remove(0);
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

/// The cost of one reply where many commands are in flight, answered from the inside out.
fn in_flight(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("in_flight");
    group.sample_size(10);
    for in_flight in [100, 100_000] {
        group.bench_function(in_flight.to_string(), |bencher| {
            bencher.iter_custom(|count| {
                batches(count, 100, |size| {
                    let (mut session, mut replies) = with_replies("{}", in_flight);
                    let middle = in_flight / 2;
                    replies.rotate_left(middle);
                    feed(&mut session, replies[..size].iter().map(Vec::as_slice), size)
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
