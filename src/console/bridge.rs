//! What the bridge that served the page says over HTTP: which machines there are, or why it tells us nothing. A browser
//! hides from a page why a WebSocket was refused; this is how the page finds out.

use futures_util::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use js_sys::{Reflect, Uint8Array};
use qmp_proto::JsonRef;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, Response};

use super::dom;
use super::members::{all, string};
use super::server_sent::Events;
use super::store::{Connection, Machine, Refusal, Session};

/// What the bridge says to who shows a token.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// The token to go on with, if that of a link is good for no more than this.
    pub(super) token: Option<String>,
    /// What it is good for; `None` if there is no bridge of ours.
    pub(super) session: Option<Session>,
}

/// Shows the bridge the token.
pub(super) async fn begin(token: &str) -> Result<Begun, Failure> {
    let (status, body) = ask("POST", SESSION, Some(token)).await?;
    match status {
        200 => {
            let body = JsonRef::parse(&body).unwrap_or(JsonRef::NULL);
            Ok(Begun {
                token: string(body, "token"),
                session: Session::read(body),
            })
        }
        401 if body.trim_end() == USED => Err(Failure::LinkUsed),
        401 => Err(Failure::Token),
        429 => Err(Failure::TooManyTokens),
        // Whatever else it is, is told of by what is asked next.
        _ => Ok(Begun::default()),
    }
}

/// Asks for the machines.
pub(super) async fn machines(token: Option<&str>) -> Result<Vec<Machine>, Failure> {
    let (status, body) = ask("GET", MACHINES, token).await?;
    match status {
        // A server that is no bridge may answer every question with some page.
        200 => parse(&body).ok_or(Failure::NoBridge),
        status => Err(Failure::of(status)),
    }
}

/// Asks for the machines, and to be told of each change, their run states too.
pub(super) async fn follow(token: Option<&str>) -> Result<Lists, Failure> {
    let abort = AbortController::new().map_err(|_| Failure::Unreachable)?;
    let request = request("GET", token)?;
    request.set_signal(Some(&abort.signal()));
    let abort = Abort(abort);
    let response = send(FOLLOW, &request);
    let answer = select(Box::pin(response), TimeoutFuture::new(TIMEOUT)).await;
    let Either::Left((Ok(response), _)) = answer else {
        return Err(Failure::Unreachable);
    };
    match response.status() {
        200 => {}
        // The token is good, but the list is followed by too many already.
        429 => return Err(Failure::Status(429)),
        status => return Err(Failure::of(status)),
    }
    let body = response.body().ok_or(Failure::NoBridge)?;
    Ok(Lists {
        reader: ReadableStreamDefaultReader::new(&body).map_err(|_| Failure::NoBridge)?,
        events: Events::default(),
        _abort: abort,
    })
}

/// The lists of machines, as they come.
pub(super) struct Lists {
    reader: ReadableStreamDefaultReader,
    events: Events,
    _abort: Abort,
}

impl Lists {
    /// The next one; `None` when the bridge tells no more.
    pub(super) async fn next(&mut self) -> Option<Vec<Machine>> {
        loop {
            let read = JsFuture::from(self.reader.read());
            let Either::Left((Ok(read), _)) = select(read, TimeoutFuture::new(SILENCE)).await else {
                return None;
            };
            let bytes: Uint8Array = Reflect::get(&read, &"value".into()).ok()?.dyn_into().ok()?;
            // Only the latest counts.
            if let Some(list) = self.events.take(&bytes.to_vec()).pop() {
                return parse(&list);
            }
        }
    }
}

/// Ends a request when it is dropped.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why the bridge does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Forbidden,
    LinkUsed,
    /// What served the page is no bridge.
    NoBridge,
    Status(u16),
    Token,
    TooManyTokens,
    Unreachable,
}

impl Failure {
    const fn of(status: u16) -> Self {
        match status {
            401 => Self::Token,
            403 => Self::Forbidden,
            404 => Self::NoBridge,
            429 => Self::TooManyTokens,
            status => Self::Status(status),
        }
    }

