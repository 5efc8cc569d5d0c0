//! Cases that have a name.

use qmp_proto::{Capability, CommandId, MAX_IN_BAND_IN_FLIGHT, ProtocolError, State};

use super::*;

const ECHO: Command<'_> = Command::new("echo");
const OOB: CapabilitySet = CapabilitySet::NONE.with(Capability::Oob);

/// Everything offered, granted and wanted, byte by byte.
const LINK: Link = Link {
    offered: CapabilitySet::ALL,
    granted: CapabilitySet::ALL,
    wanted: CapabilitySet::ALL,
    early: false,
    chunk: 1,
};

impl Pair {
    /// A connection with these capabilities, in command mode.
    fn ready(capabilities: CapabilitySet) -> Self {
        let wanted = capabilities;
        let mut pair = Self::connect(1, Link { wanted, ..LINK });
        pair.settle();
        assert_eq!(pair.take_told().last(), Some(&Told::Ready(wanted)));
        pair
    }

    /// The client executes that many commands, and the server has them.
    fn execute_all(&mut self, count: usize) {
        for waiter in 0..count {
            self.execute(ECHO, waiter).unwrap();
        }
        self.settle();
    }

    /// The waiters that got their replies, in this order.
    fn replied(&mut self) -> Vec<usize> {
        let told = self.take_told().into_iter().filter_map(|told| match told {
            Told::Response { waiter, .. } => Some(waiter),
            _ => None,
        });
        told.collect()
    }

    /// The waiters that were interrupted, in this order, and whether their commands had been sent.
    fn interrupted(&mut self) -> Vec<(usize, bool)> {
        let told = self.take_told().into_iter().filter_map(|told| match told {
            Told::Interrupted { waiter, sent, .. } => Some((waiter, sent)),
            _ => None,
        });
        told.collect()
    }

    /// A server that is not ours writes something, and it arrives.
    fn hear(&mut self, text: &str) {
        self.write(text);
        self.settle();
    }
}

#[test]
fn with_async_a_reply_goes_out_when_it_is_there() {
    let mut pair = Pair::ready(CapabilitySet::ALL);
    pair.execute_all(3);
    for waiter in (0..3).rev() {
        pair.answer(waiter, false);
        pair.settle();
        assert_eq!(pair.replied(), [waiter]);
    }
}

#[test]
fn without_async_replies_wait_for_those_before_them() {
    let mut pair = Pair::ready(CapabilitySet::NONE);
    pair.execute_all(3);
    for waiter in (0..3).rev() {
        assert!(pair.replied().is_empty());
        pair.answer(waiter, false);
        pair.settle();
    }
    assert_eq!(pair.replied(), [0, 1, 2]);
}

#[test]
fn out_of_band_overtakes_even_a_full_queue() {
    let mut pair = Pair::ready(OOB);
    pair.execute_all(20);
    let executing = pair.executing.len();
    assert_eq!(executing, MAX_IN_BAND_IN_FLIGHT, "more in flight than QEMU reads");
    pair.execute(ECHO.out_of_band(), 20).unwrap();
    pair.settle();
    assert!(pair.executing[&20].oob);
    pair.answer(20, false);
    pair.settle();
    assert_eq!(pair.replied(), [20], "it waited for the others");
}

#[test]
fn what_was_sent_may_have_run_and_what_waited_has_not() {
    let mut pair = Pair::ready(OOB);
    pair.execute_all(10);
    pair.hang_up(Side::Client);
    let interrupted: Vec<_> = (0..10).map(|waiter| (waiter, waiter < 8)).collect();
    assert_eq!(pair.interrupted(), interrupted);
}

#[test]
fn a_reply_out_of_order_is_told_with_both_commands() {
    let mut pair = Pair::ready(CapabilitySet::NONE);
    pair.execute_all(2);
    let id = pair.client.wire_id(2);
    pair.hear(&format!("{{\"return\": {{}}, \"id\": {id}}}"));
    assert_eq!(pair.fault, Some(Fault::OutOfOrder { expected: 1, got: 2 }));
    // Both were sent, and neither is answered: the session cannot tell what the reply was worth.
    assert_eq!(pair.interrupted(), [(1, true), (0, true)]);
}

#[test]
fn a_reply_without_id_is_nobodys_unless_one_waits_for_it() {
    let mut pair = Pair::ready(CapabilitySet::NONE);
    pair.execute_all(1);
    pair.take_told();
    pair.hear("{\"return\": {}}");
    assert_eq!(pair.take_told(), [Told::Unroutable(None)]);
    pair.hear("{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}");
    assert_eq!(pair.fault, Some(Fault::ServerParse));
}

#[test]
fn a_command_without_id_is_not_called_by_one() {
    let mut pair = Pair::ready(CapabilitySet::NONE);
    pair.execute(ECHO.without_id(), 0).unwrap();
    pair.settle();
    let id = pair.client.wire_id(1);
    pair.take_told();
    pair.hear(&format!("{{\"return\": {{}}, \"id\": {id}}}"));
    assert_eq!(pair.take_told(), [Told::Unroutable(Some(id))]);
    pair.hear("{\"return\": {}}");
    assert_eq!(pair.replied(), [0]);
}

