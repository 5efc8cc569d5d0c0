//! Attacks: whatever a client sends, what we write is valid, what we execute is safe for QEMU, and each reply has the id of
//! its command, byte for byte. The first byte is what is offered, whether small limits hold, and whether the client
//! speaks in frames; of the rest, control characters are what the driver does and all else is what the client sends. In
//! frames, `serde_json` says which id is due.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use qmp_fuzz::{Members, capabilities, greeting};
use qmp_proto::{
    ErrorResponse, Event, Json, Limits, Request, ServerInput, ServerOptions, ServerOutput, ServerSession,
    ServerState, Ticket, normalise,
};
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    let Some((&how, steps)) = data.split_first() else {
        return;
    };
    let mut driver = Driver::connect(how);
    for step in steps.chunk_by(|a, b| !is_operation(*a) && !is_operation(*b)) {
        driver.run(step);
    }
    while !driver.executing.is_empty() {
        driver.run(&[RETURN_NEWEST]);
    }
    if driver.session.state() != ServerState::Closed {
        assert_eq!(driver.session.pending(), 0);
        assert!(driver.due.is_empty(), "never answered: {:?}", driver.due);
        assert!(
            !driver.frames || driver.refused.is_empty(),
            "never refused: {:?}",
            driver.refused
        );
    }
});

fn is_operation(byte: u8) -> bool {
    byte == b'\n' || (RETURN_OLDEST..=EMIT).contains(&byte)
}

type Id = Option<String>;

struct Driver {
    session: ServerSession,
    frames: bool,
    executing: Vec<(Ticket, Id)>,
    /// Ids of the replies that were given, by what the reply says; known of frames only.
    due: BTreeMap<String, Id>,
    /// Ids of commands that came to no execution.
    refused: Vec<Id>,
    answered: usize,
}

impl Driver {
    fn connect(how: u8) -> Self {
        // The oracle has no limit of depth, which is for the target `stream`.
        let limits = Limits {
            max_bytes: if how & 8 == 0 {
                Limits::CLIENT.max_bytes
            } else {
                100
            },
            max_depth: 1024,
        };
        let greeting = greeting(capabilities(how));
        let mut driver = Self {
            session: ServerSession::new(ServerOptions { greeting, limits }),
            frames: how & 4 != 0,
            executing: vec![],
            due: BTreeMap::new(),
            refused: vec![],
            answered: 0,
        };
        driver.drain(None);
        driver
    }

    fn run(&mut self, step: &[u8]) {
        match *step {
            [RETURN_OLDEST] if !self.executing.is_empty() => self.respond(0, false),
            [RETURN_NEWEST] if !self.executing.is_empty() => self.respond(self.executing.len() - 1, false),
            [FAIL_NEWEST] if !self.executing.is_empty() => self.respond(self.executing.len() - 1, true),
            [RETURN_OLDEST..=FAIL_NEWEST] => {}
            [EMIT] => {
                self.session.emit(&Event {
                    timestamp: None,
                    name: "TICK".into(),
                    data: None,
                });
                self.drain(None);
            }
            [b'\n'] if self.frames => {}
            _ if self.frames => {
                let Ok(frame) = str::from_utf8(step) else { return };
                self.frame(frame);
            }
            _ => {
                let result = self.session.handle_input(ServerInput::Bytes(step));
                assert!(result.is_ok() || self.session.state() == ServerState::Closed);
                self.drain(None);
            }
        }
    }

    fn frame(&mut self, frame: &str) {
        if self.session.state() == ServerState::Closed {
            return;
        }
        if self.session.handle_input(ServerInput::Message(frame)).is_err() {
            assert_eq!(self.session.state(), ServerState::Closed);
            return;
        }
        let id = Members::of(frame)
            .ok()
            .and_then(|message| message.one("id").map(str::to_owned));
        self.drain(Some(id));
    }

    fn respond(&mut self, which: usize, fail: bool) {
        let (ticket, id) = self.executing.remove(which);
        self.answered += 1;
        let told = format!("9{:06}", self.answered);
        if self.session.state() != ServerState::Closed {
            self.due.insert(told.clone(), id);
        }
        let reply = if fail {
            Err(ErrorResponse::generic(told))
        } else {
            Ok(Json::parse(&told).expect("a number"))
        };
        self.session.respond(ticket, reply.clone());
        // A second reply goes nowhere.
        self.session.respond(ticket, reply);
        self.drain(None);
    }

    /// `frame` is the id in what came last, if that was a frame.
    fn drain(&mut self, frame: Option<Id>) {
        let outputs: Vec<_> = std::iter::from_fn(|| self.session.poll_output()).collect();
        let executes = |output: &ServerOutput| matches!(output, ServerOutput::Execute(_));
        match &frame {
            Some(id) if !outputs.iter().any(executes) => self.refused.push(id.clone()),
            Some(id) => assert_eq!(outputs.len(), 1, "{id:?}"),
            None => {}
        }
        for output in outputs {
            match output {
                ServerOutput::Transmit(text) => self.transmitted(&text),
                ServerOutput::Execute(request) => {
                    check(&request);
                    let id = frame.clone().flatten();
                    self.executing.push((request.ticket, id));
                }
                ServerOutput::Ready(_) => {}
            }
        }
    }

    fn transmitted(&mut self, text: &str) {
        let message = Members::of(text).expect("JSON");
        assert_eq!(message.count(&["QMP", "return", "error", "event"]), 1, "{text}");
        assert!(message.count(&["id"]) <= 1, "{text}");
        if message.count(&["QMP", "event"]) == 1 {
            return;
        }
        let id = message.one("id").map(str::to_owned);
        let told = message.one("return").map(str::to_owned).unwrap_or_else(|| {
            let error: Map<String, Value> =
                serde_json::from_str(message.one("error").expect("an error")).expect("JSON");
            assert_eq!(error.len(), 2, "{text}");
            error["desc"].as_str().expect("a desc").to_owned()
        });
        match self.due.remove(&told) {
            _ if !self.frames => {}
            Some(due) => assert_eq!(id, due, "{text}"),
            None => {
                let place = self.refused.iter().position(|refused| *refused == id);
                self.refused
                    .swap_remove(place.expect("the id of a refused command"));
            }
        }
    }
}

/// QEMU is sure to parse the arguments.
fn check(request: &Request) {
    let Some(arguments) = request.arguments.as_deref() else {
        return;
    };
    serde_json::from_str::<Map<String, Value>>(arguments).expect("an object");
    assert_eq!(normalise(arguments).as_deref(), Ok(arguments));
}

const RETURN_OLDEST: u8 = 0x10;
const RETURN_NEWEST: u8 = 0x11;
const FAIL_NEWEST: u8 = 0x12;
const EMIT: u8 = 0x13;
