//! All clients together: how many there may be, and how they hear that the bridge stops.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::grant::Seat;
use crate::options::ClientLimits;

/// All clients of a bridge.
#[derive(Debug)]
pub(crate) struct Clients {
    limits: ClientLimits,
    places: Arc<Semaphore>,
    /// No further commands are taken.
    stopping: CancellationToken,
    /// No further replies are waited for.
    stopped: CancellationToken,
}

/// One client's place among all. To drop it makes room for another.
#[derive(Debug)]
pub(crate) struct Place {
    clients: Arc<Clients>,
    _permit: OwnedSemaphorePermit,
    /// Its place among those of its token, if it came by one.
    seat: Option<Seat>,
}

impl Clients {
    pub(crate) fn new(limits: ClientLimits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.max_clients.get() as usize)),
            limits,
            stopping: CancellationToken::new(),
            stopped: CancellationToken::new(),
        }
    }

    /// A place for one client more, if there is any.
    pub(crate) fn enter(self: &Arc<Self>, seat: Option<Seat>) -> Option<Place> {
        Some(Place {
            clients: self.clone(),
            _permit: self.places.clone().try_acquire_owned().ok()?,
            seat,
        })
    }

    /// How much clients may take.
    pub(crate) fn limits(&self) -> &ClientLimits {
        &self.limits
    }

    /// Ends when the bridge begins to stop.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Lets nobody in any more, and ends when all have gone: what is in flight may be answered first, for a while.
    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        // Who waits for all places leaves none to others.
        let gone = self.places.acquire_many(self.limits.max_clients.get());
        tokio::pin!(gone);
        if timeout(ANSWERING, &mut gone).await.is_err() {
            self.stopped.cancel();
            // Whose upgrade was answered but never taken holds a place and hears nothing.
            let _ = timeout(CLOSING, gone).await;
        }
    }
}

impl Place {
    /// How much this client may take.
    pub(crate) fn limits(&self) -> &ClientLimits {
        &self.clients.limits
    }

    /// Ends when no further commands are to be taken.
    pub(crate) async fn stopping(&self) {
        self.clients.stopping.cancelled().await;
    }

    /// Ends when no further replies are to be waited for.
    pub(crate) async fn stopped(&self) {
        self.clients.stopped.cancelled().await;
    }

    /// Ends when its token is good for nothing any more.
    pub(crate) async fn revoked(&self) {
        match &self.seat {
            Some(seat) => seat.ended().await,
            None => pending().await,
        }
    }
}

/// How long commands in flight are waited for when the bridge stops.
const ANSWERING: Duration = Duration::from_secs(2);
/// How long clients that are told that this is the end are waited for. Each takes a second at most.
const CLOSING: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_never_begins_to_be_served_does_not_hold_up_the_end() {
        let clients = Arc::new(Clients::new(ClientLimits::default()));
        let _place = clients.enter(None).unwrap();
        let end = clients.stop();
        assert!(timeout(Duration::from_secs(20), end).await.is_ok());
    }
}
