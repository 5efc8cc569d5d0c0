//! What the bridge adds to QMP, under names as QAPI asks of those who extend it: `__RFQDN_`, and a name.

use qmp_proto::{ErrorClass, ErrorResponse, Json, Request};

use super::history::History;

/// Executes a command of the bridge's own; `None` if it is the machine's.
pub(super) fn execute(request: &Request, history: &History) -> Option<Result<Json, ErrorResponse>> {
    let name = request.name.strip_prefix(PREFIX)?;
    Some(match name {
        "query-events" => history.query(request.arguments.as_deref()),
        _ => Err(ErrorResponse::new(
            ErrorClass::CommandNotFound,
            format!("The command {} has not been found", request.name),
        )),
    })
}

/// An error of a class of the bridge's own.
pub(super) fn error(class: &str, desc: String) -> ErrorResponse {
    ErrorResponse::new(ErrorClass::Other(format!("{PREFIX}{class}")), desc)
}

/// What the bridge's own names begin with: commands, events, members and classes of errors.
pub(super) const PREFIX: &str = "__io.github.qmp-web_";
