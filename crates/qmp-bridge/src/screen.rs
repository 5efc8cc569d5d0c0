//! The screen of a machine, for all who look at it: one `screendump` at a time, and none more often than is asked for.
//! QEMU writes it into memory of ours, so no file of the host is touched.
//!
//! The dumps are made by a task of the machine's, not by those who ask: whoever leaves in the middle leaves nothing behind.

mod canvas;
mod picture;
mod place;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

pub(crate) use self::picture::Picture;
use self::place::{Left, Place};
use crate::monitor::{Monitor, Status};

/// Where the screen of a machine is asked for.
#[derive(Debug)]
pub(crate) struct Screen {
    monitor: Arc<Monitor>,
    interval: Duration,
    last: watch::Receiver<Option<Dump>>,
    asked: Arc<Asked>,
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScreenError {
    #[error("another client holds the monitor of this machine")]
    Busy,
    #[error("no connection to the machine")]
    Down,
    /// The machine has no display.
    #[error("this machine has no screen: {0}")]
    NoScreen(String),
    #[error("the machine did not answer in time")]
    Timeout,
    /// What QEMU said, or what it gave instead of a picture.
    #[error("no picture from QEMU: {0}")]
    Refused(String),
    #[error("only a machine at a unix socket shows its screen")]
    Unsupported,
    /// The operating system gave no memory, or no way to it.
    #[error("the bridge cannot take a picture: {0}")]
    System(String),
}

impl Screen {
    /// The screen of a machine, and the task that takes pictures of it, at most one in each interval.
    pub(crate) fn new(monitor: Arc<Monitor>, interval: Duration) -> (Self, impl Future<Output = ()>) {
        let (sender, last) = watch::channel(None);
        let asked = Arc::<Asked>::default();
        let task = Task {
            monitor: monitor.clone(),
            interval,
            last: sender,
            asked: asked.clone(),
            mark: format!("qmp-bridge {:x}", RandomState::new().build_hasher().finish()),
        };
        let screen = Self {
            monitor,
            interval,
            last,
            asked,
        };
        (screen, task.run())
    }

    /// The screen as it is, or was at most an interval ago.
    pub(crate) async fn picture(&self) -> Result<Arc<Picture>, ScreenError> {
        match self.monitor.status() {
            _ if !self.monitor.passes_fds() => Err(ScreenError::Unsupported),
            Status::Busy => Err(ScreenError::Busy),
            Status::Down | Status::NotQmp => Err(ScreenError::Down),
            Status::Up(_) => match timeout(PATIENCE, self.next()).await {
                Ok(result) => result,
                Err(_) => Err(ScreenError::Timeout),
            },
        }
    }

    /// The next dump whose `screendump` is sent from now on, or an earlier one that is fresh.
    async fn next(&self) -> Result<Arc<Picture>, ScreenError> {
        let mut last = self.last.clone();
        let next = self.asked.begun.load(Ordering::SeqCst) + 1;
        self.asked.wanted.fetch_max(next, Ordering::SeqCst);
        loop {
            if let Some(dump) = &*last.borrow_and_update()
                && (dump.number >= next || dump.begun.elapsed() < self.interval)
            {
                return dump.result.clone();
            }
            self.asked.news.notify_one();
            if last.changed().await.is_err() {
                return Err(ScreenError::Down);
            }
        }
    }
}

/// What became of one `screendump`.
#[derive(Debug)]
struct Dump {
    number: u64,
    begun: Instant,
    result: Result<Arc<Picture>, ScreenError>,
}

/// What those who ask and the task that answers have in common. Dumps are numbered from 1.
#[derive(Debug, Default)]
struct Asked {
    /// The last dump whose `screendump` is sent.
    begun: AtomicU64,
    /// The last dump that somebody asked for.
    wanted: AtomicU64,
    news: Notify,
}

struct Task {
    monitor: Arc<Monitor>,
    interval: Duration,
    last: watch::Sender<Option<Dump>>,
    asked: Arc<Asked>,
    /// Marks what is given to QEMU as this task's own.
    mark: String,
}

impl Task {
    async fn run(self) {
        let mut place: Option<Place> = None;
        loop {
            let left = tokio::select! {
                () = self.asked.news.notified() => None,
                left = Place::wait(&mut place) => Some(left),
            };
            match left {
                None if self.is_due() => self.dump(&mut place).await,
                None => {}
                Some(Left::Gone) => place = None,
                Some(Left::Idle) => {
                    if let Some(place) = place.take() {
                        place.leave().await;
                    }
                }
            }
        }
    }

    /// Whether somebody waits for a dump that is still to be made: those who find a fresh one take that.
    fn is_due(&self) -> bool {
        let wanted = self.asked.wanted.load(Ordering::SeqCst);
        self.last
            .borrow()
            .as_ref()
            .is_none_or(|dump| dump.number < wanted && dump.begun.elapsed() >= self.interval)
    }

    async fn dump(&self, place: &mut Option<Place>) {
        let last = self
            .last
            .borrow()
            .as_ref()
            .and_then(|dump| dump.result.clone().ok());
        let ready = match place.take() {
            Some(place) => Ok(place),
            None => Place::take(&self.monitor, &self.mark).await,
        };
        // Who asks from here on may want to see what is not on the screen yet.
        let (begun, number) = (
            Instant::now(),
            self.asked.begun.fetch_add(1, Ordering::SeqCst) + 1,
        );
        let result = match ready {
            Ok(mut ready) => {
                let result = ready.dump(last).await;
                if result.is_ok() {
                    self.monitor.metrics.screendumps.inc();
                }
                match result {
                    Ok(_) | Err(ScreenError::NoScreen(_)) => *place = Some(ready),
                    Err(ScreenError::Down) => {}
                    Err(_) => ready.leave().await,
                }
                result
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            tracing::debug!(vm = %self.monitor.name, %error, "no picture of the screen");
        }
        self.last.send_replace(Some(Dump {
            number,
            begun,
            result,
        }));
    }
}

impl IntoResponse for ScreenError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Busy | Self::Down => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoScreen(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(_) => StatusCode::BAD_GATEWAY,
            Self::System(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Unsupported => StatusCode::NOT_IMPLEMENTED,
        };
        (status, format!("{self}\n")).into_response()
    }
}

/// How long somebody waits for a picture. QEMU executes one command after another, and some take their time.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
