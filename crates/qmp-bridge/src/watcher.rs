//! Hears that something in a directory has changed. Where the operating system does not tell, it is time to look now and
//! then.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// Watches directories.
#[derive(Debug)]
pub(crate) struct Watcher {
    watcher: Option<RecommendedWatcher>,
    changed: Arc<Notify>,
}

impl Watcher {
    /// Watches none yet.
    pub(crate) fn new() -> Self {
        let changed = Arc::<Notify>::default();
        let tell = changed.clone();
        let handler = move |event: notify::Result<notify::Event>| {
            // To look into a directory is an event too, but no change.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                tell.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(handler).inspect_err(|error| {
            tracing::warn!(%error, "directories are looked into now and then only");
        });
        Self {
            watcher: watcher.ok(),
            changed,
        }
    }

    /// Watches this one too. One that is watched may be another by now, of which nobody tells: watch it again.
    pub(crate) fn watch(&mut self, directory: &Path) {
        if let Some(watcher) = &mut self.watcher
            && let Err(error) = watcher.watch(directory, RecursiveMode::NonRecursive)
        {
            tracing::debug!(path = %directory.display(), %error, "cannot watch");
        }
    }

    /// Waits until it is time to look, and whatever changes at once has changed. Given up, it may miss a
    /// change.
    pub(crate) async fn changed(&self) {
        if timeout(RESCAN_INTERVAL, self.changed.notified()).await.is_ok() {
            sleep(SETTLE_TIME).await;
        }
    }
}

/// How often to look without having been told to.
const RESCAN_INTERVAL: Duration = Duration::from_secs(10);
/// How long to wait for further changes.
const SETTLE_TIME: Duration = Duration::from_millis(50);
