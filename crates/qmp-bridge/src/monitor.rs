//! The connection to one machine: dials, redials, and carries bytes between the monitor, the mux and the clients.
//!
//! QEMU is always read, whatever its clients do: QEMU keeps what is not read in its own memory, without limit.

mod peer;
mod writer;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use qmp_proto::{Capability, CapabilitySet, Greeting, ProtocolError};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

pub(crate) use self::peer::{Attachment, ToPeer};
use self::peer::{FromPeer, Outbox};
pub(crate) use self::writer::WriteHalf;
use self::writer::Writer;
use crate::endpoint::{Connector, Endpoint, Stream};
use crate::metrics::MachineMetrics;
use crate::mux::{Decision, History, Mux, MuxOptions, PeerId};

/// A machine that clients can attach to.
#[derive(Debug)]
pub(crate) struct Monitor {
    /// The name by which clients ask for it.
    pub name: String,
    pub metrics: MachineMetrics,
    endpoint: Endpoint,
    status: watch::Receiver<Status>,
    clients: mpsc::UnboundedSender<FromPeer>,
    next_peer: AtomicU64,
    nudge: Arc<Notify>,
    removed: CancellationToken,
}

/// Whether the machine can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// No greeting came, or not even a place in the queue: somebody else holds the monitor.
    Busy,
    /// No connection.
    Down,
    /// Connected, but what came is no greeting: something else listens there.
    NotQmp,
    /// Connected and in command mode: who it is, and what it can do.
    Up(Arc<Greeting>),
}

impl Monitor {
    /// A machine, and the task that keeps the connection to it, until it is [removed](Self::remove).
    pub(crate) fn new(
        name: String,
        endpoint: Endpoint,
        connector: Connector,
        options: MuxOptions,
        metrics: MachineMetrics,
    ) -> (Self, impl Future<Output = ()>) {
        let (nudge, removed) = (connector.nudge(), CancellationToken::new());
        let (status_sender, status) = watch::channel(Status::Down);
        let (clients, clients_receiver) = mpsc::unbounded_channel();
        let task = Task {
            name: name.clone(),
            endpoint: endpoint.clone(),
            options,
            metrics: metrics.clone(),
            status: status_sender,
            clients: clients_receiver,
            removed: removed.clone(),
        };
        (
            Self {
                name,
                metrics,
                endpoint,
                status,
                clients,
                next_peer: AtomicU64::new(0),
                nudge,
                removed,
            },
            task.run(connector),
        )
    }

    /// Whether this is the built-in simulated machine.
    pub(crate) fn is_demo(&self) -> bool {
        self.endpoint == Endpoint::Demo
    }

    /// Whether file descriptors can be passed to the machine.
    pub(crate) const fn passes_fds(&self) -> bool {
        matches!(self.endpoint, Endpoint::ListenUnix(_) | Endpoint::Unix(_))
    }

    /// Whether the machine can be reached now.
    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Whether the machine can be reached, and each change of that, until there is no machine any more.
    pub(crate) fn watch_status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// There may be another socket at the endpoint.
    pub(crate) fn look_again(&self) {
        self.nudge.notify_one();
    }

    /// There is no machine any more: the connection ends, and the clients hear so.
    pub(crate) fn remove(&self) {
        self.removed.cancel();
    }

    /// Waits for the machine, for a short while: who it is, or `None` if it cannot be reached.
    pub(crate) async fn wait_up(&self) -> Option<Arc<Greeting>> {
        let mut status = self.status.clone();
        let up = status.wait_for(|status| matches!(status, Status::Up(_)));
        match timeout(ATTACH_TIMEOUT, up).await.ok()?.ok()?.clone() {
            Status::Up(greeting) => Some(greeting),
            Status::Busy | Status::Down | Status::NotQmp => None,
        }
    }

    /// Takes a place at the machine. Where it cannot be reached, the first that comes is [`ToPeer::Gone`]. Up to
    /// `max_waiting` bytes may wait for the client.
    pub(crate) fn attach(&self, max_waiting: usize) -> Attachment {
        self.place(max_waiting, true)
    }

    /// The same for the bridge itself, which may ask as often as it likes.
    pub(crate) fn attach_unlimited(&self, max_waiting: usize) -> Attachment {
        self.place(max_waiting, false)
    }

    fn place(&self, max_waiting: usize, limited: bool) -> Attachment {
        let peer = PeerId(self.next_peer.fetch_add(1, Ordering::Relaxed));
        Attachment::new(peer, self.clients.clone(), max_waiting, limited)
    }
}

struct Task {
    name: String,
    endpoint: Endpoint,
    options: MuxOptions,
    metrics: MachineMetrics,
    status: watch::Sender<Status>,
    clients: mpsc::UnboundedReceiver<FromPeer>,
    removed: CancellationToken,
}

