//! How likely each transition is, and with what in it. Most of the time a connection is in command mode.

use proptest::prelude::*;
use proptest::strategy::Union;
use qmp_proto::{Capability, CapabilitySet, State};

use super::{Stray, To, Transition};
use crate::model::reference::{Attempt, Reference};
use crate::pair::{Link, Side};

pub(super) fn transitions(state: &Reference) -> BoxedStrategy<Transition> {
    let mut choices = vec![
        (7, executions(state)),
        (1, strays(state)),
        (2, Just(Transition::Emit).boxed()),
    ];
    for side in state.open_sides() {
        choices.push((1, Just(Transition::HangUp(side)).boxed()));
    }
    if state.client == State::Closed {
        choices.push((30, links().prop_map(Transition::Connect).boxed()));
    }
    let (executing, waiting) = (state.executing().count(), state.waiting().count());
    if executing > 0 {
        let which = (0..executing, any::<bool>(), 1_usize..6);
        let answer = which.prop_map(|(nth, error, times)| Transition::Answer { nth, error, times });
        choices.push((12, answer.boxed()));
    }
    if waiting > 0 {
        choices.push((2, (0..waiting).prop_map(|nth| Transition::Cancel { nth }).boxed()));
    }
    for to in [Side::Client, Side::Server] {
        let messages = state.in_flight_to(to);
        if messages > 0 {
            let some = (0..=messages, any::<u8>());
            let deliver = some.prop_map(move |(messages, part)| Transition::Deliver { to, messages, part });
            choices.push((5, deliver.boxed()));
            let weight = if state.client == State::Ready { 4 } else { 20 };
            choices.push((weight, Just(Transition::Settle).boxed()));
        }
    }
    Union::new_weighted(choices).boxed()
}

pub(super) fn links() -> impl Strategy<Value = Link> {
    // Most servers grant what they offer.
    let granted = prop_oneof![3 => Just(CapabilitySet::ALL), 1 => capabilities()];
    let early = prop::bool::weighted(0.1);
    (capabilities(), granted, capabilities(), early, 1_usize..64).prop_map(
        |(offered, granted, wanted, early, chunk)| Link {
            offered,
            granted,
            wanted,
            early,
            chunk,
        },
    )
}

fn capabilities() -> impl Strategy<Value = CapabilitySet> {
    let both = prop::sample::subsequence(Capability::ALL.to_vec(), 0..=2);
    prop_oneof![
        1 => Just(CapabilitySet::ALL),
        2 => both.prop_map(|capabilities| capabilities.into_iter().collect()),
    ]
}

/// Most commands are such as may be executed.
fn executions(state: &Reference) -> BoxedStrategy<Transition> {
    let oob = if state.enabled.contains(Capability::Oob) {
        0.3
    } else {
        0.05
    };
    let without_id = if state.enabled.is_empty() { 0.5 } else { 0.05 };
    let weighted = prop::bool::weighted;
    let execution = (weighted(oob), weighted(without_id), weighted(0.05), 1_usize..5);
    execution
        .prop_map(|(oob, without_id, unfit, times)| {
            let attempt = Attempt {
                oob,
                without_id,
                unfit,
            };
            Transition::Execute { attempt, times }
        })
        .boxed()
}

fn strays(state: &Reference) -> BoxedStrategy<Transition> {
    let mut choices = vec![
        (4, Just(Stray::Event).boxed()),
        (1, Just(Stray::Greeting).boxed()),
        (1, Just(Stray::NoJson).boxed()),
        (
            2,
            any::<bool>()
                .prop_map(|error| Stray::Reply { to: None, error })
                .boxed(),
        ),
    ];
    let reply = |(ago, number, error)| Stray::Reply {
        to: Some(To { ago, number }),
        error,
    };
    if state.session > 0 {
        let older = (1..=state.session, 0..state.ids + 9, any::<bool>());
        choices.push((12, older.prop_map(reply).boxed()));
    }
    if state.client == State::Ready {
        let mine = (0..state.ids + 2).filter(|number| state.may_be_forged(*number));
        let mine = prop::sample::select(mine.collect::<Vec<_>>());
        let mine = (Just(0), mine, any::<bool>());
        choices.push((6, mine.prop_map(reply).boxed()));
    }
    Union::new_weighted(choices).prop_map(Transition::Write).boxed()
}
