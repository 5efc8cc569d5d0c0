//! The out-of-band commands. They have turns as those in band have, and never wait for any of them. QEMU executes them in the
//! thread that reads, so what counts of those sent is how long it takes to read them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::turns::{Turn, Turns};
use super::{MAX_BYTES_IN_FLIGHT, Order, PeerId};

/// Those that wait, and those that QEMU may not have read yet.
#[derive(Debug)]
pub(super) struct Urgent {
    turns: Turns,
    /// When they were sent, and how long they are.
    unread: VecDeque<(Instant, usize)>,
    unread_bytes: usize,
    /// The number of the next to be sent.
    next: u64,
}

impl Urgent {
    pub(super) fn new() -> Self {
        Self {
            turns: Turns::new(Duration::ZERO),
            unread: VecDeque::new(),
            unread_bytes: 0,
            next: 0,
        }
    }

    /// How many commands wait.
    pub(super) const fn waiting(&self) -> usize {
        self.turns.waiting()
    }

    /// A command waits for its turn.
    pub(super) fn wait(&mut self, now: Instant, peer: PeerId, order: Order) {
        self.turns.wait(now, peer, order);
    }

    /// The next command to send.
    pub(super) fn next(&mut self, now: Instant) -> Option<Turn> {
        while self
            .unread
            .front()
            .is_some_and(|(sent, _)| *sent + READ_WITHIN <= now)
        {
            self.read_one();
        }
        if self.unread_bytes >= MAX_BYTES_IN_FLIGHT {
            return None;
        }
        self.turns.next(now)
    }

    /// The number of the command that is sent next.
    pub(super) const fn next_number(&self) -> u64 {
        self.next
    }

    /// A command was sent.
    pub(super) fn sent(&mut self, now: Instant, bytes: usize) {
        self.next += 1;
        self.unread.push_back((now, bytes));
        self.unread_bytes += bytes;
    }

    /// A command was answered: it has been read, and so has what was sent before it.
    pub(super) fn answered(&mut self, number: u64) {
        let later = self.next.saturating_sub(number + 1);
        while self.unread.len() as u64 > later {
            self.read_one();
        }
    }

    /// When further commands may be sent in any case.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let first = self.unread.front().filter(|_| self.waiting() > 0);
        first.map(|(sent, _)| *sent + READ_WITHIN)
    }

    /// Forgets a client and what it waits for.
    pub(super) fn forget(&mut self, peer: PeerId) {
        self.turns.forget(peer);
    }

    fn read_one(&mut self) {
        self.unread_bytes -= self.unread.pop_front().map_or(0, |(_, bytes)| bytes);
    }
}

/// What is not answered by then has been read, and is slow: others do not wait for it. QEMU reads the longest command that
/// clients may send by default in a quarter of this.
const READ_WITHIN: Duration = Duration::from_secs(1);
