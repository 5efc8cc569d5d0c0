//! The client's side of one connection: greeting, negotiation, commands and their replies. It knows no socket, no clock
//! and no second connection: a session is used once.

mod command;
mod negotiation;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::String;

pub use self::command::Command;
use self::negotiation::Ladder;
use crate::capability::{Capability, CapabilitySet};
use crate::decoder::{Decoder, Limits};
use crate::error::{ErrorResponse, ExecuteError, ProtocolError};
use crate::id::{CommandId, SessionTag};
use crate::json::Json;
use crate::message::{Event, Greeting, Received};

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

/// What the driver has to do, in this order. `W` is what it gave along with each command, such as who waits for it.
#[derive(Debug)]
pub enum Output<W = ()> {
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
        /// What came with the command.
        waiter: W,
    },
    /// Capabilities are negotiated, commands may be executed.
    Ready(CapabilitySet),
    /// The reply to a command.
    Response {
        /// The command.
        id: CommandId,
        /// `return` or `error`.
        result: Result<Json, ErrorResponse>,
        /// What came with the command.
        waiter: W,
    },
    /// Write this message. It is one JSON object without line end; QEMU needs none.
    Transmit(String),
    /// A reply to a command that this session did not make; QEMU sends such replies when a client before us left.
    Unroutable {
        /// The id as the server wrote it, if it wrote one.
        id: Option<Json>,
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

/// The client's side of one QMP connection. Each command can have a `W` with it, which comes back with its outcome.
#[derive(Debug)]
pub struct ClientSession<W = ()> {
    decoder: Decoder,
    core: Core<W>,
}

impl<W> ClientSession<W> {
    /// A session on a fresh connection.
    pub const fn new(options: ClientOptions) -> Self {
        Self {
            decoder: Decoder::new(options.limits),
            core: Core {
                tag: options.tag,
                wanted: options.wanted,
                state: State::AwaitGreeting,
                enabled: CapabilitySet::NONE,
                next_id: 0,
                queued: VecDeque::new(),
                pending: BTreeMap::new(),
                in_band: 0,
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
        let mut rest = bytes;
        while let Some((offset, value)) = self.decoder.next(&mut rest)? {
            self.core.handle_message(Received::read(offset, value)?)?;
        }
        Ok(())
    }

    /// Sends a command, or queues it where the server could not take it yet. `waiter` comes back with its outcome.
    ///
    /// # Errors
    /// The command cannot be sent in this state, or not at all; nothing has happened.
    pub fn execute(&mut self, command: Command<'_>, waiter: W) -> Result<CommandId, (ExecuteError, W)> {
        match self.core.message(command) {
            Ok(message) => Ok(self.core.execute(message, command, waiter)),
            Err(error) => Err((error, waiter)),
        }
    }

    /// Forgets commands that are not sent yet, all but those to keep. Nothing comes of the others.
    pub fn retain_queued(&mut self, mut keep: impl FnMut(&W) -> bool) {
        self.core.queued.retain(|queued| keep(&queued.waiter));
    }

    /// How many commands are not sent yet.
    pub fn queued(&self) -> usize {
        self.core.queued.len()
    }

    /// What to do next; `None` when there is nothing more until the next input.
    pub fn poll_output(&mut self) -> Option<Output<W>> {
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
struct Core<W> {
    tag: SessionTag,
    wanted: CapabilitySet,
    state: State,
    enabled: CapabilitySet,
    next_id: u64,
    /// Commands that wait for a place among those in flight, as messages.
    queued: VecDeque<Queued<W>>,
    /// Commands in flight.
    pending: BTreeMap<CommandId, Pending<W>>,
    /// How many of them are in-band.
    in_band: usize,
    outputs: VecDeque<Output<W>>,
}

/// A command that is not sent yet.
#[derive(Debug)]
struct Queued<W> {
    id: CommandId,
    message: String,
    has_id: bool,
    waiter: W,
}

/// A command in flight.
#[derive(Debug)]
enum Pending<W> {
    InBand { waiter: W, has_id: bool },
    Negotiation(Ladder),
    OutOfBand(W),
}

impl<W> Core<W> {
    /// Every transition that a message causes, in the order of the specification.
    fn handle_message(&mut self, message: Received<'_>) -> Result<(), ProtocolError> {
        match (self.state, message) {
            // Specification, "Server Greeting".
            (State::AwaitGreeting, Received::Greeting(greeting)) => {
                let ladder = Ladder::new(greeting.offered().and(self.wanted));
                self.state = State::Negotiating;
                self.outputs.push_back(Output::Greeting(greeting));
                self.negotiate(ladder);
                Ok(())
            }
            (_, Received::Greeting(_)) => Err(ProtocolError::SecondGreeting),
            // Specification, "Capabilities Negotiation" and "Commands Responses".
            (_, Received::Response { id, result }) => self.route(id, result),
            // QEMU forgets that a client has left only when it greets the next one, and tells that one of an event before.
            (State::AwaitGreeting, Received::Event(_)) => Ok(()),
            // Specification, "Asynchronous events".
            (_, Received::Event(event)) => {
                self.outputs.push_back(Output::Event(event));
                Ok(())
            }
        }
    }

    fn route(
        &mut self,
        raw_id: Option<&str>,
        result: Result<&str, ErrorResponse>,
    ) -> Result<(), ProtocolError> {
        let id = match raw_id {
            // A command that was sent without an id is not called by one.
            Some(raw_id) => self.tag.parse(raw_id).filter(|id| self.has_id(*id)),
            None => self.oldest_without_id(),
        };
        let Some((id, pending)) = id.and_then(|id| self.pending.remove_entry(&id)) else {
            return match (raw_id, result) {
                // It is about bytes that the server could not parse.
                (None, Err(error)) => Err(ProtocolError::ServerParse(error)),
                // Specification, "Commands Responses": a response with an unknown id is dropped.
                (id, _) => {
                    self.outputs.push_back(Output::Unroutable {
                        id: id.map(Json::from_read),
                    });
                    Ok(())
                }
            };
        };
        let result = result.map(Json::from_read);
        match pending {
            Pending::Negotiation(ladder) => self.negotiated(ladder, result)?,
            Pending::OutOfBand(waiter) => self.outputs.push_back(Output::Response { id, result, waiter }),
            Pending::InBand { waiter, .. } => {
                let order = self.check_order(id);
                self.outputs.push_back(match order {
                    Ok(()) => Output::Response { id, result, waiter },
                    Err(_) => Output::Interrupted {
                        id,
                        sent: true,
                        waiter,
                    },
                });
                order?;
                self.in_band -= 1;
                self.transmit_queued();
            }
        }
        Ok(())
    }

    fn has_id(&self, id: CommandId) -> bool {
        !matches!(self.pending.get(&id), Some(Pending::InBand { has_id: false, .. }))
    }

    /// The oldest in-band command, if it was sent without an id: a reply without one is its own.
    fn oldest_without_id(&self) -> Option<CommandId> {
        let mut in_band = self.pending.iter().filter_map(|(id, pending)| match pending {
            Pending::InBand { has_id, .. } => Some((*id, *has_id)),
            Pending::Negotiation(_) | Pending::OutOfBand(_) => None,
        });
        in_band.next().filter(|(_, has_id)| !has_id).map(|(id, _)| id)
    }

    /// Without `async`, in-band replies come in the order of their commands: none that is older may still wait.
    fn check_order(&self, got: CommandId) -> Result<(), ProtocolError> {
        if self.enabled.contains(Capability::Async) {
            return Ok(());
        }
        let mut older = self
            .pending
            .range(..got)
            .filter(|(_, pending)| matches!(pending, Pending::InBand { .. }));
        match older.next() {
            Some((&expected, _)) => Err(ProtocolError::OutOfOrder { expected, got }),
            None => Ok(()),
        }
    }

    /// Asks in the words of the ladder's present rung.
    fn negotiate(&mut self, ladder: Ladder) {
        let id = self.allocate();
        let message = command::negotiation(&ladder.arguments(), &self.tag.wire(id));
        self.pending.insert(id, Pending::Negotiation(ladder));
        self.outputs.push_back(Output::Transmit(message));
    }

    /// A refusal leaves the server in negotiation mode, so the next rung can be tried.
    fn negotiated(
        &mut self,
        mut ladder: Ladder,
        result: Result<Json, ErrorResponse>,
    ) -> Result<(), ProtocolError> {
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

    /// The message of the next command, if that may be executed.
    fn message(&self, command: Command<'_>) -> Result<String, ExecuteError> {
        match self.state {
            State::AwaitGreeting | State::Negotiating => Err(ExecuteError::NotReady),
            State::Closed => Err(ExecuteError::Closed),
            State::Ready if command.oob && !self.enabled.contains(Capability::Oob) => {
                Err(ExecuteError::OobNotEnabled)
            }
            State::Ready if !command.id && !self.enabled.is_empty() => Err(ExecuteError::IdNeeded),
            State::Ready => command.to_message(&self.tag.wire(CommandId(self.next_id))),
        }
    }

    fn execute(&mut self, message: String, command: Command<'_>, waiter: W) -> CommandId {
        let id = self.allocate();
        if command.oob {
            self.pending.insert(id, Pending::OutOfBand(waiter));
            self.outputs.push_back(Output::Transmit(message));
        } else {
            self.queued.push_back(Queued {
                id,
                message,
                has_id: command.id,
                waiter,
            });
            self.transmit_queued();
        }
        id
    }

    fn transmit_queued(&mut self) {
        let window = if self.enabled.contains(Capability::Oob) {
            MAX_IN_BAND_IN_FLIGHT
        } else {
            usize::MAX
        };
        while self.in_band < window
            && let Some(Queued {
                id,
                message,
                has_id,
                waiter,
            }) = self.queued.pop_front()
        {
            self.in_band += 1;
            self.pending.insert(id, Pending::InBand { waiter, has_id });
            self.outputs.push_back(Output::Transmit(message));
        }
    }

    fn close(&mut self) {
        self.state = State::Closed;
        while let Some((id, pending)) = self.pending.pop_first() {
            if let Pending::InBand { waiter, .. } | Pending::OutOfBand(waiter) = pending {
                self.outputs.push_back(Output::Interrupted {
                    id,
                    sent: true,
                    waiter,
                });
            }
        }
        while let Some(Queued { id, waiter, .. }) = self.queued.pop_front() {
            self.outputs.push_back(Output::Interrupted {
                id,
                sent: false,
                waiter,
            });
        }
    }

    const fn allocate(&mut self) -> CommandId {
        let id = CommandId(self.next_id);
        self.next_id += 1;
        id
    }
}
