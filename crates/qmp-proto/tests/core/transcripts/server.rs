//! The recorded client against our server, which gives the recorded replies: what it writes means what QEMU wrote.

use qmp_proto::{Limits, Message, Request, ServerInput, ServerOptions, ServerOutput, ServerSession};

use super::*;

#[test]
fn every_line_means_what_qemu_wrote_at_any_cut() {
    for (name, connection) in connections() {
        let fed = replay(&name, &connection, Cut::Whole);
        at_every_cut(fed, |cut| {
            replay(&name, &connection, cut);
        });
    }
}

struct Replay {
    session: ServerSession,
    waiting: Vec<(Option<Value>, Request)>,
    written: Vec<String>,
}

fn replay(name: &str, connection: &Connection, cut: Cut) -> usize {
    let mut replay: Option<Replay> = None;
    let mut fed = 0;
    for step in &connection.steps {
        match (step, &mut replay) {
            (Step::Client(written), Some(replay)) => {
                for piece in cut.pieces(fed, written) {
                    replay.session.handle_input(ServerInput::Bytes(piece)).unwrap();
                }
                fed += written.len();
                replay.drain(written);
            }
            (Step::Server(line), Some(replay)) => replay.expect(line, &format!("{name} {cut:?}: {line}")),
            (Step::Server(line), None) => replay = Some(Replay::greet(line)),
            (Step::Client(_), None) => panic!("{name}: a command before the greeting"),
        }
    }
    let left = replay.map_or(vec![], |replay| replay.written);
    assert!(left.is_empty(), "{name} {cut:?}: not in the recording: {left:?}");
    fed
}

impl Replay {
    fn greet(line: &str) -> Self {
        let Ok(Message::Greeting(greeting)) = Message::parse(line) else {
            panic!("no greeting: {line}")
        };
        let options = ServerOptions {
            greeting,
            limits: Limits::CLIENT,
        };
        let mut session = ServerSession::new(options);
        let Some(ServerOutput::Transmit(text)) = session.poll_output() else {
            panic!("no greeting")
        };
        assert_eq!(json(&text), json(line));
        Self {
            session,
            waiting: vec![],
            written: vec![],
        }
    }

    fn drain(&mut self, written: &[u8]) {
        let mut ids = commands(written)
            .into_iter()
            .map(|command| command.get("id").cloned());
        // Commands come out in the order in which they went in; those that the session refused have no id to find.
        let mut names = commands(written).into_iter();
        while let Some(output) = self.session.poll_output() {
            match output {
                ServerOutput::Execute(request) => {
                    let id = loop {
                        let (id, command) = (ids.next().flatten(), names.next().unwrap_or_default());
                        if command["execute"] == *request.name || command["exec-oob"] == *request.name {
                            break id;
                        }
                    };
                    self.waiting.push((id, request));
                }
                ServerOutput::Transmit(text) => self.written.push(text),
                ServerOutput::Ready(_) => {}
            }
        }
    }

    /// The next thing that the server writes means the same as a recorded line.
    fn expect(&mut self, line: &str, context: &str) {
        let want = json(line);
        if want.get("event").is_some() {
            let Ok(Message::Event(event)) = Message::parse(line) else {
                panic!("{context}")
            };
            self.session.emit(&event);
        } else if self.written.is_empty() {
            let place = self
                .waiting
                .iter()
                .position(|(id, _)| same_id(id.as_ref(), want.get("id")));
            let (_, request) = self
                .waiting
                .remove(place.unwrap_or_else(|| panic!("{context}: nothing waits")));
            let Ok(Message::Response { result, .. }) = Message::parse(line) else {
                panic!("{context}")
            };
            self.session.respond(request.ticket, result);
        }
        self.drain(b"");
        assert!(!self.written.is_empty(), "{context}: nothing was written");
        let got = json(&self.written.remove(0));
        if got["error"] == want["error"] {
            assert_eq!(
                (&got["return"], got.get("event")),
                (&want["return"], want.get("event")),
                "{context}"
            );
            assert!(same_id(got.get("id"), want.get("id")), "{context}: {got}");
        } else {
            assert_refused(&got, &want, context);
        }
    }
}

/// An error that the session made itself: of the class that QEMU gives, in words of our own, and stricter in two ways.
fn assert_refused(got: &Value, want: &Value, context: &str) {
    let single_quotes = want["id"] == "single quotes are accepted";
    let duplicate_key = want["error"]["desc"] == "JSON parse error, duplicate key";
    let class = if single_quotes {
        &Value::from("GenericError")
    } else {
        &want["error"]["class"]
    };
    assert_eq!(&got["error"]["class"], class, "{context}: {got}");
    // QEMU cannot tell the id of a command that its parser gave up on; we can where the command has just one.
    if !single_quotes && !duplicate_key {
        assert!(same_id(got.get("id"), want.get("id")), "{context}: {got}");
    }
}
