//! One connection to a monitor: carries bytes between it, the mux and the clients.
//!
//! QEMU is always read, whatever its clients do: QEMU keeps what is not read in its own memory, without limit.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use qmp_proto::{Capability, CapabilitySet, Greeting};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::peer::{FromPeer, Outbox, ToPeer};
use super::writer::Writer;
use super::{End, GREETING_TIMEOUT, MIN_REDIAL, Status, Task};
use crate::endpoint::Stream;
use crate::mux::{Decision, History, Mux, PeerId};

/// One connection to a monitor.
pub(super) struct Connection {
    mux: Mux,
    peers: HashMap<PeerId, Outbox>,
    /// What is still to be written to the monitor.
    outgoing: Writer,
}

impl Connection {
    pub(super) fn new(mux: Mux) -> Self {
        Self {
            mux,
            peers: HashMap::new(),
            outgoing: Writer::default(),
        }
    }

    /// Tells the clients that it has ended. Gives back the machine's history.
    pub(super) fn end(self) -> History {
        for mut outbox in self.peers.into_values() {
            // Who cannot be told loses its place without a word, which ends its connection as well.
            outbox.tell(ToPeer::Gone);
        }
        self.mux.into_history()
    }

    /// Carries what there is to carry until the connection ends; says why it did. `wait` is how long to wait then.
    pub(super) async fn run(&mut self, stream: Stream, task: &mut Task, wait: &mut Duration) -> End {
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
            FromPeer::Attach { peer, outbox, kind } => {
                self.mux.attach(peer, kind);
                self.peers.insert(peer, outbox);
            }
            FromPeer::Detach(peer) => self.remove(peer),
            FromPeer::Execute(peer, order) => self.mux.execute(peer, order),
            FromPeer::Refuse(peer, order, error) => self.mux.refuse(peer, &order, error),
        }
    }

    /// Does what is to be done. How much clients were told.
    fn decide(&mut self, task: &Task, wait: &mut Duration) -> usize {
        let mut told = 0;
        while let Some(decision) = self.mux.poll() {
            told += usize::from(matches!(decision, Decision::Event(_) | Decision::Reply { .. }));
            match decision {
                Decision::Event(text) => {
                    let peers: Vec<PeerId> = self.mux.peers_of(text.audience).collect();
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

/// How long a machine that reads no more may go on talking. Mostly it has ended, and so has what it says.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Bytes of what is no greeting that the log shows.
const MAX_SAID: usize = 64;
/// What clients say that is taken before the machine is read again, and what they are told before they are let to hear it.
const BURST: usize = 64;
const READ_BUFFER: usize = 64 << 10;
