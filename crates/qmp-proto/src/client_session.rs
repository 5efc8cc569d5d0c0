//! The client's side of one connection: greeting, negotiation, commands and their replies. It knows no socket, no clock
//! and no second connection: a session is used once.

mod command;
mod negotiation;

use alloc::boxed::Box;
use alloc::collections::{BTreeSet, VecDeque};
use alloc::format;
use alloc::string::String;

use serde_json::value::RawValue;

pub use self::command::Command;
use self::negotiation::Ladder;
use crate::capability::{Capability, CapabilitySet};
use crate::decoder::{Decoder, Limits};
use crate::error::{ErrorResponse, ExecuteError, ProtocolError};
use crate::id::{CommandId, SessionTag};
use crate::message::{Event, Greeting, Message};

/// In-band commands that may be in flight while `oob` is on. One more, and QEMU stops reading and would not see an
/// out-of-band command either (specification, "Out-of-band execution").
pub const MAX_IN_BAND_IN_FLIGHT: usize = 8;

/// How a [`ClientSession`] behaves.
#[derive(Clone, Copy, Debug)]
pub struct ClientOptions {
    /// Makes the ids of this connection its own.
    pub tag: SessionTag,
    /// The capabilities to enable where they are offered.
    pub wanted: CapabilitySet,
    /// What to accept from the server.
    pub limits: Limits,
}

impl ClientOptions {
    /// Every capability, QEMU's own limits.
    pub const fn new(tag: SessionTag) -> Self {
        Self {
            tag,
            wanted: CapabilitySet::ALL,
            limits: Limits::SERVER,
        }
    }
}

/// What happens to the connection.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The next bytes of the stream, cut anywhere.
    Bytes(&'a [u8]),
    /// The connection has ended, whoever ended it.
    Eof,
}

/// What the driver has to do, in this order.
#[derive(Debug)]
pub enum Output {
    /// An event of the machine.
    Event(Event),
    /// The server said who it is.
    Greeting(Greeting),
    /// The connection ended before the reply came.
    Interrupted {
        /// The command that waited.
        id: CommandId,
        /// Whether it was given to the transport, so that it may have run. It is never sent again.
        sent: bool,
    },
    /// Capabilities are negotiated, commands may be executed.
    Ready(CapabilitySet),
    /// The reply to a command.
    Response {
        /// The command.
        id: CommandId,
        /// `return`, as JSON text, or `error`.
        result: Result<Box<RawValue>, ErrorResponse>,
    },
    /// Write this message. It is one JSON object without line end; QEMU needs none.
    Transmit(String),
    /// A reply to a command that this session did not make; QEMU sends such replies when a client before us left.
    Unroutable {
        /// The id as the server wrote it, if it wrote one.
        id: Option<Box<RawValue>>,
    },
}

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Connected, nothing heard yet.
    AwaitGreeting,
    /// The greeting came, `qmp_capabilities` is on its way.
    Negotiating,
    /// Command mode.
    Ready,
    /// Ended. Nothing leads out of here.
    Closed,
}

/// The client's side of one QMP connection.
#[derive(Debug)]
pub struct ClientSession {
    decoder: Decoder,
    core: Core,
}

impl ClientSession {
    /// A session on a fresh connection.
    pub const fn new(options: ClientOptions) -> Self {
        Self {
            decoder: Decoder::new(options.limits),
            core: Core {
                tag: options.tag,
                wanted: options.wanted,
                state: State::AwaitGreeting,
                enabled: CapabilitySet::NONE,
                ladder: None,
                next_id: 0,
                queued: VecDeque::new(),
                in_band: BTreeSet::new(),
                out_of_band: BTreeSet::new(),
                outputs: VecDeque::new(),
            },
        }
    }

