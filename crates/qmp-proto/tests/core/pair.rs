//! Our client against our server, in memory: random commands, replies in random order, chunks of random size.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qmp_proto::{
    Capability, CapabilitySet, ClientOptions, ClientSession, Command, CommandId, ErrorResponse, Event,
    ExecuteError, Greeting, Input, Json, Limits, Output, ProtocolError, Request, ServerInput, ServerOptions,
    ServerOutput, ServerSession, SessionTag, Version,
};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Operation {
    Execute {
        oob: bool,
        id: bool,
    },
    /// The server answers one of the commands that it executes: which, and whether with an error.
    Answer {
        which: prop::sample::Index,
        error: bool,
    },
    /// The server tells of an event.
    Emit,
}

/// Two sessions and the pipes between them.
struct Pair {
    client: ClientSession<u64>,
    server: ServerSession,
    chunk: usize,
    executing: Vec<Request>,
    /// The number that each command took with it, to be found again in its reply.
    sent: BTreeMap<CommandId, u64>,
    settled: Vec<CommandId>,
    answered: Vec<u64>,
    emitted: u64,
    seen: u64,
}

impl Pair {
    fn connect(offered: CapabilitySet, wanted: CapabilitySet, chunk: usize) -> Self {
        let capabilities = offered.names().map(str::to_owned).collect();
        let greeting = Greeting {
            version: Version {
                major: 10,
                ..Version::default()
            },
            capabilities,
        };
        let mut pair = Self {
            client: ClientSession::new(ClientOptions {
                wanted,
                ..ClientOptions::new(SessionTag::new(1))
            }),
            server: ServerSession::new(ServerOptions {
                greeting,
                limits: Limits::CLIENT,
            }),
            chunk,
            executing: vec![],
            sent: BTreeMap::new(),
            settled: vec![],
            answered: vec![],
            emitted: 0,
            seen: 0,
        };
        pair.settle();
        assert_eq!(pair.client.enabled(), offered.and(wanted));
        pair
    }

    /// Carries everything from end to end until nothing moves.
    fn settle(&mut self) {
        loop {
            let mut moved = false;
            while let Some(output) = self.server.poll_output() {
                moved = true;
                match output {
                    ServerOutput::Transmit(text) => {
                        for piece in format!("{text}\r\n").as_bytes().chunks(self.chunk) {
                            self.client.handle_input(Input::Bytes(piece)).unwrap();
                        }
                    }
                    ServerOutput::Execute(request) => self.executing.push(request),
                    ServerOutput::Ready(_) => {}
                }
            }
            while let Some(output) = self.client.poll_output() {
                moved = true;
                self.client_output(output);
            }
            if !moved {
                return;
            }
        }
    }

    fn client_output(&mut self, output: Output<u64>) {
        match output {
            Output::Transmit(text) => {
                for piece in text.as_bytes().chunks(self.chunk) {
                    self.server.handle_input(ServerInput::Bytes(piece)).unwrap();
                }
            }
            Output::Response { id, result, waiter } => {
                let number = self.sent.remove(&id).expect("a reply to a command that waits");
                assert_eq!(waiter, number);
                let told = match result {
                    Ok(value) => String::from(value),
                    Err(error) => error.desc,
                };
                assert_eq!(told, number.to_string(), "the reply of another command");
                self.settled.push(id);
            }
            Output::Interrupted { id, .. } => {
                self.sent
                    .remove(&id)
                    .expect("an interruption of a command that waits");
                self.settled.push(id);
            }
            Output::Event(event) => {
                assert_eq!(
                    event.data.unwrap().as_str(),
                    self.seen.to_string(),
                    "an event out of order"
                );
                self.seen += 1;
            }
            Output::Greeting(_) | Output::Ready(_) => {}
            Output::Unroutable { id } => panic!("unroutable: {id:?}"),
        }
    }

    fn run(&mut self, operation: &Operation) {
        match operation {
            Operation::Execute { oob, id } => {
                let number = self.sent.len() as u64 + self.settled.len() as u64;
                let arguments = format!("{{\"n\":{number}}}");
                let oob = *oob && self.client.enabled().contains(Capability::Oob);
                let command = Command {
                    name: "echo",
                    arguments: Some(&arguments),
                    oob,
                    id: *id || !self.client.enabled().is_empty(),
                };
                let id = self.client.execute(command, number).unwrap();
                self.sent.insert(id, number);
            }
            Operation::Answer { which, error } if !self.executing.is_empty() => {
                let request = self.executing.remove(which.index(self.executing.len()));
                let number = request
                    .arguments
                    .unwrap()
                    .replace(|c: char| !c.is_ascii_digit(), "");
                let value = Json::parse(&number).unwrap();
                let reply = if *error {
                    Err(ErrorResponse::generic(number.clone()))
                } else {
                    Ok(value)
                };
                self.answered.push(number.parse().unwrap());
                self.server.respond(request.ticket, reply);
            }
            Operation::Answer { .. } => {}
            Operation::Emit => {
                let data = Json::parse(&self.emitted.to_string()).unwrap();
                self.emitted += 1;
                self.server.emit(&Event {
                    timestamp: None,
                    name: "TICK".into(),
                    data: Some(data),
                });
            }
        }
        self.settle();
    }
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(
        prop_oneof![
            4 => any::<(bool, bool)>().prop_map(|(oob, id)| Operation::Execute { oob, id }),
            4 => (any::<prop::sample::Index>(), any::<bool>())
                .prop_map(|(which, error)| Operation::Answer { which, error }),
            1 => Just(Operation::Emit),
        ],
        0..60,
    )
}

