//! One machine: dials and redials its monitor, and tells whether it can be reached. What goes over a connection is in
//! `connection`.

mod connection;
mod peer;
mod writer;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use qmp_policy::Role;
use qmp_proto::{Greeting, ProtocolError};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::connection::Connection;
use self::peer::FromPeer;
pub(crate) use self::peer::{Attachment, ToPeer};
pub(crate) use self::writer::WriteHalf;
use crate::endpoint::{Connector, Endpoint, Stream};
use crate::metrics::MachineMetrics;
use crate::mux::{History, Kind, Mux, MuxOptions, PeerId};

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
    /// `max_waiting` bytes may wait for the client. What it is told depends on its role.
    pub(crate) fn attach(&self, max_waiting: usize, role: Role) -> Attachment {
        self.place(max_waiting, Kind::Client(role))
    }

    /// The same for the bridge itself, which may ask as often as it likes.
    pub(crate) fn attach_unlimited(&self, max_waiting: usize) -> Attachment {
        self.place(max_waiting, Kind::Bridge)
    }

    fn place(&self, max_waiting: usize, kind: Kind) -> Attachment {
        let peer = PeerId(self.next_peer.fetch_add(1, Ordering::Relaxed));
        Attachment::new(peer, self.clients.clone(), max_waiting, kind)
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
        let mut connection = Connection::new(Mux::new(
            random,
            self.endpoint.dialect(),
            self.options,
            self.metrics.clone(),
            history,
        ));
        let removed = self.removed.clone();
        let end = tokio::select! {
            end = connection.run(stream, self, wait) => end,
            () = connector.superseded() => End::Superseded,
            () = removed.cancelled() => End::Removed,
        };
        (connection.end(), end)
    }
}

/// How long a machine may take to greet. QEMU greets at once, unless another client holds the monitor.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client waits for a machine that is not there.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(5);
const MIN_REDIAL: Duration = Duration::from_millis(250);
const MAX_REDIAL: Duration = Duration::from_secs(5);
