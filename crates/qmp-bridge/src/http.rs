//! The HTTP side: which path does what, and the checks that each request passes, in their order: Host, path, Origin,
//! token, machine, and only then the upgrade.

mod asker;
mod session;
mod vms;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::HttpBody;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use jiff::Timestamp;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tracing::Instrument;

use self::asker::Asker;
use crate::access::{self, Access, Refusal, Scheme};
use crate::assets;
use crate::audit::{Peer, Refusals};
use crate::clients::{Clients, Place};
use crate::downstream::{self, WebSocketLink};
use crate::grant::{Grant, Scope, Stay};
use crate::guard::{Guard, Rules};
use crate::limiter::Limiter;
use crate::machines::{Machine, Machines};
use crate::metrics::{self, Metrics};
use crate::token::Tokens;

/// What every request may look at.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) access: Access,
    pub(crate) tokens: Tokens,
    pub(crate) failures: Mutex<Limiter>,
    /// What of refusals the log has had of late.
    pub(crate) refusals: Mutex<Refusals>,
    pub(crate) rules: Rules,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) machines: Machines,
    pub(crate) clients: Arc<Clients>,
}

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/session", get(session::tell).post(session::begin))
        .route("/api/vms", get(vms::list))
        .route("/api/vms/events", get(vms::events))
        .route("/vm/{name}/screen.png", get(screen))
        .route("/metrics", get(metrics))
        .route_layer(readable_by_pages(shared.clone()))
        .route("/healthz", get(async || "ok\n"))
        .route("/vm/{name}/qmp", get(qmp))
        .route_layer(middleware::from_fn_with_state(shared.clone(), check_origin))
        .fallback_service(get(assets::serve))
        .layer(middleware::from_fn_with_state(shared.clone(), check_host))
        .layer(middleware::from_fn_with_state(shared.clone(), count))
        .layer(middleware::from_fn_with_state(shared.access.scheme(), harden))
        // Whoever logs headers logs no token.
        .layer(SetSensitiveRequestHeadersLayer::new([
            header::AUTHORIZATION,
            header::SEC_WEBSOCKET_PROTOCOL,
        ]))
        .with_state(shared)
}

/// The metrics alone, without a token.
pub(crate) fn metrics_router(access: Access, metrics: Arc<Metrics>) -> Router {
    let scheme = access.scheme();
    let answer = async move |request: Request| {
        access.check_host(request.uri(), request.headers())?;
        access.check_origin(request.headers())?;
        Ok::<_, Refusal>(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics.text()))
    };
    Router::new()
        .route("/metrics", get(answer))
        .layer(middleware::from_fn_with_state(scheme, harden))
}

/// A page of another origin that may connect may also read why it may not: of a WebSocket a browser does not tell.
fn readable_by_pages(shared: Arc<Shared>) -> CorsLayer {
    CorsLayer::new()
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::RETRY_AFTER])
        .max_age(Duration::from_secs(600))
        .allow_origin(AllowOrigin::predicate(move |_, request| {
            shared.access.check_origin(&request.headers).is_ok()
        }))
}

/// A request that does not address the bridge by one of its names gets nothing, not even a file.
async fn check_host(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    shared.access.check_host(request.uri(), request.headers())?;
    Ok(next.run(request).await)
}

/// What is no file is for allowed pages, and for what is no page.
async fn check_origin(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    shared.access.check_origin(request.headers())?;
    Ok(next.run(request).await)
}

/// Counts refusals, and writes them down.
async fn count(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let from = shared.rules.audit.is_on().then(|| From::new(&request, &shared));
    let response = next.run(request).await;
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        shared.metrics.refused(*refusal);
        shared.log(*refusal);
        if let Some(From { peer, origin, vm }) = from {
            shared.rules.audit.refused(
                peer,
                origin.as_ref().and_then(text),
                vm.as_deref(),
                refusal.label(),
            );
        }
    }
    response
}

/// Whence a request comes, and what it is for. Its path is not kept: there may be anything in it.
struct From {
    peer: Peer,
    origin: Option<HeaderValue>,
    vm: Option<String>,
}