/// Why a connection to a monitor ended.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("no greeting within {} s: another client may hold this monitor", GREETING_TIMEOUT.as_secs())]
    Busy,
    #[error("the machine closed the connection")]
    Eof,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it said \"{said}\" where a greeting was due: {error}")]
    NotQmp { said: String, error: ProtocolError },
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    #[error("other clients wait for this monitor already")]
    QueueFull,
    #[error("the machine was removed")]
    Removed,
    #[error("there is a newer connection")]
    Superseded,
}

impl Task {
    async fn run(mut self, mut connector: Connector) {
        let mut wait = MIN_REDIAL;
        // Where there are no random numbers there is no connection either.
        let mut history = History::new(getrandom::u64().unwrap_or_default());
        loop {
            let end = match self.refuse_until(connector.connect()).await {
                Some(Ok(stream)) => {
                    let end;
                    (history, end) = self.converse(stream, history, &mut connector, &mut wait).await;
                    end
                }
                // What QEMU's socket says when no more clients can wait on it.
                Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => End::QueueFull,
                Some(Err(error)) => End::Io(error),
                None => End::Removed,
            };
            if matches!(end, End::Removed) {
                break;
            }
            let status = match end {
                // Whatever dialled has been sent away.
                _ if self.endpoint.is_dialled() => Status::Down,
                End::Busy | End::QueueFull => Status::Busy,
                End::NotQmp { .. } => Status::NotQmp,
                End::Eof | End::Io(_) | End::Protocol(_) | End::Removed | End::Superseded => Status::Down,
            };
            self.metrics.up.set(0);
            self.metrics.busy.set((status == Status::Busy).into());
            self.metrics.queued.set(0);
            self.metrics.unread.set(0);
            let changed = self.status.send_replace(status.clone()) != status;
            if changed || wait == MIN_REDIAL {
                tracing::warn!(vm = %self.name, endpoint = %self.endpoint, reason = %end, "no connection to the machine");
            }
            if self.refuse_until(connector.wait(wait)).await.is_none() {
                break;
            }
            wait = (wait * 2).min(MAX_REDIAL);
        }
        // Who came just now is told too.
        self.clients.close();
        while let Ok(said) = self.clients.try_recv() {
            said.refuse();
        }
    }

    /// Tells all who come that the machine is not there, until something is done; `None` if the machine is removed.
    async fn refuse_until<T>(&mut self, done: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(done);
        loop {
            tokio::select! {
                done = &mut done => return Some(done),
                () = self.removed.cancelled() => return None,
                Some(said) = self.clients.recv() => said.refuse(),
            }
        }
    }

    /// Keeps one connection until it ends.
    async fn converse(
        &mut self,
        stream: Stream,
        history: History,
        connector: &mut Connector,
        wait: &mut Duration,
    ) -> (History, End) {
        let random = match getrandom::u64() {
            Ok(random) => random,
            Err(error) => return (history, End::Io(io::Error::other(error))),
        };
        let mut connection = Connection {
            mux: Mux::new(
                random,
                self.endpoint.dialect(),
                self.options,
                self.metrics.clone(),
                history,
            ),
            peers: HashMap::new(),
            outgoing: Writer::default(),
        };
        let removed = self.removed.clone();
        let end = tokio::select! {
            end = connection.run(stream, self, wait) => end,
            () = connector.superseded() => End::Superseded,
            () = removed.cancelled() => End::Removed,
        };
        for mut outbox in connection.peers.into_values() {
            // Who cannot be told loses its place without a word, which ends its connection as well.
            outbox.tell(ToPeer::Gone);
        }
        (connection.mux.into_history(), end)
    }
}

/// One connection to a monitor.
struct Connection {
    mux: Mux,
    peers: HashMap<PeerId, Outbox>,
    /// What is still to be written to the monitor.
    outgoing: Writer,
}

impl Connection {
    async fn run(&mut self, stream: Stream, task: &mut Task, wait: &mut Duration) -> End {
        let (mut reader, mut writer) = stream;
        let mut buffer = vec![0; READ_BUFFER];
        let greeting_due = Instant::now() + GREETING_TIMEOUT;
        let mut told = 0;
        loop {
            let held_until = self.mux.deadline().map(Instant::from_std);
            tokio::select! {
                read = reader.read(&mut buffer) => match read {
                    Ok(0) => return End::Eof,
                    Ok(length) => {
                        task.metrics.received.inc_by(length as u64);
                        if let Err(end) = self.receive(&buffer[..length]) {
                            // What came before is told.
                            self.decide(task, wait);
                            return end;
                        }
                    }
                    Err(error) => return error.into(),
                },
                // QEMU reads slowly. What it has not read yet waits here, but reading goes on.
                written = self.outgoing.write_some(&mut writer) => if let Err(error) = written {
                    self.hear_last_words(&mut reader, &mut buffer, task, wait).await;
                    return error.into();
                },
                Some(said) = task.clients.recv() => {
                    self.handle(said);
                    // What is there already is written with it.
                    for _ in 1..BURST {
                        let Ok(said) = task.clients.try_recv() else {
                            break;
                        };
                        self.handle(said);
                    }
                }
                () = sleep_until(held_until.unwrap_or(greeting_due)), if held_until.is_some() => self.mux.tick(now()),
                () = sleep_until(greeting_due), if !self.mux.is_greeted() => return End::Busy,
            }
            told += self.decide(task, wait);
            task.metrics.queued.set(self.mux.waiting() as i64);
            task.metrics.unread.set(self.outgoing.len() as i64);
            if told >= BURST {
                // What was told is to be taken before more is read: a burst of events is no reason to call anyone slow. A
                // reply alone is none to wake another thread, which is what yielding does.
                told = 0;
                yield_now().await;
            }
        }
    }

