//! Connections on which nobody stays for long: where there is no place for another one, the first of them goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// The connections that may have to make room for others, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    waiting: BTreeMap<u64, CancellationToken>,
}

/// A connection among them, unless it has left them.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    crowd: Crowd,
    number: u64,
    gone: CancellationToken,
}

impl Crowd {
    /// One more.
    pub(super) fn enter(&self) -> Standing {
        let gone = CancellationToken::new();
        let mut queue = self.lock();
        let number = queue.next;
        queue.next += 1;
        queue.waiting.insert(number, gone.clone());
        let crowd = self.clone();
        Standing { crowd, number, gone }
    }

    /// Has the first of them go; false if there is none.
    pub(super) fn thin(&self) -> bool {
        let first = self.lock().waiting.pop_first();
        first.is_some_and(|(_, gone)| {
            gone.cancel();
            true
        })
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    /// Ends when it has to make room.
    pub(super) async fn gone(&self) {
        self.gone.cancelled().await;
    }

    /// It makes room for nobody from now on.
    pub(crate) fn stay(&self) {
        self.crowd.lock().waiting.remove(&self.number);
    }
}