    /// Whether to ask again would change nothing.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Forbidden | Self::LinkUsed | Self::Token)
    }

    /// What to tell a person who came with a token or without.
    pub(super) fn explain(self, had_token: bool) -> Connection {
        let (title, advice) = match self {
            Self::Forbidden => (
                "The bridge does not allow this page",
                "The address in the address bar is not one that the bridge accepts. Open the link that the bridge \
                 printed, or start the bridge with an option that allows this address.",
            ),
            Self::NoBridge => (
                "There is no bridge here",
                "This page was not served by qmp-bridge. Name a WebSocket that carries a machine's QMP in the address: \
                 #url=ws://host:port/",
            ),
            Self::Status(status) => {
                return Connection::Refused(Refusal::new(
                    "The bridge has a problem",
                    format!("It answered with HTTP status {status}. Its log may tell more."),
                ));
            }
            Self::LinkUsed => {
                return Connection::TokenNeeded {
                    problem: Some(
                        "This link was used already: it opens the console once. Ask for another one.",
                    ),
                };
            }
            Self::Token => {
                return Connection::TokenNeeded {
                    problem: had_token.then_some("The bridge does not accept this token."),
                };
            }
            Self::TooManyTokens => (
                "The bridge takes no tokens from here for now",
                "Too many wrong ones came from this address. Try again in a minute.",
            ),
            Self::Unreachable => (
                "The bridge does not answer",
                "It may have ended, or the network may be down.",
            ),
        };
        Connection::Refused(Refusal::new(title, advice))
    }
}

/// The machine that a link means, or what to show instead. Without a name, the only one is meant.
pub(super) fn choose(machines: &[Machine], name: Option<&str>) -> Result<Machine, Connection> {
    let meant = match (name, machines) {
        (Some(name), machines) => machines.iter().find(|machine| machine.name == name),
        (None, [only]) => Some(only),
        (None, _) => return Err(Connection::Choosing),
    };
    meant.cloned().ok_or_else(|| {
        Connection::Refused(Refusal::new(
            format!("There is no machine {}", name.unwrap_or_default()),
            "The bridge runs, but has no machine of this name, or none that your token is good for.",
        ))
    })
}

fn parse(body: &str) -> Option<Vec<Machine>> {
    all(JsonRef::parse(body).ok()?.get("vms")?, Machine::read)
}

/// The status of an answer, and its text.
async fn ask(method: &str, path: &str, token: Option<&str>) -> Result<(u16, String), Failure> {
    let request = request(method, token)?;
    request.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT)));
    fetch(path, &request).await.map_err(|_| Failure::Unreachable)
}

async fn fetch(path: &str, request: &RequestInit) -> Result<(u16, String), JsValue> {
    let response = send(path, request).await?;
    let body = JsFuture::from(response.text()?).await?;
    Ok((response.status(), body.as_string().unwrap_or_default()))
}

async fn send(path: &str, request: &RequestInit) -> Result<Response, JsValue> {
    let response = JsFuture::from(dom::window().fetch_with_str_and_init(path, request)).await?;
    response.dyn_into()
}

fn request(method: &str, token: Option<&str>) -> Result<RequestInit, Failure> {
    let request = RequestInit::new();
    request.set_method(method);
    let headers = Headers::new().map_err(|_| Failure::Unreachable)?;
    if let Some(token) = token {
        // What cannot stand in a header is no token.
        headers
            .set("Authorization", &format!("Bearer {token}"))
            .map_err(|_| Failure::Token)?;
    }
    request.set_headers(&headers);
    Ok(request)
}

const FOLLOW: &str = "/api/vms/events?run-state";
const MACHINES: &str = "/api/vms";
const SESSION: &str = "/api/session";
/// What the bridge says to who comes with a link again.
const USED: &str = "this link was used already";
/// In milliseconds.
const TIMEOUT: u32 = 5_000;
/// How long a list that is followed may say nothing, in milliseconds: the bridge says something every 15 s.
const SILENCE: u32 = 40_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::store::Reach;

    #[test]
    fn a_link_means_one_machine() {
        let both =
            r#"{"vms":[{"name":"a","demo":false,"state":"up"},{"name":"b","demo":true,"state":"down"}]}"#;
        let both = parse(both).unwrap();
        assert!(both[1].demo && both[1].reach == Reach::Down && both[0].reach == Reach::Up);

        assert_eq!(choose(&both, Some("b")).unwrap().name, "b");
        assert_eq!(choose(&both[..1], None).unwrap().name, "a");
        assert_eq!(choose(&both, None), Err(Connection::Choosing));
        assert!(
            matches!(choose(&both, Some("c")), Err(Connection::Refused(refusal)) if refusal.title.ends_with('c'))
        );
        assert_eq!(choose(&[], None), Err(Connection::Choosing));
    }

    #[test]
    fn run_states_are_told_by_some_bridges() {
        let list = r#"{"vms":[{"name":"a","state":"up","runState":"paused"},{"name":"b","state":"up"}]}"#;
        let run_states: Vec<_> = parse(list).unwrap().into_iter().map(|vm| vm.run_state).collect();
        assert_eq!(run_states, [Some("paused".to_owned()), None]);
    }

    #[test]
    fn what_other_servers_say_is_no_list_of_machines() {
        for body in ["", "<!doctype html>", "{}", "[]", r#"{"vms":[{}]}"#] {
            assert_eq!(parse(body), None, "{body}");
        }
    }
}