    /// Tells what a machine has said that takes no more commands: one that was told to quit still answers that.
    async fn hear_last_words(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        buffer: &mut [u8],
        task: &Task,
        wait: &mut Duration,
    ) {
        let until = Instant::now() + LAST_WORDS;
        while let Ok(Ok(length @ 1..)) = timeout_at(until, reader.read(buffer)).await {
            task.metrics.received.inc_by(length as u64);
            let received = self.receive(&buffer[..length]);
            self.decide(task, wait);
            if received.is_err() {
                return;
            }
            yield_now().await;
        }
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<(), End> {
        let greeted = self.mux.is_greeted();
        self.mux.receive(now(), bytes).map_err(|error| {
            if greeted {
                return error.into();
            }
            let said = bytes[..bytes.len().min(MAX_SAID)].escape_ascii().to_string();
            End::NotQmp { said, error }
        })
    }

    fn handle(&mut self, said: FromPeer) {
        match said {
            FromPeer::Attach { .. } if !self.mux.is_ready() => said.refuse(),
            FromPeer::Attach {
                peer,
                outbox,
                limited,
            } => {
                if limited {
                    self.mux.attach(peer);
                } else {
                    self.mux.attach_unlimited(peer);
                }
                self.peers.insert(peer, outbox);
            }
            FromPeer::Detach(peer) => self.remove(peer),
            FromPeer::Execute(peer, order) => self.mux.execute(peer, order),
        }
    }

    /// Does what is to be done. How much clients were told.
    fn decide(&mut self, task: &Task, wait: &mut Duration) -> usize {
        let mut told = 0;
        while let Some(decision) = self.mux.poll() {
            told += usize::from(matches!(decision, Decision::Event(_) | Decision::Reply { .. }));
            match decision {
                Decision::Event(text) => {
                    let peers: Vec<PeerId> = self.mux.peers().collect();
                    for peer in peers {
                        self.tell(peer, ToPeer::Event(text.clone()));
                    }
                }
                Decision::Reply { peer, ticket, reply } => self.tell(peer, ToPeer::Reply { ticket, reply }),
                Decision::Up(greeting) => {
                    *wait = MIN_REDIAL;
                    task.metrics.connections.inc();
                    task.metrics.up.set(1);
                    task.metrics.busy.set(0);
                    let enabled = self.mux.capabilities();
                    tracing::info!(vm = %task.name, endpoint = %task.endpoint, ?enabled, "connected to the machine");
                    task.status
                        .send_replace(Status::Up(Arc::new(towards_clients(&greeting, enabled))));
                }
                Decision::Write { message, oob, fd } => {
                    task.metrics.sent.inc_by(message.len() as u64 + 1);
                    if oob {
                        self.outgoing.push_front(message);
                    } else {
                        self.outgoing.push(message, fd);
                    }
                }
            }
        }
        told
    }

    /// Tells a client; one that does not keep up loses its place.
    fn tell(&mut self, peer: PeerId, message: ToPeer) {
        if self
            .peers
            .get_mut(&peer)
            .is_some_and(|outbox| !outbox.tell(message))
        {
            self.remove(peer);
        }
    }

    fn remove(&mut self, peer: PeerId) {
        self.mux.detach(peer);
        self.peers.remove(&peer);
    }
}

fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// What clients are greeted with: the machine's version, `async` because the bridge keeps that promise over any QEMU,
/// and `oob` where the machine has it.
fn towards_clients(greeting: &Greeting, enabled: CapabilitySet) -> Greeting {
    let capabilities = enabled
        .with(Capability::Async)
        .names()
        .map(str::to_owned)
        .collect();
    Greeting {
        version: greeting.version.clone(),
        capabilities,
    }
}

/// How long a machine may take to greet. QEMU greets at once, unless another client holds the monitor.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client waits for a machine that is not there.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a machine that reads no more may go on talking. Mostly it has ended, and so has what it says.
const LAST_WORDS: Duration = Duration::from_secs(2);
const MIN_REDIAL: Duration = Duration::from_millis(250);
const MAX_REDIAL: Duration = Duration::from_secs(5);
/// Bytes of what is no greeting that the log shows.
const MAX_SAID: usize = 64;
/// What clients say that is taken before the machine is read again, and what they are told before they are let to hear it.
const BURST: usize = 64;
const READ_BUFFER: usize = 64 << 10;
