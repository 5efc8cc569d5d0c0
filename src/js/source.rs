//! Tries to connect. Where to, and why a try came to nothing, is asked in `source.js`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::incoming::Incoming;
use super::page::Page;
use super::waiter::Promised;
use crate::client::{Client, Stray};
use crate::connection::{Attempt, Failure};
use crate::error::Error;
use crate::supervisor::is_fatal;
use crate::transport::CloseInfo;
use crate::transport::web_socket::{self, ConnectOptions};

/// What a try is made of.
pub(super) struct Source {
    page: Page,
    wire: Rc<ConnectOptions>,
}

impl Source {
    pub(super) fn new(page: Page, wire: ConnectOptions) -> Self {
        Self {
            page,
            wire: Rc::new(wire),
        }
    }

    /// Tries to connect, as long as what this gives lives.
    pub(super) fn open(&self, attempt: Attempt<Promised>) -> Box<dyn Any> {
        let opening = Rc::new(Opening {
            page: self.page.clone(),
            wire: self.wire.clone(),
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
        self.page.ask(&Closure::once_into_js(told));
        Box::new(opening)
    }
}

/// A try that is under way.
struct Opening {
    page: Page,
    wire: Rc<ConnectOptions>,
    attempt: Attempt<Promised>,
    client: RefCell<Option<Client<Promised>>>,
}

impl Opening {
    fn begin(self: &Rc<Self>, begun: Try) {
        let notes = &self.attempt.notes;
        notes.is_local(begun.is_local());
        let read = |client: &Client<Promised>, socket: &WebSocket| -> Function {
            let reader = self
                .page
                .reader(&client.id_prefix(), Incoming::new(client), socket);
            listen(&self.page, client);
            let ended = reader.clone();
            client.on_closed(move |CloseInfo { code, reason }| ended.ended(code, &reason));
            let asked = reader.clone();
            notes.ask(move || asked.has_heard());
            reader.into()
        };
        let (socket, name) = (begun.socket(), begun.name());
        let this = Rc::downgrade(self);
        let done = move |result| Self::done(&this, &begun, result);
        match web_socket::open(socket, &name, &self.wire, read, done) {
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
                // Of the same kind as that of `ask`, whose code it shares.
                let told = move |_: Option<Try>, why: Option<String>, hint: Option<String>| {
                    if let Some(opening) = this.upgrade() {
                        opening.explained(error, why, hint);
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
    fn explained(&self, mut error: Error, why: Option<String>, hint: Option<String>) {
        let refused = why.is_some();
        if let Error::Connect { reason, .. } = &mut error {
            if let Some(why) = why {
                *reason = why;
            } else if let Some(hint) = hint {
                reason.push_str("; ");
                reason.push_str(&hint);
            }
        }
        self.failed(error, refused);
    }

    fn failed(&self, error: Error, refused: bool) {
        self.attempt.done(Err(Failure { error, refused }));
    }
}

/// What the reader leaves to the client comes back here, as text.
fn listen(page: &Page, client: &Client<Promised>) {
    let listener = page.clone();
    client
        .on_event(move |event| listener.emit(&event.to_json()))
        .forever();
    let listener = page.clone();
    let told = move |stray: &Stray| match stray {
        Stray::Late { command } => listener.stray(Some(command), None),
        Stray::Unknown { id } => listener.stray(None, id.as_deref()),
    };
    client.on_stray(told).forever();
}

#[wasm_bindgen(module = "/src/js/source.js")]
extern "C" {
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
