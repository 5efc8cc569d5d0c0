//! A monitor that emits events as fast as it is told, which no QEMU does. It executes nothing.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{MissedTickBehavior, interval};

/// A monitor that waits for the bridge.
#[derive(Debug)]
pub(crate) struct Monitor {
    listener: UnixListener,
    path: PathBuf,
    _dir: TempDir,
}

/// A monitor that the bridge has negotiated with.
#[derive(Debug)]
pub(crate) struct Emitter(BufReader<UnixStream>);

impl Monitor {
    pub(crate) fn listen() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("monitor.sock");
        Ok(Self {
            listener: UnixListener::bind(&path)?,
            path,
            _dir: dir,
        })
    }

    /// Where it listens.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the bridge, and negotiates.
    pub(crate) async fn accept(&self) -> Result<Emitter> {
        let mut stream = BufReader::new(self.listener.accept().await?.0);
        let version = json!({ "qemu": { "micro": 0, "minor": 0, "major": 9 }, "package": "" });
        let greeting = json!({ "QMP": { "version": version, "capabilities": [] } });
        stream.write_all(format!("{greeting}\r\n").as_bytes()).await?;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let negotiation: Value = serde_json::from_str(&line)?;
        let reply = json!({ "return": {}, "id": negotiation["id"] });
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        Ok(Emitter(stream))
    }
}

impl Emitter {
    /// Emits so many events, each with the microseconds since `begin`: how long it took.
    pub(crate) async fn emit(&mut self, begin: Instant, count: u64, per_second: u64) -> Result<Duration> {
        let mut interval = interval(Duration::from_millis(1));
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let start = Instant::now();
        let (mut emitted, mut text) = (0, String::new());
        while emitted < count {
            interval.tick().await;
            let due = (start.elapsed().as_micros() as u64 * per_second / 1_000_000).min(count);
            text.clear();
            let at = begin.elapsed().as_micros();
            for _ in emitted..due {
                write!(
                    text,
                    "{{\"timestamp\": {{\"seconds\": 1, \"microseconds\": 0}}, \"event\": \"TICK\", \"data\": {{\"at\":{at}}}}}\r\n"
                )?;
            }
            emitted = due;
            self.0.write_all(text.as_bytes()).await?;
        }
        Ok(start.elapsed())
    }
}