    /// Takes what came from the connection.
    ///
    /// # Errors
    /// The server broke the protocol. The session is closed then, and its commands are reported as interrupted.
    pub fn handle_input(&mut self, input: Input<'_>) -> Result<(), ProtocolError> {
        let result = match input {
            _ if self.core.state == State::Closed => Ok(()),
            Input::Bytes(bytes) => self.handle_bytes(bytes),
            Input::Eof => {
                self.core.close();
                Ok(())
            }
        };
        if result.is_err() {
            self.core.close();
        }
        result
    }

    fn handle_bytes(&mut self, bytes: &[u8]) -> Result<(), ProtocolError> {
        self.decoder.push(bytes);
        while let Some((offset, text)) = self.decoder.next_message()? {
            self.core.handle_message(Message::parse_at(offset, text)?)?;
        }
        Ok(())
    }

    /// Sends a command, or queues it where the server could not take it yet.
    ///
    /// # Errors
    /// The command cannot be sent in this state, or not at all; nothing has happened.
    pub fn execute(&mut self, command: Command<'_>) -> Result<CommandId, ExecuteError> {
        self.core.execute(command)
    }

    /// What to do next; `None` when there is nothing more until the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.core.outputs.pop_front()
    }

    /// Where the session is.
    pub const fn state(&self) -> State {
        self.core.state
    }

    /// What was negotiated; nothing before [`Output::Ready`].
    pub const fn enabled(&self) -> CapabilitySet {
        self.core.enabled
    }

    /// The id on the wire of the command with this number, as JSON text.
    pub fn wire_id(&self, number: u64) -> String {
        format!("\"{}\"", self.core.tag.wire(CommandId(number)))
    }
}

/// Everything but the bytes.
#[derive(Debug)]
struct Core {
    tag: SessionTag,
    wanted: CapabilitySet,
    state: State,
    enabled: CapabilitySet,
    ladder: Option<Ladder>,
    next_id: u64,
    /// In-band commands that wait for a place among those in flight, as messages.
    queued: VecDeque<(CommandId, String)>,
    in_band: BTreeSet<CommandId>,
    out_of_band: BTreeSet<CommandId>,
    outputs: VecDeque<Output>,
}

impl Core {
    /// Every transition that a message causes, in the order of the specification.
    fn handle_message(&mut self, message: Message) -> Result<(), ProtocolError> {
        match (self.state, message) {
            // Specification, "Server Greeting".
            (State::AwaitGreeting, Message::Greeting(greeting)) => {
                let ladder = Ladder::new(greeting.offered().and(self.wanted));
                self.state = State::Negotiating;
                self.outputs.push_back(Output::Greeting(greeting));
                self.negotiate(ladder);
                Ok(())
            }
            (State::AwaitGreeting, other) => Err(self.unexpected(&other)),
            (_, greeting @ Message::Greeting(_)) => Err(self.unexpected(&greeting)),
            // Specification, "Capabilities Negotiation" and "Commands Responses".
            (State::Negotiating | State::Ready, Message::Response { id, result }) => self.route(id, result),
            // Specification, "Asynchronous events".
            (State::Negotiating | State::Ready, Message::Event(event)) => {
                self.outputs.push_back(Output::Event(event));
                Ok(())
            }
            (State::Closed, _) => Ok(()),
        }
    }

    fn route(
        &mut self,
        raw_id: Option<Box<RawValue>>,
        result: Result<Box<RawValue>, ErrorResponse>,
    ) -> Result<(), ProtocolError> {
        // Each of our commands has an id, so an error without one is about bytes that QEMU could not parse.
        let raw_id = match (raw_id, &result) {
            (Some(id), _) => id,
            (None, Err(error)) => return Err(ProtocolError::ServerParse(error.clone())),
            (None, Ok(_)) => {
                self.outputs.push_back(Output::Unroutable { id: None });
                return Ok(());
            }
        };
        let known = self
            .tag
            .parse(raw_id.get())
            .filter(|id| self.in_band.contains(id) || self.out_of_band.contains(id));
        // Specification, "Commands Responses": drop all the responses that have an unknown id.
        let Some(id) = known else {
            self.outputs.push_back(Output::Unroutable { id: Some(raw_id) });
            return Ok(());
        };
        if !self.out_of_band.remove(&id) {
            self.check_order(id)?;
            self.in_band.remove(&id);
        }
        if self.state == State::Negotiating {
            return self.negotiated(result);
        }
        self.outputs.push_back(Output::Response { id, result });
        self.transmit_queued();
        Ok(())
    }

