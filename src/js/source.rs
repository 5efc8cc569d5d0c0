//! Where to connect to and what to show there, asked for anew before each try; and why a try came to nothing, as far as the
//! bridge says over HTTP: of a WebSocket a browser does not tell.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Headers, RequestInit, Response, Url, WebSocket};

use super::convert::{self, BigInts};
use super::events::Events;
use super::incoming::Incoming;
use super::trace::{Tap, Trace};
use super::waiter::Promised;
use crate::client::{Client, Stray};
use crate::connection::{Failure, Notes};
use crate::error::Error;
use crate::supervisor::is_fatal;
use crate::transport::CloseInfo;
use crate::transport::web_socket::{self, ConnectOptions, within};

/// Where a try goes.
pub(super) enum Place {
    /// A WebSocket, or what behaves like one.
    Pipe(WebSocket),
    Url(String),
}

impl Place {
    pub(super) fn from_js(value: &JsValue) -> Result<Self, JsValue> {
        match as_socket(value)? {
            Some(socket) => Ok(Self::Pipe(socket)),
            None => convert::url(value).map(Self::Url),
        }
    }
}

/// What a try is made of. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// A string, `URL`, WebSocket or pair of streams, or a function that gives one or a promise of one.
    pub(super) url: JsValue,
    /// The class of WebSockets; `undefined` for the browser's.
    pub(super) class: JsValue,
    /// A string, or a function as above; `undefined` for none.
    pub(super) token: JsValue,
    pub(super) wire: ConnectOptions,
    pub(super) bigint: BigInts,
    pub(super) events: Events,
    pub(super) diagnose: Function,
    pub(super) trace: Trace,
}

impl Source {
    /// Tries to connect.
    pub(super) async fn open(self, notes: Notes) -> Result<Client<Promised>, Failure> {
        let (place, token) = within(PATIENCE, self.ask())
            .await
            .unwrap_or_else(|| Err(self.failed("no url and token in time".to_owned())))
            .map_err(|error| Failure {
                error,
                refused: false,
            })?;
        if let Place::Url(url) = &place {
            self.trace.attempt(url);
        }
        notes.is_local(matches!(&place, Place::Url(url) if is_local(url)));
        let options = ConnectOptions {
            token,
            ..self.wire.clone()
        };
        let read = |client: &Client<Promised>, socket: &WebSocket| {
            let prefix = client.id_prefix();
            let tap = Tap::new(&self.trace, socket);
            self.listen(client, tap.clone());
            let incoming = Incoming::new(client);
            let reader = reader(&prefix, self.bigint.as_str(), &self.events, incoming, &tap);
            let asked = reader.clone();
            notes.ask(move || has_heard(&asked));
            reader
        };
        let (result, url) = match place {
            Place::Pipe(socket) => {
                let result = web_socket::adopt(socket, "the given pipe", &options, read).await;
                (result, None)
            }
            Place::Url(url) => {
                let dial = |url: &str, offered: &JsValue| dial(&self.class, url, offered);
                let result = web_socket::dial_and_read(&url, &options, dial, read).await;
                (result, Some(url))
            }
        };
        match (result, url) {
            (Ok(client), _) => Ok(client),
            (Err(error @ Error::Connect { .. }), Some(url)) => {
                Err(explain(error, &url, options.token.as_deref()).await)
            }
            (Err(error), _) => {
                let refused = matches!(&error, Error::ConnectionLost { close, .. } if is_fatal(close.code));
                Err(Failure { error, refused })
            }
        }
    }

    async fn ask(&self) -> Result<(Place, Option<String>), Error> {
        let failed = |thrown: JsValue| self.failed(convert::message(&thrown));
        // A pipe comes last: what it greets with should find somebody, and nobody else would close it.
        let token = call(&self.token).await.map_err(failed)?;
        let token = match token.is_undefined() || token.is_null() {
            true => None,
            false => Some(convert::string("token", &token).map_err(failed)?),
        };
        let place = Place::from_js(&call(&self.url).await.map_err(failed)?).map_err(failed)?;
        Ok((place, token))
    }

