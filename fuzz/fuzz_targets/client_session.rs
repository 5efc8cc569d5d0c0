//! Attacks: whatever a server sends, each command settles exactly once, as the `sent` of its interruption says, and no more
//! are in flight than may be. The first byte is what is offered and how often negotiation is refused; of the rest,
//! control characters are what the driver does and all else is what the server sends.

#![no_main]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use libfuzzer_sys::fuzz_target;
use qmp_fuzz::{Members, capabilities, greeting};
use qmp_proto::{
    Capability, ClientOptions, ClientSession, Command, CommandId, Input, MAX_IN_BAND_IN_FLIGHT, Output,
    SessionTag, State,
};

fuzz_target!(|data: &[u8]| {
    let Some((&how, steps)) = data.split_first() else {
        return;
    };
    let mut driver = Driver::connect(how);
    for step in steps.chunk_by(|a, b| !is_operation(*a) && !is_operation(*b)) {
        driver.run(step);
    }
    driver.feed(Input::Eof);
    assert_eq!(driver.session.state(), State::Closed);
    assert!(driver.waiting.is_empty(), "never settled: {:?}", driver.waiting);
});

fn is_operation(byte: u8) -> bool {
    (EXECUTE..=EXECUTE_WITHOUT_ID).contains(&byte)
}

struct Driver {
    session: ClientSession<u64>,
    /// Commands that have not settled.
    waiting: BTreeMap<CommandId, Waiting>,
    transmitted: BTreeSet<u64>,
    /// Ids of commands that the server might answer, if they have one.
    unanswered: VecDeque<Option<String>>,
    executed: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Waiting {
    waiter: u64,
    oob: bool,
}

impl Driver {
    fn connect(how: u8) -> Self {
        let mut driver = Self {
            session: ClientSession::new(ClientOptions::new(SessionTag::new(0))),
            waiting: BTreeMap::new(),
            transmitted: BTreeSet::new(),
            unanswered: VecDeque::new(),
            executed: 0,
        };
        let greeting = greeting(capabilities(how)).to_json();
        driver.feed(Input::Bytes(greeting.as_bytes()));
        let mut refusals = how >> 2 & 7;
        while driver.session.state() == State::Negotiating {
            driver.reply(if refusals > 0 { ERROR } else { RETURN }, VecDeque::pop_front);
            refusals = refusals.saturating_sub(1);
        }
        driver
    }

    fn run(&mut self, step: &[u8]) {
        match *step {
            [EXECUTE] => self.execute(Command::new("c")),
            [EXECUTE_OOB] => self.execute(Command::new("c").out_of_band()),
            [EXECUTE_WITHOUT_ID] => self.execute(Command::new("c").without_id()),
            [REPLY_OLDEST] => self.reply(RETURN, VecDeque::pop_front),
            [REPLY_NEWEST] => self.reply(ERROR, VecDeque::pop_back),
            [FORGET_QUEUED] => self.forget_queued(),
            _ => self.feed(Input::Bytes(step)),
        }
    }

    fn execute(&mut self, command: Command<'_>) {
        let waiter = self.executed;
        self.executed += 1;
        let oob = command.oob;
        match self.session.execute(command, waiter) {
            Ok(id) => assert_eq!(self.waiting.insert(id, Waiting { waiter, oob }), None),
            Err((_, back)) => {
                assert_eq!(back, waiter);
                let enabled = self.session.enabled();
                let refused = oob && !enabled.contains(Capability::Oob) || !command.id && !enabled.is_empty();
                assert!(refused || self.session.state() == State::Closed);
            }
        }
        self.drain();
    }

    fn reply(
        &mut self,
        answer: &str,
        which: impl Fn(&mut VecDeque<Option<String>>) -> Option<Option<String>>,
    ) {
        let Some(id) = which(&mut self.unanswered) else {
            return;
        };
        let id = id.map_or_else(String::new, |id| format!(",\"id\":{id}"));
        self.feed(Input::Bytes(format!("{{{answer}{id}}}").as_bytes()));
    }

    /// Every second command is given up, if it is not sent.
    fn forget_queued(&mut self) {
        self.session.retain_queued(|waiter| waiter % 2 == 0);
        let sent = &self.transmitted;
        self.waiting
            .retain(|id, command| sent.contains(&id.number()) || command.waiter % 2 == 0);
        let queued = self.waiting.keys().filter(|id| !sent.contains(&id.number()));
        assert_eq!(queued.count(), self.session.queued());
    }

    fn feed(&mut self, input: Input<'_>) {
        if self.session.handle_input(input).is_err() {
            assert_eq!(self.session.state(), State::Closed);
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Transmit(text) => self.transmit(&text),
                Output::Response { id, waiter, .. } => {
                    assert!(
                        self.transmitted.contains(&id.number()),
                        "a reply to what was not sent"
                    );
                    self.settle(id, waiter);
                }
                Output::Interrupted { id, sent, waiter } => {
                    assert_eq!(self.transmitted.contains(&id.number()), sent);
                    self.settle(id, waiter);
                }
                Output::Event(_) | Output::Greeting(_) | Output::Ready(_) | Output::Unroutable { .. } => {}
            }
        }
        let in_band =
            |(id, command): &(&CommandId, &Waiting)| !command.oob && self.transmitted.contains(&id.number());
        if self.session.enabled().contains(Capability::Oob) {
            assert!(self.waiting.iter().filter(in_band).count() <= MAX_IN_BAND_IN_FLIGHT);
        }
    }

    fn transmit(&mut self, text: &str) {
        let message = Members::of(text).expect("JSON");
        assert_eq!(message.count(&["execute", "exec-oob"]), 1, "{text}");
        let id = message.one("id");
        let number = match id.map(|id| id.trim_end_matches('"').rsplit('-').next().map(str::parse)) {
            Some(Some(Ok(number))) => number,
            // It never waits in the session, so it is the one that was executed last.
            None => self.waiting.keys().last().expect("a command").number(),
            Some(_) => panic!("no id of ours: {text}"),
        };
        assert!(id.is_none_or(|id| id == self.session.wire_id(number)), "{text}");
        assert!(self.transmitted.insert(number), "sent twice: {text}");
        self.unanswered.push_back(id.map(str::to_owned));
    }

    fn settle(&mut self, id: CommandId, waiter: u64) {
        let command = self.waiting.remove(&id).expect("a command that waits");
        assert_eq!(command.waiter, waiter);
    }
}

const EXECUTE: u8 = 0x10;
const EXECUTE_OOB: u8 = 0x11;
const REPLY_OLDEST: u8 = 0x12;
const REPLY_NEWEST: u8 = 0x13;
const FORGET_QUEUED: u8 = 0x14;
const EXECUTE_WITHOUT_ID: u8 = 0x15;

const RETURN: &str = "\"return\":{}";
const ERROR: &str = "\"error\":{\"class\":\"GenericError\",\"desc\":\"\"}";
