//! A relay in front of a monitor that counts the commands on their way to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// A running relay, for one connection. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Relay {
    commands: Arc<AtomicU64>,
    task: JoinHandle<Result<()>>,
    dir: TempDir,
}

impl Relay {
    pub(crate) fn start(monitor: &Path) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let listener = UnixListener::bind(path(&dir))?;
        let commands = Arc::new(AtomicU64::new(0));
        let (counted, monitor) = (commands.clone(), monitor.to_owned());
        let task = tokio::spawn(async move {
            let (client, _) = listener.accept().await?;
            let (from_client, mut to_client) = client.into_split();
            let (mut from_monitor, to_monitor) = UnixStream::connect(monitor).await?.into_split();
            tokio::select! {
                result = pass_on(from_client, to_monitor, &counted) => result,
                result = tokio::io::copy(&mut from_monitor, &mut to_client) => Ok(result.map(drop)?),
            }
        });
        Ok(Self { commands, task, dir })
    }

    /// Where it listens.
    pub(crate) fn path(&self) -> PathBuf {
        path(&self.dir)
    }

    /// The commands that it has passed on.
    pub(crate) fn commands(&self) -> u64 {
        self.commands.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn path(dir: &TempDir) -> PathBuf {
    dir.path().join("relay.sock")
}

/// The bridge ends each command with a line feed, and has none inside.
async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    commands: &AtomicU64,
) -> Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let lines = buffer[..length].iter().filter(|&&byte| byte == b'\n').count();
        commands.fetch_add(lines as u64, Ordering::Relaxed);
        to.write_all(&buffer[..length]).await?;
    }
}
