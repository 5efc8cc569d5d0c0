//! Short sessions over networks that fail in every way, drawn from a seed: clients here, a machine there, the bridge as a
//! program between them.
//!
//! `QMP_CAMPAIGN=1000` makes so many sessions of each kind of fault instead, `QMP_CAMPAIGN_SEED` other ones.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use qmp_proto::{ClientOptions, ClientSession, Command, Input, Output, SessionTag};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::common::{Client, soon};
use crate::ledger::Ledger;
use crate::program::Program;
use crate::random::Random;
use crate::relay::{Fault, Relay};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r13_whatever_the_network_does_each_command_settles_once_and_is_executed_at_most_once() {
    let (sessions, seed) = (setting("QMP_CAMPAIGN", 25), setting("QMP_CAMPAIGN_SEED", 13));
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let (mut ledgers, mut inner, mut arguments) = (vec![], vec![], vec![]);
    for kind in 0..KINDS {
        let (ledger, path) = (Ledger::start(seed), dir.path().join(format!("{kind}.machine")));
        inner.push(Relay::unix(&path, ledger.path()));
        let mut vm = OsString::from(format!("vm{kind}="));
        vm.push(path);
        arguments.extend(["--vm".into(), vm]);
        ledgers.push(ledger);
    }
    let sockets = dir.path().join("sockets");
    fs::create_dir(&sockets).unwrap();
    arguments.extend(["--listen-unix".into(), sockets.clone().into()]);
    // All of them come with one token, and some of those that a fault has ended are still there.
    arguments.extend(["--max-sessions", "1000"].map(OsString::from));
    let arguments: Vec<_> = arguments.iter().map(|argument| &**argument).collect();
    let bridge = Program::with("000", &arguments, File::create(&log).unwrap().into()).await;
    let bridge = Arc::new(bridge);
    bridge.client().await.negotiate(&["async"]).await;
    let before = bridge.memory("VmRSS");

    let mut kinds = JoinSet::new();
    for (kind, (ledger, inner)) in ledgers.into_iter().zip(inner).enumerate() {
        let mut scene = Scene::new(kind, ledger, inner, &bridge, &sockets, dir.path()).await;
        kinds.spawn(async move {
            for session in 0..sessions {
                // Each session can be had alone by its numbers.
                let random = Random::new(seed ^ (kind as u64) << 32 ^ session << 8);
                scene.session(session, random).await;
            }
            scene.finish()
        });
    }
    while let Some(kind) = kinds.join_next().await {
        kind.unwrap();
    }
    let growth = bridge.memory("VmRSS").saturating_sub(before);
    assert!(growth < 32 << 10, "{growth} KiB more than before");
    bridge.signal("TERM").await;
    let bridge = Arc::into_inner(bridge).unwrap();
    assert_eq!(bridge.exit().await.code(), Some(0));
    let log = fs::read_to_string(log).unwrap();
    assert!(!log.contains("panicked"), "{log}");
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}

const KINDS: usize = 8;

/// A fault of this kind.
fn fault(kind: usize, random: &mut Random) -> Fault {
    let time = Duration::from_millis(random.below(40) as u64);
    match kind {
        0 => Fault::Cut(random.below(6000)),
        1 => Fault::Deaf(time),
        2 => Fault::Late(time / 8),
        3 => Fault::Reset,
        4 => Fault::Sliced(1 + random.below(9)),
        5 => Fault::Half(time),
        6 => Fault::Stalled(time),
        _ => Fault::Thin(100 + random.below(2000)),
    }
}

/// One machine, its clients, and one kind of fault.
struct Scene {
    kind: usize,
    vm: String,
    ledger: Ledger,
    /// Between the bridge and the machine.
    inner: Relay,
    bridge: Arc<Program>,
    /// Between the clients and the bridge.
    outer: [Outer; 3],
    /// Commands by what came of them.
    settled: HashMap<String, Settled>,
}

