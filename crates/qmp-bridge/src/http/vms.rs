//! The list of machines: as it is now, and as it changes. Where they are is told to nobody.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderName;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::{Extension, Json};
use futures_util::stream::{self, StreamExt};
use serde::Serialize;

use super::Shared;
use super::asker::Asker;
use crate::access::Refusal;
use crate::grant::{Grant, Stay};
use crate::machines::Machine;
use crate::monitor::Status;
use crate::server::Standing;

/// The machines now.
pub(super) async fn list(State(shared): State<Arc<Shared>>, asker: Asker) -> Result<Json<VmList>, Refusal> {
    let grant = shared.check_page(&asker)?;
    Ok(Json(VmList::new(
        &shared.machines.watch().borrow(),
        &grant,
        false,
    )))
}

/// The machines now, and again after each change, as server-sent events, until the bridge stops or the token is good for
/// nothing any more. Of who asks for it by `?run-state` the machines are asked for theirs.
pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    Extension(standing): Extension<Standing>,
    RawQuery(query): RawQuery,
    asker: Asker,
) -> Result<impl IntoResponse, Refusal> {
    let grant = shared.check_page(&asker)?;
    let max = shared.clients.limits().max_sessions.get();
    let seat = grant.sit(Stay::List, max).ok_or(Refusal::Sessions)?;
    standing.stay();
    let revoked = grant.ended();
    let may_know =
        query.as_deref() == Some("run-state") && shared.rules.policy.allows(grant.role, "query-status");
    let follower = may_know.then(|| shared.machines.followers.follow());
    let state = (shared.machines.watch(), grant, (seat, follower), None);
    let lists = stream::unfold(state, move |(mut machines, grant, seat, told)| async move {
        loop {
            let list = VmList::new(&machines.borrow_and_update(), &grant, may_know);
            if told.as_ref() != Some(&list) {
                let event = Event::default().json_data(&list).ok()?;
                return Some((Ok::<_, Infallible>(event), (machines, grant, seat, Some(list))));
            }
            machines.changed().await.ok()?;
        }
    });
    let lists = lists.take_until(shared.clients.stopping().cancelled_owned());
    let lists = lists.take_until(revoked.cancelled_owned());
    // A proxy that gathers an answer before it passes it on would never pass this one on.
    let at_once = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((at_once, Sse::new(lists).keep_alive(KeepAlive::default())))
}

/// What is told of the machines.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct VmList {
    vms: Vec<Vm>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Vm {
    name: String,
    demo: bool,
    state: &'static str,
    #[serde(rename = "runState", skip_serializing_if = "Option::is_none")]
    run_state: Option<String>,
}

impl VmList {
    /// Of the machines, those that the token is good for.
    fn new(machines: &[Arc<Machine>], grant: &Grant, with_run_state: bool) -> Self {
        let covered = machines
            .iter()
            .filter(|machine| grant.covers(&machine.monitor.name));
        let vms = covered.map(|machine| Vm {
            name: machine.monitor.name.clone(),
            demo: machine.monitor.is_demo(),
            run_state: with_run_state
                .then(|| machine.run_state.borrow().clone())
                .flatten(),
            state: match machine.monitor.status() {
                Status::Busy => "busy",
                Status::Down => "down",
                Status::NotQmp => "not-qmp",
                Status::Up(_) => "up",
            },
        });
        Self { vms: vms.collect() }
    }
}