#[test]
fn what_the_last_client_left_running_is_nobodys() {
    let mut last = Pair::ready(CapabilitySet::ALL);
    last.execute_all(1);
    last.hang_up(Side::Client);
    last.hang_up(Side::Server);
    last.answer(0, false);
    assert!(last.to_client.is_empty());
    // QEMU gives the reply to the next client, before it answers that one's negotiation.
    let id = last.client.wire_id(1);
    let mut next = Pair::connect(2, LINK);
    next.hear(&format!("{{\"return\": {{}}, \"id\": {id}}}"));
    assert!(next.take_told().contains(&Told::Unroutable(Some(id))));
    assert_eq!(next.client.state(), State::Ready);
}

#[test]
fn a_refusal_of_the_bare_command_ends_the_session() {
    let mut pair = Pair::connect(1, LINK);
    pair.deliver(Side::Client, 1, 0);
    for number in 0..5 {
        assert_eq!(pair.client.state(), State::Negotiating);
        let id = pair.client.wire_id(number);
        pair.lose();
        pair.write(&format!(
            "{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"\"}}, \"id\": {id}}}"
        ));
        pair.deliver(Side::Client, 1, 0);
    }
    assert_eq!(pair.fault, Some(Fault::Refused));
    assert_eq!(pair.client.state(), State::Closed);
}

#[test]
fn before_the_greeting_what_is_meant_for_a_client_before_is_let_go() {
    let mut pair = Pair::connect(1, Link { early: true, ..LINK });
    pair.deliver(Side::Client, 1, 0);
    assert!(pair.take_told().is_empty());
    assert_eq!(pair.client.state(), State::AwaitGreeting);
    pair.lose();
    pair.hear("{\"return\": {}, \"id\": 1}");
    assert_eq!(pair.take_told(), [Told::Unroutable(Some("1".into()))]);
}

#[test]
fn an_id_is_needed_where_replies_may_overtake() {
    let mut pair = Pair::ready(OOB);
    let refused = pair.execute(ECHO.without_id(), 0);
    assert_eq!(refused, Err(ExecuteError::IdNeeded));
}

#[test]
fn a_reply_that_others_have_read_settles_its_command_all_the_same() {
    let mut pair = Pair::ready(OOB);
    pair.execute_all(MAX_IN_BAND_IN_FLIGHT + 1);
    assert_eq!(pair.client.queued(), 1);
    assert_eq!(pair.client.take_reply(0), Ok(None), "that of negotiation");
    assert_eq!(pair.client.take_reply(1), Ok(Some(0)));
    assert_eq!(pair.client.take_reply(1), Ok(None), "twice");
    assert_eq!(pair.client.queued(), 0, "its place is free");
    let expected = pair.client.take_reply(3).unwrap_err();
    assert!(
        matches!(expected, ProtocolError::OutOfOrder { expected, got } if (expected.number(), got.number()) == (2, 3))
    );
    assert_eq!(pair.client.state(), State::Closed);
    pair.drain();
    let interrupted: Vec<usize> = pair.interrupted().into_iter().map(|(waiter, _)| waiter).collect();
    assert_eq!(interrupted, [2, 1, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn what_is_not_sent_yet_can_be_taken_back_and_what_is_sent_cannot() {
    let mut pair = Pair::ready(OOB);
    pair.execute_all(MAX_IN_BAND_IN_FLIGHT + 1);
    let all: Vec<CommandId> = pair.client.waiters_mut().map(|(id, _)| id).collect();
    let (first, last) = (all[0], all[MAX_IN_BAND_IN_FLIGHT]);
    assert_eq!(pair.client.withdraw(first), None);
    assert_eq!(pair.client.withdraw(last), Some(8));
    assert_eq!(pair.client.withdraw(last), None, "twice");
    assert_eq!(pair.client.in_flight_mut(first), Some(&mut 0));
    assert_eq!(pair.client.in_flight_mut(last), None);
    assert_eq!(pair.client.waiters_mut().count(), MAX_IN_BAND_IN_FLIGHT);
}

#[test]
fn a_narrower_window_is_kept() {
    let mut session = ClientSession::new(ClientOptions {
        wanted: CapabilitySet::NONE,
        window: 1,
        ..ClientOptions::new(SessionTag::new(1))
    });
    let hear = |session: &mut ClientSession<usize>, text: &str| {
        session.handle_input(Input::Bytes(text.as_bytes())).unwrap();
        let mut sent = 0;
        while let Some(output) = session.poll_output() {
            sent += usize::from(matches!(output, Output::Transmit(_)));
        }
        sent
    };
    assert_eq!(hear(&mut session, &greeting(OOB).to_json()), 1);
    let reply = |session: &ClientSession<usize>, number: u64| {
        format!("{{\"return\": {{}}, \"id\": {}}}", session.wire_id(number))
    };
    let negotiated = reply(&session, 0);
    hear(&mut session, &negotiated);
    for waiter in 0..3 {
        session.execute(ECHO, waiter).unwrap();
    }
    // Nothing comes; what was executed is looked at.
    assert_eq!((hear(&mut session, ""), session.queued()), (1, 2));
    for (number, sent) in [(1, 1), (2, 1), (3, 0)] {
        let reply = reply(&session, number);
        assert_eq!(hear(&mut session, &reply), sent);
    }
}
