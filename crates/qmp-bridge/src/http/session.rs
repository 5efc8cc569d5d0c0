//! What a token stands for, told to its holder; and a token of a session for one that is for one use.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use jiff::Timestamp;
use qmp_policy::{Policy, Role};
use serde::Serialize;

use super::Shared;
use super::asker::Asker;
use crate::access::{Refusal, bearer_token};
use crate::grant::{Grant, Scope};
use crate::token::NoExchange;

/// What the token stands for.
pub(super) async fn tell(
    State(shared): State<Arc<Shared>>,
    asker: Asker,
) -> Result<impl IntoResponse, Refusal> {
    let grant = shared.check_page(&asker)?;
    Ok(answer(&shared.rules.policy, &grant, None))
}

/// The same, and for a token for one use, once, one that is good for more.
pub(super) async fn begin(
    State(shared): State<Arc<Shared>>,
    asker: Asker,
) -> Result<impl IntoResponse, Refusal> {
    let token = bearer_token(&asker.headers)?;
    let (grant, given) = shared.attempt(&asker, || {
        shared
            .tokens
            .exchange(token, Timestamp::now())
            .map_err(|refused| match refused {
                NoExchange::Unknown => Refusal::Token,
                NoExchange::Spent => Refusal::Spent,
            })
    })?;
    Ok(answer(&shared.rules.policy, &grant, given))
}

fn answer(policy: &Policy, grant: &Grant, token: Option<String>) -> impl IntoResponse + use<> {
    let session = Session {
        token,
        id: grant.id.clone(),
        role: policy.cap(grant.role),
        expires: grant.expires.map(|time| time.to_string()),
        vms: match &grant.scope {
            Scope::All => None,
            Scope::Only(names) => Some(names.clone()),
        },
        commands: policy.allowed(grant.role).collect(),
        refused: policy.refused(grant.role).collect(),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(session))
}

#[derive(Debug, Serialize)]
struct Session {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    id: String,
    /// What it comes to here: without `--allow-admin` an admin is an operator.
    role: Role,
    /// As RFC 3339 has it; `null` for never.
    expires: Option<String>,
    /// The machines that it is good for; `null` for every one.
    vms: Option<Vec<String>>,
    /// What it may execute. An admin may execute what is unknown here too.
    commands: Vec<&'static str>,
    /// What an admin may not execute all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<&'static str>,
}
