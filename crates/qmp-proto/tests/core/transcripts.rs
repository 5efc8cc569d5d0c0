//! What QEMU really sent and was sent, replayed against both sessions: whole, byte by byte, and cut at each place.

mod client;
mod server;

use std::path::{Path, PathBuf};

use qmp_proto::normalise;
use qmp_testkit::transcript::{self, Connection, Step};
use serde_json::Value;
use serde_json::value::RawValue;

const FILES: [&str; 4] = [
    "async-text.qmp",
    "qemu-7.2.qmp",
    "qemu-10.0.qmp",
    "qemu-async.qmp",
];

/// Every recorded connection, with a name for messages.
pub(crate) fn connections() -> impl Iterator<Item = (String, Connection)> {
    FILES.into_iter().flat_map(|file| {
        let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/transcripts")
            .join(file);
        let connections = transcript::read(&path);
        assert!(!connections.is_empty(), "{file} is empty");
        connections
            .into_iter()
            .enumerate()
            .map(move |(i, connection)| (format!("{file} connection {i}"), connection))
    })
}

/// The client's side of a connection is written in pieces cut by this rule.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Whole,
    EveryByte,
    /// One cut, at this place of everything that is fed.
    At(usize),
}

impl Cut {
    /// The pieces of the next bytes, `before` of which have been fed already.
    fn pieces(self, before: usize, bytes: &[u8]) -> Vec<&[u8]> {
        match self {
            Self::Whole => vec![bytes],
            Self::EveryByte => bytes.chunks(1).collect(),
            Self::At(place) if place > before && place < before + bytes.len() => {
                let (a, b) = bytes.split_at(place - before);
                vec![a, b]
            }
            Self::At(_) => vec![bytes],
        }
    }
}

/// Replays with each cut; `fed` is how many bytes are fed in all.
fn at_every_cut(fed: usize, replay: impl Fn(Cut)) {
    replay(Cut::Whole);
    replay(Cut::EveryByte);
    (1..fed).for_each(|place| replay(Cut::At(place)));
}

/// Whether two ids are the same to QEMU, which reads those that are no 64-bit integers as doubles and writes them anew.
fn same_id(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The JSON values that a client wrote in one piece, those that are JSON without duplicate keys.
fn commands(written: &[u8]) -> Vec<Value> {
    let values = serde_json::Deserializer::from_slice(written).into_iter::<Box<RawValue>>();
    let strict = values
        .map_while(Result::ok)
        .filter(|value| normalise(value.get()).is_ok());
    strict.map(|value| json(value.get())).collect()
}
