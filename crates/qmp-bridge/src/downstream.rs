//! One browser: its WebSocket, its own QMP session, its place at a machine.

use std::error::Error;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{SinkExt, StreamExt, stream};
use qmp_proto::{Limits, ServerInput, ServerOptions, ServerOutput, ServerSession};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;

use crate::close_code::CloseCode;
use crate::monitor::{Attachment, Monitor, ToPeer};

/// Serves a browser until one side ends it.
pub(crate) async fn serve(mut socket: WebSocket, monitor: &Monitor, stop: CancellationToken) {
    let end = tokio::select! {
        end = converse(&mut socket, monitor) => end,
        () = stop.cancelled() => End::Ours(CloseCode::GoingAway),
    };
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
    let mut attachment = monitor.attach().await;
    loop {
        if let Err(end) = drain(socket, &mut session, &attachment).await {
            return end;
        }
        // A client that asks for more than we keep for it is not read until it has got some answers.
        let may_take = session.pending() < MAX_IN_FLIGHT;
        tokio::select! {
            message = socket.next(), if may_take => {
                if let Err(end) = take(message, &mut session) {
                    return end;
                }
            }
            said = attachment.next() => match said {
                Some(ToPeer::Event(event)) => session.emit(&event),
                Some(ToPeer::Gone) => return End::Ours(CloseCode::MonitorGone),
                Some(ToPeer::Reply { ticket, reply }) => session.respond(ticket, reply),
                None => return End::Ours(CloseCode::SlowConsumer),
            },
        }
    }
}

/// Takes what the browser sent.
fn take(message: Option<Result<Message, axum::Error>>, session: &mut ServerSession) -> Result<(), End> {
    match message {
        Some(Ok(Message::Text(text))) => session
            .handle_input(ServerInput::Message(&text))
            .map_err(|_| End::Ours(CloseCode::TooBig)),
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

fn is_too_big(error: &axum::Error) -> bool {
    let inner = error.source().and_then(|source| source.downcast_ref());
    matches!(inner, Some(tungstenite::Error::Capacity(_)))
}

/// Does what the session says.
async fn drain(
    socket: &mut WebSocket,
    session: &mut ServerSession,
    attachment: &Attachment,
) -> Result<(), End> {
    let mut texts = Vec::new();
    while let Some(output) = session.poll_output() {
        match output {
            ServerOutput::Execute(request) => attachment.execute(request).await,
            ServerOutput::Ready(enabled) => tracing::debug!(?enabled, "client negotiated"),
            ServerOutput::Transmit(text) => texts.push(Ok(Message::Text(text.into()))),
        }
    }
    // A client that does not read holds this up, and nothing else.
    match timeout(MAX_WRITE, socket.send_all(&mut stream::iter(texts))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Theirs),
        Err(_) => Err(End::Ours(CloseCode::SlowConsumer)),
    }
}

/// Commands of one client that wait for their replies.
const MAX_IN_FLIGHT: usize = 32;
/// How long a client may take to read what is there for it.
const MAX_WRITE: Duration = Duration::from_secs(5);
/// How long a client may take to answer our close.
const LINGER: Duration = Duration::from_secs(1);
