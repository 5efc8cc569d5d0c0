//! A machine that keeps a ledger of what it executes, and takes whoever dials, one after another.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::common::soon;
use crate::random::Random;

/// How often each command was executed, by its argument `mark`.
pub(crate) type Executed = HashMap<String, u32>;

pub(crate) struct Ledger {
    executed: watch::Sender<Executed>,
    silent: Arc<Mutex<bool>>,
    serving: JoinHandle<()>,
    dir: TempDir,
}

impl Ledger {
    /// It offers `async`, answers in an order of this seed, and tells of events in between.
    pub(crate) fn start(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("qmp.sock")).unwrap();
        let (executed, silent) = (watch::Sender::default(), Arc::default());
        let machine = Machine {
            executed: executed.clone(),
            silent: Arc::clone(&silent),
            random: Random::new(seed),
        };
        Self {
            executed,
            silent,
            serving: tokio::spawn(machine.run(listener)),
            dir,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("qmp.sock")
    }

    /// Executes the next command and says nothing of it.
    pub(crate) fn say_nothing_of_the_next(&self) {
        *self.silent.lock().unwrap() = true;
    }

    /// Waits until this command was executed.
    pub(crate) async fn until_executed(&self, mark: &str) {
        let mut executed = self.executed.subscribe();
        let there = executed.wait_for(|executed| executed.contains_key(mark));
        soon(mark, there).await.unwrap();
    }

    pub(crate) fn executed(&self) -> Executed {
        self.executed.borrow().clone()
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Machine {
    executed: watch::Sender<Executed>,
    silent: Arc<Mutex<bool>>,
    random: Random,
}

impl Machine {
    async fn run(mut self, listener: UnixListener) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Its end is an error or none, whichever way it is cut.
            let _ = self.serve(BufReader::new(stream)).await;
        }
    }

    async fn serve(&mut self, mut stream: BufReader<UnixStream>) -> std::io::Result<()> {
        let version = json!({ "qemu": { "micro": 0, "minor": 0, "major": 9 }, "package": "" });
        let greeting = json!({ "QMP": { "version": version, "capabilities": ["async", "oob"] } });
        stream.write_all(format!("{greeting}\r\n").as_bytes()).await?;
        let mut answers = vec![];
        loop {
            let mut line = String::new();
            // What has no end was cut.
            if stream.read_line(&mut line).await? == 0 || !line.ends_with('\n') {
                return Ok(());
            }
            answers.extend(self.execute(&serde_json::from_str(&line).unwrap()));
            if stream.buffer().contains(&b'\n') {
                // More has come already: these are answered together.
                continue;
            }
            self.random.shuffle(&mut answers);
            for answer in answers.drain(..) {
                if self.random.below(4) == 0 {
                    stream.write_all(b"{\"event\": \"TICK\"}\r\n").await?;
                }
                stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
            }
        }
    }

    /// Executes a command; gives the answer, if there is to be one.
    fn execute(&self, command: &Value) -> Option<Value> {
        let arguments = &command["arguments"];
        if let Some(mark) = arguments["mark"].as_str() {
            self.executed
                .send_modify(|executed| *executed.entry(mark.to_owned()).or_default() += 1);
        }
        let silent = std::mem::take(&mut *self.silent.lock().unwrap());
        (!silent).then(|| json!({ "return": arguments, "id": command["id"] }))
    }
}
