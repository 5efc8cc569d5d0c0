//! Recorded exchanges: files of `->` lines (what the client wrote) and `<-` lines (what the server wrote). What the
//! messages mean is not known here.

use std::fs;
use std::path::Path;

/// A recorded connection, from its greeting on.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// What happened, in order.
    pub steps: Vec<Step>,
}

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The client wrote these bytes in one piece.
    Client(Vec<u8>),
    /// The server wrote this line, given without its line end.
    Server(String),
}

/// Reads a transcript: its connections, each of which begins with a greeting.
///
/// # Panics
/// The file cannot be read or a line of it is of no known form. A test cannot go on then.
pub fn read(path: &Path) -> Vec<Connection> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut connections: Vec<Connection> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let step = match line.split_at_checked(3) {
            _ if line.is_empty() || line.starts_with('#') || line == "<- (end of stream)" => continue,
            Some(("-> ", written)) => Step::Client(unescape(written)),
            Some(("<- ", message)) => Step::Server(message.to_owned()),
            _ => panic!(
                "{}:{}: not a line of a transcript: {line}",
                path.display(),
                number + 1
            ),
        };
        if matches!(&step, Step::Server(message) if message.contains("\"QMP\"")) {
            connections.push(Connection::default());
        }
        let connection = connections.last_mut();
        connection
            .unwrap_or_else(|| panic!("{}: no greeting", path.display()))
            .steps
            .push(step);
    }
    connections
}

/// `\n` is a newline byte and `\xNN` a byte; every other backslash is JSON's own.
fn unescape(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = &rest[at..];
        let hex = escape.strip_prefix("\\x").and_then(|hex| hex.get(..2));
        let (byte, length) = match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => (byte, 4),
            None if escape.starts_with("\\n") => (b'\n', 2),
            None => (b'\\', 1),
        };
        bytes.push(byte);
        rest = &escape[length..];
        // The character behind a backslash of JSON's own is part of its escape.
        if byte == b'\\' {
            let length = rest.chars().next().map_or(0, char::len_utf8);
            bytes.extend_from_slice(&rest.as_bytes()[..length]);
            rest = &rest[length..];
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
