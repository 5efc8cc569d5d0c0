//! A browser's WebSocket as a transport, and [`connect`], which opens one.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{ArrayBuffer, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, WebSocket};

use super::{CloseInfo, Transport};
use crate::client::{Client, Waiter, WeakClient};
use crate::connection::Notes;
use crate::error::Error;

/// How to connect. The defaults suit a bridge that asks for no token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Shown to the bridge as a subprotocol, which no log and no history keeps.
    pub token: Option<String>,
    /// How long to wait for the connection and then for the greeting, in milliseconds. Default 5,000.
    pub greeting_timeout: u32,
    /// How long negotiation may take, in milliseconds; a QEMU that still executes the command of a client before us
    /// answers only then. Default 60,000.
    pub negotiation_timeout: u32,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            token: None,
            greeting_timeout: 5_000,
            negotiation_timeout: 60_000,
        }
    }
}

/// Connects to a QMP server behind a WebSocket and negotiates.
///
/// # Errors
/// No connection, no greeting, or no agreement. A browser does not tell why a WebSocket was refused.
pub async fn connect(url: &str, options: &ConnectOptions) -> Result<Client, Error> {
    connect_noting(url, options, &Notes::default()).await
}

/// The same for a try of a [`Connection`](crate::Connection), whose notes hear of what comes in.
///
/// # Errors
/// As those of [`connect`].
pub async fn connect_noting<W: Waiter>(
    url: &str,
    options: &ConnectOptions,
    notes: &Notes,
) -> Result<Client<W>, Error> {
    let socket = dial(url, options.token.as_deref())
        .map_err(|error| refused(url, js_sys::Error::from(error).message().into()))?;
    let (sender, opened) = oneshot::channel();
    let done = move |result| drop(sender.send(result));
    let heard = Rc::new(Cell::new(false));
    let _opening = open(
        socket,
        url,
        options,
        |client, _| read_all(client, heard.clone()),
        done,
    )?;
    notes.ask(move || heard.replace(false));
    opened
        .await
        .unwrap_or_else(|_| Err(refused(url, "the client is gone".to_owned())))
}

/// A client on a WebSocket, or what behaves like one, which is told to `done` once commands can be executed or the try has
/// come to nothing. Nothing is told if what this gives is dropped before. `name` is for errors; `read` makes what the
/// WebSocket calls with each message.
pub(crate) fn open<W: Waiter>(
    socket: WebSocket,
    name: &str,
    options: &ConnectOptions,
    read: impl FnOnce(&Client<W>, &WebSocket) -> Function,
    done: impl FnOnce(Result<Client<W>, Error>) + 'static,
) -> Result<Client<W>, Error> {
    let opening = Rc::new(Opening {
        name: name.to_owned(),
        greeting_timeout: options.greeting_timeout,
        negotiation_timeout: options.negotiation_timeout,
        stage: Cell::new(Stage::Dialling),
        client: OnceCell::new(),
        done: Cell::new(Some(Box::new(done))),
    });
    let told = opening.clone();
    let tell = Closure::new(move |what, reason| told.told(what, reason));
    let client = Client::new(random()?, |client| {
        opening.client.get_or_init(|| client);
        Socket {
            stop: follow(&socket, options.greeting_timeout, &tell),
            is_text: OnceCell::new(),
            socket: socket.clone(),
            _tell: tell,
        }
    });
    socket.set_onmessage(Some(&read(&client, &socket)));
    client.on_ready(move |ready| opening.ready(ready));
    Ok(client)
}

/// What becomes of a WebSocket. Later it only hears of its end.
struct Opening<W: Waiter> {
    name: String,
    greeting_timeout: u32,
    negotiation_timeout: u32,
    stage: Cell<Stage>,
    client: OnceCell<WeakClient<W>>,
    done: Cell<Option<Done<W>>>,
}

type Done<W> = Box<dyn FnOnce(Result<Client<W>, Error>)>;

/// What is waited for. The greeting and negotiation are bounded apart: only the first tells a busy monitor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Dialling,
    Greeting,
    Negotiation,
}

