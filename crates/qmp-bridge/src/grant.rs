//! What somebody who was let in may do, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use qmp_policy::Role;

/// What a token stands for. Fixed when a connection is made: nothing that comes over it changes it.
#[derive(Debug)]
pub(crate) struct Grant {
    /// Names the token where the token itself must not be.
    pub id: String,
    pub role: Role,
    pub scope: Scope,
    /// The first moment at which it is good for nothing any more.
    pub expires: Option<Timestamp>,
    /// Ends with the token: it was revoked, changed, or has expired.
    ended: CancellationToken,
    /// Who is there, by kind.
    taken: [AtomicU32; 2],
}

/// The machines that a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    All,
    Only(Vec<String>),
}

/// What stays open. A token may have so many of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    Session,
    /// The list of machines, as it changes.
    List,
}

/// One of those that are open with a token. To drop it makes room for another.
#[derive(Debug)]
pub(crate) struct Seat {
    grant: Arc<Grant>,
    kind: Stay,
}

impl Grant {
    pub(crate) fn new(id: String, role: Role, scope: Scope, expires: Option<Timestamp>) -> Self {
        Self {
            id,
            role,
            scope,
            expires,
            ended: CancellationToken::new(),
            taken: Default::default(),
        }
    }

    /// What whoever may open a machine's own unix socket may do.
    pub(crate) fn of_file(vm: &str) -> Self {
        let only = Scope::Only(vec![vm.to_owned()]);
        Self::new(format!("{vm}.sock"), Role::Admin, only, None)
    }

    /// The same until another time, and no longer than this one.
    pub(crate) fn until(&self, expires: Timestamp) -> Self {
        Self {
            ended: self.ended.child_token(),
            ..Self::new(self.id.clone(), self.role, self.scope.clone(), Some(expires))
        }
    }

    /// A seat for one more of a kind, if it has not as many as it may have.
    pub(crate) fn sit(self: &Arc<Self>, kind: Stay, max: u32) -> Option<Seat> {
        let more = |taken| (taken < max).then_some(taken + 1);
        let order = Ordering::Relaxed;
        self.taken[kind as usize].fetch_update(order, order, more).ok()?;
        let grant = self.clone();
        Some(Seat { grant, kind })
    }

    /// Lets nobody stay who came by it.
    pub(crate) fn end(&self) {
        self.ended.cancel();
    }

    /// Ends when nobody may stay who came by it.
    pub(crate) fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }

    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.ended.is_cancelled() || self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether the machine is among those that it is good for.
    pub(crate) fn covers(&self, vm: &str) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Only(names) => names.iter().any(|name| name == vm),
        }
    }
}

impl Seat {
    /// Ends when who has it has to go.
    pub(crate) async fn ended(&self) {
        self.grant.ended.cancelled().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.grant.taken[self.kind as usize].fetch_sub(1, Ordering::Relaxed);
    }
}
