//! One browser: its WebSocket, its own QMP session, its place at a machine.

use std::collections::VecDeque;
use std::error::Error;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt, StreamExt};
use qmp_proto::{Limits, ServerInput, ServerOptions, ServerOutput, ServerSession, ServerState};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;

use crate::close_code::CloseCode;
use crate::monitor::{Attachment, Monitor, ToPeer};

/// Serves a browser until one side ends it.
pub(crate) async fn serve(mut socket: WebSocket, monitor: &Monitor, stop: CancellationToken) {
    monitor.metrics.clients.inc();
    let end = tokio::select! {
        end = converse(&mut socket, monitor) => end,
        () = stop.cancelled() => End::Ours(CloseCode::GoingAway),
    };
    monitor.metrics.clients.dec();
    tracing::info!(?end, "client gone");
    if let End::Ours(code) = end {
        // Best effort: the peer may be gone, or may not read.
        let _ = timeout(LINGER, close(&mut socket, code)).await;
    }
}

async fn close(socket: &mut WebSocket, code: CloseCode) {
    let frame = CloseFrame {
        code: code.code(),
        reason: code.reason().into(),
    };
    if socket.send(Message::Close(Some(frame))).await.is_ok() {
        // To go without having read what the client sent would reset the connection, and the close frame with it.
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// Who ended a connection.
#[derive(Debug)]
enum End {
    Ours(CloseCode),
    Theirs,
}

async fn converse(socket: &mut WebSocket, monitor: &Monitor) -> End {
    let Some(greeting) = monitor.wait_up().await else {
        return End::Ours(CloseCode::TryLater);
    };
    let options = ServerOptions {
        greeting: (*greeting).clone(),
        limits: Limits::CLIENT,
    };
    let mut session = ServerSession::new(options);
    let mut attachment = monitor.attach();
    let mut inbox = Inbox::default();
    loop {
        // A client may have so many commands in flight; the others wait here, and are listened to, so that it is noticed
        // when the client leaves.
        while session.pending() < MAX_IN_FLIGHT
            && let Some(text) = inbox.take()
        {
            if session.handle_input(ServerInput::Message(&text)).is_err() {
                return End::Ours(CloseCode::TooBig);
            }
            if let Err(end) = drain(socket, &mut session, &mut attachment).await {
                return end;
            }
        }
        if let Err(end) = drain(socket, &mut session, &mut attachment).await {
            return end;
        }
        tokio::select! {
            message = socket.next() => {
                if let Err(end) = inbox.put(message) {
                    return end;
                }
            }
            said = attachment.next() => match said {
                Some(ToPeer::Event(text)) if session.state() == ServerState::Ready => {
                    if let Err(end) = in_time(MIN_WRITE, socket.send(Message::Text(text.0))).await {
                        return end;
                    }
                }
                // The client is not in command mode yet.
                Some(ToPeer::Event(_)) => {}
                Some(ToPeer::Gone) => return End::Ours(CloseCode::MonitorGone),
                Some(ToPeer::Reply { ticket, reply }) => session.respond(ticket, reply),
                None => return End::Ours(CloseCode::SlowConsumer),
            },
        }
    }
}

/// Messages of the browser that wait for others to be answered.
#[derive(Default)]
struct Inbox {
    waiting: VecDeque<Utf8Bytes>,
    bytes: usize,
}

impl Inbox {
    fn take(&mut self) -> Option<Utf8Bytes> {
        let text = self.waiting.pop_front()?;
        self.bytes -= text.len() + MESSAGE;
        Some(text)
    }

    fn put(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        match message {
            Some(Ok(Message::Text(text))) => {
                self.bytes += text.len() + MESSAGE;
                self.waiting.push_back(text);
                if self.bytes > MAX_INBOX {
                    Err(End::Ours(CloseCode::TooManyCommands))
                } else {
                    Ok(())
                }
            }
            Some(Ok(Message::Binary(_))) => Err(End::Ours(CloseCode::BinaryFrame)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(End::Theirs),
            Some(Err(error)) => Err(if is_too_big(&error) {
                End::Ours(CloseCode::TooBig)
            } else {
                End::Theirs
            }),
        }
    }
}

fn is_too_big(error: &axum::Error) -> bool {
    let inner = error.source().and_then(|source| source.downcast_ref());
    matches!(inner, Some(tungstenite::Error::Capacity(_)))
}

/// Does what the session says.
async fn drain(
    socket: &mut WebSocket,
    session: &mut ServerSession,
    attachment: &mut Attachment,
) -> Result<(), End> {
    let mut wrote = false;
    while let Some(output) = session.poll_output() {
        match output {
            ServerOutput::Execute(request) => attachment.execute(request),
            ServerOutput::Ready(enabled) => tracing::debug!(?enabled, "client negotiated"),
            ServerOutput::Transmit(text) => {
                let time = MIN_WRITE + Duration::from_secs(text.len() as u64 / MIN_BYTES_PER_SECOND);
                in_time(time, socket.feed(Message::Text(text.into()))).await?;
                wrote = true;
            }
        }
    }
    if wrote {
        in_time(MIN_WRITE, socket.flush()).await
    } else {
        Ok(())
    }
}

/// A client that does not read holds up its own connection, and not for ever.
async fn in_time(time: Duration, write: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match timeout(time, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Theirs),
        Err(_) => Err(End::Ours(CloseCode::SlowConsumer)),
    }
}

/// Commands of one client that wait for their replies.
const MAX_IN_FLIGHT: usize = 32;
/// How long a client may take to read what is there for it, and how fast it has to read a long message.
const MIN_WRITE: Duration = Duration::from_secs(5);
const MIN_BYTES_PER_SECOND: u64 = 256 << 10;
/// Bytes of messages that may wait for others to be answered.
const MAX_INBOX: usize = 1 << 20;
/// About what a message takes beside its text.
const MESSAGE: usize = 64;
/// How long a client may take to answer our close.
const LINGER: Duration = Duration::from_secs(1);
