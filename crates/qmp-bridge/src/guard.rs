//! Between one client and its machine: what it may ask, what it may hear, and when that ends. `downstream` asks; who the
//! client is was found out when it came.

use std::sync::Arc;

use qmp_proto::{ErrorResponse, Request, Ticket};

use crate::audit::{Audit, Importance, Peer, Trail, Visitor};
use crate::grant::Grant;
use crate::mux::Reply;
use crate::role::Role;

/// One client's guard.
#[derive(Debug)]
pub(crate) struct Guard {
    grant: Arc<Grant>,
    trail: Trail,
}

impl Guard {
    /// For somebody who was let in to a machine.
    pub(crate) fn new(grant: Arc<Grant>, audit: &Audit, peer: Peer, origin: Option<&str>, vm: &str) -> Self {
        let trail = audit.trail(&Visitor {
            grant: &grant,
            role: grant.role,
            peer,
            origin,
            vm,
        });
        Self { grant, trail }
    }

    /// The client is served from now on.
    pub(crate) fn connected(&self) {
        self.trail.connected();
    }

    /// The client is served no longer, for this reason.
    pub(crate) fn ends(&self, reason: &'static str) {
        self.trail.ends(reason);
    }

    /// Whether the command may go to the machine; else what its client is told. Nothing is waited for, unless what is to
    /// be done has to be written first.
    pub(crate) async fn check(&self, request: &Request) -> Result<(), ErrorResponse> {
        let decision = self.decide(request);
        self.trail
            .decided(request, self.importance(request), decision)
            .await
    }

    /// What became of a command.
    pub(crate) fn settled(&self, ticket: Ticket, reply: &Reply) {
        self.trail.settled(ticket, reply);
    }

    fn decide(&self, request: &Request) -> Result<(), ErrorResponse> {
        tracing::trace!(id = %self.grant.id, role = %self.grant.role, command = %request.name, "command");
        Ok(())
    }

    /// What only an administrator may do is written before it is done.
    fn importance(&self, request: &Request) -> Importance {
        if self.grant.role == Role::Admin && !request.name.starts_with("query-") {
            Importance::Before
        } else {
            Importance::After
        }
    }
}