    /// Without `async`, in-band replies come in the order of their commands.
    fn check_order(&self, got: CommandId) -> Result<(), ProtocolError> {
        match self.in_band.first() {
            Some(&expected) if expected != got && !self.enabled.contains(Capability::Async) => {
                Err(ProtocolError::OutOfOrder { expected, got })
            }
            _ => Ok(()),
        }
    }

    /// Asks in the words of the ladder's present rung.
    fn negotiate(&mut self, ladder: Ladder) {
        let id = self.allocate();
        self.in_band.insert(id);
        let wire_id = self.tag.wire(id);
        self.outputs.push_back(Output::Transmit(command::negotiation(
            &ladder.arguments(),
            &wire_id,
        )));
        self.ladder = Some(ladder);
    }

    /// A refusal leaves the server in negotiation mode, so the next rung can be tried.
    fn negotiated(&mut self, result: Result<Box<RawValue>, ErrorResponse>) -> Result<(), ProtocolError> {
        let Some(mut ladder) = self.ladder.take() else {
            return Ok(());
        };
        match result {
            Ok(_) => {
                self.enabled = ladder.capabilities();
                self.state = State::Ready;
                self.outputs.push_back(Output::Ready(self.enabled));
            }
            Err(_) if ladder.descend() => self.negotiate(ladder),
            Err(error) => return Err(ProtocolError::Negotiation(error)),
        }
        Ok(())
    }

    fn execute(&mut self, command: Command<'_>) -> Result<CommandId, ExecuteError> {
        match self.state {
            State::AwaitGreeting | State::Negotiating => return Err(ExecuteError::NotReady),
            State::Closed => return Err(ExecuteError::Closed),
            State::Ready => {}
        }
        if command.oob && !self.enabled.contains(Capability::Oob) {
            return Err(ExecuteError::OobNotEnabled);
        }
        let text = command.to_message(&self.tag.wire(CommandId(self.next_id)))?;
        let id = self.allocate();
        if command.oob {
            self.out_of_band.insert(id);
            self.outputs.push_back(Output::Transmit(text));
        } else {
            self.queued.push_back((id, text));
            self.transmit_queued();
        }
        Ok(id)
    }

    fn transmit_queued(&mut self) {
        let window = if self.enabled.contains(Capability::Oob) {
            MAX_IN_BAND_IN_FLIGHT
        } else {
            usize::MAX
        };
        while self.in_band.len() < window
            && let Some((id, text)) = self.queued.pop_front()
        {
            self.in_band.insert(id);
            self.outputs.push_back(Output::Transmit(text));
        }
    }

    fn close(&mut self) {
        // What waits to be written when the connection ends was not written.
        let negotiating = self.state == State::Negotiating;
        self.state = State::Closed;
        let mut sent: BTreeSet<CommandId> = core::mem::take(&mut self.in_band);
        sent.append(&mut self.out_of_band);
        if !negotiating {
            self.outputs
                .extend(sent.into_iter().map(|id| Output::Interrupted { id, sent: true }));
        }
        let queued = core::mem::take(&mut self.queued);
        self.outputs.extend(
            queued
                .into_iter()
                .map(|(id, _)| Output::Interrupted { id, sent: false }),
        );
    }

    const fn allocate(&mut self) -> CommandId {
        let id = CommandId(self.next_id);
        self.next_id += 1;
        id
    }

    fn unexpected(&self, message: &Message) -> ProtocolError {
        let what = match message {
            Message::Event(_) => "event",
            Message::Greeting(_) => "greeting",
            Message::Response { .. } => "reply",
        };
        ProtocolError::Unexpected {
            what,
            state: self.state,
        }
    }
}
