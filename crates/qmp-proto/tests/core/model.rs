//! Our two sides against a model of the protocol: whatever happens, in whatever order, the client tells exactly what the
//! model says, and what the server has to do is the same too.

mod reference;
mod transition;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use qmp_proto::{Capability, CapabilitySet, Command, ExecuteError, ServerState, State};
use serde_json::json;

use self::reference::{AtServer, Reference};
use self::transition::{Stray, To, Transition};
use crate::pair::{Link, Pair, Side, Told, event, greeting};

prop_state_machine! {
    #![proptest_config(ProptestConfig::with_cases(2500))]

    /// Each command settles once with its own reply, each event arrives in its turn, and nothing of one connection
    /// touches another, whatever was negotiated, wherever the bytes are cut and whenever a connection ends.
    #[test]
    fn a_client_and_a_server_do_what_the_protocol_says(sequential 1..80 => Sessions);
}

/// All connections of one client, the last of them open.
struct Sessions {
    pairs: Vec<Pair>,
    /// Commands that have no outcome yet, by waiter.
    waiting: BTreeSet<usize>,
    /// Every id that was ever written.
    ids: BTreeSet<String>,
    executed: usize,
    events: u64,
    outcomes: Vec<Result<u64, ExecuteError>>,
}

impl StateMachineTest for Sessions {
    type SystemUnderTest = Self;
    type Reference = Reference;

    fn init_test(reference: &Reference) -> Self {
        Self {
            pairs: vec![Pair::connect(0, reference.link)],
            waiting: BTreeSet::new(),
            ids: BTreeSet::new(),
            executed: 0,
            events: 0,
            outcomes: vec![],
        }
    }

    fn apply(mut sessions: Self, reference: &Reference, transition: Transition) -> Self {
        sessions.run(&transition);
        let told = sessions.pair().take_told();
        sessions.keep_account(&told);
        assert_eq!(told, reference.told, "after {transition:?}");
        assert_eq!(sessions.pair().fault.take(), reference.fault);
        assert_eq!(std::mem::take(&mut sessions.outcomes), reference.executed);
        sessions
    }

    fn check_invariants(sessions: &Self, reference: &Reference) {
        let (pair, before) = sessions.pairs.split_last().unwrap();
        assert_eq!(pair.client.state(), reference.client);
        assert_eq!(pair.client.enabled(), reference.enabled);
        assert_eq!(pair.server.state(), reference.server);
        assert_eq!(pair.to_client.len(), reference.to_client.len());
        assert_eq!(pair.to_server.len(), reference.to_server.len());
        assert_eq!(pair.client.queued(), reference.queued().count());
        assert!(sessions.waiting.iter().copied().eq(reference.waiting()));
        assert!(sessions.executing().eq(reference.executing()));
        if reference.enabled.contains(Capability::Oob) {
            assert!(reference.in_band_in_flight().count() <= 8);
        }
        if reference.client == State::Closed {
            assert!(sessions.waiting.is_empty(), "never settled");
        }
        if reference.server != ServerState::Closed {
            let pending = reference.waiters(|command| {
                command.session == reference.session
                    && matches!(command.server, AtServer::Executing | AtServer::Answered(_))
            });
            assert_eq!(pair.server.pending(), pending.count());
        }
        // What ended says nothing any more.
        let silent = |pair: &Pair| pair.to_client.is_empty() && pair.to_server.is_empty();
        assert!(before.iter().all(silent));
    }

    /// In the end every command has its outcome, and what still executes is answered to nobody.
    fn teardown(mut sessions: Self, mut reference: Reference) {
        let end = Transition::HangUp(Side::Client);
        reference = Reference::apply(reference, &end);
        sessions = Self::apply(sessions, &reference, end);
        sessions.pair().hang_up(Side::Server);
        let in_flight = sessions.pair().to_client.len();
        for waiter in sessions.executing().collect::<Vec<_>>() {
            sessions.answer(waiter, false);
        }
        assert_eq!(sessions.pair().to_client.len(), in_flight);
        assert!(sessions.pairs.iter_mut().all(|pair| pair.take_told().is_empty()));
        assert!(sessions.waiting.is_empty(), "never settled");
    }
}