/// How a client comes to the bridge.
enum Outer {
    WebSocket(Relay, SocketAddr),
    Unix(Relay, PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settled {
    Answered,
    Interrupted,
}

impl Scene {
    async fn new(
        kind: usize,
        ledger: Ledger,
        inner: Relay,
        bridge: &Arc<Program>,
        sockets: &Path,
        dir: &Path,
    ) -> Self {
        let vm = format!("vm{kind}");
        let path = dir.join(format!("{kind}.client"));
        let unix = Relay::unix(&path, sockets.join(format!("{vm}.sock")));
        let (one, at_one) = Relay::tcp(bridge.address()).await;
        let (two, at_two) = Relay::tcp(bridge.address()).await;
        Self {
            kind,
            vm,
            ledger,
            inner,
            bridge: Arc::clone(bridge),
            outer: [
                Outer::WebSocket(one, at_one),
                Outer::WebSocket(two, at_two),
                Outer::Unix(unix, path),
            ],
            settled: HashMap::new(),
        }
    }

    /// Three clients at once, and a fault somewhere between the first of them and the machine, or between all and it.
    async fn session(&mut self, session: u64, mut random: Random) {
        let place = random.below(4);
        let up = fault(self.kind, &mut random);
        let down = fault(self.kind, &mut random);
        let (up, down) = match random.below(3) {
            0 => (up, Fault::None),
            1 => (Fault::None, down),
            _ => (up, down),
        };
        let scene = &*self;
        let everybody = scene.outer.len();
        let network = scene.outer.get(place).map_or(&scene.inner, Outer::relay);
        // From the beginning, or when so many commands are answered.
        let from = random.below(20);
        if from == 0 {
            network.set(up, down);
        }
        let play = |number| {
            scene.play(number, session, move |answered| {
                if [number, everybody].contains(&place) && answered == from {
                    network.set(up, down);
                }
            })
        };
        let (one, two, three) = tokio::join!(play(0), play(1), play(2));
        network.set(Fault::None, Fault::None);
        for (mark, settled) in [one, two, three].into_iter().flatten() {
            let before = self.settled.insert(mark.clone(), settled);
            assert_eq!(before, None, "{mark} settled twice");
        }
        // Nothing is left behind: whoever comes without a fault is served.
        let mut next = self.bridge.client_of(&self.vm).await;
        next.negotiate(&["async"]).await;
        next.send(json!({ "execute": "x", "id": session })).await;
        assert_eq!(next.reply().await.0["id"], session);
    }

    /// A client that executes commands until all are settled: what came of each. Of the commands of all clients the ids are
    /// the same.
    async fn play(&self, number: usize, session: u64, answered: impl Fn(usize)) -> Vec<(String, Settled)> {
        const COMMANDS: usize = 30;
        let name = format!("{}/{session}/{number}", self.vm);
        let mut session = ClientSession::new(ClientOptions::new(SessionTag::new(5)));
        let (mut sent, mut settled) = (0, vec![]);
        let Some(mut client) = self.connect(&self.outer[number]).await else {
            return settled;
        };
        let mut open = true;
        while open && settled.len() < COMMANDS {
            let input = client.next_bytes().await;
            open = input.is_some();
            let input = input.as_deref().map_or(Input::Eof, Input::Bytes);
            session
                .handle_input(input)
                .unwrap_or_else(|error| panic!("{name}: the bridge broke the protocol: {error}"));
            while let Some(output) = session.poll_output() {
                match output {
                    Output::Ready(_) => {}
                    Output::Event(event) => assert_eq!(event.name, "TICK"),
                    Output::Greeting(_) => {}
                    Output::Transmit(text) => {
                        // If that fails, what comes next is the end.
                        client.try_send(&text).await;
                    }
                    Output::Interrupted { waiter, .. } => settled.push((waiter, Settled::Interrupted)),
                    Output::Response { result, waiter, .. } => {
                        let value: Value = serde_json::from_str(result.unwrap().as_str()).unwrap();
                        assert_eq!(value["mark"], waiter, "the reply to another command");
                        settled.push((waiter, Settled::Answered));
                        answered(settled.len());
                    }
                    Output::Unroutable { id } => panic!("{name}: a reply to nobody: {id:?}"),
                }
                while session.state() == qmp_proto::State::Ready && sent < COMMANDS.min(settled.len() + 10) {
                    let mark = format!("{name}/{sent}");
                    let arguments = json!({ "mark": mark }).to_string();
                    let mut command = Command::new("x");
                    command.arguments = Some(&arguments);
                    session
                        .execute(command, mark)
                        .map_err(|(error, _)| error)
                        .unwrap();
                    sent += 1;
                }
            }
        }
        assert_eq!(settled.len(), sent, "{name}: each command has an outcome");
        settled
    }

    /// A client, if the network lets it come so far.
    async fn connect(&self, outer: &Outer) -> Option<Client> {
        match outer {
            Outer::WebSocket(_, address) => {
                let stream = soon("the relay", TcpStream::connect(address)).await.ok()?;
                self.bridge.client_over(stream, &self.vm).await.ok()
            }
            Outer::Unix(_, path) => Some(Client::unix(path).await),
        }
    }

    /// Compares what clients were told with what the machine did.
    fn finish(self) {
        let executed = self.ledger.executed();
        for (mark, times) in &executed {
            assert_eq!(*times, 1, "{mark}");
            assert!(self.settled.contains_key(mark), "nobody asked for {mark}");
        }
        let of = |kind| self.settled.iter().filter(move |(_, settled)| **settled == kind);
        for (mark, _) in of(Settled::Answered) {
            assert!(
                executed.contains_key(mark),
                "{mark} was answered and not executed"
            );
        }
        // The faults were none that nothing comes through, and none that do nothing.
        assert!(of(Settled::Answered).count() > 0, "kind {}", self.kind);
        let ends = !matches!(self.kind, 2 | 4 | 7);
        assert_eq!(of(Settled::Interrupted).count() > 0, ends, "kind {}", self.kind);
    }
}

impl Outer {
    const fn relay(&self) -> &Relay {
        match self {
            Self::WebSocket(relay, _) | Self::Unix(relay, _) => relay,
        }
    }
}