impl<W: Waiter> Opening<W> {
    /// Takes what the WebSocket tells; gives how long to wait from then on, if there is anything to wait for.
    fn told(&self, what: u32, reason: String) -> u32 {
        match what {
            OPEN => {
                self.stage.set(Stage::Greeting);
                return self.greeting_timeout;
            }
            LATE => return self.late(),
            code => self.closed(CloseInfo {
                code: code as u16,
                reason,
            }),
        }
        0
    }

    fn late(&self) -> u32 {
        let Some(client) = self.client() else {
            return 0;
        };
        let error = match self.stage.get() {
            Stage::Dialling => refused(
                &self.name,
                format!("no answer within {} ms", u64::from(self.greeting_timeout)),
            ),
            Stage::Greeting if client.greeting().is_none() => Error::Busy(self.greeting_timeout),
            Stage::Greeting => {
                self.stage.set(Stage::Negotiation);
                return self.negotiation_timeout;
            }
            Stage::Negotiation => refused(
                &self.name,
                format!(
                    "no answer to qmp_capabilities within {} ms",
                    u64::from(self.negotiation_timeout)
                ),
            ),
        };
        self.ready(Err(error));
        0
    }

    fn closed(&self, close: CloseInfo) {
        let Some(client) = self.client() else {
            return;
        };
        if self.stage.get() == Stage::Dialling
            && let Some(done) = self.done.take()
        {
            let error = refused(&self.name, close.to_string());
            client.lost(close);
            done(Err(error));
        } else {
            client.lost(close);
        }
    }

    fn ready(&self, result: Result<(), Error>) {
        if let (Some(done), Some(client)) = (self.done.take(), self.client()) {
            if result.is_err() {
                client.close();
            }
            done(result.map(|()| client));
        }
    }

    fn client(&self) -> Option<Client<W>> {
        self.client.get().and_then(WeakClient::upgrade)
    }
}

#[wasm_bindgen(module = "/src/js/web_socket.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn dial(url: &str, token: Option<&str>) -> Result<WebSocket, JsValue>;

    fn follow(socket: &WebSocket, patience: u32, tell: &Tell) -> Function;
}

type Tell = Closure<dyn FnMut(u32, String) -> u32>;

fn refused(url: &str, reason: String) -> Error {
    Error::Connect {
        url: url.to_owned(),
        reason,
    }
}

fn random() -> Result<u64, Error> {
    getrandom::u64().map_err(|_| refused("the random source", "it gives nothing".to_owned()))
}

/// A WebSocket that is followed.
struct Socket {
    socket: WebSocket,
    /// Ends the following, and the WebSocket.
    stop: Function,
    is_text: OnceCell<bool>,
    _tell: Tell,
}

/// Gives everything to the client: text frames from our bridge, binary frames from a bridge of bytes.
fn read_all<W: Waiter>(client: &Client<W>, heard: Rc<Cell<bool>>) -> Function {
    let client = client.downgrade();
    let read = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let Some(client) = client.upgrade() else {
            return;
        };
        heard.set(true);
        let data = message.data();
        if let Some(text) = data.as_string() {
            client.receive(text.as_bytes());
        } else if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
            client.receive(&Uint8Array::new(buffer).to_vec());
        }
    });
    // The engine frees it after the WebSocket.
    read.into_js_value().unchecked_into()
}

impl Transport for Socket {
    fn send(&self, message: &str) {
        // Nothing is sent before it is open, and then that is settled.
        let is_text = self.is_text.get_or_init(|| self.socket.protocol() == MESSAGES);
        // It fails only on a socket that is not open, and then a close event tells.
        let _ = if *is_text {
            self.socket.send_with_str(message)
        } else {
            // QEMU needs no line end; line-minded things between us and it do. What is sent later has to be a copy.
            self.socket
                .send_with_js_u8_array(&Uint8Array::from(format!("{message}\n").as_bytes()))
        };
    }

    fn close(&self) {
        // Without a code it cannot fail.
        let _ = self.socket.close();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        // It does not throw.
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}

/// The subprotocol of our bridge: one message in one text frame. Others carry bytes in binary frames, cut anywhere.
const MESSAGES: &str = "qmp.v1";
/// What a WebSocket tells beside its end, as `web_socket.js` numbers it.
const OPEN: u32 = 1;
const LATE: u32 = 2;
