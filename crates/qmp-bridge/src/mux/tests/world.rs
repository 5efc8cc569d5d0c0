//! Clients and a machine, all of them real sessions, with the mux between them: everything that is asked and told is known.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use qmp_policy::Role;
use qmp_proto::{
    Capability, CapabilitySet, Greeting, Json, Limits, Request, ServerInput, ServerOptions, ServerOutput,
    ServerSession, Version,
};
use serde_json::{Value, json};

use super::super::{Decision, EventText, History, Kind, Mux, MuxOptions, Order, PeerId};
use crate::endpoint::Dialect;
use crate::metrics::MachineMetrics;

pub(super) const INTERVAL: Duration = Duration::from_millis(20);

/// A mux between clients and a machine, both of them real sessions.
pub(super) struct World {
    pub(super) mux: Mux,
    pub(super) now: Instant,
    pub(super) clients: BTreeMap<PeerId, Client>,
    pub(super) next_peer: u64,
    pub(super) machine: ServerSession,
    /// What the machine has read and not answered, with its place among all that it has read.
    pub(super) executing: VecDeque<(usize, Request)>,
    /// How much the machine has read.
    pub(super) read: usize,
    pub(super) most_in_band: usize,
}

/// A client, which keeps what it asked, and what it was told.
pub(super) struct Client {
    pub(super) session: ServerSession,
    pub(super) asked: Vec<Question>,
    pub(super) next_in_band: usize,
    pub(super) events: Vec<u64>,
}

/// A command, and what had been read by the machine when it was asked.
pub(super) struct Question {
    pub(super) name: String,
    pub(super) oob: bool,
    pub(super) read_before: usize,
    /// Where the command was among all that the machine has read.
    pub(super) answered: Option<usize>,
}

/// An out-of-band command does not wait while less than this is in flight.
const SURELY_FREE: usize = 16 << 10;
/// More than a command has beside its arguments.
const ENVELOPE: usize = 100;

pub(super) fn options() -> MuxOptions {
    MuxOptions {
        share: INTERVAL,
        rate: None,
        max_reply: 1 << 20,
    }
}

pub(super) fn order(asked: Instant, request: Request) -> Order {
    let fd = None;
    Order { request, fd, asked }
}

pub(super) fn metrics() -> MachineMetrics {
    crate::metrics::Metrics::new().machine("vm")
}

pub(super) fn session(capabilities: CapabilitySet) -> ServerSession {
    let greeting = Greeting {
        version: Version::default(),
        capabilities: capabilities.names().map(str::to_owned).collect(),
    };
    ServerSession::new(ServerOptions {
        greeting,
        limits: Limits::SERVER,
    })
}

impl World {
    pub(super) fn new(options: MuxOptions) -> Self {
        let mut world = Self {
            mux: Mux::new(1, Dialect::Qemu, options, metrics(), History::new(2)),
            now: Instant::now(),
            clients: BTreeMap::new(),
            next_peer: 0,
            machine: session(CapabilitySet::NONE.with(Capability::Oob)),
            executing: VecDeque::new(),
            read: 0,
            most_in_band: 0,
        };
        world.settle();
        assert!(world.mux.is_ready());
        world
    }

    pub(super) fn attach(&mut self) -> PeerId {
        self.attach_as(Role::Admin)
    }

    pub(super) fn attach_as(&mut self, role: Role) -> PeerId {
        let peer = PeerId(self.next_peer);
        self.next_peer += 1;
        let mut session = session(CapabilitySet::ALL);
        let negotiation =
            json!({ "execute": "qmp_capabilities", "arguments": { "enable": ["async", "oob"] } });
        session
            .handle_input(ServerInput::Message(&negotiation.to_string()))
            .unwrap();
        while session.poll_output().is_some() {}
        self.mux.attach(peer, Kind::Client(role));
        let (asked, events) = (vec![], vec![]);
        let client = Client {
            session,
            asked,
            next_in_band: 0,
            events,
        };
        self.clients.insert(peer, client);
        peer
    }

    pub(super) fn detach(&mut self, peer: PeerId) {
        self.mux.detach(peer);
        self.clients.remove(&peer);
        self.settle();
    }

    pub(super) fn ask(&mut self, peer: PeerId, name: &str, oob: bool) {
        self.ask_with(peer, name, oob, &json!({}));
    }

    pub(super) fn ask_with(&mut self, peer: PeerId, name: &str, oob: bool, arguments: &Value) {
        let may_wait = !oob || self.urgent_bytes() >= SURELY_FREE;
        let Some(client) = self.clients.get_mut(&peer) else {
            return;
        };
        let execute = if oob { "exec-oob" } else { "execute" };
        let message = json!({ execute: name, "arguments": arguments, "id": client.asked.len() });
        let read_before = self.read;
        client.asked.push(Question {
            name: name.to_owned(),
            oob,
            read_before,
            answered: None,
        });
        client
            .session
            .handle_input(ServerInput::Message(&message.to_string()))
            .unwrap();
        while let Some(output) = client.session.poll_output() {
            match output {
                ServerOutput::Execute(request) => self.mux.execute(peer, order(self.now, request)),
                other => panic!("{other:?}"),
            }
        }
        self.settle();
        assert!(
            may_wait || self.read > read_before,
            "it waits for what is in band"
        );
    }