fn capabilities() -> impl Strategy<Value = CapabilitySet> {
    prop::collection::vec(prop::sample::select(Capability::ALL.to_vec()), 0..3)
        .prop_map(|capabilities| capabilities.into_iter().collect())
}

proptest! {
    /// Each command settles exactly once with its own reply, each event arrives in its turn, whatever was negotiated.
    #[test]
    fn every_command_settles_once(
        offered in capabilities(),
        wanted in capabilities(),
        chunk in 1_usize..40,
        operations in operations(),
    ) {
        let mut pair = Pair::connect(offered, wanted, chunk);
        let commands = operations.iter().filter(|o| matches!(o, Operation::Execute { .. })).count();
        operations.iter().for_each(|operation| pair.run(operation));
        prop_assert_eq!(pair.seen, pair.emitted);

        pair.client.handle_input(Input::Eof).unwrap();
        pair.settle();
        prop_assert!(pair.sent.is_empty(), "never settled: {:?}", pair.sent);
        let mut once = pair.settled.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), commands);
        prop_assert_eq!(pair.settled.len(), commands);
    }
}

#[test]
fn with_async_a_reply_goes_out_when_it_is_there() {
    let mut pair = Pair::connect(CapabilitySet::ALL, CapabilitySet::ALL, 1);
    (0..3).for_each(|_| pair.run(&Operation::Execute { oob: false, id: true }));
    for last in (0..3).rev() {
        let request = pair.executing.remove(last);
        pair.server
            .respond(request.ticket, Ok(Json::parse(&last.to_string()).unwrap()));
        pair.settle();
    }
    let order: Vec<u64> = pair.settled.iter().map(|id| id.number()).collect();
    assert!(order.is_sorted_by(|a, b| a > b), "{order:?}");
}

#[test]
fn without_async_replies_wait_for_those_before_them() {
    let mut pair = Pair::connect(CapabilitySet::ALL, CapabilitySet::NONE, 1);
    (0..3).for_each(|_| pair.run(&Operation::Execute { oob: false, id: true }));
    for last in (0..3).rev() {
        assert_eq!(pair.settled, []);
        let request = pair.executing.remove(last);
        pair.server
            .respond(request.ticket, Ok(Json::parse(&last.to_string()).unwrap()));
        pair.settle();
    }
    assert!(pair.settled.is_sorted(), "{:?}", pair.settled);
    assert_eq!(pair.settled.len(), 3);
}

#[test]
fn out_of_band_overtakes_even_a_full_queue() {
    let mut pair = Pair::connect(CapabilitySet::ALL, CapabilitySet::NONE.with(Capability::Oob), 1);
    (0..20).for_each(|_| pair.run(&Operation::Execute { oob: false, id: true }));
    assert_eq!(
        pair.executing.len(),
        qmp_proto::MAX_IN_BAND_IN_FLIGHT,
        "more in flight than QEMU reads"
    );
    pair.run(&Operation::Execute { oob: true, id: true });
    let urgent = pair.executing.pop().unwrap();
    assert!(urgent.oob);
    pair.server.respond(urgent.ticket, Ok(Json::parse("20").unwrap()));
    pair.settle();
    assert_eq!(pair.settled.len(), 1, "it waited for the others");
}

#[test]
fn a_reply_out_of_order_is_told_with_both_commands() {
    let mut pair = Pair::connect(CapabilitySet::NONE, CapabilitySet::NONE, 1);
    (0..2).for_each(|_| pair.run(&Operation::Execute { oob: false, id: true }));
    let reply = format!("{{\"return\": {{}}, \"id\": {}}}", pair.client.wire_id(2));
    let error = pair
        .client
        .handle_input(Input::Bytes(reply.as_bytes()))
        .unwrap_err();
    let ProtocolError::OutOfOrder { expected, got } = error else {
        panic!("{error}")
    };
    assert_eq!((expected.number(), got.number()), (1, 2));
    // Both were sent, and neither is answered: the session cannot tell what the reply was worth.
    pair.settle();
    assert_eq!(pair.settled.len(), 2);
}

#[test]
fn a_reply_without_id_is_nobodys_unless_one_waits_for_it() {
    let mut pair = Pair::connect(CapabilitySet::NONE, CapabilitySet::NONE, 1);
    pair.run(&Operation::Execute { oob: false, id: true });
    pair.client
        .handle_input(Input::Bytes(b"{\"return\": {}}"))
        .unwrap();
    assert!(matches!(
        pair.client.poll_output(),
        Some(Output::Unroutable { id: None })
    ));
    let refused = b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}";
    let error = pair.client.handle_input(Input::Bytes(refused)).unwrap_err();
    assert!(matches!(error, ProtocolError::ServerParse(_)), "{error}");
}

#[test]
fn an_id_is_needed_where_replies_may_overtake() {
    let mut pair = Pair::connect(CapabilitySet::ALL, CapabilitySet::NONE.with(Capability::Oob), 1);
    let refused = pair.client.execute(Command::new("x").without_id(), 0);
    assert_eq!(refused, Err((ExecuteError::IdNeeded, 0)));
}
