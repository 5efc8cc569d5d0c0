//! The wish to stop: Ctrl-C, SIGTERM, a closed terminal. It is only noted here; whoever has started something sees it
//! and ends what it has started.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};

/// Begins to listen for signals. From now on they no longer end the program by themselves.
pub(crate) fn on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        *STOP.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        STOP.1.notify_all();
    })
    .context("cannot listen for Ctrl-C")
}

/// Sleeps, though not past the wish to stop. Whether there is one.
pub(crate) fn wait(timeout: Duration) -> bool {
    let stop = STOP.0.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = STOP.1.wait_timeout_while(stop, timeout, |stop| !*stop);
    *waited.unwrap_or_else(PoisonError::into_inner).0
}

/// One Ctrl-C reaches every process of the terminal, but not all of them at the same instant.
pub(crate) const SAME_KEY_PRESS: Duration = Duration::from_millis(200);

static STOP: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
