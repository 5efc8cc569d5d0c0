//! The protocol as docs/protocol.md tells it, with as little machinery as possible: a list of all commands ever executed,
//! where each of them is, and what is in flight.

mod client;
mod server;

use std::collections::VecDeque;

use qmp_proto::{Capability, CapabilitySet, ExecuteError, ServerState, SessionTag, State};

use crate::pair::{Answer, Fault, Link, Told};

/// Both sides, and every command of the client's lifetime, by waiter.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(super) link: Link,
    /// Connections before this one.
    pub(super) session: u64,
    pub(super) client: State,
    pub(super) enabled: CapabilitySet,
    pub(super) server: ServerState,
    pub(super) commands: Vec<Command>,
    pub(super) to_client: VecDeque<ToClient>,
    pub(super) to_server: VecDeque<ToServer>,
    /// Ids that this session has used.
    pub(super) ids: u64,
    /// What is left to ask for; the first is being asked for.
    rungs: VecDeque<Rung>,
    pub(super) events: u64,
    /// What came of the last transition.
    pub(super) told: Vec<Told>,
    pub(super) fault: Option<Fault>,
    pub(super) executed: Vec<Result<u64, ExecuteError>>,
}

/// What a command is executed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(super) oob: bool,
    pub(super) without_id: bool,
    /// With arguments that are none.
    pub(super) unfit: bool,
}

/// A command, as the client sees it and as the server does.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) session: u64,
    pub(super) number: u64,
    pub(super) oob: bool,
    /// The id that it is sent with.
    pub(super) id: Option<String>,
    pub(super) client: AtClient,
    pub(super) server: AtServer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtClient {
    Queued,
    InFlight,
    /// It has its outcome, or was given up before it was sent.
    Settled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AtServer {
    Unseen,
    Executing,
    /// The reply is there and waits for its turn.
    Answered(Answer),
    Replied,
}

/// What is in flight to the client.
#[derive(Clone, Debug)]
pub(super) enum ToClient {
    Event(u64),
    Greeting,
    NoJson,
    Reply { id: Option<String>, result: Answer },
}

/// What is in flight to the server.
#[derive(Clone, Debug)]
pub(super) enum ToServer {
    Command(usize),
    Negotiate { id: String, asked: CapabilitySet },
}

/// The argument of one `qmp_capabilities`.
#[derive(Clone, Copy, Debug)]
struct Rung(&'static str, &'static [Capability]);

impl Reference {
    pub(super) fn connect(link: Link) -> Self {
        let early = link.early.then_some(ToClient::Event(0));
        Self {
            link,
            session: 0,
            client: State::AwaitGreeting,
            enabled: CapabilitySet::NONE,
            server: ServerState::Negotiating,
            commands: vec![],
            to_client: early.into_iter().chain([ToClient::Greeting]).collect(),
            to_server: [].into(),
            ids: 0,
            rungs: ladder(link.offered.and(link.wanted)),
            events: 0,
            told: vec![],
            fault: None,
            executed: vec![],
        }
    }

    /// Another connection of the same client.
    pub(super) fn reconnect(self, link: Link) -> Self {
        Self {
            session: self.session + 1,
            commands: self.commands,
            events: self.events,
            ..Self::connect(link)
        }
    }

    /// The id of one of this session's commands.
    pub(super) fn id(&self, number: u64) -> String {
        id(self.session, number)
    }

    fn new_id(&mut self) -> (u64, String) {
        self.ids += 1;
        (self.ids - 1, self.id(self.ids - 1))
    }

    fn has(&self, capability: Capability) -> bool {
        self.enabled.contains(capability)
    }

    fn in_flight(&self) -> impl Iterator<Item = usize> {
        self.waiters(|command| command.client == AtClient::InFlight)
    }

    pub(super) fn in_band_in_flight(&self) -> impl Iterator<Item = usize> {
        self.waiters(|command| command.client == AtClient::InFlight && !command.oob)
    }

    pub(super) fn queued(&self) -> impl Iterator<Item = usize> {
        self.waiters(|command| command.client == AtClient::Queued)
    }

    /// The commands of which something is true, by waiter.
    pub(super) fn waiters(&self, is: impl Fn(&Command) -> bool) -> impl Iterator<Item = usize> {
        (0..self.commands.len()).filter(move |waiter| is(&self.commands[*waiter]))
    }
}

/// An id that no other command of the client's lifetime has.
pub(super) fn id(session: u64, number: u64) -> String {
    format!("{}-{number}", SessionTag::new(session))
}

/// What is asked for, in turn, until it is granted.
fn ladder(common: CapabilitySet) -> VecDeque<Rung> {
    use Capability::{Async, Oob};
    const BARE: Rung = Rung("", &[]);
    let rungs: &[Rung] = match (common.contains(Async), common.contains(Oob)) {
        (false, false) => &[BARE],
        (false, true) => &[Rung("enable", &[Oob]), BARE],
        (true, false) => &[Rung("capabilities", &[Async]), Rung("enable", &[Async]), BARE],
        (true, true) => &[
            Rung("capabilities", &[Async, Oob]),
            Rung("enable", &[Async, Oob]),
            Rung("capabilities", &[Async]),
            Rung("enable", &[Oob]),
            BARE,
        ],
    };
    rungs.iter().copied().collect()
}
