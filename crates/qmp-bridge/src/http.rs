//! The HTTP side: which path does what, and the checks that each request passes, in their order: Host, path, Origin,
//! token, machine, and only then the upgrade.

mod vms;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, Path, Request, State, WebSocketUpgrade};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use qmp_policy::Policy;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::access::{self, Access, Refusal};
use crate::assets;
use crate::audit::{Audit, Peer};
use crate::clients::{Clients, Place};
use crate::downstream::{self, WebSocketLink};
use crate::grant::Grant;
use crate::guard::Guard;
use crate::machines::{Machine, Machines};
use crate::metrics::{self, Metrics};
use crate::options::is_name;
use crate::token::Tokens;

/// What every request may look at.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) access: Access,
    pub(crate) tokens: Tokens,
    pub(crate) policy: Arc<Policy>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) machines: Machines,
    pub(crate) clients: Arc<Clients>,
    pub(crate) audit: Audit,
}

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/vms", get(vms::list))
        .route("/api/vms/events", get(vms::events))
        .route("/vm/{name}/screen.png", get(screen))
        .route("/metrics", get(metrics))
        .route_layer(readable_by_pages(shared.clone()))
        .route("/healthz", get(async || "ok\n"))
        .route("/vm/{name}/qmp", get(qmp))
        .fallback_service(get(assets::serve))
        .layer(middleware::from_fn_with_state(shared.clone(), check_host))
        .layer(middleware::from_fn_with_state(shared.clone(), count))
        .layer(middleware::map_response(harden))
        .with_state(shared)
}

/// The metrics alone, without a token.
pub(crate) fn metrics_router(access: Access, metrics: Arc<Metrics>) -> Router {
    let answer = async move |request: Request| {
        access.check_host(request.uri(), request.headers())?;
        Ok::<_, Refusal>(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics.text()))
    };
    Router::new()
        .route("/metrics", get(answer))
        .layer(middleware::map_response(harden))
}

/// A page of another origin that may connect may also read why it may not: of a WebSocket a browser does not tell.
fn readable_by_pages(shared: Arc<Shared>) -> CorsLayer {
    CorsLayer::new()
        .allow_methods([Method::GET])
        .allow_headers([header::AUTHORIZATION, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG])
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

/// Counts refusals, and writes them down.
async fn count(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let from = shared.audit.is_on().then(|| From::new(&request));
    let response = next.run(request).await;
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        shared.metrics.refused(*refusal);
        if let Some(From { peer, origin, vm }) = from {
            shared.audit.refused(
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
    fn new(request: &Request) -> Self {
        let vm = request
            .uri()
            .path()
            .strip_prefix("/vm/")
            .and_then(|rest| rest.split('/').next())
            .filter(|name| is_name(name));
        Self {
            peer: peer(request.extensions()),
            origin: request.headers().get(header::ORIGIN).cloned(),
            vm: vm.map(str::to_owned),
        }
    }
}

/// The other end of a request's connection.
fn peer(extensions: &Extensions) -> Peer {
    let info = extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(Peer::Unknown, |ConnectInfo(address)| Peer::Tcp(*address))
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// The headers of every response: nothing is loaded from elsewhere, nothing frames the console, nothing is sniffed.
async fn harden(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn metrics(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refusal> {
    shared.check_page(&headers)?;
    Ok((
        [(header::CONTENT_TYPE, metrics::CONTENT_TYPE)],
        shared.metrics.text(),
    ))
}

/// The screen of a machine. Whoever names the picture it has is told whether it is still the same.
async fn screen(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let machine = shared
        .check_page(&headers)
        .and_then(|grant| {
            let machine = shared.machine(&name, &grant)?;
            let may_look = shared.policy.allows(grant.role, "screendump");
            may_look.then_some(machine).ok_or(Refusal::Role)
        })
        .map_err(IntoResponse::into_response)?;
    let picture = machine.screen.picture().await;
    let picture = picture.map_err(IntoResponse::into_response)?;
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
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
    extensions: Extensions,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Response> {
    let (machine, guard) = shared
        .admit(&name, peer(&extensions), &headers)
        .map_err(IntoResponse::into_response)?;
    let upgrade = upgrade.map_err(IntoResponse::into_response)?;
    let place = shared.place().map_err(IntoResponse::into_response)?;
    let max_frame = READ_AHEAD.saturating_mul(place.limits().max_frame);
    let span = tracing::info_span!("client", vm = %name);
    Ok(upgrade
        .protocols([access::SUBPROTOCOL])
        .max_message_size(max_frame)
        .max_frame_size(max_frame)
        .read_buffer_size(SOCKET_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .on_upgrade(move |socket| {
            let link = WebSocketLink::new(socket, place.limits());
            downstream::serve(link, machine.monitor.clone(), place, guard).instrument(span)
        }))
}

impl Shared {
    /// The machine that a WebSocket asks for, if it may have it, and how much of it.
    fn admit(&self, name: &str, peer: Peer, headers: &HeaderMap) -> Result<(Arc<Machine>, Guard), Refusal> {
        self.access.check_origin(headers)?;
        let grant = self.grant(&access::websocket_token(headers)?)?;
        let machine = self.machine(name, &grant)?;
        let origin = headers.get(header::ORIGIN).and_then(text);
        let policy = self.policy.clone();
        Ok((
            machine,
            Guard::new(grant, policy, &self.audit, peer, origin, name),
        ))
    }

    /// What a page asks for, with a token in a header, it may have.
    fn check_page(&self, headers: &HeaderMap) -> Result<Arc<Grant>, Refusal> {
        self.access.check_origin(headers)?;
        self.grant(access::bearer_token(headers)?)
    }

    fn grant(&self, token: &str) -> Result<Arc<Grant>, Refusal> {
        self.tokens.find(token).cloned().ok_or(Refusal::Token)
    }

    /// A machine that somebody may not use is none for him.
    fn machine(&self, name: &str, grant: &Grant) -> Result<Arc<Machine>, Refusal> {
        let machine = self.machines.find(name).filter(|_| grant.covers(name));
        machine.ok_or(Refusal::UnknownVm)
    }

    fn place(&self) -> Result<Place, Refusal> {
        self.clients.enter().ok_or(Refusal::Full)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tracing::warn!(refusal = %self, "request refused");
        let mut response = (self.status(), Extension(self), format!("{self}\n")).into_response();
        if self == Self::Full {
            let seconds = HeaderValue::from_static("5");
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// How many times as long as it may be a frame is read. One that is too long has to be read to its end for the client to
/// hear why the connection is closed: to close with something unread would reset it.
const READ_AHEAD: usize = 16;
/// A browser sends small commands: a big buffer for each of a thousand of them would be for nothing.
const SOCKET_BUFFER: usize = 1024;
/// Bytes of small messages, such as events, that go out together.
const WRITE_BUFFER: usize = 8 << 10;

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