    fn failed(&self, reason: String) -> Error {
        let url = convert::url(&self.url).unwrap_or_default();
        Error::Connect { url, reason }
    }

    /// What the reader leaves to the client comes back here, as text.
    fn listen(&self, client: &Client<Promised>, tap: Tap) {
        let (events, bigint) = (self.events.clone(), self.bigint);
        let emit = move |event: &qmp_proto::Event| {
            if events.hears(&event.name)
                && let Ok(event) = convert::value(&event.to_json(), bigint)
            {
                events.emit(&event);
            }
        };
        client.on_event(emit).forever();
        let diagnose = self.diagnose.clone();
        client
            .on_stray(move |stray| tell_stray(&diagnose, stray))
            .forever();
        let closed = client.closed();
        spawn_local(async move {
            let CloseInfo { code, reason } = closed.await;
            tap.ended(code, &reason);
        });
    }
}

fn tell_stray(diagnose: &Function, stray: &Stray) {
    super::diagnose(
        diagnose,
        &match stray {
            Stray::Late { command } => {
                convert::object([("kind", "late-reply".into()), ("command", command.into())])
            }
            Stray::Unknown { id } => convert::object([
                ("kind", "unknown-reply".into()),
                ("id", id.as_deref().map_or(JsValue::UNDEFINED, JsValue::from)),
            ]),
        },
    );
}

/// Whether an address is one of this computer.
fn is_local(url: &str) -> bool {
    let name = Url::new(url).map(|url| url.hostname()).unwrap_or_default();
    name == "localhost" || name == "[::1]" || name.starts_with("127.")
}

/// A value, or what a function gives, now or later.
async fn call(value: &JsValue) -> Result<JsValue, JsValue> {
    match value.dyn_ref::<Function>() {
        Some(function) => JsFuture::from(Promise::resolve(&function.call0(&JsValue::UNDEFINED)?)).await,
        None => Ok(value.clone()),
    }
}

/// Asks the bridge whether it would refuse again. A bridge of bytes, or none, says nothing.
async fn explain(error: Error, url: &str, token: Option<&str>) -> Failure {
    let status = within(PATIENCE, status(url, token)).await.flatten();
    let why = match status {
        Some(401) => "the token is not valid (401)",
        Some(403) => "this page may not connect (403)",
        _ => {
            return Failure {
                error,
                refused: false,
            };
        }
    };
    let (url, reason) = (url.to_owned(), why.to_owned());
    Failure {
        error: Error::Connect { url, reason },
        refused: true,
    }
}

/// What the bridge answers to who asks for its machines. A browser that may not read the answer tells nothing.
async fn status(url: &str, token: Option<&str>) -> Option<u16> {
    let api = Url::new_with_base("../../api/vms", url).ok()?;
    api.set_protocol(if api.protocol() == "wss:" {
        "https:"
    } else {
        "http:"
    });
    let headers = Headers::new().ok()?;
    if let Some(token) = token {
        headers.set("authorization", &format!("Bearer {token}")).ok()?;
    }
    let init = RequestInit::new();
    init.set_headers(&headers);
    let response = JsFuture::from(fetch(&api.href(), &init).ok()?).await.ok()?;
    response
        .dyn_into::<Response>()
        .ok()
        .map(|response| response.status())
}

#[wasm_bindgen(module = "/src/js/reader.js")]
extern "C" {
    /// What a WebSocket calls with each message.
    fn reader(prefix: &str, bigint: &str, events: &Events, client: Incoming, tap: &Tap) -> Function;
    /// Whether it was called since this was asked last.
    #[wasm_bindgen(js_name = hasHeard)]
    fn has_heard(reader: &Function) -> bool;
}

#[wasm_bindgen(module = "/src/js/duplex.js")]
extern "C" {
    /// It throws where the pipe is in use already.
    #[wasm_bindgen(catch, js_name = asSocket)]
    fn as_socket(pipe: &JsValue) -> Result<Option<WebSocket>, JsValue>;
    #[wasm_bindgen(catch)]
    fn dial(class: &JsValue, url: &str, protocols: &JsValue) -> Result<WebSocket, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// Milliseconds for a page's own functions, and for the bridge's answer.
const PATIENCE: u32 = 30_000;
