//! Who shares which dump, over a machine that answers when a test wants.
#![cfg(target_os = "linux")]

use futures_util::poll;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::*;
use crate::endpoint::{Connector, Endpoint};
use crate::metrics::Metrics;
use crate::mux::{MuxOptions, RateLimit};

/// A monitor that has negotiated.
struct Machine {
    stream: BufReader<UnixStream>,
    _tasks: JoinSet<()>,
    _dir: TempDir,
}

impl Machine {
    async fn start(interval: Duration) -> (Screen, Self) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("qmp.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let mut tasks = JoinSet::new();
        let options = MuxOptions {
            share: Duration::ZERO,
            // Of clients. The bridge itself is none.
            rate: Some(RateLimit(1.try_into().unwrap())),
            max_reply: usize::MAX,
        };
        let (monitor, task) = Monitor::new(
            "vm".to_owned(),
            Endpoint::Unix(path.clone()),
            Connector::to_file(path),
            options,
            Metrics::new().machine("vm"),
        );
        tasks.spawn(task);
        let monitor = Arc::new(monitor);
        let (screen, task) = Screen::new(monitor.clone(), interval);
        tasks.spawn(task);
        let mut machine = Self {
            stream: BufReader::new(listener.accept().await.unwrap().0),
            _tasks: tasks,
            _dir: dir,
        };
        let version = json!({ "qemu": { "micro": 0, "minor": 0, "major": 9 }, "package": "" });
        machine
            .say(json!({ "QMP": { "version": version, "capabilities": [] } }))
            .await;
        machine.answer("qmp_capabilities", Ok(json!({}))).await;
        monitor.wait_up().await.unwrap();
        (screen, machine)
    }

    async fn say(&mut self, message: Value) {
        let text = format!("{message}\r\n");
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next command, which is this one; gives its id.
    async fn hear(&mut self, name: &str) -> Value {
        let mut line = String::new();
        let reading = self.stream.read_line(&mut line);
        timeout(Duration::from_secs(20), reading).await.unwrap().unwrap();
        let command: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(command["execute"], name);
        command["id"].clone()
    }

    async fn reply(&mut self, id: Value, reply: Result<Value, &str>) {
        self.say(match reply {
            Ok(value) => json!({ "return": value, "id": id }),
            Err(desc) => json!({ "error": { "class": "GenericError", "desc": desc }, "id": id }),
        })
        .await;
    }

    async fn answer(&mut self, name: &str, reply: Result<Value, &str>) {
        let id = self.hear(name).await;
        self.reply(id, reply).await;
    }

    async fn give_canvas(&mut self) {
        self.answer("query-fdsets", Ok(json!([]))).await;
        self.answer("add-fd", Ok(json!({ "fdset-id": 3, "fd": 9 }))).await;
    }
}

#[tokio::test]
async fn who_asks_before_the_dump_shares_it_and_who_asks_behind_gets_the_next() {
    let (screen, mut machine) = Machine::start(Duration::ZERO).await;
    let (mut first, mut second, mut third) = (
        Box::pin(screen.picture()),
        Box::pin(screen.picture()),
        Box::pin(screen.picture()),
    );
    assert!(poll!(&mut first).is_pending());
    let id = machine.hear("query-fdsets").await;
    assert!(poll!(&mut second).is_pending());
    machine.reply(id, Ok(json!([]))).await;
    machine
        .answer("add-fd", Ok(json!({ "fdset-id": 3, "fd": 9 })))
        .await;
    let id = machine.hear("screendump").await;
    assert!(poll!(&mut third).is_pending());
    machine.reply(id, Err("no surface")).await;
    let no_screen = Err(ScreenError::NoScreen("no surface".to_owned()));
    for viewer in [first, second] {
        assert_eq!(viewer.await.map(drop), no_screen);
    }
    assert!(poll!(&mut third).is_pending());
    machine.answer("screendump", Err("no surface")).await;
    assert_eq!(third.await.map(drop), no_screen);
}

#[tokio::test]
async fn who_asks_again_within_the_interval_gets_what_is_there() {
    let (screen, mut machine) = Machine::start(Duration::from_secs(3600)).await;
    let mut first = Box::pin(screen.picture());
    assert!(poll!(&mut first).is_pending());
    machine.give_canvas().await;
    let id = machine.hear("screendump").await;
    let mut second = Box::pin(screen.picture());
    assert!(poll!(&mut second).is_pending());
    machine.reply(id, Err("no surface")).await;
    assert!(first.await.is_err() && second.await.is_err());
    // At once: the machine is not asked again.
    assert!(poll!(Box::pin(screen.picture())).is_ready());
}

#[tokio::test]
async fn who_leaves_takes_nothing_along_and_leaves_nothing_behind() {
    let (screen, mut machine) = Machine::start(Duration::ZERO).await;
    let mut leaver = Box::pin(screen.picture());
    assert!(poll!(&mut leaver).is_pending());
    let id = machine.hear("query-fdsets").await;
    drop(leaver);
    machine.reply(id, Ok(json!([]))).await;
    machine
        .answer("add-fd", Ok(json!({ "fdset-id": 3, "fd": 9 })))
        .await;
    // What QEMU refuses ends in the canvas being taken back.
    machine
        .answer("screendump", Err("Could not open '/dev/fdset/3'"))
        .await;
    machine.answer("remove-fd", Ok(json!({}))).await;
    let mut next = Box::pin(screen.picture());
    assert!(poll!(&mut next).is_pending());
    machine.give_canvas().await;
    // QEMU says that there is a picture, but has written nothing.
    machine.answer("screendump", Ok(json!({}))).await;
    let said = "what it wrote is no PPM file".to_owned();
    machine.answer("remove-fd", Ok(json!({}))).await;
    assert_eq!(next.await.map(drop), Err(ScreenError::Refused(said)));
}

#[tokio::test]
async fn what_an_earlier_connection_left_at_the_machine_is_taken_back() {
    let (screen, mut machine) = Machine::start(Duration::ZERO).await;
    let mut viewer = Box::pin(screen.picture());
    assert!(poll!(&mut viewer).is_pending());
    machine.answer("query-fdsets", Ok(json!([]))).await;
    let mut line = String::new();
    machine.stream.read_line(&mut line).await.unwrap();
    let added: Value = serde_json::from_str(&line).unwrap();
    machine
        .reply(added["id"].clone(), Err("the monitor has no socket"))
        .await;
    assert_eq!(
        viewer.await.map(drop),
        Err(ScreenError::Refused(
            "add-fd: the monitor has no socket".to_owned()
        ))
    );
    let mut viewer = Box::pin(screen.picture());
    assert!(poll!(&mut viewer).is_pending());
    let ours = json!({ "fdset-id": 5, "fds": [{ "fd": 9, "opaque": added["arguments"]["opaque"] }] });
    let theirs = json!({ "fdset-id": 6, "fds": [{ "fd": 10, "opaque": "qmp-bridge" }, { "fd": 11 }] });
    machine.answer("query-fdsets", Ok(json!([theirs, ours]))).await;
    machine.answer("remove-fd", Ok(json!({}))).await;
    machine.hear("add-fd").await;
}
