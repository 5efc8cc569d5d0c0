//! The audit log: who came, what was asked and what became of it, one JSON object a line. What one client leaves is in
//! `trail`; how lines come to the file, in `writer`. `docs/bridge.md` has their shapes.
//!
//! Nobody waits for the file but the command of an administrator, which is not sent before its line is written.

mod arguments;
mod line;
mod refusals;
mod trail;
mod writer;

use std::fmt;
use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, timeout};

use self::line::{Line, shorten};
pub(crate) use self::refusals::Refusals;
pub(crate) use self::trail::{Importance, Trail, Visitor};
use self::writer::Entry;
use crate::options::AuditLog;

/// The log, or none. Its clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audit(Option<Arc<Log>>);

#[derive(Debug)]
struct Log {
    entries: mpsc::Sender<Entry>,
    /// Lines that came to nothing since this was told last.
    lost: Arc<AtomicU64>,
    refusals: Mutex<Refusals>,
    connections: AtomicU64,
    /// Whether it is one that can be moved away.
    is_file: bool,
}

/// Where a client is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    Tcp(SocketAddr),
    /// Behind a proxy that is believed.
    Behind(IpAddr),
    Unix {
        uid: u32,
        pid: Option<i32>,
    },
    Unknown,
}

impl Audit {
    /// Opens the log and begins to write.
    ///
    /// # Errors
    /// The file cannot be written, or others can write to it.
    pub(crate) fn open(target: &AuditLog) -> io::Result<Self> {
        let lost = Arc::<AtomicU64>::default();
        let entries = writer::start(target, lost.clone())?;
        Ok(Self(Some(Arc::new(Log {
            entries,
            lost,
            refusals: Mutex::default(),
            connections: AtomicU64::default(),
            is_file: matches!(target, AuditLog::File(_)),
        }))))
    }

    /// Whether there is anything to be said.
    pub(crate) const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// What a client leaves from now on.
    pub(crate) fn trail(&self, visitor: &Visitor<'_>) -> Trail {
        Trail::new(self.0.as_ref(), visitor)
    }

    /// Somebody was turned away. Of a flood a few lines are written, and how many more there were.
    pub(crate) fn refused(&self, peer: Peer, origin: Option<&str>, vm: Option<&str>, reason: &'static str) {
        let Some(log) = &self.0 else { return };
        let (write, more) = log.refusals().count(reason, Instant::now());
        log.write_more(more);
        if write {
            log.write(&Line {
                peer: Some(peer.to_string()),
                origin: origin.map(|origin| shorten(origin, MAX_ORIGIN)),
                vm,
                reason: Some(reason),
                ..Line::new("refusal")
            });
        }
    }

    /// Opens the file anew when the program is told to (SIGHUP), and says of the refusals of a flood how many there were.
    /// Does not end. Without a file the signal means what it always does: the terminal is gone.
    pub(crate) async fn attend(&self) {
        let Some(log) = &self.0 else {
            return pending().await;
        };
        let mut ticks = interval(refusals::WINDOW);
        let mut hangups = log
            .is_file
            .then(|| signal(SignalKind::hangup()))
            .and_then(|hangups| {
                hangups
                    .inspect_err(|error| tracing::warn!(%error, "the audit log is not opened anew"))
                    .ok()
            });
        loop {
            let hung_up = async {
                match &mut hangups {
                    Some(hangups) => hangups.recv().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                _ = ticks.tick() => log.write_more(log.refusals().ended(Instant::now())),
                Some(()) = hung_up => drop(log.entries.send(Entry::Reopen).await),
            }
        }
    }

    /// Waits, for a moment, until all that was said is written.
    pub(crate) async fn flush(&self) {
        let Some(log) = &self.0 else { return };
        log.write_more(log.refusals().all());
        let (tell, written) = oneshot::channel();
        let flush = async {
            let _ = log.entries.send(Entry::Flush(tell)).await;
            // Where nobody answers there is nobody to wait for.
            let _ = written.await;
        };
        if timeout(PATIENCE, flush).await.is_err() {
            tracing::warn!("the audit log was not written to its end");
        }
    }
}

impl Log {
    /// Writes a line if there is room for it.
    fn write(&self, line: &Line<'_>) {
        if self.entries.try_send(Entry::Line(line.to_json())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes a line, for which room is waited for; false if it is not there in the end.
    async fn write_first(&self, line: String) -> bool {
        let (tell, written) = oneshot::channel();
        let entry = Entry::First(line, tell);
        let write = async { self.entries.send(entry).await.is_ok() && written.await.unwrap_or(false) };
        timeout(PATIENCE, write).await.unwrap_or(false)
    }

    fn write_more(&self, more: Vec<(&'static str, u64)>) {
        for (reason, count) in more {
            self.write(&Line {
                reason: Some(reason),
                count: Some(count),
                ..Line::new("refusals")
            });
        }
    }

    fn refusals(&self) -> std::sync::MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Behind(address) => write!(f, "{address}"),
            Self::Unix { uid, pid: Some(pid) } => write!(f, "unix:uid={uid},pid={pid}"),
            Self::Unix { uid, pid: None } => write!(f, "unix:uid={uid}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// How long a line of a full or slow log is waited for. What waits is one client.
const PATIENCE: Duration = Duration::from_secs(5);
/// Characters of what a client says of itself.
const MAX_ORIGIN: usize = 256;
