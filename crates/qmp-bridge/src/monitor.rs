//! The connection to one machine: dials, redials, and carries bytes between the monitor, the mux and the clients.
//!
//! QEMU is always read, whatever its clients do: QEMU keeps what is not read in its own memory, without limit.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use qmp_proto::{
    Capability, CapabilitySet, ErrorResponse, Event, Greeting, Json, ProtocolError, Request, Ticket,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::endpoint::{Endpoint, Stream};
use crate::mux::{Decision, Mux, PeerId};

/// A machine that clients can attach to.
#[derive(Debug)]
pub(crate) struct Monitor {
    /// The name by which clients ask for it.
    pub name: String,
    endpoint: Endpoint,
    status: watch::Receiver<Status>,
    requests: mpsc::Sender<ToMonitor>,
    next_peer: AtomicU64,
}

/// Whether the machine can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Connected, but no greeting came: somebody else holds the monitor.
    Busy,
    /// No connection.
    Down,
    /// Connected and in command mode: who it is, and what it can do.
    Up(Arc<Greeting>),
}

/// What a client is told by its monitor.
#[derive(Debug)]
pub(crate) enum ToPeer {
    Event(Arc<Event>),
    /// The connection to the machine ended.
    Gone,
    Reply {
        ticket: Ticket,
        reply: Result<Json, ErrorResponse>,
    },
}

#[derive(Debug)]
enum ToMonitor {
    Attach {
        peer: PeerId,
        sender: mpsc::Sender<ToPeer>,
    },
    Detach(PeerId),
    Execute {
        peer: PeerId,
        request: Request,
    },
}

/// A client's place at a monitor; to drop it is to leave.
#[derive(Debug)]
pub(crate) struct Attachment {
    peer: PeerId,
    requests: mpsc::Sender<ToMonitor>,
    incoming: mpsc::Receiver<ToPeer>,
}

impl Monitor {
    /// A machine, and the task that keeps the connection to it.
    pub(crate) fn new(name: String, endpoint: Endpoint) -> (Self, impl Future<Output = ()>) {
        let (status_sender, status) = watch::channel(Status::Down);
        let (requests, receiver) = mpsc::channel(REQUESTS);
        let task = Task {
            name: name.clone(),
            endpoint: endpoint.clone(),
            status: status_sender,
            requests: receiver,
        };
        (
            Self {
                name,
                endpoint,
                status,
                requests,
                next_peer: AtomicU64::new(0),
            },
            task.run(),
        )
    }

    /// Whether this is the built-in simulated machine.
    pub(crate) fn is_demo(&self) -> bool {
        self.endpoint == Endpoint::Demo
    }

    /// Whether the machine can be reached now.
    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Waits for the machine, for a short while: who it is, or `None` if it cannot be reached.
    pub(crate) async fn wait_up(&self) -> Option<Arc<Greeting>> {
        let mut status = self.status.clone();
        let up = status.wait_for(|status| matches!(status, Status::Up(_)));
        match tokio::time::timeout(ATTACH_TIMEOUT, up).await.ok()?.ok()?.clone() {
            Status::Up(greeting) => Some(greeting),
            Status::Busy | Status::Down => None,
        }
    }

    /// Takes a place at the machine. Where it cannot be reached, the first that comes is [`ToPeer::Gone`].
    pub(crate) async fn attach(&self) -> Attachment {
        let peer = PeerId(self.next_peer.fetch_add(1, Ordering::Relaxed));
        let (sender, incoming) = mpsc::channel(PEER_QUEUE);
        // The task is gone only when the bridge stops; then the channel is closed and the client hears that.
        let _ = self.requests.send(ToMonitor::Attach { peer, sender }).await;
        Attachment {
            peer,
            requests: self.requests.clone(),
            incoming,
        }
    }
}

impl Attachment {
    /// Executes a command; the reply comes by [`next`](Self::next).
    pub(crate) async fn execute(&self, request: Request) {
        let _ = self
            .requests
            .send(ToMonitor::Execute {
                peer: self.peer,
                request,
            })
            .await;
    }

    /// What the machine says next; `None` if this client was too slow a reader.
    pub(crate) async fn next(&mut self) -> Option<ToPeer> {
        self.incoming.recv().await
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let (peer, requests) = (self.peer, self.requests.clone());
        tokio::spawn(async move { requests.send(ToMonitor::Detach(peer)).await });
    }
}

struct Task {
    name: String,
    endpoint: Endpoint,
    status: watch::Sender<Status>,
    requests: mpsc::Receiver<ToMonitor>,
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
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

impl Task {
    async fn run(mut self) {
        let mut wait = MIN_REDIAL;
        loop {
            let end = match self.endpoint.connect().await {
                Ok(stream) => self.converse(stream, &mut wait).await,
                Err(error) => End::Io(error),
            };
            let status = if matches!(end, End::Busy) {
                Status::Busy
            } else {
                Status::Down
            };
            let changed = self.status.send_replace(status.clone()) != status;
            if changed || wait == MIN_REDIAL {
                tracing::warn!(vm = %self.name, endpoint = %self.endpoint, reason = %end, "no connection to the machine");
            }
            self.refuse_for(wait).await;
            wait = (wait * 2).min(MAX_REDIAL);
        }
    }

