//! `execute` as JavaScript calls it: its options, the promise, the signal and the deadline.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use qmp_proto::{Command, CommandId};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::convert::{self, BigInts};
use super::error;
use super::events::{self, Events};
use super::options::Options;
use super::schema::Schemas;
use super::waiter::{Abort, Promised};
use crate::client::{Client, Waiter};
use crate::connection::Connection;
use crate::error::{Error, Outcome};
use crate::expiry::now;
use crate::timeouts::default_timeout;

/// Executes commands over a connection.
#[derive(Clone, Debug)]
pub(super) struct Executor {
    pub(super) connection: Connection<Promised>,
    pub(super) settings: Settings,
}

/// What is said of all commands of a connection.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) events: Events,
    pub(super) bigint: BigInts,
    /// Milliseconds, where a command does not say; `None` for those of its kind.
    pub(super) timeout: Option<f64>,
    /// Whether nothing was executed yet, so that events may be held for who has not listened.
    pub(super) is_new: Rc<Cell<bool>>,
    pub(super) schemas: Schemas,
    /// Whether what the machine would refuse is not sent.
    pub(super) check: bool,
}

impl Executor {
    /// Executes: a promise of `return`, or with `until` of the reply and an event. It is sent at once.
    pub(super) fn execute(
        &self,
        command: &JsValue,
        arguments: &JsValue,
        options: &JsValue,
    ) -> Result<Promise, JsValue> {
        let command = convert::string("command", command)?;
        let options = ExecuteOptions::from_js(options)?;
        let arguments = convert::arguments(&command, arguments)?;
        // Who executes has had time to listen, and hears what was held before the reply.
        if self.settings.is_new.replace(false) {
            self.settings.events.flush_soon();
        }
        if self.settings.check {
            self.settings.schemas.check(&command, arguments.as_deref())?;
        }
        let Some(until) = &options.until else {
            return Ok(self.send(&command, arguments.as_deref(), &options));
        };
        let names = convert::names(until)?;
        let wait = convert::object([
            ("signal", options.signal.clone().into()),
            ("timeout", self.timeout(&command, &options).into()),
            ("where", options.r#where.clone().into()),
        ]);
        let this = self.clone();
        let send = Closure::once_into_js(move || this.send(&command, arguments.as_deref(), &options));
        Ok(events::until(
            &self.settings.events,
            &names,
            &wait,
            send.unchecked_ref(),
        ))
    }

    /// What is called when it is connected again, maybe to another machine. It does not keep the connection.
    pub(super) fn renewal(&self) -> impl Fn() + use<> {
        let (schemas, check) = (self.settings.schemas.clone(), self.settings.check);
        move || {
            schemas.forget();
            if check {
                schemas.load();
            }
        }
    }

    fn timeout(&self, command: &str, options: &ExecuteOptions) -> f64 {
        let given = options.timeout.or(self.settings.timeout);
        given.unwrap_or_else(|| default_timeout(command).into())
    }

    pub(super) fn send(&self, command: &str, arguments: Option<&str>, options: &ExecuteOptions) -> Promise {
        let signal = options.signal.as_ref();
        Promise::new(&mut |resolve: Function, reject: Function| {
            let id = Rc::new(Cell::new(None));
            let mut waiter = Promised {
                resolve,
                reject,
                bigint: self.settings.bigint,
                abort: None,
            };
            if let Some(signal) = signal.filter(|signal| signal.aborted()) {
                let outcome = Outcome::NotSent;
                return waiter.reject(&error::aborted(command, outcome, &signal.reason()));
            }
            let Some(live) = self.connection.live() else {
                return waiter.settle(Err(Error::not_sent(self.connection.last_close())));
            };
            waiter.abort = signal.map(|signal| abort_with(&live.client, signal, command, id.clone()));
            let wire = Command {
                name: command,
                arguments,
                oob: options.oob,
                id: true,
            };
            let deadline = now() + self.timeout(command, options);
            id.set(live.client.start(wire, waiter, deadline));
            live.expiry.watch(deadline);
        })
    }
}

/// Stops waiting for the command when the signal says so.
fn abort_with(
    client: &Client<Promised>,
    signal: &AbortSignal,
    command: &str,
    id: Rc<Cell<Option<CommandId>>>,
) -> Abort {
    let (client, command, reason) = (client.downgrade(), command.to_owned(), signal.clone());
    Abort::new(signal, move || {
        let (Some(id), Some(client)) = (id.get(), client.upgrade()) else {
            return;
        };
        if let Some((waiter, outcome)) = client.abandon(id) {
            waiter.reject(&error::aborted(&command, outcome, &reason.reason()));
        }
    })
}

/// `ExecuteOptions` as JavaScript gives them; see `types.d.ts`.
#[derive(Default)]
pub(super) struct ExecuteOptions {
    oob: bool,
    timeout: Option<f64>,
    signal: Option<AbortSignal>,
    until: Option<JsValue>,
    r#where: Option<Function>,
}

impl ExecuteOptions {
    fn from_js(value: &JsValue) -> Result<Self, JsValue> {
        let options = Options::new(value, &["oob", "signal", "timeout", "until", "where"])?;
        Ok(Self {
            oob: options.boolean("oob")?,
            timeout: options.milliseconds("timeout")?,
            signal: options.signal("signal")?,
            until: options.value("until")?,
            r#where: options.function("where")?,
        })
    }
}
