//! The server's side of one connection: greets, negotiates, checks commands and puts replies in the promised order.
//! Executing a command is the driver's business.

mod request;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;

use self::request::{Malformed, Parsed};
use crate::capability::{Capability, CapabilitySet};
use crate::decoder::{Decoder, Limits};
use crate::error::{DecodeError, DecodeErrorKind, ErrorClass, ErrorResponse};
use crate::json::{Json, Reader, Scanner, Value};
use crate::message::{Event, Greeting};

/// How a [`ServerSession`] behaves.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Who we are and what we offer. Offer only [`Capability`]s that are meant to be kept.
    pub greeting: Greeting,
    /// What to accept from the client.
    pub limits: Limits,
}

/// What comes from the client.
#[derive(Clone, Copy, Debug)]
pub enum ServerInput<'a> {
    /// The next bytes of a stream, cut anywhere.
    Bytes(&'a [u8]),
    /// A frame that holds exactly one message.
    Message(&'a str),
    /// The connection has ended.
    Eof,
}

/// What the driver has to do, in this order.
#[derive(Debug)]
pub enum ServerOutput {
    /// Execute this command, then [`respond`](ServerSession::respond).
    Execute(Request),
    /// The client is in command mode now, with these capabilities. It gets events from here on.
    Ready(CapabilitySet),
    /// Write this message: one JSON object without line end.
    Transmit(String),
}

/// A command of the client, well-formed, with arguments written anew from their parsed form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Names the command in [`respond`](ServerSession::respond).
    pub ticket: Ticket,
    /// The command's name.
    pub name: String,
    /// Its arguments, as the JSON text of an object.
    pub arguments: Option<String>,
    /// Whether it came as `exec-oob`.
    pub oob: bool,
}

/// One command of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

impl Ticket {
    /// Names a command that no session has read; the number is its maker's own.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
}

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// Only `qmp_capabilities` is accepted.
    Negotiating,
    /// Command mode.
    Ready,
    /// Ended. Nothing leads out of here.
    Closed,
}

/// The server's side of one QMP connection.
#[derive(Debug)]
pub struct ServerSession {
    decoder: Decoder,
    limits: Limits,
    offered: CapabilitySet,
    enabled: CapabilitySet,
    state: ServerState,
    next_ticket: u64,
    /// Commands whose replies go out as soon as they are there, by ticket.
    unordered: BTreeMap<Ticket, Option<Json>>,
    /// Commands whose replies go out in this order.
    ordered: VecDeque<Slot>,
    outputs: VecDeque<ServerOutput>,
}

/// The place of one reply in the order of replies.
#[derive(Debug)]
struct Slot {
    ticket: Ticket,
    id: Option<Json>,
    /// The reply, if it is there but not yet due.
    reply: Option<String>,
}

impl ServerSession {
    /// A session on a fresh connection. The greeting is its first output.
    pub fn new(options: ServerOptions) -> Self {
        Self {
            decoder: Decoder::new(options.limits),
            limits: options.limits,
            offered: options.greeting.offered(),
            enabled: CapabilitySet::NONE,
            state: ServerState::Negotiating,
            next_ticket: 0,
            unordered: BTreeMap::new(),
            ordered: VecDeque::new(),
            outputs: VecDeque::from([ServerOutput::Transmit(options.greeting.to_json())]),
        }
    }

