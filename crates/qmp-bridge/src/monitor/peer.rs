//! Between a machine and one client: commands one way, replies and events the other. Neither side waits for the other.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use qmp_proto::{ErrorResponse, Request, Ticket};
use tokio::sync::mpsc::{self, error::SendError};

use crate::mux::{EventText, Kind, Order, PeerId, Reply, lagged};

/// What a client is told by its machine.
#[derive(Debug)]
pub(crate) enum ToPeer {
    Event(EventText),
    /// The connection to the machine ended.
    Gone,
    Reply {
        ticket: Ticket,
        reply: Reply,
    },
}

/// What a machine is told by its clients.
#[derive(Debug)]
pub(super) enum FromPeer {
    Attach {
        peer: PeerId,
        outbox: Outbox,
        kind: Kind,
    },
    Detach(PeerId),
    Execute(PeerId, Order),
    /// It asked for what it may not have.
    Refuse(PeerId, Order, ErrorResponse),
}

impl FromPeer {
    /// Tells a client that comes that the machine is not there.
    pub(super) fn refuse(self) {
        if let Self::Attach { mut outbox, .. } = self {
            outbox.tell(ToPeer::Gone);
        }
    }
}

/// The machine's end.
#[derive(Debug)]
pub(super) struct Outbox {
    sender: mpsc::UnboundedSender<ToPeer>,
    waiting: Arc<AtomicUsize>,
    /// Events that this client has not been told of, for want of room.
    dropped: u64,
    /// Bytes that may wait for it before it is told of no more events.
    max_waiting: usize,
}

impl Outbox {
    /// Tells the client; false if it is gone, or has left too many replies unread. Of events that it leaves unread it is
    /// told the number.
    pub(super) fn tell(&mut self, message: ToPeer) -> bool {
        let waiting = self.waiting.load(Ordering::Relaxed);
        match message {
            ToPeer::Event(_) if waiting > self.max_waiting => {
                self.dropped += 1;
                true
            }
            ToPeer::Reply { .. } if waiting > MAX_REPLIES => false,
            message => self.tell_of_dropped() && self.send(message),
        }
    }

    fn tell_of_dropped(&mut self) -> bool {
        match std::mem::take(&mut self.dropped) {
            0 => true,
            dropped => self.send(ToPeer::Event(lagged(dropped))),
        }
    }

    fn send(&self, message: ToPeer) -> bool {
        self.waiting.fetch_add(size(&message), Ordering::Relaxed);
        self.sender.send(message).is_ok()
    }
}

/// The client's end: its place at the machine. To drop it is to leave.
#[derive(Debug)]
pub(crate) struct Attachment {
    peer: PeerId,
    machine: mpsc::UnboundedSender<FromPeer>,
    incoming: mpsc::UnboundedReceiver<ToPeer>,
    waiting: Arc<AtomicUsize>,
}

impl Attachment {
    pub(super) fn new(
        peer: PeerId,
        machine: mpsc::UnboundedSender<FromPeer>,
        max_waiting: usize,
        kind: Kind,
    ) -> Self {
        let (sender, incoming) = mpsc::unbounded_channel();
        let this = Self {
            peer,
            machine,
            incoming,
            waiting: Arc::default(),
        };
        let outbox = Outbox {
            sender,
            waiting: this.waiting.clone(),
            dropped: 0,
            max_waiting,
        };
        let attach = FromPeer::Attach { peer, outbox, kind };
        if let Err(SendError(said)) = this.machine.send(attach) {
            // The machine was removed.
            said.refuse();
        }
        this
    }

    /// Executes a command; the reply comes by [`next`](Self::next). Whoever calls it bounds how many have no reply yet.
    pub(crate) fn execute(&self, request: Request) {
        self.order(request, None);
    }

    /// Executes a command that takes a file descriptor, which is closed here in any case. Only for a machine that
    /// [`passes_fds`](super::Monitor::passes_fds).
    pub(crate) fn execute_with_fd(&self, request: Request, fd: OwnedFd) {
        self.order(request, Some(fd));
    }

    /// Has a command answered with an error, as if the machine had refused it.
    pub(crate) fn refuse(&self, request: Request, error: ErrorResponse) {
        let (asked, fd) = (Instant::now(), None);
        self.tell(FromPeer::Refuse(self.peer, Order { request, fd, asked }, error));
    }

    fn order(&self, request: Request, fd: Option<OwnedFd>) {
        let asked = Instant::now();
        self.tell(FromPeer::Execute(self.peer, Order { request, fd, asked }));
    }

    /// What the machine says next; `None` if this client was too slow a reader. May be given up and called again.
    pub(crate) async fn next(&mut self) -> Option<ToPeer> {
        let message = self.incoming.recv().await;
        self.waiting
            .fetch_sub(message.as_ref().map_or(0, size), Ordering::Relaxed);
        message
    }

    /// What the machine has said already.
    pub(crate) fn try_next(&mut self) -> Option<ToPeer> {
        let message = self.incoming.try_recv().ok();
        self.waiting
            .fetch_sub(message.as_ref().map_or(0, size), Ordering::Relaxed);
        message
    }

    fn tell(&self, message: FromPeer) {
        // Where the machine's task is gone, the client has heard so.
        let _ = self.machine.send(message);
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.tell(FromPeer::Detach(self.peer));
    }
}

/// About what a message takes in memory.
fn size(message: &ToPeer) -> usize {
    size_of::<ToPeer>()
        + match message {
            ToPeer::Event(text) => text.text.len(),
            ToPeer::Gone => 0,
            ToPeer::Reply { reply, .. } => match &**reply {
                Ok(value) => value.as_str().len(),
                Err(error) => error.desc.len(),
            },
        }
}

/// Bytes that may wait for a client before a reply is one too many.
const MAX_REPLIES: usize = 16 << 20;
