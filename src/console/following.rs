//! The list of machines, followed as long as it is wanted: where a machine is to be chosen, and while the connection to
//! one is to come back. Where the bridge says that it can, it is tried at once.

use futures_util::future::{AbortHandle, Abortable};
use gloo::timers::future::TimeoutFuture;
use qmp_web::{ConnectionState, Next, Why};
use wasm_bindgen_futures::spawn_local;

use super::bridge::{self, Failure};
use super::store::Connection;
use super::{Console, session};

/// Ends what is under way when it is dropped.
pub(super) struct Task(AbortHandle);

impl Task {
    pub(super) fn spawn(future: impl Future<Output = ()> + 'static) -> Self {
        let (abort, registration) = AbortHandle::new_pair();
        spawn_local(async move {
            // Aborted, there is nobody to tell.
            let _ = Abortable::new(future, registration).await;
        });
        Self(abort)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins or ends to follow the list, as the connection asks for it.
pub(super) fn adapt(console: &Console) {
    let has_bridge = console.0.link.borrow().url.is_none();
    let wanted = has_bridge
        && console.read(|store| match store.connection {
            Connection::Choosing | Connection::Reconnecting { .. } => true,
            // What was refused would be refused again.
            Connection::Gone(_) => console
                .connection()
                .is_some_and(|connection| connection.state() == ConnectionState::Closed(Why::TriesSpent)),
            _ => false,
        });
    let mut task = console.0.following.borrow_mut();
    if !wanted {
        task.take();
    } else if task.is_none() {
        *task = Some(Task::spawn(follow(console.clone())));
    }
}

async fn follow(console: Console) {
    let mut failures = 0;
    loop {
        let token = console.0.link.borrow().token.clone();
        let failure = match bridge::follow(token.as_deref()).await {
            Ok(mut lists) => {
                while let Some(machines) = lists.next().await {
                    failures = 0;
                    console.update(|store| store.listing.told(machines));
                    encourage(&console);
                }
                Failure::Unreachable
            }
            Err(failure) => failure,
        };
        let instead = failure.explain(token.is_some());
        if failure.is_final() {
            // To ask again would only count as another wrong token. Who is to choose has nothing else to look at; of a
            // connection the next try tells.
            if console.read(|store| store.connection == Connection::Choosing) {
                session::refuse(&console, instead);
            }
            return;
        }
        // One that has just ended may be there again: to say so at once would be a flicker.
        if let Connection::Refused(problem) = instead
            && (failures > 0 || failure != Failure::Unreachable)
        {
            console.update(|store| store.listing.failed(problem));
        }
        failures += 1;
        TimeoutFuture::new(pause(failures)).await;
    }
}

/// Tries again now where the bridge has just said that it can be done.
fn encourage(console: &Console) {
    let Some(connection) = console.connection() else {
        return;
    };
    let is_up = console.read(|store| {
        let machine = store.machine.as_ref();
        machine.is_some_and(|machine| store.listing.is_up(&machine.name))
    });
    let waits = matches!(
        connection.state(),
        ConnectionState::Reconnecting {
            next: Next::At(_) | Next::Online,
            ..
        } | ConnectionState::Closed(Why::TriesSpent)
    );
    if is_up && waits {
        // Not from in here: it ends this task. And not all pages of a machine at the same moment.
        spawn_local(async move {
            TimeoutFuture::new(random(SPREAD)).await;
            if !matches!(connection.state(), ConnectionState::Live) {
                connection.reconnect();
            }
        });
    }
}

/// In milliseconds.
fn pause(failures: u32) -> u32 {
    let longest = FIRST_PAUSE << failures.min(4);
    longest / 2 + random(longest / 2)
}

fn random(below: u32) -> u32 {
    getrandom::u32().unwrap_or_default() % below.max(1)
}

const FIRST_PAUSE: u32 = 500;
const SPREAD: u32 = 250;