impl From {
    fn new(request: &Request, shared: &Shared) -> Self {
        let vm = request
            .uri()
            .path()
            .strip_prefix("/vm/")
            .and_then(|rest| rest.split('/').next())
            .filter(|name| shared.machines.find(name).is_some());
        Self {
            peer: asker::who(request.extensions(), request.headers(), shared).0,
            origin: request.headers().get(header::ORIGIN).cloned(),
            vm: vm.map(str::to_owned),
        }
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// The headers of every response: nothing is loaded from elsewhere, nothing frames the console, nothing is sniffed, and
/// nothing is kept but what says so.
async fn harden(State(scheme): State<Scheme>, request: Request, next: Next) -> Response {
    // What is said of a name counts for all its ports, and on this computer there are others.
    let is_local = request.headers().get(header::HOST).is_none_or(|host| {
        let host = host.as_bytes().to_ascii_lowercase();
        host == b"localhost" || host.starts_with(b"localhost:")
    });
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if scheme == Scheme::Https && !is_local {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(ONLY_HTTPS),
        );
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn metrics(State(shared): State<Arc<Shared>>, asker: Asker) -> Result<impl IntoResponse, Refusal> {
    if shared.check_page(&asker)?.scope != Scope::All {
        return Err(Refusal::Scope);
    }
    Ok((
        [(header::CONTENT_TYPE, metrics::CONTENT_TYPE)],
        shared.metrics.text(),
    ))
}

/// The screen of a machine. Whoever names the picture it has is told whether it is still the same.
async fn screen(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    asker: Asker,
) -> Result<Response, Response> {
    let machine = shared
        .check_page(&asker)
        .and_then(|grant| {
            let machine = shared.machine(&name, &grant)?;
            let may_look = shared.rules.policy.allows(grant.role, "screendump");
            may_look.then_some(machine).ok_or(Refusal::Role)
        })
        .map_err(IntoResponse::into_response)?;
    let picture = machine.screen.picture().await;
    let picture = picture.map_err(IntoResponse::into_response)?;
    let known = asker.headers.get_all(header::IF_NONE_MATCH).iter();
    let is_known = known.filter_map(|value| value.to_str().ok()).any(|tags| {
        tags.split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == picture.etag)
    });
    let caching = [
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::ETAG, picture.etag.clone()),
    ];
    Ok(if is_known {
        (StatusCode::NOT_MODIFIED, caching).into_response()
    } else {
        (
            caching,
            [(header::CONTENT_TYPE, "image/png")],
            picture.png.clone(),
        )
            .into_response()
    })
}

async fn qmp(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    asker: Asker,
    request: Request,
) -> Result<Response, Refusal> {
    let (machine, grant) = shared.admit(&name, &asker)?;
    // What follows is frames; a proxy in between would take them for what is left of a body.
    if !request.body().is_end_stream() {
        return Err(Refusal::Malformed);
    }
    let (mut response, upgrade) = downstream::upgrade(request).map_err(|_| Refusal::Malformed)?;
    let place = shared.place(&grant)?;
    let origin = asker.headers.get(header::ORIGIN).and_then(text);
    let guard = Guard::new(&shared.rules, grant, asker.peer, origin, &name);
    let span = tracing::info_span!("client", vm = %name);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            let link = WebSocketLink::new(upgraded, place.limits()).await;
            let served = downstream::serve(link, machine.monitor.clone(), place, guard);
            // A task of its own is no larger than what it does.
            tokio::spawn(served.instrument(span));
        }
    });
    let subprotocol = HeaderValue::from_static(access::SUBPROTOCOL);
    response
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    Ok(response)
}

impl Shared {
    /// Whoever asks may be anybody: of a flood the log has a few lines.
    fn log(&self, refusal: Refusal) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let (is_written, more) = refusals.count(refusal.label(), Instant::now());
        drop(refusals);
        for (reason, count) in more {
            tracing::warn!(reason, count, "more requests refused");
        }
        if is_written {
            tracing::warn!(%refusal, "request refused");
        }
    }

    /// The machine that a WebSocket asks for, if it may have it, and what it may do there.
    fn admit(&self, name: &str, asker: &Asker) -> Result<(Arc<Machine>, Arc<Grant>), Refusal> {
        let grant = self.grant(asker, &access::websocket_token(&asker.headers)?)?;
        Ok((self.machine(name, &grant)?, grant))
    }

    /// What a page asks for, with a token in a header, it may have.
    fn check_page(&self, asker: &Asker) -> Result<Arc<Grant>, Refusal> {
        self.grant(asker, access::bearer_token(&asker.headers)?)
    }

    fn grant(&self, asker: &Asker, token: &str) -> Result<Arc<Grant>, Refusal> {
        self.attempt(asker, || {
            self.tokens.find(token, Timestamp::now()).ok_or(Refusal::Token)
        })
    }

    /// Looks at a token, unless too many of those that came from there were none.
    fn attempt<T>(&self, asker: &Asker, look: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
        let now = Instant::now();
        // One at a time: of many that come at once no more are looked at than of as many that come in turn.
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures
            .check(asker.source, now)
            .map_err(|wait| Refusal::Failures {
                seconds: u32::try_from(wait.as_secs())
                    .unwrap_or(u32::MAX)
                    .saturating_add(1),
            })?;
        look().inspect_err(|_| failures.failed(asker.source, now))
    }

    /// A machine that somebody may not use is none for him.
    fn machine(&self, name: &str, grant: &Grant) -> Result<Arc<Machine>, Refusal> {
        let machine = self.machines.find(name).filter(|_| grant.covers(name));
        machine.ok_or(Refusal::UnknownVm)
    }

    fn place(&self, grant: &Arc<Grant>) -> Result<Place, Refusal> {
        let max = self.clients.limits().max_sessions.get();
        let seat = grant.sit(Stay::Session, max).ok_or(Refusal::Sessions)?;
        self.clients.enter(Some(seat)).ok_or(Refusal::Full)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Extension(self), format!("{self}\n")).into_response();
        let wait = match self {
            Self::Full => Some(5),
            Self::Failures { seconds } => Some(seconds),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// For a year.
const ONLY_HTTPS: &str = "max-age=31536000";

const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];
