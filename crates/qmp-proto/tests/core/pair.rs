//! Our client against our server, in memory. Nothing moves by itself: what one side writes is in flight until it is
//! delivered, whole or in part, or lost with the connection. The examples say what to expect in cases that have a name,
//! `model` says it for all others.

mod examples;
mod pipe;
mod told;

use std::collections::BTreeMap;

use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, ErrorResponse, Event, ExecuteError, Greeting,
    Input, Json, Limits, Output, Request, ServerInput, ServerOptions, ServerOutput, ServerSession,
    SessionTag,
};
use serde_json::Value;

use self::pipe::Pipe;
pub(crate) use self::told::{Answer, Fault, Told};

/// One connection: a client that gives each command the number of its waiter as argument, and a server that returns it.
pub(crate) struct Pair {
    pub(crate) client: ClientSession<usize>,
    pub(crate) server: ServerSession,
    pub(crate) to_client: Pipe,
    pub(crate) to_server: Pipe,
    /// What the server executes, by waiter.
    pub(crate) executing: BTreeMap<usize, Request>,
    /// Why the client gave up, until it is looked at.
    pub(crate) fault: Option<Fault>,
    told: Vec<Told>,
    chunk: usize,
}

/// How a connection is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// What the greeting offers.
    pub(crate) offered: CapabilitySet,
    /// What the server does not refuse when it is asked for.
    pub(crate) granted: CapabilitySet,
    /// What the client wants.
    pub(crate) wanted: CapabilitySet,
    /// Whether the server tells of an event even before it greets.
    pub(crate) early: bool,
    /// The most bytes that are given to a session at once.
    pub(crate) chunk: usize,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Pair {
    /// A fresh connection, with the greeting in flight. `session` makes the client's tag.
    pub(crate) fn connect(session: u64, link: Link) -> Self {
        let mut server = ServerSession::new(ServerOptions {
            greeting: greeting(link.granted),
            limits: Limits::CLIENT,
        });
        assert!(matches!(server.poll_output(), Some(ServerOutput::Transmit(_))));
        let mut to_client = Pipe::with_line_end("\r\n");
        if link.early {
            to_client.push(&event(0).to_json());
        }
        to_client.push(&greeting(link.offered).to_json());
        Self {
            client: ClientSession::new(ClientOptions {
                wanted: link.wanted,
                ..ClientOptions::new(SessionTag::new(session))
            }),
            server,
            to_client,
            to_server: Pipe::default(),
            executing: BTreeMap::new(),
            fault: None,
            told: vec![],
            chunk: link.chunk,
        }
    }

    /// The client executes `echo` with the number of its waiter; gives the command's number.
    pub(crate) fn execute(&mut self, command: Command<'_>, waiter: usize) -> Result<u64, ExecuteError> {
        let arguments = format!("{{\"n\":{waiter}}}");
        let command = Command {
            arguments: command.arguments.or(Some(&arguments)),
            ..command
        };
        let outcome = self.client.execute(command, waiter);
        self.drain();
        outcome.map(|id| id.number()).map_err(|(error, back)| {
            assert_eq!(back, waiter, "another's waiter came back");
            error
        })
    }

    /// The client gives up a command, if that is not sent yet.
    pub(crate) fn cancel(&mut self, waiter: usize) {
        self.client.retain_queued(|queued| *queued != waiter);
        self.drain();
    }

    /// The server has executed a command.
    pub(crate) fn answer(&mut self, waiter: usize, error: bool) {
        let request = self.executing.remove(&waiter).expect("a command that executes");
        let told = waiter_of(&request).to_string();
        let reply = if error {
            Err(ErrorResponse::generic(told))
        } else {
            Ok(Json::parse(&told).unwrap())
        };
        self.server.respond(request.ticket, reply);
        // A second reply to one command goes nowhere.
        self.server.respond(request.ticket, Ok(Json::empty_object()));
        self.drain();
    }

    /// The server tells of an event.
    pub(crate) fn emit(&mut self, number: u64) {
        self.server.emit(&event(number));
        self.drain();
    }

    /// A server that is not ours writes something.
    pub(crate) fn write(&mut self, text: &str) {
        self.to_client.push(text);
    }

    /// Some of what is in flight arrives: whole messages, and of the next one a part, in 256ths.
    pub(crate) fn deliver(&mut self, to: Side, messages: usize, part: u8) {
        let pipe = match to {
            Side::Client => &mut self.to_client,
            Side::Server => &mut self.to_server,
        };
        for piece in pipe.take(messages, part).chunks(self.chunk) {
            match to {
                Side::Client => {
                    if let Err(error) = self.client.handle_input(Input::Bytes(piece)) {
                        let earlier = self.fault.replace(error.into());
                        assert_eq!(earlier, None, "a session gives up once");
                    }
                }
                Side::Server => self
                    .server
                    .handle_input(ServerInput::Bytes(piece))
                    .expect("our client keeps to the limits"),
            }
            self.drain();
        }
    }

    /// Everything arrives, until nothing is in flight.
    pub(crate) fn settle(&mut self) {
        while !self.to_server.is_empty() || !self.to_client.is_empty() {
            self.deliver(Side::Server, self.to_server.len(), 0);
            self.deliver(Side::Client, self.to_client.len(), 0);
        }
    }

    /// One side hears that the connection has ended. What is in flight to the other side may still arrive.
    pub(crate) fn hang_up(&mut self, side: Side) {
        match side {
            Side::Client => self.client.handle_input(Input::Eof).expect("an end is no fault"),
            Side::Server => self
                .server
                .handle_input(ServerInput::Eof)
                .expect("an end is no fault"),
        }
        self.drain();
    }

    /// What is in flight is lost.
    pub(crate) fn lose(&mut self) {
        self.to_client.clear();
        self.to_server.clear();
    }

    /// What the client has told its driver since the last time.
    pub(crate) fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Transmit(text) => self.to_client.push(&text),
                ServerOutput::Execute(request) => {
                    let again = self.executing.insert(waiter_of(&request), request);
                    assert_eq!(again, None, "a command is executed once");
                }
                ServerOutput::Ready(_) => {}
            }
        }
        while let Some(output) = self.client.poll_output() {
            if let Output::Transmit(text) = &output {
                self.to_server.push(text);
            }
            self.told.push(output.into());
        }
    }
}

/// An event that carries a number.
pub(crate) fn event(number: u64) -> Event {
    Event {
        timestamp: None,
        name: "TICK".into(),
        data: Json::parse(&number.to_string()).ok(),
    }
}

/// A greeting; of one of the capabilities that it offers our client knows nothing.
pub(crate) fn greeting(offered: CapabilitySet) -> Greeting {
    let names = offered.names().chain(["x-unheard-of"]);
    Greeting {
        capabilities: names.map(str::to_owned).collect(),
        ..Greeting::default()
    }
}

fn waiter_of(request: &Request) -> usize {
    let mut arguments: Value = serde_json::from_str(request.arguments.as_deref().unwrap()).unwrap();
    serde_json::from_value(arguments["n"].take()).unwrap()
}
