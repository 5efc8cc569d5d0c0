//! A client by unix socket: bytes, as QEMU itself is spoken to. Each message ends in a line end, as QEMU's do.

use std::future::pending;
use std::io::ErrorKind;

use futures_util::FutureExt;
use qmp_proto::{ServerInput, ServerSession};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{End, Link};
use crate::close_code::CloseCode;
use crate::options::ClientLimits;

/// A stream, what has come on it, and what is to go.
pub(crate) struct StreamLink {
    stream: UnixStream,
    incoming: Vec<u8>,
    /// How many of these bytes the session has had.
    fed: usize,
    max_incoming: usize,
    outgoing: Vec<u8>,
}

impl StreamLink {
    pub(crate) fn new(stream: UnixStream, limits: &ClientLimits) -> Self {
        Self {
            stream,
            incoming: Vec::new(),
            fed: 0,
            max_incoming: limits.max_queue,
            outgoing: Vec::new(),
        }
    }

    /// A client that has said all may still want the answers; one that has gone does not.
    fn has_gone(&self) -> bool {
        let writable = self.stream.ready(Interest::WRITABLE).now_or_never();
        writable.is_some_and(|ready| ready.map_or(true, |ready| ready.is_write_closed()))
    }
}

impl Link for StreamLink {
    async fn receive(&mut self) -> Result<bool, End> {
        if self.incoming.len() - self.fed > self.max_incoming {
            // It may go on writing, but nothing is read until there is room.
            return pending().await;
        }
        loop {
            self.stream.readable().await.map_err(|_| End::Theirs)?;
            let mut buffer = [0; READ];
            match self.stream.try_read(&mut buffer) {
                Ok(0) if self.has_gone() => return Err(End::Theirs),
                Ok(0) => return Ok(false),
                Ok(length) => {
                    self.incoming.drain(..self.fed);
                    self.fed = 0;
                    self.incoming.extend_from_slice(&buffer[..length]);
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Err(End::Theirs),
            }
        }
    }

    fn feed(&mut self, session: &mut ServerSession) -> Result<bool, End> {
        let waiting = &self.incoming[self.fed..];
        // A command ends with its brace, so there is no more than one up to that.
        let length = waiting
            .iter()
            .position(|byte| *byte == b'}')
            .map_or(waiting.len(), |at| at + 1);
        if length == 0 {
            self.incoming = Vec::new();
            self.fed = 0;
            return Ok(false);
        }
        self.fed += length;
        match session.handle_input(ServerInput::Bytes(&waiting[..length])) {
            Ok(()) => Ok(true),
            Err(_) => Err(End::Ours(CloseCode::TooBig)),
        }
    }

    async fn send(&mut self, message: Utf8Bytes) -> Result<(), End> {
        self.outgoing.extend_from_slice(message.as_bytes());
        self.outgoing.extend_from_slice(b"\r\n");
        if self.outgoing.len() > WRITE {
            self.flush().await
        } else {
            Ok(())
        }
    }

    async fn flush(&mut self) -> Result<(), End> {
        let written = self.stream.write_all(&self.outgoing).await;
        self.outgoing.clear();
        self.outgoing.shrink_to(WRITE);
        written.map_err(|_| End::Theirs)
    }

    async fn close(&mut self, _: CloseCode) {
        if self.stream.shutdown().await.is_ok() {
            // To go without having read what the client sent would make an error of the end.
            let mut buffer = [0; 64];
            while self.stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
        }
    }
}

/// Bytes that are read at once.
const READ: usize = 16 << 10;
/// Bytes that are written at once, where there are so many.
const WRITE: usize = 4 << 10;
