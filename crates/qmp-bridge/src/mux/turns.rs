//! Whose command is sent next: start-time fair queueing. Who has been given less goes first, a long command counts for many,
//! and who was silent saves nothing up. The commands of one client keep their order.
//!
//! What several clients ask at the same time is sent once. A reply may serve only those who asked before its command was
//! sent, and only a client's next command may be served so: what it asked before has been sent, and QEMU executes in
//! order.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use qmp_proto::{Request, Ticket};

use super::{Order, PeerId};

/// A client's command, to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asker {
    pub(super) peer: PeerId,
    pub(super) ticket: Ticket,
    pub(super) asked: Instant,
}

impl Asker {
    pub(super) const fn new(peer: PeerId, order: &Order) -> Self {
        Self {
            peer,
            ticket: order.request.ticket,
            asked: order.asked,
        }
    }
}

/// A command to send, and who gets its reply.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) askers: Vec<Asker>,
    pub(super) order: Order,
}

/// The commands of one band that wait.
#[derive(Debug)]
pub(super) struct Turns {
    /// How long a question that several clients ask is not asked again.
    interval: Duration,
    queues: HashMap<PeerId, Queue>,
    /// The clients whose next command may be sent, in the order of their turns.
    turns: BTreeMap<TurnId, PeerId>,
    /// What a client has been given that is just being served.
    given: u64,
    next_turn: u64,
    questions: HashMap<Question, Asked>,
    waiting: usize,
}

/// A command that reads and changes nothing, with its arguments.
type Question = Arc<(String, Option<String>)>;

/// What its client has been given before; among equals, who came first.
type TurnId = (u64, u64);

#[derive(Debug, Default)]
struct Queue {
    commands: VecDeque<(Order, Option<Question>)>,
    /// Its turn, if its next command may be sent.
    turn: Option<TurnId>,
    /// What it has been given.
    given: u64,
}

/// What is known of a question.
#[derive(Debug, Default)]
struct Asked {
    /// When it was sent last, and for whom if that was one client alone.
    last: Option<(Instant, Option<PeerId>)>,
    /// The clients whose next command it is.
    next_of: BTreeSet<PeerId>,
    /// Whether any of them is held back.
    holds: bool,
}