    /// Takes what came from the client. What is wrong with it is answered with an error (specification, "Error"), with
    /// the command's id where it can be told; nothing of it is executed.
    ///
    /// # Errors
    /// A message is longer than the limit. The session is closed: of a stream, the rest of the message cannot be told
    /// from the next one.
    pub fn handle_input(&mut self, input: ServerInput<'_>) -> Result<(), DecodeError> {
        match input {
            _ if self.state == ServerState::Closed => {}
            ServerInput::Bytes(bytes) => self.handle_stream(bytes)?,
            ServerInput::Message(text) if text.len() > self.limits.max_bytes => {
                self.state = ServerState::Closed;
                return Err(DecodeError {
                    offset: 0,
                    kind: DecodeErrorKind::TooLong(self.limits.max_bytes),
                });
            }
            ServerInput::Message(text) => {
                let mut scanner = Scanner::new(self.limits.max_depth);
                let parsed = Value::only(&mut scanner, text)
                    .map_err(malformed)
                    .and_then(request::parse);
                self.handle_parsed(parsed);
            }
            ServerInput::Eof => self.state = ServerState::Closed,
        }
        Ok(())
    }

    fn handle_stream(&mut self, mut bytes: &[u8]) -> Result<(), DecodeError> {
        loop {
            // The parsed form is the only one that leaves this statement, so the decoder is free again.
            let parsed = match self.decoder.next(&mut bytes) {
                Ok(None) => return Ok(()),
                Ok(Some((_, value))) => request::parse(value),
                Err(
                    error @ DecodeError {
                        kind: DecodeErrorKind::TooLong(_),
                        ..
                    },
                ) => {
                    self.handle_parsed(Err(malformed(&error)));
                    self.state = ServerState::Closed;
                    return Err(error);
                }
                Err(error) => Err(malformed(error)),
            };
            self.handle_parsed(parsed);
        }
    }

    /// Every transition that a command causes.
    fn handle_parsed(&mut self, parsed: Result<Parsed, Malformed>) {
        let Parsed {
            id,
            name,
            arguments,
            oob,
        } = match parsed {
            Ok(parsed) => parsed,
            Err(Malformed { id, error }) => return self.refuse(id, &error),
        };
        if oob && !self.enabled.contains(Capability::Oob) {
            return self.refuse(
                id,
                &ErrorResponse::generic("member 'exec-oob' needs the 'oob' capability"),
            );
        }
        match self.state {
            ServerState::Negotiating if name == NEGOTIATION => self.negotiate(id, arguments.as_deref()),
            ServerState::Negotiating => {
                self.refuse(
                    id,
                    &not_now("only qmp_capabilities before capabilities are negotiated"),
                );
            }
            ServerState::Ready if name == NEGOTIATION => {
                self.refuse(id, &not_now("capabilities are negotiated already"));
            }
            // The async text, 2.3: with async the id is mandatory.
            ServerState::Ready if id.is_none() && self.enabled.contains(Capability::Async) => {
                self.refuse(
                    None,
                    &ErrorResponse::generic("with the 'async' capability a command needs an 'id'"),
                );
            }
            ServerState::Ready => {
                let ticket = self.admit(id, oob);
                self.outputs.push_back(ServerOutput::Execute(Request {
                    ticket,
                    name,
                    arguments,
                    oob,
                }));
            }
            ServerState::Closed => {}
        }
    }

    /// Accepts the argument of today's specification (`enable`) and that of the async text (`capabilities`).
    fn negotiate(&mut self, id: Option<Json>, arguments: Option<&str>) {
        match self.requested(arguments.unwrap_or("{}")) {
            Ok(enabled) => {
                // In its turn, behind the refusals before it, hence before `async` is on.
                let ticket = self.admit(id, false);
                self.respond(ticket, Ok(Json::empty_object()));
                self.enabled = enabled;
                self.state = ServerState::Ready;
                self.outputs.push_back(ServerOutput::Ready(enabled));
            }
            Err(error) => self.refuse(id, &error),
        }
    }

