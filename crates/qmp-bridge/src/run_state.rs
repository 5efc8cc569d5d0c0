//! The run state of a machine, for those who follow the list: asked for with `query-status`, and again after each event
//! that may have changed it. While nobody follows, the machine is not asked.

use std::sync::Arc;
use std::time::Duration;

use qmp_proto::{Event, Request, Ticket};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use crate::monitor::{Attachment, Monitor, Status, ToPeer};

/// How many follow. Its clones count the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Followers(watch::Sender<usize>);

/// One who follows, until it is dropped.
#[derive(Debug)]
pub(crate) struct Follower(Followers);

impl Followers {
    pub(crate) fn follow(&self) -> Follower {
        self.0.send_modify(|count| *count += 1);
        Follower(self.clone())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

/// The run state of a machine, such as `paused`; `None` while nobody can tell.
pub(crate) type RunState = watch::Receiver<Option<String>>;

/// The run state, and the task that finds it out as long as anybody follows. `tell` is called after each change.
pub(crate) fn of<F: Fn()>(
    monitor: Arc<Monitor>,
    followers: &Followers,
    tell: F,
) -> (RunState, impl Future<Output = ()> + use<F>) {
    let (sender, receiver) = watch::channel(None);
    let mut followers = followers.0.subscribe();
    let task = async move {
        loop {
            if followers.wait_for(|count| *count > 0).await.is_err() {
                return;
            }
            tokio::select! {
                () = follow(&monitor, &sender, &tell) => return,
                _ = followers.wait_for(|count| *count == 0) => {}
            }
            // What nobody follows may be another by the time that somebody does.
            sender.send_replace(None);
        }
    };
    (receiver, task)
}

/// Follows over all connections to the machine, until there is no machine any more.
async fn follow(monitor: &Monitor, state: &watch::Sender<Option<String>>, tell: &impl Fn()) {
    let found = |found: Option<String>| {
        if state.send_if_modified(|state| std::mem::replace(state, found.clone()) != found) {
            tell();
        }
    };
    let mut status = monitor.watch_status();
    while status
        .wait_for(|status| matches!(status, Status::Up(_)))
        .await
        .is_ok()
    {
        let mut place = monitor.attach_unlimited(MAX_WAITING);
        ask(&place);
        let mut asked = Asked::Once;
        // When to ask though nothing is heard.
        let mut due: Option<Instant> = None;
        loop {
            let next = match due {
                Some(due) => timeout_at(due, place.next()).await,
                None => Ok(place.next().await),
            };
            let Ok(next) = next else {
                due = None;
                if asked == Asked::No {
                    ask(&place);
                    asked = Asked::Once;
                }
                continue;
            };
            match next {
                Some(ToPeer::Event(event)) if may_change_with(&event.text) => {
                    if asked == Asked::No {
                        ask(&place);
                        asked = Asked::Once;
                    } else {
                        asked = Asked::Again;
                    }
                }
                Some(ToPeer::Event(_)) => {}
                Some(ToPeer::Reply { reply, .. }) => {
                    if asked == Asked::Again {
                        ask(&place);
                        asked = Asked::Once;
                    } else {
                        asked = Asked::No;
                        let reply = reply.as_ref().as_ref().ok();
                        let status = reply.and_then(|reply| {
                            Some(serde_json::from_str::<Reply>(reply.as_str()).ok()?.status)
                        });
                        let passes = status.as_deref().is_some_and(Event::leaves_unheard);
                        due = passes.then(|| Instant::now() + PASSING);
                        found(status);
                    }
                }
                Some(ToPeer::Gone) | None => break,
            }
        }
        found(None);
        // That the machine is gone is heard here before its status says so.
        sleep(PAUSE).await;
    }
}

/// Whether `query-status` is on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    No,
    Once,
    /// An event has overtaken the question.
    Again,
}

fn ask(place: &Attachment) {
    place.execute(Request {
        ticket: Ticket::new(0),
        name: "query-status".to_owned(),
        arguments: None,
        oob: false,
    });
}

fn may_change_with(event: &str) -> bool {
    #[derive(Deserialize)]
    struct Named {
        event: String,
    }
    serde_json::from_str(event).is_ok_and(|Named { event }| {
        Event::may_change_run_state(&event) || event.strip_prefix(qmp_policy::OWN) == Some("LAGGED")
    })
}

#[derive(Deserialize)]
struct Reply {
    status: String,
}

/// Bytes of events that may wait here.
const MAX_WAITING: usize = 64 << 10;
const PAUSE: Duration = Duration::from_millis(100);
/// How long a state is believed that the machine leaves without a word.
const PASSING: Duration = Duration::from_secs(1);
