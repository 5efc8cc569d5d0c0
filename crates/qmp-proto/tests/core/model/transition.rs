//! What can happen, and what of it can happen when. Commands go by their place among those that it can happen to, so
//! that a failing run still makes sense with parts left out.

mod strategies;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use qmp_proto::{ServerState, State};

use super::reference::{AtClient, AtServer, Attempt, Reference, ToClient, id};
use crate::pair::{Link, Side};

#[derive(Clone, Debug)]
pub(crate) enum Transition {
    /// The server has executed a command of this or of an earlier connection, and some of those behind it.
    Answer { nth: usize, error: bool, times: usize },
    /// Whoever waits for a command gives up.
    Cancel { nth: usize },
    /// Another connection.
    Connect(Link),
    /// Whole messages arrive, and of the next one a part, in 256ths.
    Deliver { to: Side, messages: usize, part: u8 },
    /// The server tells of an event.
    Emit,
    /// The client executes a command, or is refused.
    Execute { attempt: Attempt, times: usize },
    /// One side hears that the connection has ended.
    HangUp(Side),
    /// Everything arrives, until nothing is in flight.
    Settle,
    /// The server is none of ours and writes this too.
    Write(Stray),
}

/// What only others write.
#[derive(Clone, Debug)]
pub(crate) enum Stray {
    /// An event, perhaps while capabilities are still negotiated.
    Event,
    /// A second greeting.
    Greeting,
    NoJson,
    /// A reply, such as QEMU gives to a command that its last client left running.
    Reply {
        to: Option<To>,
        error: bool,
    },
}

/// The command of an id, which may never have been.
#[derive(Clone, Copy, Debug)]
pub(crate) struct To {
    /// How many connections ago.
    pub(super) ago: u64,
    pub(super) number: u64,
}

impl Stray {
    /// What is told by a reply to nobody.
    pub(super) const TOLD: &str = "-1";
}

impl ReferenceStateMachine for Reference {
    type State = Self;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Self> {
        strategies::links().prop_map(Self::connect).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Transition> {
        strategies::transitions(state)
    }

    fn preconditions(state: &Self, transition: &Transition) -> bool {
        match transition {
            Transition::Answer { nth, .. } => *nth < state.executing().count(),
            Transition::Cancel { nth } => *nth < state.waiting().count(),
            Transition::Connect(_) => state.client == State::Closed,
            Transition::HangUp(side) => state.open_sides().any(|open| open == *side),
            Transition::Deliver { to, messages, .. } => *messages <= state.in_flight_to(*to),
            Transition::Write(Stray::Reply { to, .. }) => match to {
                Some(To { ago: 0, number }) => state.may_be_forged(*number),
                Some(To { ago, .. }) => *ago <= state.session,
                None => true,
            },
            _ => true,
        }
    }

    fn apply(mut state: Self, transition: &Transition) -> Self {
        state.told.clear();
        state.executed.clear();
        state.fault = None;
        match *transition {
            Transition::Answer { nth, error, times } => {
                for _ in 0..times {
                    let waiter = state.executing().nth(nth);
                    waiter.into_iter().for_each(|waiter| state.answer(waiter, error));
                }
            }
            Transition::Cancel { nth } => {
                let waiter = state.waiting().nth(nth).expect("a command that waits");
                state.cancel(waiter);
            }
            Transition::Connect(link) => return state.reconnect(link),
            Transition::Deliver { to, messages, .. } => {
                (0..messages).for_each(|_| {
                    state.reads_next(to);
                });
            }
            Transition::Emit if state.server == ServerState::Ready => state.emit(),
            Transition::Emit => {}
            Transition::Execute { attempt, times } => (0..times).for_each(|_| state.execute(attempt)),
            Transition::HangUp(Side::Client) => state.close_client(),
            Transition::HangUp(Side::Server) => state.server = ServerState::Closed,
            Transition::Settle => {
                while !state.to_server.is_empty() || !state.to_client.is_empty() {
                    while state.reads_next(Side::Server) {}
                    while state.reads_next(Side::Client) {}
                }
            }
            Transition::Write(Stray::Event) => state.emit(),
            Transition::Write(Stray::Greeting) => state.to_client.push_back(ToClient::Greeting),
            Transition::Write(Stray::NoJson) => state.to_client.push_back(ToClient::NoJson),
            Transition::Write(Stray::Reply { to, error }) => {
                let id = to.map(|To { ago, number }| id(state.session - ago, number));
                let told = Stray::TOLD.to_owned();
                let result = if error { Err(told) } else { Ok(told) };
                state.to_client.push_back(ToClient::Reply { id, result });
            }
        }
        state
    }
}

impl Reference {
    /// The commands that the server executes, those of earlier connections too.
    pub(super) fn executing(&self) -> impl Iterator<Item = usize> {
        self.waiters(|command| command.server == AtServer::Executing)
    }

    /// The commands that have no outcome yet.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> {
        self.waiters(|command| command.client != AtClient::Settled)
    }

    fn open_sides(&self) -> impl Iterator<Item = Side> {
        let client = (self.client != State::Closed).then_some(Side::Client);
        let server = (self.server != ServerState::Closed).then_some(Side::Server);
        client.into_iter().chain(server)
    }

    /// Whether a stranger may reply to this id of ours. About what was negotiated there is nobody who could.
    fn may_be_forged(&self, number: u64) -> bool {
        let mine = self.waiters(|command| command.session == self.session);
        let first = mine.map(|waiter| self.commands[waiter].number).next();
        self.client == State::Ready && number >= first.unwrap_or(self.ids)
    }

    fn in_flight_to(&self, side: Side) -> usize {
        match side {
            Side::Client => self.to_client.len(),
            Side::Server => self.to_server.len(),
        }
    }

    /// The next message in flight arrives, if there is one.
    fn reads_next(&mut self, side: Side) -> bool {
        let read = match side {
            Side::Client => self
                .to_client
                .pop_front()
                .map(|message| self.client_reads(message)),
            Side::Server => self
                .to_server
                .pop_front()
                .map(|message| self.server_reads(message)),
        };
        read.is_some()
    }

    fn emit(&mut self) {
        self.to_client.push_back(ToClient::Event(self.events));
        self.events += 1;
    }
}
