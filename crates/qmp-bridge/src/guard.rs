//! Between one client and its machine: what it may ask, what it may hear, and when that ends. `downstream` asks; who the
//! client is was found out when it came.

use std::sync::Arc;

use qmp_policy::{Policy, Role};
use qmp_proto::{ErrorResponse, Request};

use crate::grant::Grant;
use crate::mux;

/// One client's guard.
#[derive(Debug)]
pub(crate) struct Guard {
    grant: Arc<Grant>,
    policy: Arc<Policy>,
}

impl Guard {
    pub(crate) fn new(grant: Arc<Grant>, policy: Arc<Policy>) -> Self {
        Self { grant, policy }
    }

    /// What its role comes to here.
    pub(crate) fn role(&self) -> Role {
        self.policy.cap(self.grant.role)
    }

    /// Whether the command may go to the machine; else what its client is told.
    pub(crate) fn check(&self, request: &Request) -> Result<(), ErrorResponse> {
        let decision = self.policy.decide(self.grant.role, request);
        tracing::trace!(id = %self.grant.id, role = %self.grant.role, command = %request.name, ?decision, "command");
        decision.map_err(|forbidden| mux::own_error("Forbidden", forbidden.to_string()))
    }
}