    /// About how long the out-of-band commands are that the machine has not answered.
    fn urgent_bytes(&self) -> usize {
        let urgent = self.executing.iter().filter(|(_, request)| request.oob);
        urgent
            .map(|(_, request)| ENVELOPE + request.arguments.as_ref().map_or(0, String::len))
            .sum()
    }

    /// The machine answers what it has executed longest; out of band first.
    pub(super) fn answer(&mut self) {
        let oob = self.executing.iter().position(|(_, request)| request.oob);
        self.answer_at(oob.unwrap_or(0));
    }

    /// The machine answers the out-of-band command that came last, or else what came first.
    pub(super) fn answer_last(&mut self) {
        let oob = self.executing.iter().rposition(|(_, request)| request.oob);
        self.answer_at(oob.unwrap_or(0));
    }

    fn answer_at(&mut self, place: usize) {
        let Some((place, request)) = self.executing.remove(place) else {
            return;
        };
        let reply = Json::parse(&json!({ "name": request.name, "place": place }).to_string()).unwrap();
        self.machine.respond(request.ticket, Ok(reply));
        self.settle();
    }

    pub(super) fn event(&mut self) {
        self.event_named("STOP");
    }

    pub(super) fn event_named(&mut self, name: &str) {
        self.machine.emit(&qmp_proto::Event {
            timestamp: None,
            name: name.to_owned(),
            data: None,
        });
        self.settle();
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.now += time;
        if self.mux.deadline().is_some_and(|deadline| deadline <= self.now) {
            self.mux.tick(self.now);
            self.settle();
        }
    }

    pub(super) fn finish(&mut self) {
        while !self.executing.is_empty() || self.mux.deadline().is_some() {
            self.answer();
            self.wait(INTERVAL);
        }
    }

    /// Carries everything where it goes until nothing moves.
    pub(super) fn settle(&mut self) {
        loop {
            let mut moved = false;
            while let Some(output) = self.machine.poll_output() {
                moved = true;
                match output {
                    ServerOutput::Transmit(text) => self.mux.receive(self.now, text.as_bytes()).unwrap(),
                    ServerOutput::Execute(request) => {
                        self.executing.push_back((self.read, request));
                        self.read += 1;
                    }
                    ServerOutput::Ready(_) => {}
                }
            }
            while let Some(decision) = self.mux.poll() {
                moved = true;
                self.decide(decision);
            }
            let in_band = self.executing.iter().filter(|(_, request)| !request.oob).count();
            self.most_in_band = self.most_in_band.max(in_band);
            if !moved {
                return;
            }
        }
    }

    pub(super) fn decide(&mut self, decision: Decision) {
        match decision {
            Decision::Event(EventText { text, audience }) => {
                let event: Value = serde_json::from_str(&text).unwrap();
                let number = event["__io.github.qmp-web_number"].as_u64().unwrap();
                for peer in self.mux.peers_of(audience) {
                    let client = self.clients.get_mut(&peer).expect("only who is there is told");
                    client.events.push(number);
                }
            }
            Decision::Reply { peer, ticket, reply } => {
                let client = self.clients.get_mut(&peer).expect("only who is there is told");
                client.session.respond(ticket, reply);
                while let Some(ServerOutput::Transmit(text)) = client.session.poll_output() {
                    client.told(&serde_json::from_str(&text).unwrap());
                }
            }
            Decision::Up(_) => {}
            Decision::Write { message, .. } => {
                self.machine
                    .handle_input(ServerInput::Bytes(message.as_bytes()))
                    .unwrap();
            }
        }
    }
}

impl Client {
    pub(super) fn told(&mut self, reply: &Value) {
        let number = reply["id"].as_u64().unwrap() as usize;
        let question = &mut self.asked[number];
        assert_eq!(reply["return"]["name"], question.name.as_str(), "{reply}");
        assert!(question.answered.is_none(), "answered twice: {reply}");
        let place = reply["return"]["place"].as_u64().unwrap() as usize;
        assert!(place >= question.read_before, "a stale answer: {reply}");
        question.answered = Some(place);
        if !question.oob {
            assert!(number >= self.next_in_band, "out of order: {reply}");
            self.next_in_band = number;
        }
    }

    /// Each command was read after those of its band before it.
    pub(super) fn check_order(&self) {
        for oob in [false, true] {
            let band = self.asked.iter().filter(|asked| asked.oob == oob);
            let places: Vec<usize> = band.filter_map(|asked| asked.answered).collect();
            assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
        }
    }
}
