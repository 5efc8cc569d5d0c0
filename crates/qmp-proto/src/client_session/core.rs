//! What a client session knows and does once bytes are messages: which commands wait for what, and who is answered.

use alloc::collections::VecDeque;
use alloc::string::String;

use super::command::{self, Command};
use super::in_flight::InFlight;
use super::negotiation::Ladder;
use super::{ClientOptions, MAX_IN_BAND_IN_FLIGHT, Output, State};
use crate::capability::{Capability, CapabilitySet};
use crate::error::{ErrorResponse, ExecuteError, ProtocolError};
use crate::id::{CommandId, SessionTag};
use crate::json::Json;
use crate::message::Received;

/// Everything but the bytes.
#[derive(Debug)]
pub(super) struct Core<W> {
    pub(super) tag: SessionTag,
    wanted: CapabilitySet,
    window: usize,
    pub(super) state: State,
    pub(super) enabled: CapabilitySet,
    next_id: u64,
    /// Commands that wait for a place among those in flight, as messages.
    pub(super) queued: VecDeque<Queued<W>>,
    /// Commands in flight.
    pub(super) pending: InFlight<W>,
    /// How many of them are in-band.
    in_band: usize,
    pub(super) outputs: VecDeque<Output<W>>,
}

/// A command that is not sent yet.
#[derive(Debug)]
pub(super) struct Queued<W> {
    pub(super) id: CommandId,
    message: String,
    has_id: bool,
    pub(super) waiter: W,
}

/// A command in flight.
#[derive(Debug)]
pub(super) enum Pending<W> {
    InBand { waiter: W, has_id: bool },
    Negotiation(Ladder),
    OutOfBand(W),
}

impl<W> Pending<W> {
    pub(super) const fn waiter_mut(&mut self) -> Option<&mut W> {
        match self {
            Self::InBand { waiter, .. } | Self::OutOfBand(waiter) => Some(waiter),
            Self::Negotiation(_) => None,
        }
    }
}

impl<W> Core<W> {
    pub(super) const fn new(options: ClientOptions) -> Self {
        Self {
            tag: options.tag,
            wanted: options.wanted,
            window: options.window,
            state: State::AwaitGreeting,
            enabled: CapabilitySet::NONE,
            next_id: 0,
            queued: VecDeque::new(),
            pending: InFlight::new(),
            in_band: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Every transition that a message causes, in the order of the specification.
    pub(super) fn handle_message(&mut self, message: Received<'_>) -> Result<(), ProtocolError> {
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
        let Some((id, pending)) = id.and_then(|id| Some((id, self.pending.remove(id)?))) else {
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
        if let Pending::Negotiation(ladder) = pending {
            return self.negotiated(ladder, result);
        }
        if let Some(waiter) = self.answered(id, pending)? {
            self.outputs.push_back(Output::Response { id, result, waiter });
        }
        self.transmit_queued();
        Ok(())
    }

    /// Who waited for the reply that has come; nobody for that of negotiation.
    fn answered(&mut self, id: CommandId, pending: Pending<W>) -> Result<Option<W>, ProtocolError> {
        match pending {
            Pending::Negotiation(_) => Ok(None),
            Pending::OutOfBand(waiter) => Ok(Some(waiter)),
            Pending::InBand { waiter, .. } => {
                let order = self.check_order(id);
                if order.is_err() {
                    let sent = true;
                    self.outputs.push_back(Output::Interrupted { id, sent, waiter });
                    return order.map(|()| None);
                }
                self.in_band -= 1;
                Ok(Some(waiter))
            }
        }
    }

    pub(super) fn take_reply(&mut self, id: CommandId) -> Result<Option<W>, ProtocolError> {
        if !matches!(
            self.pending.get(id),
            Some(Pending::InBand { has_id: true, .. } | Pending::OutOfBand(_))
        ) {
            return Ok(None);
        }
        let waiter = match self.pending.remove(id) {
            Some(pending) => self.answered(id, pending)?,
            None => None,
        };
        self.transmit_queued();
        Ok(waiter)
    }

    fn has_id(&self, id: CommandId) -> bool {
        !matches!(self.pending.get(id), Some(Pending::InBand { has_id: false, .. }))
    }

    /// The oldest in-band command, if it was sent without an id: a reply without one is its own.
    fn oldest_without_id(&self) -> Option<CommandId> {
        let mut in_band = self.pending.iter().filter_map(|(id, pending)| match pending {
            Pending::InBand { has_id, .. } => Some((id, *has_id)),
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
            .iter()
            .take_while(|(id, _)| *id < got)
            .filter(|(_, pending)| matches!(pending, Pending::InBand { .. }));
        match older.next() {
            Some((expected, _)) => Err(ProtocolError::OutOfOrder { expected, got }),
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
    pub(super) fn message(&self, command: Command<'_>) -> Result<String, ExecuteError> {
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

    pub(super) fn execute(&mut self, message: String, command: Command<'_>, waiter: W) -> CommandId {
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
            self.window.min(MAX_IN_BAND_IN_FLIGHT)
        } else {
            self.window
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

    pub(super) fn close(&mut self) {
        self.state = State::Closed;
        while let Some((id, pending)) = self.pending.pop_oldest() {
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
