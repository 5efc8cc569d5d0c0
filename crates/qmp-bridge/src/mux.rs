//! One monitor, many clients: which command is whose, and whose turn it is. Pure: state, input and the time in, decisions
//! out; the files around it move bytes.
//!
//! The ids towards QEMU are the session's own, so no id of one client can meet that of another.

mod history;
mod own;
mod rate;
#[cfg(test)]
mod tests;
mod turns;
mod urgent;

use std::collections::{HashMap, VecDeque};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qmp_policy::{Redaction, Role};
use qmp_proto::{
    CapabilitySet, ClientSession, Command, ErrorResponse, Greeting, Input, Json, MAX_IN_BAND_IN_FLIGHT,
    Output, ProtocolError, Request, SessionTag, Ticket,
};

pub(crate) use self::history::{EventText, History, lagged};
pub(crate) use self::own::error as own_error;
use self::rate::Bucket;
pub(crate) use self::rate::{RateLimit, is_rate_limited};
use self::turns::{Asker, Turn, Turns};
use self::urgent::Urgent;
use crate::endpoint::Dialect;
use crate::metrics::MachineMetrics;

/// One client of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub u64);

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The bridge itself, which may ask as often as it likes.
    Bridge,
    Client(Role),
}

#[derive(Debug)]
struct Peer {
    bucket: Option<Bucket>,
    /// What it may know.
    role: Role,
}

/// A client's command.
#[derive(Debug)]
pub(crate) struct Order {
    /// The command.
    pub request: Request,
    /// Goes to the monitor along with it.
    pub fd: Option<OwnedFd>,
    /// When it came.
    pub asked: Instant,
}

/// What became of a command. It may be told to several clients.
pub(crate) type Reply = Arc<Result<Json, ErrorResponse>>;

/// What is to be done, in this order.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Tell every client that may hear it.
    Event(EventText),
    /// Tell a client what became of its command.
    Reply {
        /// The client.
        peer: PeerId,
        /// The client's command.
        ticket: Ticket,
        /// What to reply.
        reply: Reply,
    },
    /// The monitor can be used now.
    Up(Greeting),
    /// Write this message to the monitor, before all others that are not begun if it is out of band.
    Write {
        /// The message.
        message: String,
        /// Whether it overtakes.
        oob: bool,
        /// Goes along with it.
        fd: Option<OwnedFd>,
    },
}

/// What clients may ask of a monitor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MuxOptions {
    /// While several clients ask the same thing, it is sent at most once in this time.
    pub share: Duration,
    /// How often one client may ask, if that is limited.
    pub rate: Option<RateLimit>,
    /// The longest reply that is given to a client.
    pub max_reply: usize,
}

/// The state of one connection to a monitor.
#[derive(Debug)]
pub(crate) struct Mux {
    options: MuxOptions,
    dialect: Dialect,
    /// How many in-band commands may be in flight.
    window: usize,
    /// Each command has with it who asked.
    session: ClientSession<Sent>,
    greeting: Greeting,
    peers: HashMap<PeerId, Peer>,
    turns: Turns,
    /// The same for out-of-band commands.
    urgent: Urgent,
    /// The in-band commands in flight.
    in_band: usize,
    /// What they weigh.
    in_band_bytes: usize,
    history: History,
    decisions: VecDeque<Decision>,
    metrics: MachineMetrics,
}

/// A command in flight.
#[derive(Debug)]
struct Sent {
    askers: Vec<Asker>,
    band: Band,
    /// What viewers are not told of the reply.
    withheld: Option<Redaction>,
}

#[derive(Debug)]
enum Band {
    In {
        /// What it weighs among those in flight.
        bytes: usize,
    },
    Out {
        /// Its place among all of them.
        number: u64,
    },
}

impl Mux {
    /// The state of a fresh connection. `random` makes its ids unlike those of other connections; the history is that of
    /// the machine.
    pub(crate) fn new(
        random: u64,
        dialect: Dialect,
        options: MuxOptions,
        metrics: MachineMetrics,
        history: History,
    ) -> Self {
        let session = dialect.options(SessionTag::new(random));
        Self {
            options,
            dialect,
            window: session.window.min(MAX_IN_BAND_IN_FLIGHT),
            session: ClientSession::new(session),
            greeting: Greeting::default(),
            peers: HashMap::new(),
            turns: Turns::new(options.share),
            urgent: Urgent::new(),
            in_band: 0,
            in_band_bytes: 0,
            history,
            decisions: VecDeque::new(),
            metrics,
        }
    }

    /// The machine's history, when the connection has ended.
    pub(crate) fn into_history(mut self) -> History {
        self.history.gone();
        self.history
    }

