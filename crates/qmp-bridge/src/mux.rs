//! One monitor, many clients: which command is whose. Pure: state in, decisions out; the files around it move bytes.
//!
//! The ids towards QEMU are the session's own, so no id of one client can meet that of another.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, ErrorResponse, Event, Greeting, Input, Json,
    Output, ProtocolError, Request, SessionTag, Ticket,
};

/// One client of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub u64);

/// What is to be done, in this order.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Tell every client.
    Event(Arc<Event>),
    /// Tell a client what became of its command.
    Reply {
        /// The client.
        peer: PeerId,
        /// The client's command.
        ticket: Ticket,
        /// What to reply.
        reply: Result<Json, ErrorResponse>,
    },
    /// The monitor can be used now.
    Up(Greeting),
    /// Write this message to the monitor.
    Write(String),
}

/// The state of one connection to a monitor.
#[derive(Debug)]
pub(crate) struct Mux {
    /// Each command has with it whose it is.
    session: ClientSession<(PeerId, Ticket)>,
    greeting: Greeting,
    peers: BTreeSet<PeerId>,
    decisions: VecDeque<Decision>,
}

impl Mux {
    /// The state of a fresh connection. `random` makes its ids unlike those of other connections.
    pub(crate) fn new(random: u64) -> Self {
        Self {
            session: ClientSession::new(ClientOptions::new(SessionTag::new(random))),
            greeting: Greeting::default(),
            peers: BTreeSet::new(),
            decisions: VecDeque::new(),
        }
    }

    /// Whether the greeting has come.
    pub(crate) fn is_greeted(&self) -> bool {
        self.session.state() != qmp_proto::State::AwaitGreeting
    }

    /// Whether commands can be executed.
    pub(crate) fn is_ready(&self) -> bool {
        self.session.state() == qmp_proto::State::Ready
    }

    /// How many commands wait for a place among those in flight.
    pub(crate) fn queued(&self) -> usize {
        self.session.queued()
    }

    /// What the monitor can do.
    pub(crate) fn capabilities(&self) -> CapabilitySet {
        self.session.enabled()
    }

    /// A client comes: it gets events from now on.
    pub(crate) fn attach(&mut self, peer: PeerId) {
        self.peers.insert(peer);
    }

    /// A client goes. What QEMU has of its commands goes on, and nobody gets the replies; the others are forgotten.
    pub(crate) fn detach(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
        self.session.retain_queued(|(asker, _)| *asker != peer);
    }

    /// The clients that are there.
    pub(crate) fn peers(&self) -> impl Iterator<Item = PeerId> {
        self.peers.iter().copied()
    }

    /// A client's command.
    pub(crate) fn execute(&mut self, peer: PeerId, request: &Request) {
        let Request {
            ticket,
            name,
            arguments,
            oob,
        } = request;
        let command = Command {
            name,
            arguments: arguments.as_deref(),
            oob: *oob,
            id: true,
        };
        match self.session.execute(command, (peer, *ticket)) {
            Ok(_) => self.drain(),
            Err((error, (peer, ticket))) => {
                let reply = Err(ErrorResponse::generic(error.to_string()));
                self.decisions.push_back(Decision::Reply { peer, ticket, reply });
            }
        }
    }

    /// What came from the monitor.
    ///
    /// # Errors
    /// It was not QMP; the connection is of no use any more.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Result<(), ProtocolError> {
        let result = self.session.handle_input(Input::Bytes(bytes));
        self.drain();
        result
    }

    /// The next thing to do.
    pub(crate) fn poll(&mut self) -> Option<Decision> {
        self.decisions.pop_front()
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Event(event) => self.decisions.push_back(Decision::Event(Arc::new(event))),
                Output::Greeting(greeting) => self.greeting = greeting,
                // Who waits learns it from the end of its own connection.
                Output::Interrupted { .. } => {}
                Output::Ready(_) => self.decisions.push_back(Decision::Up(self.greeting.clone())),
                Output::Response {
                    result,
                    waiter: (peer, ticket),
                    ..
                } => {
                    if self.peers.contains(&peer) {
                        self.decisions.push_back(Decision::Reply {
                            peer,
                            ticket,
                            reply: result,
                        });
                    }
                }
                Output::Transmit(message) => self.decisions.push_back(Decision::Write(message)),
                Output::Unroutable { id } => {
                    tracing::debug!(id = ?id, "dropped a reply to nobody");
                }
            }
        }
    }
}
