//! Tries to connect. Where to, and why a try came to nothing, is asked in `source.js`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::convert::{self, BigInts};
use super::events::Events;
use super::incoming::Incoming;
use super::trace::{Tap, Trace};
use super::waiter::Promised;
use crate::client::{Client, Stray};
use crate::connection::{Attempt, Failure};
use crate::error::Error;
use crate::supervisor::is_fatal;
use crate::transport::CloseInfo;
use crate::transport::web_socket::{self, ConnectOptions};

/// What a try is made of. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) places: Places,
    pub(super) wire: ConnectOptions,
    pub(super) bigint: BigInts,
    pub(super) events: Events,
    pub(super) diagnose: Function,
    pub(super) trace: Trace,
}

impl Source {
    /// Tries to connect, as long as what this gives lives.
    pub(super) fn open(&self, attempt: Attempt<Promised>) -> Box<dyn Any> {
        let opening = Rc::new(Opening {
            source: self.clone(),
            attempt,
            client: RefCell::default(),
        });
        let weak = Rc::downgrade(&opening);
        let told = move |begun: Option<Try>, url: Option<String>, reason: Option<String>| {
            if let Some(opening) = weak.upgrade() {
                let failed = || Error::Connect {
                    url: url.unwrap_or_default(),
                    reason: reason.unwrap_or_default(),
                };
                match begun {
                    Some(begun) => opening.begin(begun),
                    None => opening.failed(failed(), false),
                }
            }
        };
        self.places.ask(&Closure::once_into_js(told));
        Box::new(opening)
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
        client.on_closed(move |CloseInfo { code, reason }| tap.ended(code, &reason));
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

/// A try that is under way.
struct Opening {
    source: Source,
    attempt: Attempt<Promised>,
    client: RefCell<Option<Client<Promised>>>,
}

impl Opening {
    fn begin(self: &Rc<Self>, begun: Try) {
        let Source {
            bigint,
            events,
            trace,
            wire,
            ..
        } = &self.source;
        let notes = &self.attempt.notes;
        notes.is_local(begun.is_local());
        let read = |client: &Client<Promised>, socket: &WebSocket| {
            let prefix = client.id_prefix();
            let tap = Tap::new(trace, socket);
            self.source.listen(client, tap.clone());
            let incoming = Incoming::new(client);
            let reader = reader(&prefix, bigint.as_str(), events, incoming, &tap);
            let asked = reader.clone();
            notes.ask(move || has_heard(&asked));
            reader
        };
        let (socket, name) = (begun.socket(), begun.name());
        let this = Rc::downgrade(self);
        let done = move |result| Self::done(&this, &begun, result);
        match web_socket::open(socket, &name, wire, read, done) {
            Ok(client) => drop(self.client.replace(Some(client))),
            Err(error) => self.failed(error, false),
        }
    }

    fn done(this: &Weak<Self>, begun: &Try, result: Result<Client<Promised>, Error>) {
        let Some(opening) = this.upgrade() else {
            return;
        };
        match result {
            Ok(client) => opening.attempt.done(Ok(client)),
            Err(error @ Error::Connect { .. }) => {
                let this = this.clone();
                let told = move |why: Option<String>| {
                    if let Some(opening) = this.upgrade() {
                        opening.explained(error, why);
                    }
                };
                begun.explain(&Closure::once_into_js(told));
            }
            Err(error) => {
                let refused = matches!(&error, Error::ConnectionLost { close, .. } if is_fatal(close.code));
                opening.failed(error, refused);
            }
        }
    }

    /// What the bridge says tells more than the browser does.
    fn explained(&self, error: Error, why: Option<String>) {
        match (error, why) {
            (Error::Connect { url, .. }, Some(reason)) => self.failed(Error::Connect { url, reason }, true),
            (error, _) => self.failed(error, false),
        }
    }

    fn failed(&self, error: Error, refused: bool) {
        self.attempt.done(Err(Failure { error, refused }));
    }
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
    /// Only named, so that the file is in the package: `source.js` imports it.
    #[wasm_bindgen(js_name = asSocket)]
    type AsSocket;
}

#[wasm_bindgen(module = "/src/js/source.js")]
extern "C" {
    /// Where to connect to, and what to show there.
    #[wasm_bindgen(js_name = Source)]
    #[derive(Clone, Debug)]
    pub(super) type Places;

    /// It throws where it can be none.
    #[wasm_bindgen(catch, constructor, js_class = Source)]
    pub(super) fn new(url: &JsValue, token: &JsValue, trace: &Trace) -> Result<Places, JsValue>;

    /// Whether it is a pipe, which nobody knows how to make anew.
    #[wasm_bindgen(method, getter, js_name = isPipe, js_class = Source)]
    pub(super) fn is_pipe(this: &Places) -> bool;

    /// Asks anew, and tells of a [`Try`], or of what was to be tried and why it is not.
    #[wasm_bindgen(method, js_class = Source)]
    fn ask(this: &Places, tell: &JsValue);

    /// A WebSocket that is being opened, or another pipe.
    type Try;

    #[wasm_bindgen(method, getter)]
    fn socket(this: &Try) -> WebSocket;

    /// Where it goes, for people.
    #[wasm_bindgen(method, getter)]
    fn name(this: &Try) -> String;

    /// Whether that is this computer.
    #[wasm_bindgen(method, getter, js_name = isLocal)]
    fn is_local(this: &Try) -> bool;

    /// Asks the bridge whether it would refuse again, and tells why.
    #[wasm_bindgen(method)]
    fn explain(this: &Try, tell: &JsValue);
}
