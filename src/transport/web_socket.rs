//! A browser's WebSocket as a transport, and [`connect`], which opens one.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, ArrayBuffer, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::{CloseInfo, Transport};
use crate::client::{Client, Waiter, WeakClient};
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
    let dial = |url: &str, offered: &JsValue| WebSocket::new_with_str_sequence(url, offered);
    dial_and_read(url, options, dial, |client, _| read_all(client)).await
}

/// [`connect`] for other waiters. `dial` begins to open a WebSocket to an address, with these subprotocols; `read` makes what
/// that calls with each message.
pub(crate) async fn dial_and_read<W: Waiter>(
    url: &str,
    options: &ConnectOptions,
    dial: impl FnOnce(&str, &JsValue) -> Result<WebSocket, JsValue>,
    read: impl FnOnce(&Client<W>, &WebSocket) -> Function,
) -> Result<Client<W>, Error> {
    let offered = subprotocols(url, options.token.as_deref())?;
    let socket =
        dial(url, &offered).map_err(|thrown| refused(url, js_sys::Error::from(thrown).message().into()))?;
    adopt(socket, url, options, read).await
}

/// [`dial_and_read`] over a WebSocket, or what behaves like one, that somebody else has made. `name` is for errors.
pub(crate) async fn adopt<W: Waiter>(
    socket: WebSocket,
    name: &str,
    options: &ConnectOptions,
    read: impl FnOnce(&Client<W>, &WebSocket) -> Function,
) -> Result<Client<W>, Error> {
    let client = within(options.greeting_timeout, open(socket, name, read))
        .await
        .unwrap_or_else(|| {
            Err(refused(
                name,
                format!("no answer within {} ms", options.greeting_timeout),
            ))
        })?;
    // The waiting is bounded apart for the greeting and for negotiation: only the first tells a busy monitor.
    let ready = client.ready();
    let timeouts = async {
        timeout(options.greeting_timeout).await;
        if client.greeting().is_none() {
            return Error::Busy(options.greeting_timeout);
        }
        timeout(options.negotiation_timeout).await;
        refused(
            name,
            format!(
                "no answer to qmp_capabilities within {} ms",
                options.negotiation_timeout
            ),
        )
    };
    let result = match select(Box::pin(ready), Box::pin(timeouts)).await {
        Either::Left((ready, _)) => ready,
        Either::Right((error, _)) => Err(error),
    };
    if result.is_err() {
        client.close();
    }
    result.map(|()| client)
}

/// Browsers count in 31 bits and take what is longer for no time at all.
fn timeout(milliseconds: u32) -> TimeoutFuture {
    TimeoutFuture::new(milliseconds.min(i32::MAX as u32))
}

/// The future's value, or `None` if it takes longer.
pub(crate) async fn within<T>(milliseconds: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(Box::pin(future), timeout(milliseconds)).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// A client on a WebSocket, once that is open.
async fn open<W: Waiter>(
    socket: WebSocket,
    name: &str,
    read: impl FnOnce(&Client<W>, &WebSocket) -> Function,
) -> Result<Client<W>, Error> {
    socket.set_binary_type(BinaryType::Arraybuffer);
    let (opened, is_open) = oneshot::channel();
    let client = Client::new(random()?, |client| Socket::new(socket.clone(), client, opened));
    socket.set_onmessage(Some(&read(&client, &socket)));
    match is_open.await {
        Ok(Ok(())) => Ok(client),
        Ok(Err(close)) => Err(refused(name, close.to_string())),
        Err(_) => Err(refused(name, "the client is gone".to_owned())),
    }
}

/// `binary` goes first: websockify looks for it there, and takes none other. Our own bridge takes `qmp.v1`.
fn subprotocols(url: &str, token: Option<&str>) -> Result<Array, Error> {
    let offered = Array::of2(&BYTES.into(), &MESSAGES.into());
    if let Some(token) = token {
        let base64 = btoa(token).map_err(|_| refused(url, "a token is of ASCII characters".to_owned()))?;
        let base64url = base64.replace('+', "-").replace('/', "_").replace('=', "");
        offered.push(&format!("{BEARER}{base64url}").into());
    }
    Ok(offered)
}

#[wasm_bindgen]
extern "C" {
    /// The engine's own base64; a library's would weigh 3 KB for the one token.
    #[wasm_bindgen(catch)]
    fn btoa(latin1: &str) -> Result<String, JsValue>;
}

fn refused(url: &str, reason: String) -> Error {
    Error::Connect {
        url: url.to_owned(),
        reason,
    }
}

fn random() -> Result<u64, Error> {
    getrandom::u64().map_err(|e| refused("the random source", e.to_string()))
}

/// A WebSocket and its handlers. The handlers are taken off before they go.
struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

type Opened = Rc<RefCell<Option<oneshot::Sender<Result<(), CloseInfo>>>>>;

impl Socket {
    fn new<W: Waiter>(
        socket: WebSocket,
        client: WeakClient<W>,
        opened: oneshot::Sender<Result<(), CloseInfo>>,
    ) -> Self {
        let opened: Opened = Rc::new(RefCell::new(Some(opened)));
        let is_open_already = opened.clone();
        let on_open = Closure::new({
            let opened = opened.clone();
            move || tell(&opened, Ok(()))
        });
        let on_close = Closure::new(move |close: CloseEvent| {
            let close = CloseInfo {
                code: close.code(),
                reason: close.reason(),
            };
            tell(&opened, Err(close.clone()));
            if let Some(client) = client.upgrade() {
                client.lost(close);
            }
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        // An error event says nothing, and a close event follows it.
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        if socket.ready_state() == WebSocket::OPEN {
            tell(&is_open_already, Ok(()));
        }
        Self {
            socket,
            _on_open: on_open,
            _on_close: on_close,
        }
    }
}

fn tell(opened: &Opened, result: Result<(), CloseInfo>) {
    let sender = opened.borrow_mut().take();
    if let Some(sender) = sender {
        drop(sender.send(result));
    }
}

/// Gives everything to the client: text frames from our bridge, binary frames from a bridge of bytes.
fn read_all(client: &Client) -> Function {
    let client = client.downgrade();
    let read = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let Some(client) = client.upgrade() else {
            return;
        };
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
        // It fails only on a socket that is not open, and then a close event tells.
        let _ = if self.socket.protocol() == MESSAGES {
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
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.close();
    }
}

/// The subprotocol of byte bridges: bytes in binary frames, cut anywhere.
const BYTES: &str = "binary";
/// The subprotocol of our bridge: one message in one text frame.
const MESSAGES: &str = "qmp.v1";
/// The entry among the subprotocols that carries the token.
const BEARER: &str = "qmp.bearer.";
