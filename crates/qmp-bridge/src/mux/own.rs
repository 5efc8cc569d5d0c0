//! What the bridge adds to QMP, under names as QAPI asks of those who extend it: `__RFQDN_`, and a name.

use qmp_policy::Role;
use qmp_proto::{ErrorClass, ErrorResponse, Json, Request};

use super::history::History;

/// The commands that take a descriptor which came over the machine's socket.
const TAKES_FD: [&str; 2] = ["add-fd", "getfd"];

/// What QEMU says to a client that gives none along. QEMU itself would take the next one that comes for this command's, and
/// that is one of the bridge's own.
pub(super) fn without_fd(request: &Request) -> Option<ErrorResponse> {
    TAKES_FD
        .contains(&request.name.as_str())
        .then(|| ErrorResponse::generic("No file descriptor supplied via SCM_RIGHTS"))
}

/// Executes a command of the bridge's own; `None` if it is the machine's.
pub(super) fn execute(
    request: &Request,
    role: Role,
    history: &History,
) -> Option<Result<Json, ErrorResponse>> {
    let name = request.name.strip_prefix(PREFIX)?;
    Some(match name {
        "query-events" => history.query(role, request.arguments.as_deref()),
        _ => Err(ErrorResponse::new(
            ErrorClass::CommandNotFound,
            format!("The command {} has not been found", request.name),
        )),
    })
}

/// An error of a class of the bridge's own.
pub(crate) fn error(class: &str, desc: String) -> ErrorResponse {
    ErrorResponse::new(ErrorClass::Other(format!("{PREFIX}{class}")), desc)
}

/// What the bridge's own names begin with: commands, events, members and classes of errors.
pub(super) const PREFIX: &str = qmp_policy::OWN;