impl Turns {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            queues: HashMap::new(),
            turns: BTreeMap::new(),
            given: 0,
            next_turn: 0,
            questions: HashMap::new(),
            waiting: 0,
        }
    }

    /// How many commands wait.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// A command waits for its turn.
    pub(super) fn wait(&mut self, now: Instant, peer: PeerId, order: Order) {
        let question = question(&order.request);
        let queue = self.queues.entry(peer).or_default();
        queue.commands.push_back((order, question));
        self.waiting += 1;
        if queue.commands.len() == 1 {
            self.place(now, peer);
        }
    }

    /// The next command to send.
    pub(super) fn next(&mut self, now: Instant) -> Option<Turn> {
        let ((given, _), first) = self.turns.pop_first()?;
        self.given = given;
        let (order, question) = self.take(first)?;
        let mut peers = vec![first];
        let mut askers = vec![Asker::new(first, &order)];
        if let Some(question) = question {
            let asked = self.questions.entry(question).or_default();
            peers.extend(asked.next_of.iter().copied());
            asked.last = Some((now, (peers.len() == 1).then_some(first)));
            for &peer in &peers[1..] {
                if let Some((order, _)) = self.take(peer) {
                    askers.push(Asker::new(peer, &order));
                }
            }
        }
        for peer in peers {
            self.place(now, peer);
        }
        Some(Turn { askers, order })
    }

    /// Gives those their turn who are held back no longer.
    pub(super) fn release(&mut self, now: Instant) {
        let due = |asked: &Asked, interval| {
            asked.holds && asked.last.is_none_or(|(sent, _)| sent + interval <= now)
        };
        let mut released = Vec::new();
        for asked in self.questions.values_mut() {
            if due(asked, self.interval) {
                asked.holds = false;
                released.extend(asked.next_of.iter().copied());
            }
        }
        for peer in released {
            self.give_turn(peer);
        }
    }

    /// When somebody is held back no longer.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let held = self.questions.values().filter(|asked| asked.holds);
        held.filter_map(|asked| asked.last.map(|(sent, _)| sent + self.interval))
            .min()
    }

    /// Forgets a client and what it waits for.
    pub(super) fn forget(&mut self, peer: PeerId) {
        let Some(queue) = self.queues.remove(&peer) else {
            return;
        };
        self.waiting -= queue.commands.len();
        if let Some(turn) = queue.turn {
            self.turns.remove(&turn);
        }
        if let Some((_, Some(question))) = queue.commands.front() {
            self.leave(question, peer);
        }
    }

    /// Takes a client's next command. The one behind it is to be placed then.
    fn take(&mut self, peer: PeerId) -> Option<(Order, Option<Question>)> {
        let queue = self.queues.get_mut(&peer)?;
        if let Some(turn) = queue.turn.take() {
            self.turns.remove(&turn);
        }
        let (order, question) = queue.commands.pop_front()?;
        queue.given = queue.given.max(self.given) + cost(&order.request);
        self.waiting -= 1;
        if let Some(question) = &question {
            self.leave(question, peer);
        }
        Some((order, question))
    }

    fn leave(&mut self, question: &Question, peer: PeerId) {
        if let Some(asked) = self.questions.get_mut(question) {
            asked.next_of.remove(&peer);
            asked.holds &= !asked.next_of.is_empty();
        }
    }

    /// Gives a client that has a new next command its turn, or holds it back.
    fn place(&mut self, now: Instant, peer: PeerId) {
        let next = self.queues.get(&peer).and_then(|queue| queue.commands.front());
        let Some((_, question)) = next else {
            return;
        };
        if let Some(question) = question.clone() {
            self.tidy(now);
            let asked = self.questions.entry(question).or_default();
            asked.next_of.insert(peer);
            // A client that is alone with its question is never held back.
            let was_for_others =
                |(sent, whom): (Instant, Option<PeerId>)| sent + self.interval > now && whom != Some(peer);
            if asked.last.is_some_and(was_for_others) {
                asked.holds = true;
                return;
            }
        }
        self.give_turn(peer);
    }

    fn give_turn(&mut self, peer: PeerId) {
        if let Some(queue) = self.queues.get_mut(&peer)
            && queue.turn.is_none()
        {
            let turn = (queue.given.max(self.given), self.next_turn);
            queue.turn = Some(turn);
            self.turns.insert(turn, peer);
            self.next_turn += 1;
        }
    }

    /// Forgets questions that are of no use any more, before there are too many.
    fn tidy(&mut self, now: Instant) {
        if self.questions.len() >= MAX_QUESTIONS {
            let interval = self.interval;
            self.questions.retain(|_, asked| {
                !asked.next_of.is_empty() || asked.last.is_some_and(|(sent, _)| sent + interval > now)
            });
            if self.questions.len() >= MAX_QUESTIONS {
                // So many different ones are not asked by several clients. To forget one is to send it once too often.
                self.questions.retain(|_, asked| !asked.next_of.is_empty());
            }
        }
    }
}

/// What a command counts for: one, and one more for each KiB.
fn cost(request: &Request) -> u64 {
    1 + (request.arguments.as_ref().map_or(0, String::len) >> 10) as u64
}

/// The question that a command is, if it is one. A long one is no common one, and out of band nothing is shared.
fn question(request: &Request) -> Option<Question> {
    let arguments = request.arguments.as_ref().map_or(0, String::len);
    let is_question = !request.oob && request.name.starts_with("query-") && arguments <= MAX_QUESTION;
    is_question.then(|| Arc::new((request.name.clone(), request.arguments.clone())))
}

/// Bytes of arguments.
const MAX_QUESTION: usize = 1 << 10;
/// Questions that are kept in mind before those of no use are looked for.
const MAX_QUESTIONS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l14_questions_are_not_kept_in_mind_without_end() {
        let mut turns = Turns::new(Duration::from_secs(3600));
        let now = Instant::now();
        for n in 0..10 * MAX_QUESTIONS {
            let request = Request {
                ticket: Ticket::new(0),
                name: format!("query-{n}"),
                arguments: None,
                oob: false,
            };
            let order = Order {
                request,
                fd: None,
                asked: now,
            };
            turns.wait(now, PeerId(1), order);
            assert!(turns.next(now).is_some());
        }
        assert!(turns.questions.len() <= MAX_QUESTIONS);
    }
}
