//! The client's side of one connection: greeting, negotiation, commands and their replies. It knows no socket, no clock
//! and no second connection: a session is used once.

mod command;
mod core;
mod in_flight;
mod negotiation;

use alloc::format;
use alloc::string::String;

pub use self::command::Command;
use self::core::{Core, Pending};
use crate::capability::CapabilitySet;
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
    /// In-band commands that may be in flight, in any case; with `oob` on it is never more than
    /// [`MAX_IN_BAND_IN_FLIGHT`].
    pub window: usize,
}

impl ClientOptions {
    /// Every capability, QEMU's own limits, no window but that of `oob`.
    pub const fn new(tag: SessionTag) -> Self {
        Self {
            tag,
            wanted: CapabilitySet::ALL,
            limits: Limits::SERVER,
            window: usize::MAX,
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
            core: Core::new(options),
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

    /// Takes a reply that somebody else has read, so that its value need not go through here: gives who waits for it, or
    /// `None` where no command in flight has this number. The caller drops such a reply.
    ///
    /// # Errors
    /// Another reply was due. The session is closed then, and its commands are reported as interrupted.
    pub fn take_reply(&mut self, number: u64) -> Result<Option<W>, ProtocolError> {
        let result = self.core.take_reply(CommandId(number));
        if result.is_err() {
            self.core.close();
        }
        result
    }

    /// Takes back a command that is not sent yet: nothing comes of it. `None` where it is not among those.
    pub fn withdraw(&mut self, id: CommandId) -> Option<W> {
        let queued = &mut self.core.queued;
        let place = queued.iter().position(|queued| queued.id == id)?;
        queued.remove(place).map(|queued| queued.waiter)
    }

    /// What came with a command that is in flight.
    pub fn in_flight_mut(&mut self, id: CommandId) -> Option<&mut W> {
        self.core.pending.get_mut(id).and_then(Pending::waiter_mut)
    }

    /// What came with each command that has no outcome yet, in flight or not yet sent.
    pub fn waiters_mut(&mut self) -> impl Iterator<Item = (CommandId, &mut W)> {
        let in_flight = self.core.pending.iter_mut();
        let in_flight = in_flight.filter_map(|(id, pending)| Some((id, pending.waiter_mut()?)));
        let queued = self.core.queued.iter_mut();
        in_flight.chain(queued.map(|queued| (queued.id, &mut queued.waiter)))
    }

    /// Forgets commands that are not sent yet, all but those to keep. Nothing comes of the others.
    pub fn retain_queued(&mut self, mut keep: impl FnMut(&W) -> bool) {
        self.core.queued.retain(|queued| keep(&queued.waiter));
    }

    /// Whether this command is not sent yet.
    pub fn is_queued(&self, id: CommandId) -> bool {
        self.core.queued.iter().any(|queued| queued.id == id)
    }

    /// How many commands are not sent yet.
    pub fn queued(&self) -> usize {
        self.core.queued.len()
    }

    /// What to do next; `None` when there is nothing more until the next input.
    pub fn poll_output(&mut self) -> Option<Output<W>> {
        self.core.outputs.pop_front()
    }

    /// Whether the next byte begins a message.
    pub const fn is_between_messages(&self) -> bool {
        self.decoder.is_between_values()
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
