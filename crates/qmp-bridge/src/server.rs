//! Connections: accepted, secured by TLS where there is a certificate, and handed to hyper within limits. What is asked
//! over them is for `http`.

mod crowd;

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::{Router, http::Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::crowd::Crowd;
pub(crate) use self::crowd::Standing;
use crate::options::ClientLimits;
use crate::tls::Current;

/// What serves the connections of one listener.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    http: http1::Builder,
    tls: Option<Current>,
    handshake_timeout: Duration,
    /// For all connections, clients' among them.
    places: Arc<Semaphore>,
    crowd: Crowd,
    tasks: TaskTracker,
}

impl Server {
    pub(crate) fn new(limits: &ClientLimits, tls: Option<Current>) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            // It runs from the beginning of a connection, and after each answer.
            .header_read_timeout(limits.header_timeout)
            .max_header_size(limits.max_header);
        Self {
            http,
            tls,
            handshake_timeout: limits.handshake_timeout,
            places: Arc::new(Semaphore::new(
                limits.max_clients.get() as usize + SPARE_CONNECTIONS,
            )),
            crowd: Crowd::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Accepts connections until told to stop; those that are there may stay.
    pub(crate) async fn serve(&self, listener: TcpListener, router: Router, stop: CancellationToken) {
        let (mut full, mut failing) = (false, false);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    failing = false;
                    let place = self.places.clone().try_acquire_owned().ok();
                    // Of a crowd it is said once that it is there.
                    if place.is_none() && !full {
                        tracing::warn!(%peer, "too many connections: the oldest ones are closed");
                    }
                    full = place.is_none();
                    let place = match place {
                        None => self.make_room().await,
                        place => place,
                    };
                    if let Some(place) = place {
                        let standing = self.crowd.enter();
                        let connection = self.clone().connect(
                            stream,
                            peer,
                            place,
                            standing.clone(),
                            router.clone(),
                            stop.clone(),
                        );
                        self.tasks.spawn(async move {
                            tokio::select! {
                                () = connection => {}
                                () = standing.gone() => {}
                            }
                            standing.stay();
                        });
                    }
                }
                // It was gone before it was accepted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    if !failing {
                        tracing::warn!(%error, "cannot accept connections");
                    }
                    failing = true;
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Ends when no connection is left that is not a client's, after [`serve`](Self::serve) has.
    pub(crate) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The place of whoever came first of those that nobody has to wait for. Else some who never ask for anything could
    /// keep out everybody else.
    async fn make_room(&self) -> Option<OwnedSemaphorePermit> {
        if !self.crowd.thin() {
            return None;
        }
        let place = self.places.clone().acquire_owned();
        // One that has just become a client's stays.
        timeout(LEAVING, place).await.ok()?.ok()
    }

    async fn connect(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        place: OwnedSemaphorePermit,
        standing: Standing,
        router: Router,
        stop: CancellationToken,
    ) {
        set_up(&stream);
        let transport = match &self.tls {
            None => Transport::Plain(stream),
            Some(current) => {
                let acceptor = TlsAcceptor::from(current.borrow().clone());
                let accepted = tokio::select! {
                    accepted = timeout(self.handshake_timeout, acceptor.accept(stream)) => accepted,
                    () = stop.cancelled() => return,
                };
                match accepted {
                    Ok(Ok(stream)) => Transport::Tls(Box::new(stream)),
                    Ok(Err(error)) => return tracing::debug!(%peer, %error, "no TLS"),
                    Err(_) => return tracing::debug!(%peer, "TLS took too long"),
                }
            }
        };
        let router = TowerToHyperService::new(router);
        let asked = AtomicBool::new(false);
        let service = service_fn(|request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(standing.clone());
            router.call(request)
        });
        let connection = Connection {
            transport,
            _place: place,
        };
        let served = self.http.serve_connection(TokioIo::new(connection), service);
        let mut served = pin!(served.with_upgrades());
        let result = tokio::select! {
            result = &mut served => result,
            () = stop.cancelled() => {
                // Whoever has asked nothing yet hyper would wait for.
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                served.as_mut().graceful_shutdown();
                timeout(ANSWERING, served).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = result {
            tracing::debug!(%peer, %error, "connection ended");
        }
    }
}

fn set_up(stream: &TcpStream) {
    // Lets small messages go at once: else the second of two would wait until the client has acknowledged the first, which
    // takes it 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "messages of a client may be delayed");
    }
    // Whoever asks for something and does not take it is not waited for.
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(STALLED)) {
        tracing::debug!(%error, "a client that reads nothing may stay");
    }
}

/// A connection and its place. An upgrade takes both along.
struct Connection {
    transport: Transport,
    _place: OwnedSemaphorePermit,
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Calls the same method of whichever transport it is.
macro_rules! delegate {
    ($connection:ident.$method:ident($($argument:expr),*)) => {
        match &mut $connection.get_mut().transport {
            Transport::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Transport::Tls(stream) => Pin::new(&mut **stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(self.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        delegate!(self.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(self.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.poll_shutdown(cx))
    }
}

/// Connections beside those of as many clients as there may be: browsers that load the console, readers of lists and
/// pictures, and whoever is about to be refused with words.
const SPARE_CONNECTIONS: usize = 256;
/// How long one that has to make room may take.
const LEAVING: Duration = Duration::from_millis(100);
/// When a connection cannot be accepted, mostly for want of file descriptors, another try at once would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
/// How long answers that were begun may take when the bridge stops.
const ANSWERING: Duration = Duration::from_secs(2);
/// How long what was sent may stay unacknowledged, or a full window closed.
#[cfg(target_os = "linux")]
const STALLED: Duration = Duration::from_secs(30);
