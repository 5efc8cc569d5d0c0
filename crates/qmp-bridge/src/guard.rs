//! Between one client and its machine: what it may ask, what it may hear, and what is written down of it. `downstream`
//! asks; who the client is was found out when it came.

use std::sync::Arc;

use qmp_policy::{Policy, Role};
use qmp_proto::{ErrorResponse, Request, Ticket};

use crate::audit::{Audit, Importance, Peer, Trail, Visitor};
use crate::grant::Grant;
use crate::mux::{self, Reply};

/// What all clients' guards go by.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// What roles may do.
    pub policy: Arc<Policy>,
    /// Where it is written what they did.
    pub audit: Audit,
}

/// One client's guard.
#[derive(Debug)]
pub(crate) struct Guard {
    grant: Arc<Grant>,
    policy: Arc<Policy>,
    trail: Trail,
}

impl Guard {
    /// For somebody who was let in to a machine.
    pub(crate) fn new(rules: &Rules, grant: Arc<Grant>, peer: Peer, origin: Option<&str>, vm: &str) -> Self {
        let trail = rules.audit.trail(&Visitor {
            grant: &grant,
            role: rules.policy.cap(grant.role),
            peer,
            origin,
            vm,
        });
        Self {
            grant,
            policy: rules.policy.clone(),
            trail,
        }
    }

    /// What its role comes to here.
    pub(crate) fn role(&self) -> Role {
        self.policy.cap(self.grant.role)
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
        let decision = self.policy.decide(self.grant.role, request);
        tracing::trace!(id = %self.grant.id, role = %self.grant.role, command = %request.name, ?decision, "command");
        let decision = decision.map_err(|forbidden| mux::own_error("Forbidden", forbidden.to_string()));
        self.trail
            .decided(request, self.importance(request), decision)
            .await
    }

    /// What became of a command.
    pub(crate) fn settled(&self, ticket: Ticket, reply: &Reply) {
        self.trail.settled(ticket, reply);
    }

    /// What an administrator does is written before it is done, but for questions that others may ask too.
    fn importance(&self, request: &Request) -> Importance {
        let is_common =
            request.name.starts_with("query-") && self.policy.allows(Role::Operator, &request.name);
        if self.role() == Role::Admin && !is_common {
            Importance::Before
        } else {
            Importance::After
        }
    }
}