    fn requested(&self, arguments: &str) -> Result<CapabilitySet, ErrorResponse> {
        let mut names = Vec::new();
        let mut unknown = None;
        let mut reader = Reader::new(arguments);
        let read = reader.object(&mut |reader, member| match member {
            "capabilities" | "enable" => reader.array(&mut |reader| {
                names.push(reader.string()?);
                Ok(())
            }),
            _ => {
                unknown.get_or_insert_with(|| format!("unexpected argument '{member}'"));
                reader.value().map(drop)
            }
        });
        if let Some(desc) = read.err().map(|e| e.to_string()).or(unknown) {
            return Err(ErrorResponse::generic(desc));
        }
        let mut enabled = CapabilitySet::NONE;
        for name in names {
            match Capability::from_name(&name).filter(|capability| self.offered.contains(*capability)) {
                Some(capability) => enabled = enabled.with(capability),
                None => {
                    return Err(ErrorResponse::generic(format!(
                        "capability '{name}' is not offered"
                    )));
                }
            }
        }
        Ok(enabled)
    }

    /// Gives the reply to a command, or a reference to one. It goes out now if it may, else when those before it have gone out. After the
    /// client has left it goes nowhere, and so does a second reply to one command.
    pub fn respond(&mut self, ticket: Ticket, reply: impl Borrow<Result<Json, ErrorResponse>>) {
        let reply = reply.borrow();
        if self.state == ServerState::Closed {
            return;
        }
        if let Some(id) = self.unordered.remove(&ticket) {
            self.outputs
                .push_back(ServerOutput::Transmit(reply_text(id.as_ref(), reply)));
            return;
        }
        if let Ok(place) = self.ordered.binary_search_by_key(&ticket, |slot| slot.ticket)
            && self.ordered[place].reply.is_none()
        {
            self.ordered[place].reply = Some(reply_text(self.ordered[place].id.as_ref(), reply));
            self.transmit_due();
        }
    }

    /// Tells the client of an event, if it is in command mode.
    pub fn emit(&mut self, event: &Event) {
        if self.state == ServerState::Ready {
            self.outputs.push_back(ServerOutput::Transmit(event.to_json()));
        }
    }

    /// What to do next; `None` when there is nothing more until the next input or reply.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        self.outputs.pop_front()
    }

    /// Where the session is.
    pub const fn state(&self) -> ServerState {
        self.state
    }

    /// How many commands have not had their reply sent: those that wait for it, and those whose reply, perhaps a refusal,
    /// waits for its turn.
    pub fn pending(&self) -> usize {
        self.unordered.len() + self.ordered.len()
    }

    /// Refuses a command in its turn: even a malformed one keeps its place among the in-band commands.
    fn refuse(&mut self, id: Option<Json>, error: &ErrorResponse) {
        let ticket = self.admit(id, false);
        self.respond(ticket, Err(error.clone()));
    }

    fn admit(&mut self, id: Option<Json>, oob: bool) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        if oob || self.enabled.contains(Capability::Async) {
            self.unordered.insert(ticket, id);
        } else {
            self.ordered.push_back(Slot {
                ticket,
                id,
                reply: None,
            });
        }
        ticket
    }

    fn transmit_due(&mut self) {
        while let Some(reply) = self.ordered.front_mut().and_then(|slot| slot.reply.take()) {
            self.ordered.pop_front();
            self.outputs.push_back(ServerOutput::Transmit(reply));
        }
    }
}

const NEGOTIATION: &str = "qmp_capabilities";

/// What came is no JSON, so it has no id either.
fn malformed(error: impl fmt::Display) -> Malformed {
    Malformed {
        id: None,
        error: ErrorResponse::generic(format!("not a command: {error}")),
    }
}

fn not_now(desc: &str) -> ErrorResponse {
    ErrorResponse::new(ErrorClass::CommandNotFound, desc)
}

fn reply_text(id: Option<&Json>, reply: &Result<Json, ErrorResponse>) -> String {
    let mut text = String::from("{");
    match reply {
        Ok(value) => {
            text.push_str("\"return\":");
            text.push_str(value.as_str());
        }
        Err(error) => {
            text.push_str("\"error\":");
            error.push_json(&mut text);
        }
    }
    if let Some(id) = id {
        text.push_str(",\"id\":");
        text.push_str(id.as_str());
    }
    text.push('}');
    text
}
