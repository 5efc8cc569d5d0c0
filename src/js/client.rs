//! `connect` and the `Client` class, as far as they decide anything; the rest is in `page.js` and `client.js`. Nothing of a
//! JavaScript object is borrowed while something is in flight, so that `free()` is always safe.

use js_sys::{Function, Object, Promise, Reflect};
use qmp_proto::{Command, CommandId, Version};
use wasm_bindgen::prelude::*;

use super::error;
use super::page::{self, Page};
use super::source::Source;
use super::waiter::Promised;
use crate::client::Waiter;
use crate::connection::{Change, Connection};
use crate::error::{Error, Outcome};
use crate::expiry::now;
use crate::supervisor::{self, State, Why};
use crate::timeouts::default_timeout;
use crate::transport::CloseInfo;
use crate::transport::web_socket::ConnectOptions;

/// Connects to a QMP server behind a WebSocket, and again whenever the connection ends.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "reachable from JavaScript")]
pub fn connect(url: &JsValue, options: &JsValue) -> Promise {
    // What a page can report of a mistake of ours; where it was in the wasm, the engine's own error tells.
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
    match Page::new(url, options) {
        Ok(page) => page::complete(JsClient::begin(&page), &page),
        Err(error) => Promise::reject(&error),
    }
}

/// A connection to one machine.
#[wasm_bindgen(js_name = Client)]
#[derive(Debug)]
pub struct JsClient {
    connection: Connection<Promised>,
    bigint: u32,
}

impl JsClient {
    fn begin(page: &Page) -> Self {
        // It is no secret. Without random numbers no try comes to anything.
        let mut retry = supervisor::Options::new(getrandom::u64().unwrap_or_default());
        let mut wire = ConnectOptions::default();
        let times = [
            &mut wire.greeting_timeout,
            &mut wire.negotiation_timeout,
            &mut retry.base,
            &mut retry.max,
            &mut retry.dead,
            &mut retry.silence,
            &mut retry.unstable,
        ];
        let numbers = page.numbers();
        for (place, number) in times
            .into_iter()
            .zip(&numbers)
            .filter(|(_, number)| !number.is_nan())
        {
            // Of more than fits, the most that fits.
            *place = *number as u32;
        }
        if let Some(tries) = numbers.last().filter(|tries| !tries.is_nan()) {
            retry.tries = tries.is_finite().then_some(*tries as u32);
        }
        let source = Source::new(page.clone(), wire);
        let connection = Connection::new(retry, move |attempt| source.open(attempt));
        let (weak, page, bigint) = (connection.downgrade(), page.clone(), page.bigint());
        let changed = move |change: &Change| {
            let Some(connection) = weak.upgrade() else {
                return;
            };
            match change {
                Change::Pinged(number) => {
                    if let Some(live) = connection.live() {
                        page.pinged(&live.client.wire_id(*number));
                    }
                }
                Change::Resumed(gap) => page.resumed(*gap),
                Change::State(state) => tell(&page, *state, &connection),
            }
        };
        connection.on_change(changed).forever();
        Self { connection, bigint }
    }
}

/// Tells the page how the connection is.
fn tell(page: &Page, state: State, connection: &Connection<Promised>) {
    let (mut attempt, mut why, mut end) = (None, None, JsValue::UNDEFINED);
    match state {
        State::Closed(_) => {
            why = connection.last_error();
            end = error::ended(&connection.last_close());
        }
        State::Reconnecting { attempt: next, .. } => {
            why = connection.last_error();
            attempt = Some(next);
        }
        State::Connecting | State::Live | State::Unstable { .. } => {}
    }
    let wait = state.next_try().map(|time| time - now());
    let why = why.map_or(JsValue::UNDEFINED, JsValue::from);
    let for_good = state == State::Closed(Why::ByUs);
    page.changed(name(state), attempt, wait, &why, &end, for_good);
}

const fn name(state: State) -> &'static str {
    match state {
        State::Closed(_) => "closed",
        State::Connecting => "connecting",
        State::Live => "live",
        State::Reconnecting { .. } => "reconnecting",
        State::Unstable { .. } => "unstable",
    }
}

#[wasm_bindgen(js_class = Client)]
impl JsClient {
    /// Executes a command, for at most so many milliseconds; for as long as suits it where they are no number. Gives its
    /// number, or less than 0 if it was settled at once.
    pub fn send(
        &self,
        command: &str,
        arguments: Option<String>,
        oob: bool,
        timeout: f64,
        resolve: Function,
        reject: Function,
    ) -> f64 {
        let waiter = Promised {
            resolve,
            reject,
            bigint: self.bigint,
        };
        let Some(live) = self.connection.live() else {
            waiter.settle(Err(Error::not_sent(self.connection.last_close())));
            return -1.0;
        };
        let wire = Command {
            name: command,
            arguments: arguments.as_deref(),
            oob,
            id: true,
        };
        let timeout = if timeout.is_nan() {
            self.default_timeout(command)
        } else {
            timeout
        };
        let id = live.start(wire, waiter, timeout);
        id.map_or(-1.0, |id| id.number() as f64)
    }

    /// Stops waiting for the command of this number. Gives whether it may run; nothing if it has had its outcome.
    pub fn abandon(&self, number: f64) -> Option<bool> {
        let live = self.connection.live()?;
        let (_, outcome) = live.client.abandon(CommandId::new(number as u64))?;
        Some(outcome == Outcome::Unknown)
    }

    /// How long a command may take, in milliseconds, where nobody says.
    #[wasm_bindgen(js_name = defaultTimeout)]
    pub fn default_timeout(&self, command: &str) -> f64 {
        default_timeout(command).into()
    }

    /// How the last connection ended.
    #[wasm_bindgen(js_name = lastClose)]
    pub fn last_close(&self) -> JsValue {
        let CloseInfo { code, reason } = self.connection.last_close();
        object(&[("code", code.into()), ("reason", reason.into())])
    }

    /// Closes the connection for good. What is pending rejects.
    pub fn close(&self) {
        self.connection.close();
    }

    /// Connects anew, now: instead of waiting for the next try, after the last one, or instead of what is connected.
    pub fn reconnect(&self) {
        self.connection.reconnect();
    }

    /// What was negotiated, such as `["async", "oob"]`.
    #[wasm_bindgen(getter)]
    pub fn capabilities(&self) -> Vec<String> {
        let live = self.connection.live();
        let capabilities = live.map(|live| live.client.capabilities()).unwrap_or_default();
        capabilities.names().map(str::to_owned).collect()
    }

    /// The version of QEMU.
    #[wasm_bindgen(getter)]
    pub fn version(&self) -> JsValue {
        let Version {
            major,
            minor,
            micro,
            package,
        } = self.connection.greeting().version;
        object(&[
            ("major", major.into()),
            ("minor", minor.into()),
            ("micro", micro.into()),
            ("package", package.into()),
        ])
    }

    /// How the connection is.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        name(self.connection.state()).to_owned()
    }
}

impl Drop for JsClient {
    fn drop(&mut self) {
        self.connection.close();
    }
}

/// A plain object.
fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A fresh plain object takes any member.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
