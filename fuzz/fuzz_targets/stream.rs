//! Attacks: a stream means the same however it is cut. The first byte chooses small limits, the next eight are lengths of
//! pieces in turn, the rest is the stream; it goes to both sides.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use qmp_fuzz::greeting;
use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Input, Limits, ServerInput, ServerOptions, ServerSession,
    SessionTag,
};

fuzz_target!(|data: &[u8]| {
    let Some((&[limits, ref lengths @ ..], stream)) = data.split_first_chunk::<9>() else {
        return;
    };
    let limits = if limits & 1 == 0 {
        Limits::CLIENT
    } else {
        Limits {
            max_bytes: 64 + usize::from(limits),
            max_depth: 4,
        }
    };
    let pieces = pieces(stream, lengths);
    assert_eq!(
        client(&[stream], limits),
        client(&pieces, limits),
        "client, {pieces:?}"
    );
    assert_eq!(
        server(&[stream], limits),
        server(&pieces, limits),
        "server, {pieces:?}"
    );
});

fn pieces<'a>(mut stream: &'a [u8], lengths: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = vec![];
    for length in lengths.iter().cycle() {
        let (piece, rest) = stream.split_at(
            usize::from(*length)
                .clamp(1, stream.len().max(1))
                .min(stream.len()),
        );
        pieces.push(piece);
        stream = rest;
        if stream.is_empty() {
            break;
        }
    }
    pieces
}

fn client(pieces: &[&[u8]], limits: Limits) -> Vec<String> {
    let options = ClientOptions::new(SessionTag::new(0));
    let mut session = ClientSession::<()>::new(ClientOptions { limits, ..options });
    let mut seen = vec![];
    for piece in pieces {
        let result = session.handle_input(Input::Bytes(piece));
        see(&mut seen, || session.poll_output(), result.err());
    }
    seen
}

fn server(pieces: &[&[u8]], limits: Limits) -> Vec<String> {
    let greeting = greeting(CapabilitySet::ALL);
    let mut session = ServerSession::new(ServerOptions { greeting, limits });
    let mut seen = vec![];
    for piece in pieces {
        let result = session.handle_input(ServerInput::Bytes(piece));
        see(&mut seen, || session.poll_output(), result.err());
    }
    seen
}

fn see<O: Debug>(seen: &mut Vec<String>, outputs: impl FnMut() -> Option<O>, error: Option<impl Debug>) {
    seen.extend(std::iter::from_fn(outputs).map(|output| format!("{output:?}")));
    seen.extend(error.map(|error| format!("{error:?}")));
}
