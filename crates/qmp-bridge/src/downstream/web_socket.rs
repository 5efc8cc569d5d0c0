//! A client by WebSocket: one message in one text frame, and pings, because a browser that has lost its network does not
//! say so.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use qmp_proto::{ServerInput, ServerSession};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::{End, Link};
use crate::close_code::CloseCode;
use crate::mux::{Bucket, RateLimit};
use crate::options::ClientLimits;

/// The answer to a request for a WebSocket, and what comes of the connection when it was sent.
///
/// # Errors
/// It is no request for a WebSocket.
pub(crate) fn upgrade(mut request: Request) -> Result<(Response, OnUpgrade), Error> {
    let upgrade = hyper::upgrade::on(&mut request);
    Ok((create_response_with_body(&request, Body::empty)?, upgrade))
}

/// A WebSocket, and what has come on it.
pub(crate) struct WebSocketLink {
    socket: WebSocketStream<TokioIo<Upgraded>>,
    /// After this nobody knows where the next frame begins.
    broken: bool,
    waiting: VecDeque<Utf8Bytes>,
    /// About what these messages take.
    bytes: usize,
    max_bytes: usize,
    ping: Duration,
    heard: Instant,
    /// Pings and pongs that it may send.
    control: Bucket,
    /// Whether it was pinged since.
    pinged: bool,
    /// When to look again whether anything was heard.
    due: Pin<Box<Sleep>>,
}

impl WebSocketLink {
    pub(crate) async fn new(upgraded: Upgraded, limits: &ClientLimits) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(limits.max_frame))
            .max_frame_size(Some(limits.max_frame))
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER);
        let stream = TokioIo::new(upgraded);
        Self {
            socket: WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await,
            broken: false,
            waiting: VecDeque::new(),
            bytes: 0,
            max_bytes: limits.max_queue,
            ping: limits.ping,
            heard: Instant::now(),
            control: Bucket::new(CONTROL_FRAMES),
            pinged: false,
            due: Box::pin(sleep(limits.ping)),
        }
    }

    fn put(&mut self, message: Option<Result<Message, Error>>) -> Result<(), End> {
        self.heard = Instant::now();
        self.pinged = false;
        match message {
            Some(Ok(Message::Text(_))) if self.bytes > self.max_bytes => {
                Err(End::Ours(CloseCode::TooManyCommands))
            }
            Some(Ok(Message::Text(text))) => {
                self.bytes += text.len() + MESSAGE;
                self.waiting.push_back(text);
                Ok(())
            }
            Some(Ok(Message::Binary(_))) => Err(End::Ours(CloseCode::BinaryFrame)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => match self.control.take(self.heard.into_std()) {
                None => Ok(()),
                Some(_) => Err(self.broken(CloseCode::Flood)),
            },
            Some(Err(Error::Capacity(_))) => Err(self.broken(CloseCode::TooBig)),
            Some(Err(Error::Utf8(_))) => Err(self.broken(CloseCode::NotText)),
            Some(Ok(Message::Close(_) | Message::Frame(_)) | Err(_)) | None => Err(End::Theirs),
        }
    }

    /// What still comes is not worth looking at.
    fn broken(&mut self, code: CloseCode) -> End {
        self.broken = true;
        End::Ours(code)
    }

    /// Pings who was silent, and gives up who does not answer. A timer that is set anew with every frame would cost more
    /// than one that looks whether there were any.
    async fn look(&mut self) -> Result<(), End> {
        let next = match self.ping.checked_sub(self.heard.elapsed()) {
            Some(left) if !left.is_zero() => left,
            _ if self.pinged => return Err(End::Silent),
            _ => {
                let answer = self.ping / 2;
                let ping = self.socket.send(Message::Ping(Default::default()));
                match timeout(answer, ping).await {
                    Ok(Ok(())) => self.pinged = true,
                    Ok(Err(_)) => return Err(End::Theirs),
                    Err(_) => return Err(End::Silent),
                }
                answer
            }
        };
        self.due.as_mut().reset(Instant::now() + next);
        Ok(())
    }
}

impl Link for WebSocketLink {
    async fn receive(&mut self) -> Result<bool, End> {
        tokio::select! {
            // What has come goes before what has not.
            biased;
            message = self.socket.next() => {
                let is_close = matches!(message, Some(Ok(Message::Close(_))));
                let put = self.put(message);
                if is_close {
                    // Its close frame goes back; to whom it does not go had no ears for it.
                    let _ = timeout(CLOSING, self.socket.flush()).await;
                }
                put?;
            }
            () = &mut self.due => self.look().await?,
        }
        Ok(true)
    }

    fn feed(&mut self, session: &mut ServerSession) -> Result<bool, End> {
        let Some(text) = self.waiting.pop_front() else {
            return Ok(false);
        };
        self.bytes -= text.len() + MESSAGE;
        match session.handle_input(ServerInput::Message(&text)) {
            Ok(()) => Ok(true),
            Err(_) => Err(End::Ours(CloseCode::TooBig)),
        }
    }

    async fn send(&mut self, message: Utf8Bytes) -> Result<(), End> {
        self.socket
            .feed(Message::Text(message))
            .await
            .map_err(|_| End::Theirs)
    }

    async fn flush(&mut self) -> Result<(), End> {
        self.socket.flush().await.map_err(|_| End::Theirs)
    }

    async fn close(&mut self, code: CloseCode) {
        let frame = CloseFrame {
            code: code.code().into(),
            reason: code.reason().into(),
        };
        if self.socket.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        // To go without having read what the client sent would reset the connection, and the close frame with it.
        if self.broken {
            let stream = self.socket.get_mut();
            if stream.shutdown().await.is_ok() {
                let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
            }
        } else {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }
}

/// About what a message takes beside its text.
const MESSAGE: usize = 64;
/// A browser sends small commands: a big buffer for each of a thousand of them would be for nothing.
const READ_BUFFER: usize = 1024;
/// Bytes of small messages, such as events, that go out together.
const WRITE_BUFFER: usize = 8 << 10;
/// Browsers send none but the answers to our pings; programs ping every few seconds.
const CONTROL_FRAMES: RateLimit = RateLimit(NonZeroU32::new(20).expect("not zero"));
/// How long a client that closes may take to be told that this was heard.
const CLOSING: Duration = Duration::from_secs(1);
