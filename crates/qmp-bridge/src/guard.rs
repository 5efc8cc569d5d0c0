//! Between one client and its machine: what it may ask, what it may hear, and when that ends. `downstream` asks; who the
//! client is was found out when it came.

use std::sync::Arc;

use qmp_proto::{ErrorResponse, Request};

use crate::grant::Grant;

/// One client's guard.
#[derive(Debug)]
pub(crate) struct Guard {
    grant: Arc<Grant>,
}

impl Guard {
    pub(crate) fn new(grant: Arc<Grant>) -> Self {
        Self { grant }
    }

    /// Whether the command may go to the machine; else what its client is told.
    pub(crate) fn check(&self, request: &Request) -> Result<(), ErrorResponse> {
        tracing::trace!(id = %self.grant.id, role = %self.grant.role, command = %request.name, "command");
        Ok(())
    }
}
