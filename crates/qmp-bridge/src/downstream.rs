//! One client: its own QMP session, its place at a machine. How its bytes come and go is the link's business.

mod stream;
mod web_socket;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use qmp_proto::{Limits, ServerOptions, ServerOutput, ServerSession, ServerState};
use tokio::time::timeout;

pub(crate) use self::stream::StreamLink;
pub(crate) use self::web_socket::WebSocketLink;
use crate::clients::Place;
use crate::close_code::CloseCode;
use crate::guard::Guard;
use crate::monitor::{Attachment, Monitor, ToPeer};

/// What a client is connected by. What comes waits in the link until the session may have it.
pub(crate) trait Link {
    /// Waits until something has come; false if nothing more will. May be given up and called again.
    async fn receive(&mut self) -> Result<bool, End>;

    /// Gives the session the next of what has come, one command at most; false if nothing waits.
    fn feed(&mut self, session: &mut ServerSession) -> Result<bool, End>;

    /// Sends a message, perhaps only at the next [`flush`](Self::flush).
    async fn send(&mut self, message: Utf8Bytes) -> Result<(), End>;

    /// Sends what is left.
    async fn flush(&mut self) -> Result<(), End>;

    /// Tells the client that this is the end, and waits until it has gone.
    async fn close(&mut self, code: CloseCode);
}

/// Who ended a connection.
#[derive(Debug)]
pub(crate) enum End {
    Ours(CloseCode),
    /// It has gone without a word: it answers no ping.
    Silent,
    Theirs,
}

impl End {
    const fn reason(&self) -> &'static str {
        match self {
            Self::Ours(code) => code.reason(),
            Self::Silent => "answers no ping",
            Self::Theirs => "left",
        }
    }
}

/// Serves a client until one side ends it.
// What an `async fn` is given it keeps twice, and there may be a thousand of these.
#[expect(clippy::manual_async_fn, reason = "smaller")]
pub(crate) fn serve<L: Link>(
    mut link: L,
    monitor: Arc<Monitor>,
    place: Place,
    guard: Guard,
) -> impl Future<Output = ()> {
    async move {
        monitor.metrics.clients.inc();
        guard.connected();
        let end = tokio::select! {
            Err(end) = converse(&mut link, &monitor, &place, &guard) => end,
            () = place.stopped() => End::Ours(CloseCode::GoingAway),
        };
        monitor.metrics.clients.dec();
        tracing::info!(?end, "client gone");
        guard.ends(end.reason());
        if let End::Ours(code) = end {
            // Best effort: the peer may be gone, or may not read.
            let _ = timeout(LINGER, link.close(code)).await;
        }
    }
}

async fn converse(
    link: &mut impl Link,
    monitor: &Monitor,
    place: &Place,
    guard: &Guard,
) -> Result<Infallible, End> {
    let limits = place.limits();
    // One for all turns of the loop: to make it anew would queue up for a lock that all clients share.
    let mut stop = pin!(place.stopping());
    let greeting = tokio::select! {
        greeting = monitor.wait_up() => greeting.ok_or(End::Ours(CloseCode::TryLater))?,
        () = &mut stop => return Err(End::Ours(CloseCode::GoingAway)),
    };
    let mut session = ServerSession::new(ServerOptions {
        greeting: (*greeting).clone(),
        limits: Limits {
            max_bytes: limits.max_frame,
            ..Limits::CLIENT
        },
    });
    let mut attachment = monitor.attach(limits.max_queue, guard.role());
    let (mut open, mut stopping, mut unflushed) = (true, false, false);
    loop {
        // A client may have so many commands in flight; the others wait in the link, which is listened to, so that it is
        // noticed when the client leaves.
        let may_take = !stopping && session.pending() < limits.max_in_flight.get();
        let fed = if may_take {
            link.feed(&mut session)
        } else {
            Ok(false)
        };
        // Of what the session cannot go on after, it may still say what is wrong.
        unflushed |= drain(link, &mut session, &attachment, guard).await?;
        if unflushed && !matches!(fed, Ok(true)) {
            in_time(MIN_WRITE, link.flush()).await?;
            unflushed = false;
        }
        if fed? {
            continue;
        }
        if session.pending() == 0 && stopping {
            return Err(End::Ours(CloseCode::GoingAway));
        }
        if session.pending() == 0 && !open {
            return Err(End::Theirs);
        }
        tokio::select! {
            received = link.receive(), if open => open = received?,
            said = attachment.next() => {
                let mut said = Some(said);
                // In a burst, what has come already is not worth a look at everything else for each.
                let mut taken = 0;
                while let Some(next) = said {
                    unflushed |= hear(link, &mut session, next, guard).await?;
                    // What comes next goes to the client behind it.
                    unflushed |= drain(link, &mut session, &attachment, guard).await?;
                    taken += 1;
                    said = (taken < BURST).then(|| attachment.try_next()).flatten().map(Some);
                }
            }
            () = &mut stop, if !stopping => stopping = true,
        }
    }
}

/// Takes what the machine says; nothing is said to who did not keep up. True if there is something to flush.
async fn hear(
    link: &mut impl Link,
    session: &mut ServerSession,
    said: Option<ToPeer>,
    guard: &Guard,
) -> Result<bool, End> {
    match said {
        Some(ToPeer::Event(text)) if session.state() == ServerState::Ready => {
            in_time(MIN_WRITE, link.send(text.text)).await?;
            return Ok(true);
        }
        // The client is not in command mode yet.
        Some(ToPeer::Event(_)) => {}
        Some(ToPeer::Gone) => return Err(End::Ours(CloseCode::MonitorGone)),
        Some(ToPeer::Reply { ticket, reply }) => {
            guard.settled(ticket, &reply);
            session.respond(ticket, reply);
        }
        None => return Err(End::Ours(CloseCode::SlowConsumer)),
    }
    Ok(false)
}

/// Does what the session says; true if there is something to flush.
async fn drain(
    link: &mut impl Link,
    session: &mut ServerSession,
    attachment: &Attachment,
    guard: &Guard,
) -> Result<bool, End> {
    let mut wrote = false;
    while let Some(output) = session.poll_output() {
        match output {
            ServerOutput::Execute(request) => match guard.check(&request).await {
                Ok(()) => attachment.execute(request),
                // By way of the machine: there each command counts against the rate limit.
                Err(refused) => attachment.refuse(request, refused),
            },
            ServerOutput::Ready(enabled) => tracing::debug!(?enabled, "client negotiated"),
            ServerOutput::Transmit(text) => {
                let time = MIN_WRITE + Duration::from_secs(text.len() as u64 / MIN_BYTES_PER_SECOND);
                in_time(time, link.send(text.into())).await?;
                wrote = true;
            }
        }
    }
    Ok(wrote)
}

/// A client that does not read holds up its own connection, and not for ever.
async fn in_time(time: Duration, write: impl Future<Output = Result<(), End>>) -> Result<(), End> {
    timeout(time, write)
        .await
        .unwrap_or(Err(End::Ours(CloseCode::SlowConsumer)))
}

/// Messages of the machine that are taken before the client is listened to again.
const BURST: usize = 64;
/// How long a client may take to read what is there for it, and how fast it has to read a long message.
const MIN_WRITE: Duration = Duration::from_secs(5);
const MIN_BYTES_PER_SECOND: u64 = 256 << 10;
/// How long a client may take to answer our close.
const LINGER: Duration = Duration::from_secs(1);
