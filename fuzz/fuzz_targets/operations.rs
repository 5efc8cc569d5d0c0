//! Attacks: between our client and our server each command settles exactly once with its own reply, and events come in
//! order, whatever was negotiated, however the bytes are cut and whenever the connection ends. A reply to an earlier
//! connection settles nothing.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use qmp_fuzz::{capabilities, greeting};
use qmp_proto::{
    Capability, ClientOptions, ClientSession, Command, CommandId, ErrorResponse, Event, Input, Json, Limits,
    Output, Request, ServerInput, ServerOptions, ServerOutput, ServerSession, SessionTag, State,
};

#[derive(Arbitrary, Debug)]
struct Plan {
    offered: u8,
    wanted: u8,
    chunk: u8,
    operations: Vec<Operation>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Operation {
    Execute {
        oob: bool,
        id: bool,
    },
    /// The server answers one of the commands that it executes.
    Answer {
        which: u16,
        error: bool,
    },
    /// The server tells of an event.
    Emit,
    /// The connection ends, and perhaps another begins.
    Disconnect {
        again: bool,
    },
    /// The server answers a command of an earlier connection.
    AnswerOlder,
}

fuzz_target!(|plan: Plan| {
    let mut pair = Pair::connect(&plan, 0);
    let (mut settled, mut executed) = (0, 0);
    for operation in &plan.operations {
        if let Operation::Disconnect { again } = operation {
            pair.disconnect();
            if *again {
                settled += pair.settled;
                executed += pair.executed;
                pair = Pair::connect(&plan, pair.connection + 1);
            }
        } else {
            pair.run(*operation);
        }
    }
    pair.disconnect();
    assert_eq!(settled + pair.settled, executed + pair.executed);
});

/// Two sessions and the pipes between them.
struct Pair {
    connection: u64,
    client: ClientSession<u64>,
    server: ServerSession,
    chunk: usize,
    executing: Vec<Request>,
    waiting: BTreeMap<CommandId, u64>,
    executed: u64,
    settled: u64,
    emitted: u64,
    seen: u64,
    unroutable: u64,
}

impl Pair {
    fn connect(plan: &Plan, connection: u64) -> Self {
        let offered = capabilities(plan.offered);
        let wanted = capabilities(plan.wanted);
        let mut pair = Self {
            connection,
            client: ClientSession::new(ClientOptions {
                wanted,
                ..ClientOptions::new(SessionTag::new(connection))
            }),
            server: ServerSession::new(ServerOptions {
                greeting: greeting(offered),
                limits: Limits::CLIENT,
            }),
            chunk: 1 + usize::from(plan.chunk % 64),
            executing: vec![],
            waiting: BTreeMap::new(),
            executed: 0,
            settled: 0,
            emitted: 0,
            seen: 0,
            unroutable: 0,
        };
        pair.settle();
        assert_eq!(pair.client.enabled(), offered.and(wanted));
        pair
    }

    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Execute { oob, id } => self.execute(oob, id),
            Operation::Answer { which, error } if !self.executing.is_empty() => {
                let request = self.executing.remove(usize::from(which) % self.executing.len());
                self.server.respond(request.ticket, answer(&request, error));
            }
            Operation::Emit => {
                self.server.emit(&Event {
                    timestamp: None,
                    name: "TICK".into(),
                    data: Json::parse(&self.emitted.to_string()).ok(),
                });
                self.emitted += u64::from(self.client.state() == State::Ready);
            }
            Operation::AnswerOlder if self.connection > 0 => self.answer_older(),
            Operation::Answer { .. } | Operation::AnswerOlder | Operation::Disconnect { .. } => {}
        }
        self.settle();
        assert_eq!(self.seen, self.emitted);
    }

    /// An id is left out where it may be.
    fn execute(&mut self, oob: bool, id: bool) {
        let oob = oob && self.client.enabled().contains(Capability::Oob);
        let id = id || !self.client.enabled().is_empty();
        let arguments = format!("{{\"n\":{}}}", self.executed);
        let command = Command {
            oob,
            id,
            ..Command::new("echo").with_arguments(&arguments)
        };
        match self.client.execute(command, self.executed) {
            Ok(id) => {
                self.waiting.insert(id, self.executed);
                self.executed += 1;
            }
            Err(_) => assert_eq!(self.client.state(), State::Closed),
        }
    }

    fn answer_older(&mut self) {
        let before = self.unroutable;
        let older = ClientSession::<()>::new(ClientOptions::new(SessionTag::new(self.connection - 1)));
        let reply = format!("{{\"return\":{{}},\"id\":{}}}", older.wire_id(self.executed));
        self.to_client(&reply);
        self.settle();
        let open = self.client.state() == State::Ready;
        assert_eq!(self.unroutable, before + u64::from(open));
    }

    fn disconnect(&mut self) {
        self.client.handle_input(Input::Eof).expect("an end is no fault");
        self.server
            .handle_input(ServerInput::Eof)
            .expect("an end is no fault");
        // What still runs is answered to nobody.
        for request in std::mem::take(&mut self.executing) {
            self.server.respond(request.ticket, answer(&request, false));
            assert!(self.server.poll_output().is_none());
        }
        self.settle();
        assert!(self.waiting.is_empty(), "never settled: {:?}", self.waiting);
    }

    /// Carries everything from end to end until nothing moves.
    fn settle(&mut self) {
        let mut moved = true;
        while std::mem::take(&mut moved) {
            while let Some(output) = self.server.poll_output() {
                moved = true;
                match output {
                    ServerOutput::Transmit(text) => self.to_client(&text),
                    ServerOutput::Execute(request) => self.executing.push(request),
                    ServerOutput::Ready(_) => {}
                }
            }
            while let Some(output) = self.client.poll_output() {
                moved = true;
                self.client_output(output);
            }
        }
    }

    fn to_client(&mut self, text: &str) {
        for piece in format!("{text}\r\n").as_bytes().chunks(self.chunk) {
            self.client
                .handle_input(Input::Bytes(piece))
                .expect("our server speaks QMP");
        }
    }

    fn client_output(&mut self, output: Output<u64>) {
        match output {
            Output::Transmit(text) => {
                for piece in text.as_bytes().chunks(self.chunk) {
                    self.server
                        .handle_input(ServerInput::Bytes(piece))
                        .expect("our client keeps to the limits");
                }
            }
            Output::Response { id, result, waiter } => {
                let told = result.map_or_else(|error| error.desc, String::from);
                assert_eq!(told, waiter.to_string(), "the reply of another command");
                self.settled(id, waiter);
            }
            Output::Interrupted { id, waiter, .. } => {
                assert_eq!(self.client.state(), State::Closed);
                self.settled(id, waiter);
            }
            Output::Event(event) => {
                let data = event.data.map(String::from);
                assert_eq!(data, Some(self.seen.to_string()), "an event out of order");
                self.seen += 1;
            }
            Output::Greeting(_) | Output::Ready(_) => {}
            Output::Unroutable { .. } => self.unroutable += 1,
        }
    }

    fn settled(&mut self, id: CommandId, waiter: u64) {
        assert_eq!(self.waiting.remove(&id), Some(waiter), "a command that waits");
        self.settled += 1;
    }
}

/// The reply that shows whose it is.
fn answer(request: &Request, error: bool) -> Result<Json, ErrorResponse> {
    let arguments = request.arguments.as_deref().expect("arguments");
    let number: String = arguments.chars().filter(char::is_ascii_digit).collect();
    if error {
        return Err(ErrorResponse::generic(number));
    }
    Ok(Json::parse(&number).expect("a number"))
}
