//! Between a machine and one client: commands one way, replies and events the other. Neither side waits for the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use qmp_proto::{ErrorResponse, Event, Json, Request, Ticket};
use tokio::sync::mpsc;

use crate::mux::PeerId;

/// What a client is told by its machine.
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

/// A client comes or goes.
#[derive(Debug)]
pub(super) enum Presence {
    Attach(PeerId, Outbox),
    Detach(PeerId),
}

/// A client's command.
#[derive(Debug)]
pub(super) struct Execute {
    pub(super) peer: PeerId,
    pub(super) request: Request,
}

/// The machine's end.
#[derive(Debug)]
pub(super) struct Outbox {
    sender: mpsc::UnboundedSender<ToPeer>,
    waiting: Arc<AtomicUsize>,
}

impl Outbox {
    /// Tells the client; false if it has not taken what it was told before.
    pub(super) fn tell(&self, message: ToPeer) -> bool {
        if self.waiting.fetch_add(size(&message), Ordering::Relaxed) > MAX_WAITING {
            return false;
        }
        self.sender.send(message).is_ok()
    }
}

/// The client's end: its place at the machine. To drop it is to leave.
#[derive(Debug)]
pub(crate) struct Attachment {
    peer: PeerId,
    presence: mpsc::UnboundedSender<Presence>,
    commands: mpsc::Sender<Execute>,
    /// Commands that the machine has no room for yet.
    held: VecDeque<Request>,
    incoming: mpsc::UnboundedReceiver<ToPeer>,
    waiting: Arc<AtomicUsize>,
}

impl Attachment {
    pub(super) fn new(
        peer: PeerId,
        presence: mpsc::UnboundedSender<Presence>,
        commands: mpsc::Sender<Execute>,
    ) -> Self {
        let (sender, incoming) = mpsc::unbounded_channel();
        let waiting = Arc::<AtomicUsize>::default();
        // The machine's task is gone only when the bridge stops; then the outbox is dropped, and the client hears that.
        let _ = presence.send(Presence::Attach(
            peer,
            Outbox {
                sender,
                waiting: waiting.clone(),
            },
        ));
        Self {
            peer,
            presence,
            commands,
            held: VecDeque::new(),
            incoming,
            waiting,
        }
    }

    /// Executes a command as soon as there is room; the reply comes by [`next`](Self::next).
    pub(crate) fn execute(&mut self, request: Request) {
        self.held.push_back(request);
    }

    /// What the machine says next; `None` if this client was too slow a reader. Sends the commands that are held. May be
    /// given up and called again.
    pub(crate) async fn next(&mut self) -> Option<ToPeer> {
        loop {
            tokio::select! {
                message = self.incoming.recv() => {
                    self.waiting.fetch_sub(message.as_ref().map_or(0, size), Ordering::Relaxed);
                    return message;
                }
                Ok(place) = self.commands.reserve(), if !self.held.is_empty() => {
                    if let Some(request) = self.held.pop_front() {
                        place.send(Execute { peer: self.peer, request });
                    }
                }
            }
        }
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        // Where nobody hears it, there is nothing to leave.
        let _ = self.presence.send(Presence::Detach(self.peer));
    }
}

/// About what a message takes in memory.
fn size(message: &ToPeer) -> usize {
    size_of::<ToPeer>()
        + match message {
            ToPeer::Event(event) => {
                event.name.len() + event.data.as_ref().map_or(0, |data| data.as_str().len())
            }
            ToPeer::Gone => 0,
            ToPeer::Reply { reply: Ok(value), .. } => value.as_str().len(),
            ToPeer::Reply {
                reply: Err(error), ..
            } => error.desc.len(),
        }
}

/// Bytes that may wait for a client. One message more is taken whatever its size, so that every reply can be given.
const MAX_WAITING: usize = 1 << 20;