impl Sessions {
    fn run(&mut self, transition: &Transition) {
        match *transition {
            Transition::Answer { nth, error, times } => {
                for _ in 0..times {
                    let waiter = self.executing().nth(nth);
                    waiter.into_iter().for_each(|waiter| self.answer(waiter, error));
                }
            }
            Transition::Cancel { nth } => self.cancel(nth),
            Transition::Connect(link) => self.reconnect(link),
            Transition::Deliver { to, messages, part } => self.pair().deliver(to, messages, part),
            Transition::Emit => {
                let number = self.events;
                let ready = self.pair().server.state() == ServerState::Ready;
                self.events += u64::from(ready);
                self.pair().emit(number);
            }
            Transition::Execute { attempt, times } => {
                let command = Command {
                    arguments: attempt.unfit.then_some("[]"),
                    oob: attempt.oob,
                    id: !attempt.without_id,
                    ..Command::new("echo")
                };
                (0..times).for_each(|_| self.execute(command));
            }
            Transition::HangUp(side) => self.pair().hang_up(side),
            Transition::Settle => self.pair().settle(),
            Transition::Write(ref stray) => self.write(stray),
        }
    }

    fn execute(&mut self, command: Command<'_>) {
        let waiter = self.executed;
        let outcome = self.pair().execute(command, waiter);
        if outcome.is_ok() {
            self.executed += 1;
            self.waiting.insert(waiter);
        }
        self.outcomes.push(outcome);
    }

    fn answer(&mut self, waiter: usize, error: bool) {
        let mut pairs = self.pairs.iter_mut();
        let pair = pairs.find(|pair| pair.executing.contains_key(&waiter)).unwrap();
        pair.answer(waiter, error);
    }

    fn cancel(&mut self, nth: usize) {
        let waiter = *self.waiting.iter().nth(nth).unwrap();
        let queued = self.pair().client.queued();
        self.pair().cancel(waiter);
        if self.pair().client.queued() < queued {
            self.waiting.remove(&waiter);
        }
    }

    /// What was in flight is lost, and the server hears of the end, if it has not before.
    fn reconnect(&mut self, link: Link) {
        self.pair().lose();
        self.pair().hang_up(Side::Server);
        self.pairs.push(Pair::connect(self.pairs.len() as u64, link));
    }

    fn write(&mut self, stray: &Stray) {
        let text = match stray {
            Stray::Event => {
                self.events += 1;
                event(self.events - 1).to_json()
            }
            Stray::Greeting => greeting(CapabilitySet::NONE).to_json(),
            Stray::NoJson => "]".to_owned(),
            Stray::Reply { to, error } => {
                let told = Stray::TOLD;
                let mut reply = if *error {
                    json!({ "error": { "class": "GenericError", "desc": told } })
                } else {
                    json!({ "return": -1 })
                };
                if let Some(To { ago, number }) = *to {
                    let session = self.pairs.len() as u64 - 1 - ago;
                    reply["id"] = reference::id(session, number).into();
                }
                reply.to_string()
            }
        };
        self.pair().write(&text);
    }

    /// Nothing settles twice, and no id is used twice, in the client's whole lifetime.
    fn keep_account(&mut self, told: &[Told]) {
        for told in told {
            match told {
                Told::Interrupted { waiter, .. } | Told::Response { waiter, .. } => {
                    assert!(self.waiting.remove(waiter), "settled twice: {told:?}");
                }
                Told::Transmit(message) => {
                    if let Some(id) = message["id"].as_str() {
                        assert!(self.ids.insert(id.to_owned()), "used twice: {id}");
                    }
                }
                _ => {}
            }
        }
    }

    /// What is executed, by waiter.
    fn executing(&self) -> impl Iterator<Item = usize> {
        self.pairs.iter().flat_map(|pair| pair.executing.keys().copied())
    }

    fn pair(&mut self) -> &mut Pair {
        self.pairs.last_mut().expect("there is always one")
    }
}
