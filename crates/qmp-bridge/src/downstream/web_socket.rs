//! A client by WebSocket: one message in one text frame, and pings, because a browser that has lost its network does not
//! say so.

use std::collections::VecDeque;
use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt, StreamExt};
use qmp_proto::{ServerInput, ServerSession};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_tungstenite::tungstenite;

use super::{End, Link};
use crate::close_code::CloseCode;
use crate::options::ClientLimits;

/// A WebSocket, and what has come on it.
pub(crate) struct WebSocketLink {
    socket: WebSocket,
    waiting: VecDeque<Utf8Bytes>,
    /// About what these messages take.
    bytes: usize,
    max_bytes: usize,
    ping: Duration,
    heard: Instant,
    /// Whether it was pinged since.
    pinged: bool,
    /// When to look again whether anything was heard.
    due: Pin<Box<Sleep>>,
}

impl WebSocketLink {
    pub(crate) fn new(socket: WebSocket, limits: &ClientLimits) -> Self {
        Self {
            socket,
            waiting: VecDeque::new(),
            bytes: 0,
            max_bytes: limits.max_queue,
            ping: limits.ping,
            heard: Instant::now(),
            pinged: false,
            due: Box::pin(sleep(limits.ping)),
        }
    }

    fn put(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
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
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(End::Theirs),
            Some(Err(error)) if is_too_big(&error) => Err(End::Ours(CloseCode::TooBig)),
            Some(Err(_)) => Err(End::Theirs),
        }
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
            code: code.code(),
            reason: code.reason().into(),
        };
        if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
            // To go without having read what the client sent would reset the connection, and the close frame with it.
            while let Some(Ok(_)) = self.socket.recv().await {}
        }
    }
}

fn is_too_big(error: &axum::Error) -> bool {
    let inner = error.source().and_then(|source| source.downcast_ref());
    matches!(inner, Some(tungstenite::Error::Capacity(_)))
}

/// About what a message takes beside its text.
const MESSAGE: usize = 64;
/// How long a client that closes may take to be told that this was heard.
const CLOSING: Duration = Duration::from_secs(1);