    /// Whether the greeting has come.
    pub(crate) fn is_greeted(&self) -> bool {
        self.session.state() != qmp_proto::State::AwaitGreeting
    }

    /// Whether commands can be executed.
    pub(crate) fn is_ready(&self) -> bool {
        self.session.state() == qmp_proto::State::Ready
    }

    /// What the monitor can do.
    pub(crate) fn capabilities(&self) -> CapabilitySet {
        self.session.enabled()
    }

    /// How many commands wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        self.turns.waiting() + self.urgent.waiting()
    }

    /// A client comes: it gets events from now on.
    pub(crate) fn attach(&mut self, peer: PeerId, kind: Kind) {
        let (bucket, role) = match kind {
            Kind::Bridge => (None, Role::Admin),
            Kind::Client(role) => (self.options.rate.map(Bucket::new), role),
        };
        self.peers.insert(peer, Peer { bucket, role });
    }

    /// A client goes. What QEMU has of its commands goes on, and nobody gets the replies; the others are forgotten.
    pub(crate) fn detach(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
        self.turns.forget(peer);
        self.urgent.forget(peer);
    }

    /// The clients that are there in this role or a higher one.
    pub(crate) fn peers_of(&self, least: Role) -> impl Iterator<Item = PeerId> {
        let there = self.peers.iter().filter(move |(_, peer)| peer.role >= least);
        there.map(|(id, _)| *id)
    }

    /// A client's command. A client that is not there is not heard.
    pub(crate) fn execute(&mut self, peer: PeerId, order: Order) {
        let Some(role) = self.admit(peer, &order) else {
            return;
        };
        let (now, asker) = (order.asked, Asker::new(peer, &order));
        if let Some(reply) = own::execute(&order.request, role, &self.history) {
            let bucket = self.peers.get_mut(&peer).and_then(|peer| peer.bucket.as_mut());
            if let (Some(bucket), Ok(value)) = (bucket, &reply) {
                bucket.charge(now, value.as_str().len());
            }
            let reply = reply.and_then(|value| self.within_limit(value));
            return self.reply(asker, Arc::new(reply));
        }
        if order.fd.is_none()
            && let Some(error) = own::without_fd(&order.request)
        {
            return self.reply(asker, Arc::new(Err(error)));
        }
        if order.request.oob {
            self.urgent.wait(now, peer, order);
        } else {
            self.turns.wait(now, peer, order);
        }
        self.advance(now);
    }

    /// A client's command that it may not have executed. It counts as any other does: to be refused is no way to ask more
    /// often.
    pub(crate) fn refuse(&mut self, peer: PeerId, order: &Order, error: ErrorResponse) {
        if self.admit(peer, order).is_some() {
            self.metrics.forbidden.inc();
            self.reply(Asker::new(peer, order), Arc::new(Err(error)));
        }
    }

    /// Counts a client's command. Its role, if the client is there and does not ask too often; else it is told so.
    fn admit(&mut self, peer: PeerId, order: &Order) -> Option<Role> {
        let Peer { bucket, role } = self.peers.get_mut(&peer)?;
        let role = *role;
        self.metrics.commands.inc();
        let wait = bucket.as_mut().and_then(|bucket| bucket.take(order.asked));
        let Some(wait) = wait else {
            return Some(role);
        };
        self.metrics.limited.inc();
        self.reply(Asker::new(peer, order), Arc::new(Err(rate::refusal(wait))));
        None
    }

    /// What came from the monitor.
    ///
    /// # Errors
    /// It was not QMP; the connection is of no use any more.
    pub(crate) fn receive(&mut self, now: Instant, bytes: &[u8]) -> Result<(), ProtocolError> {
        let result = self.session.handle_input(Input::Bytes(bytes));
        self.advance(now);
        result
    }

    /// When [`tick`](Self::tick) is due, if it is.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let deadlines = [self.turns.deadline(), self.urgent.deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// The time has come for what was held back.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.advance(now);
    }

    /// The next thing to do.
    pub(crate) fn poll(&mut self) -> Option<Decision> {
        self.decisions.pop_front()
    }

    /// Takes what the session says, and sends what may be sent.
    fn advance(&mut self, now: Instant) {
        self.drain();
        if !self.is_ready() {
            return;
        }
        while let Some(Turn { askers, order }) = self.urgent.next(now) {
            self.send(now, askers, order);
        }
        self.turns.release(now);
        // One in-band command too many, and QEMU would not read an out-of-band one. Big ones are read slowly, so there is
        // one of them at a time: else a client that sends many would be before all others for seconds.
        while self.in_band < self.window
            && self.in_band_bytes < MAX_BYTES_IN_FLIGHT
            && let Some(Turn { askers, order }) = self.turns.next(now)
        {
            self.metrics.shared.inc_by(askers.len() as u64 - 1);
            self.send(now, askers, order);
        }
        self.drain();
    }

    fn send(&mut self, now: Instant, askers: Vec<Asker>, Order { request, mut fd, .. }: Order) {
        let Request {
            name, arguments, oob, ..
        } = request;
        let command = Command {
            name: &name,
            arguments: arguments.as_deref(),
            oob,
            id: true,
        };
        let bytes = name.len() + arguments.as_ref().map_or(0, String::len);
        let number = self.urgent.next_number();
        let band = if oob {
            Band::Out { number }
        } else {
            Band::In { bytes }
        };
        let withheld = Redaction::of(&name);
        let sent = Sent {
            askers,
            band,
            withheld,
        };
        match self.session.execute(command, sent) {
            Ok(_) => {
                if !oob {
                    self.in_band += 1;
                    self.in_band_bytes += bytes;
                }
                // The session holds nothing back: its window is no smaller than ours.
                while let Some(output) = self.session.poll_output() {
                    match output {
                        Output::Transmit(message) => {
                            if oob {
                                self.urgent.sent(now, message.len());
                            }
                            let fd = fd.take();
                            self.decisions.push_back(Decision::Write { message, oob, fd });
                        }
                        other => self.handle(other),
                    }
                }
            }
            Err((error, sent)) => {
                let reply: Reply = Arc::new(Err(ErrorResponse::generic(error.to_string())));
                for asker in sent.askers {
                    self.reply(asker, reply.clone());
                }
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            self.handle(output);
        }
    }

    fn handle(&mut self, output: Output<Sent>) {
        match output {
            Output::Event(event) => {
                self.metrics.events.inc();
                let text = self.history.push(&self.dialect.read_event(event));
                self.decisions.push_back(Decision::Event(text));
            }
            Output::Greeting(greeting) => self.greeting = greeting,
            // Who waits learns it from the end of its own connection.
            Output::Interrupted { .. } => {}
            Output::Ready(_) => {
                self.history.back();
                self.decisions.push_back(Decision::Up(self.greeting.clone()));
            }
            Output::Response {
                result,
                waiter:
                    Sent {
                        askers,
                        band,
                        withheld,
                    },
                ..
            } => {
                match band {
                    Band::In { bytes } => {
                        self.in_band -= 1;
                        self.in_band_bytes -= bytes;
                    }
                    Band::Out { number } => self.urgent.answered(number),
                }
                let outcome = if result.is_ok() {
                    &self.metrics.returns
                } else {
                    &self.metrics.errors
                };
                outcome.inc();
                let reply = Arc::new(result.and_then(|value| self.within_limit(value)));
                let to_viewers = match (withheld, &*reply) {
                    (Some(withheld), Ok(value)) => Arc::new(Ok(withheld.apply(value))),
                    _ => reply.clone(),
                };
                for asker in askers {
                    self.metrics
                        .round_trip
                        .observe(asker.asked.elapsed().as_secs_f64());
                    let may_know_all = self
                        .peers
                        .get(&asker.peer)
                        .is_some_and(|peer| peer.role > Role::Viewer);
                    let reply = if may_know_all { &reply } else { &to_viewers };
                    self.reply(asker, reply.clone());
                }
            }
            Output::Transmit(message) => self.decisions.push_back(Decision::Write {
                message,
                oob: false,
                fd: None,
            }),
            Output::Unroutable { id } => {
                self.metrics.unroutable.inc();
                tracing::debug!(id = ?id, "dropped a reply to nobody");
            }
        }
    }

    fn within_limit(&self, value: Json) -> Result<Json, ErrorResponse> {
        let max = self.options.max_reply;
        match value.as_str().len() {
            length if length > max => Err(own::error(
                "ReplyTooLarge",
                format!(
                    "the reply has {length} bytes, and at most {max} are given; the command was executed"
                ),
            )),
            _ => Ok(value),
        }
    }

    /// Replies to a client, if it is still there.
    fn reply(&mut self, Asker { peer, ticket, .. }: Asker, reply: Reply) {
        if self.peers.contains_key(&peer) {
            self.decisions.push_back(Decision::Reply { peer, ticket, reply });
        }
    }
}

/// What commands of one band in flight weigh before no more is sent. QEMU reads about 280 KiB a second, so this is 60 ms.
const MAX_BYTES_IN_FLIGHT: usize = 16 << 10;
