//! A server that takes any bytes: a QEMU, or our own server session. It answers in short texts: what it returned or the
//! class of its error, and the id that came with it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use qmp_proto::{
    ErrorClass, ErrorResponse, Greeting, Json, Limits, Message, ServerInput, ServerOptions, ServerOutput,
    ServerSession, Version,
};
use serde_json::value::RawValue;

use crate::client::PATIENCE;

/// Who is asked.
#[derive(Clone, Copy)]
pub(crate) enum Server<'a> {
    /// The monitor at this socket.
    Qemu(&'a Path),
    Ours,
}

impl Server<'_> {
    /// What is answered to this input on a new connection, and to nothing after it: a command behind it tells where the
    /// answers end, and that the server understands again.
    pub(crate) fn answers(self, negotiation: Option<&str>, input: &[u8]) -> Vec<String> {
        let negotiation = negotiation.unwrap_or_default();
        let all = [negotiation.as_bytes(), input, LAST.as_bytes()].concat();
        let lines = match self {
            Self::Qemu(socket) => {
                let mut monitor = Raw::connect(socket);
                monitor.write(&all);
                monitor.lines_until(|line| line.contains(LAST_ID))
            }
            Self::Ours => {
                let lines = ours(&[&all]);
                let bytes: Vec<&[u8]> = all.chunks(1).collect();
                assert_eq!(ours(&bytes), lines, "byte by byte");
                lines
            }
        };
        let mut answers: Vec<String> = lines.iter().map(|line| in_short(line)).collect();
        // Where the server did not understand it, that is told as an answer.
        if answers
            .last()
            .is_some_and(|answer| answer == r#"CommandNotFound id="last""#)
        {
            answers.pop();
        }
        if !negotiation.is_empty() {
            assert_eq!(answers.remove(0), "return {}");
        }
        answers
    }
}

/// Everything that our server side writes, the greeting left out. It is a machine of two commands.
fn ours(chunks: &[&[u8]]) -> Vec<String> {
    let greeting = Greeting {
        version: Version::default(),
        capabilities: vec!["oob".to_owned()],
    };
    // QEMU's limits, so that it is asked the same.
    let mut session = ServerSession::new(ServerOptions {
        greeting,
        limits: Limits::SERVER,
    });
    let mut lines = vec![];
    for chunk in chunks {
        session.handle_input(ServerInput::Bytes(chunk)).unwrap();
        execute(&mut session, &mut lines);
    }
    lines.remove(0);
    lines
}

fn execute(session: &mut ServerSession, lines: &mut Vec<String>) {
    while let Some(output) = session.poll_output() {
        match output {
            ServerOutput::Execute(request) => {
                let reply = match request.name.as_str() {
                    "query-name" => Ok(Json::parse(r#"{"name":"test"}"#).unwrap()),
                    "query-yank" => Ok(Json::parse("[]").unwrap()),
                    name => Err(ErrorResponse::new(ErrorClass::CommandNotFound, name)),
                };
                session.respond(request.ticket, reply);
            }
            ServerOutput::Ready(_) => {}
            ServerOutput::Transmit(line) => lines.push(line),
        }
    }
}

/// A connection to a monitor on which anything can be written.
pub(crate) struct Raw {
    stream: BufReader<UnixStream>,
}

impl Raw {
    /// Connects, and reads the greeting.
    pub(crate) fn connect(socket: &Path) -> Self {
        let mut raw = Self::silent(socket);
        let greeting = raw.line().unwrap();
        assert!(
            matches!(Message::parse(&greeting), Ok(Message::Greeting(_))),
            "{greeting}"
        );
        raw
    }

    /// Connects, and reads nothing.
    pub(crate) fn silent(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
    }

    /// The next line; `None` at the end of the connection.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("QEMU said nothing for {PATIENCE:?}: {error}"),
        }
    }

    /// The next message in short.
    pub(crate) fn answer(&mut self) -> String {
        in_short(&self.line().unwrap())
    }

    /// Whether anything has come that is not read yet.
    pub(crate) fn has_input(&mut self) -> bool {
        self.stream.get_ref().set_nonblocking(true).unwrap();
        let filled = self.stream.fill_buf().is_ok();
        self.stream.get_ref().set_nonblocking(false).unwrap();
        filled
    }

    fn lines_until(&mut self, last: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = vec![];
        while !lines.last().is_some_and(|line: &String| last(line)) {
            lines.push(self.line().unwrap_or_else(|| panic!("it ended after {lines:?}")));
        }
        lines
    }
}

/// A message in short, read as our client reads it.
fn in_short(line: &str) -> String {
    let (id, text) = match Message::parse(line) {
        Ok(Message::Event(event)) => (None, event.name),
        Ok(Message::Greeting(_)) => (None, "greeting".to_owned()),
        Ok(Message::Response { id, result }) => {
            assert_shape(line);
            let text = match result {
                Ok(value) if value.as_str() == "{}" => "return {}".to_owned(),
                Ok(_) => "return".to_owned(),
                Err(error) => error.class.to_string(),
            };
            (id, text)
        }
        Err(_) => return format!("not JSON: {}", line.trim_end()),
    };
    match id {
        Some(id) => format!("{text} id={id}"),
        None => text,
    }
}

/// A reply has no other members than the specification's, and so has its error.
fn assert_shape(line: &str) {
    let members = |text: &str| -> BTreeMap<String, Box<RawValue>> { serde_json::from_str(text).unwrap() };
    let mut reply = members(line);
    reply.remove("id");
    match reply.get("error") {
        Some(error) => assert!(members(error.get()).keys().eq(["class", "desc"]), "{line}"),
        None => assert!(reply.keys().eq(["return"]), "{line}"),
    }
    assert_eq!(reply.len(), 1, "{line}");
}

/// The end of negotiation.
pub(crate) const BARE: &str = r#"{"execute":"qmp_capabilities"}"#;
pub(crate) const WITH_OOB: &str = r#"{"execute":"qmp_capabilities","arguments":{"enable":["oob"]}}"#;
const LAST: &str = r#"{"execute":"no-such-command","id":"last"}"#;
const LAST_ID: &str = r#""last""#;
