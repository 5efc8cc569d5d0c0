//! A stream means the same however it is cut: to either side, of messages as they were recorded and of others, with
//! anything between them and inside. Cuts of the recordings alone, at each place, are in `transcripts`.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, Greeting, Input, Json, Limits, ServerInput,
    ServerOptions, ServerOutput, ServerSession, SessionTag,
};
use qmp_testkit::transcript::Step;
use serde_json::Value;

use crate::transcripts::connections;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn what_a_server_sends_means_the_same_in_any_pieces(
        stream in streams(server_messages()),
        lengths in lengths(),
        limits in limits(),
        ready in any::<bool>(),
    ) {
        let whole = client(&[&stream], limits, ready);
        prop_assert_eq!(client(&pieces(&stream, &lengths), limits, ready), whole);
    }

    #[test]
    fn what_a_client_sends_means_the_same_in_any_pieces(
        stream in streams(client_messages()),
        lengths in lengths(),
        limits in limits(),
        ready in any::<bool>(),
    ) {
        let whole = server(&[&stream], limits, ready);
        prop_assert_eq!(server(&pieces(&stream, &lengths), limits, ready), whole);
    }
}

/// Everything that a client tells; if it is ready it has commands in flight and others that wait.
fn client(pieces: &[&[u8]], limits: Limits, ready: bool) -> Vec<String> {
    let options = ClientOptions::new(SessionTag::new(0));
    let mut session = ClientSession::new(ClientOptions { limits, ..options });
    let mut seen = vec![];
    if ready {
        let start = format!("{}{{\"return\":{{}},\"id\":{}}}", greeting().to_json(), our_id(0));
        session.handle_input(Input::Bytes(start.as_bytes())).unwrap();
        for n in 0..12 {
            let command = Command {
                oob: n % 4 == 0,
                ..Command::new("x")
            };
            session.execute(command, n).unwrap();
        }
    }
    for piece in pieces {
        let fault = session.handle_input(Input::Bytes(piece)).err();
        see(&mut seen, std::iter::from_fn(|| session.poll_output()), fault);
    }
    seen
}

/// Everything that a server does. In the end it replies to all commands, to the last one first.
fn server(pieces: &[&[u8]], limits: Limits, ready: bool) -> Vec<String> {
    let greeting = greeting();
    let mut session = ServerSession::new(ServerOptions { greeting, limits });
    let mut seen = vec![];
    let mut tickets = vec![];
    let start: &[u8] = if ready {
        b"{\"execute\":\"qmp_capabilities\"}"
    } else {
        b""
    };
    for piece in [start].iter().chain(pieces) {
        let fault = session.handle_input(ServerInput::Bytes(piece)).err();
        let outputs = std::iter::from_fn(|| session.poll_output()).inspect(|output| {
            if let ServerOutput::Execute(request) = output {
                tickets.push(request.ticket);
            }
        });
        see(&mut seen, outputs, fault);
    }
    for ticket in tickets.into_iter().rev() {
        session.respond(ticket, Ok(Json::empty_object()));
    }
    see(
        &mut seen,
        std::iter::from_fn(|| session.poll_output()),
        None::<()>,
    );
    seen
}

fn see<O: Debug>(seen: &mut Vec<String>, outputs: impl Iterator<Item = O>, fault: Option<impl Debug>) {
    seen.extend(outputs.map(|output| format!("{output:?}")));
    seen.extend(fault.map(|fault| format!("{fault:?}")));
}

fn greeting() -> Greeting {
    Greeting {
        capabilities: CapabilitySet::ALL.names().map(str::to_owned).collect(),
        ..Greeting::default()
    }
}

fn our_id(number: u64) -> String {
    format!("\"{}-{number}\"", SessionTag::new(0))
}

/// Pieces of these lengths in turn.
fn pieces<'a>(mut stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = vec![];
    for length in lengths.iter().cycle() {
        let (piece, rest) = stream.split_at((*length).min(stream.len()));
        pieces.push(piece);
        stream = rest;
        if stream.is_empty() {
            break;
        }
    }
    pieces
}

fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1_usize..4, 1_usize..80], 1..8)
}

fn limits() -> impl Strategy<Value = Limits> {
    let small = Limits {
        max_bytes: 200,
        max_depth: 4,
    };
    select(vec![Limits::SERVER, Limits::CLIENT, small])
}

/// Messages, one behind the other.
fn streams(messages: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let no_message = select(vec![
        "}",
        "{]",
        "[1 2",
        "01",
        "\"",
        "nul",
        "\u{1}",
        "\u{feff}",
        "[\"\\u12\u{1}",
        "[\"\\u1\"]",
        "{}",
        "1",
    ]);
    let message = prop_oneof![
        20 => messages,
        1 => no_message.prop_map(|text| text.as_bytes().to_vec()),
        1 => Just(b"{\"a\xff".to_vec()),
    ];
    let line_end = select(vec!["", "\n", "\r\n", " \t"]);
    let lines = prop::collection::vec((message, line_end), 0..16).prop_map(|lines| {
        let bytes = lines
            .into_iter()
            .flat_map(|(message, end)| [message, end.as_bytes().to_vec()]);
        bytes.collect::<Vec<_>>().concat()
    });
    // Now and then a byte arrives as another.
    let damage = prop::option::weighted(0.2, (any::<Index>(), any::<u8>()));
    (lines, damage).prop_map(|(mut stream, damage)| {
        if let Some((place, byte)) = damage.filter(|_| !stream.is_empty()) {
            *place.get_mut(&mut stream) = byte;
        }
        stream
    })
}

fn server_messages() -> impl Strategy<Value = Vec<u8>> {
    let recorded: Vec<String> = steps()
        .filter_map(|step| match step {
            // Another greeting would end the session.
            Step::Server(line) if !line.contains("\"QMP\"") => Some(line),
            _ => None,
        })
        .collect();
    let reply = (
        0_u64..16,
        select(vec!["null", "{\"a\":[{},\"\\u00e9é\\\"}\"]}", "-1.50e3"]),
    )
        .prop_map(|(number, value)| format!("{{\"return\":{value},\"id\":{}}}", our_id(number)));
    let message = prop_oneof![
        4 => reply,
        4 => select(recorded),
        1 => Just(greeting().to_json()),
    ];
    (message, prop::bool::weighted(0.3)).prop_map(|(text, pretty)| as_bytes(text, pretty))
}

fn client_messages() -> impl Strategy<Value = Vec<u8>> {
    let recorded: Vec<Vec<u8>> = steps()
        .filter_map(|step| match step {
            Step::Client(written) => Some(written),
            Step::Server(_) => None,
        })
        .collect();
    let ours = select(vec![
        "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"capabilities\":[\"async\"]},\"id\":0}",
        "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}",
        "{\"execute\":\"x\",\"arguments\":{\"é\":\"\\ud83d\\ude00\",\"n\":[1.0,-0,1e5]},\"id\":{\"a\":null}}",
        "{\"exec-oob\":\"x\",\"id\":\"}\\\"{\"}",
        "{\"execute\":\"x\"}",
        "{\"execute\":\"x\",\"id\":1,\"id\":2}",
    ]);
    prop_oneof![
        1 => select(recorded),
        2 => (ours, any::<bool>()).prop_map(|(text, pretty)| as_bytes(text.to_owned(), pretty)),
    ]
}

/// The message, perhaps as QEMU writes it in pretty mode.
fn as_bytes(text: String, pretty: bool) -> Vec<u8> {
    match serde_json::from_str::<Value>(&text) {
        Ok(value) if pretty => format!("{value:#}").replace('\n', "\r\n").into_bytes(),
        _ => text.into_bytes(),
    }
}

fn steps() -> impl Iterator<Item = Step> {
    connections().flat_map(|(_, connection)| connection.steps)
}