    /// Tells all who come that the machine is not there, for a while.
    async fn refuse_for(&mut self, wait: Duration) {
        let end = sleep(wait);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return,
                Some(request) = self.requests.recv() => {
                    if let ToMonitor::Attach { sender, .. } = request {
                        let _ = sender.try_send(ToPeer::Gone);
                    }
                }
            }
        }
    }

    /// Keeps one connection until it ends.
    async fn converse(&mut self, stream: Box<dyn Stream>, wait: &mut Duration) -> End {
        let random = match getrandom::u64() {
            Ok(random) => random,
            Err(error) => return End::Io(io::Error::other(error)),
        };
        let mut connection = Connection {
            mux: Mux::new(random),
            peers: HashMap::new(),
            outgoing: Vec::new(),
        };
        let end = connection.run(stream, self, wait).await;
        for peer in connection.peers.into_values() {
            // A full queue is closed without a word, which ends the client's connection as well.
            let _ = peer.try_send(ToPeer::Gone);
        }
        end
    }
}

/// One connection to a monitor.
struct Connection {
    mux: Mux,
    peers: HashMap<PeerId, mpsc::Sender<ToPeer>>,
    /// What is still to be written to the monitor.
    outgoing: Vec<u8>,
}

impl Connection {
    async fn run(&mut self, stream: Box<dyn Stream>, task: &mut Task, wait: &mut Duration) -> End {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut buffer = vec![0; READ_BUFFER];
        let greeting_due = Instant::now() + GREETING_TIMEOUT;
        loop {
            // QEMU reads slowly. What it has not read yet waits here, and new commands wait before they come here, but
            // reading goes on.
            let may_take = self.outgoing.len() < MAX_OUTGOING;
            tokio::select! {
                read = reader.read(&mut buffer) => match read {
                    Ok(0) => return End::Eof,
                    Ok(length) => if let Err(error) = self.mux.receive(&buffer[..length]) { return error.into() },
                    Err(error) => return error.into(),
                },
                written = writer.write(&self.outgoing), if !self.outgoing.is_empty() => match written {
                    Ok(length) => drop(self.outgoing.drain(..length)),
                    Err(error) => return error.into(),
                },
                Some(request) = task.requests.recv(), if may_take => self.handle(request),
                () = sleep_until(greeting_due), if !self.mux.is_greeted() => return End::Busy,
            }
            self.decide(task, wait);
        }
    }

    fn handle(&mut self, request: ToMonitor) {
        match request {
            ToMonitor::Attach { peer, sender } => {
                self.mux.attach(peer);
                self.peers.insert(peer, sender);
            }
            ToMonitor::Detach(peer) => self.remove(peer),
            // A command of a client that attached to an earlier connection is not for this one.
            ToMonitor::Execute { peer, request } if self.peers.contains_key(&peer) => {
                self.mux.execute(peer, &request)
            }
            ToMonitor::Execute { .. } => {}
        }
    }

    fn decide(&mut self, task: &Task, wait: &mut Duration) {
        while let Some(decision) = self.mux.poll() {
            match decision {
                Decision::Event(event) => {
                    let peers: Vec<PeerId> = self.mux.peers().collect();
                    peers
                        .into_iter()
                        .for_each(|peer| self.tell(peer, ToPeer::Event(event.clone())));
                }
                Decision::Reply { peer, ticket, reply } => self.tell(peer, ToPeer::Reply { ticket, reply }),
                Decision::Up(greeting) => {
                    *wait = MIN_REDIAL;
                    let enabled = self.mux.capabilities();
                    tracing::info!(vm = %task.name, endpoint = %task.endpoint, ?enabled, "connected to the machine");
                    task.status
                        .send_replace(Status::Up(Arc::new(towards_clients(&greeting, enabled))));
                }
                Decision::Write(message) => {
                    self.outgoing.extend_from_slice(message.as_bytes());
                    self.outgoing.push(b'\n');
                }
            }
        }
    }

    /// Tells a client; one that does not keep up loses its place.
    fn tell(&mut self, peer: PeerId, message: ToPeer) {
        if let Some(sender) = self.peers.get(&peer)
            && sender.try_send(message).is_err()
        {
            self.remove(peer);
        }
    }

    fn remove(&mut self, peer: PeerId) {
        self.mux.detach(peer);
        self.peers.remove(&peer);
    }
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
const MIN_REDIAL: Duration = Duration::from_millis(250);
const MAX_REDIAL: Duration = Duration::from_secs(5);
/// Requests of all clients that wait for the connection's attention.
const REQUESTS: usize = 64;
/// Messages that wait for one client. A client that lets more of them wait is too slow.
const PEER_QUEUE: usize = 1024;
const READ_BUFFER: usize = 64 << 10;
/// Bytes that wait for QEMU, which reads about 280 KiB a second.
const MAX_OUTGOING: usize = 64 << 10;
