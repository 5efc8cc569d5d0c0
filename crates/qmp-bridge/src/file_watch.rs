//! Hears of what changes in directories. What changed is for the listener to find out.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// Directories that are watched, as far as the operating system tells of them.
#[derive(Debug)]
pub(crate) struct FileWatch {
    watcher: Option<RecommendedWatcher>,
    changed: Arc<Notify>,
}

impl FileWatch {
    pub(crate) fn new() -> Self {
        let changed = Arc::<Notify>::default();
        let tell = changed.clone();
        let handler = move |event: notify::Result<notify::Event>| {
            // To look into a directory is an event too, but no change.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                tell.notify_one();
            }
        };
        let watcher = match notify::recommended_watcher(handler) {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                tracing::warn!(%error, "directories are looked into now and then only");
                None
            }
        };
        Self { watcher, changed }
    }

    /// Watches a directory, perhaps once more: another one may be at its path by now, and of that nobody tells.
    pub(crate) fn add(&mut self, dir: &Path) {
        if let Some(watcher) = &mut self.watcher
            && let Err(error) = watcher.watch(dir, RecursiveMode::NonRecursive)
        {
            tracing::debug!(path = %dir.display(), %error, "cannot watch");
        }
    }

    /// Waits until there is something to look at; false if nobody said so, but it is time to look anyway.
    pub(crate) async fn changed(&self) -> bool {
        let told = timeout(RESCAN_INTERVAL, self.changed.notified()).await.is_ok();
        if told {
            // Much may change at once.
            sleep(SETTLE_TIME).await;
        }
        told
    }
}

/// How often to look without having been told to.
const RESCAN_INTERVAL: Duration = Duration::from_secs(10);
/// How long to wait for further changes.
const SETTLE_TIME: Duration = Duration::from_millis(50);
