//! The connections to one endpoint, one after the other. What is spoken there is not known here.

use std::fmt;
use std::future::pending;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::AsyncRead;
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::Endpoint;
use super::listener::TcpSource;
use crate::demo;
use crate::monitor::WriteHalf;
use crate::permissions::refuse_if_replaceable;
use crate::socket_file::{PrivateSocket, SocketId};

/// A connection to a monitor, as its two ends.
pub(crate) type Stream = (Box<dyn AsyncRead + Send + Unpin>, WriteHalf);

/// Connects to an endpoint, as often as that is needed.
pub(crate) struct Connector {
    way: Way,
    /// The connection that is to come after the present one.
    newer: Option<Stream>,
    nudge: Arc<Notify>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

enum Way {
    Demo,
    Dial(String),
    /// The socket that was dialled last, and where the next one is to be found.
    DialFile(Option<SocketId>, PathBuf),
    Listen(TcpSource),
    ListenFile(PrivateSocket),
}

impl Connector {
    /// Listens, where it is QEMU that dials.
    ///
    /// # Errors
    /// The address cannot be listened on, or others could put a socket of theirs in the place of the machine's.
    pub(crate) async fn open(endpoint: &Endpoint) -> io::Result<Self> {
        if let Some(path) = endpoint.file() {
            match refuse_if_replaceable(path) {
                Ok(true) => {
                    tracing::warn!(path = %path.display(), "others can put sockets into its directory");
                }
                // It may come later, and is looked at then.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                looked => drop(looked?),
            }
        }
        let way = match endpoint {
            Endpoint::Demo => Way::Demo,
            Endpoint::Libvirt(path) | Endpoint::Unix(path) => Way::DialFile(None, path.clone()),
            Endpoint::ListenTcp(address) => Way::Listen(TcpSource::bind(*address).await?),
            Endpoint::ListenUnix(path) => Way::ListenFile(PrivateSocket::bind(path).await?),
            Endpoint::Tcp(address) => Way::Dial(address.clone()),
        };
        Ok(Self::new(way))
    }

    /// For the socket at a path.
    pub(crate) fn to_file(path: PathBuf) -> Self {
        Self::new(Way::DialFile(None, path))
    }

    fn new(way: Way) -> Self {
        Self {
            way,
            newer: None,
            nudge: Arc::default(),
        }
    }

    /// Where to tell that there may be another socket now.
    pub(crate) fn nudge(&self) -> Arc<Notify> {
        self.nudge.clone()
    }

    /// The next connection; a QEMU that dials is waited for. That another client holds the monitor does not show here,
    /// but in a greeting that never comes.
    pub(crate) async fn connect(&mut self) -> io::Result<Stream> {
        if let Some(newer) = self.newer.take() {
            return Ok(newer);
        }
        match &mut self.way {
            Way::Listen(source) => Ok(of_tcp(source.accept().await?)),
            Way::ListenFile(source) => Ok(of_unix(source.accept().await?)),
            way => timeout(CONNECT_TIMEOUT, way.dial())
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
        }
    }

    /// Waits until there is a newer connection, for which the present one is to be left. May be given up and called
    /// again.
    pub(crate) async fn superseded(&mut self) {
        let newer: Stream = match &mut self.way {
            // On one computer the end of a QEMU is the end of its connection. Who dials besides waits for that.
            Way::Demo | Way::Dial(_) | Way::ListenFile(_) => pending().await,
            Way::DialFile(..) => self.replaced().await,
            // The port may be the end of a tunnel, whose half may stay open when QEMU has gone.
            Way::Listen(source) => loop {
                match source.accept().await {
                    Ok(stream) => break of_tcp(stream),
                    // Mostly for want of file descriptors, and that passes.
                    Err(_) => sleep(LOOK_INTERVAL).await,
                }
            },
        };
        self.newer = Some(newer);
    }

    /// Waits until another socket is at the path, and somebody listens on it.
    async fn replaced(&mut self) -> Stream {
        loop {
            self.wait(LOOK_INTERVAL).await;
            let Way::DialFile(Some(before), path) = &self.way else {
                continue;
            };
            let before = *before;
            if SocketId::of(path).is_some_and(|now| now != before) {
                // Where nobody listens on it, the connection that there is may well be the right one.
                if let Ok(stream) = self.connect().await {
                    return stream;
                }
                if let Way::DialFile(dialled, _) = &mut self.way {
                    *dialled = Some(before);
                }
            }
        }
    }

    /// Waits so long, or until there may be another socket.
    pub(crate) async fn wait(&mut self, time: Duration) {
        // Either is a reason to go on.
        let _ = timeout(time, self.nudge.notified()).await;
    }
}

impl Way {
    /// Dials, where it is the bridge that does.
    async fn dial(&mut self) -> io::Result<Stream> {
        match self {
            Self::Demo => {
                let (ours, theirs) = tokio::io::duplex(DEMO_BUFFER);
                tokio::spawn(demo::serve(theirs));
                let (reader, writer) = tokio::io::split(ours);
                Ok((Box::new(reader), WriteHalf::Bytes(Box::new(writer))))
            }
            Self::Dial(address) => {
                let stream = TcpStream::connect(&*address).await?;
                prepare(&stream)?;
                Ok(of_tcp(stream))
            }
            Self::DialFile(dialled, path) => {
                refuse_if_replaceable(path)?;
                // Looked at before: should it be replaced just now, to dial once too often is better than not at all.
                *dialled = SocketId::of(path);
                Ok(of_unix(UnixStream::connect(path).await?))
            }
            Self::Listen(_) | Self::ListenFile(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

fn of_tcp(stream: TcpStream) -> Stream {
    let (reader, writer) = stream.into_split();
    (Box::new(reader), WriteHalf::Bytes(Box::new(writer)))
}

fn of_unix(stream: UnixStream) -> Stream {
    let (reader, writer) = stream.into_split();
    (Box::new(reader), WriteHalf::Unix(writer))
}

/// Lets small messages go at once, and a peer that has vanished without a word be noticed.
pub(super) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(VANISHED_AFTER.saturating_sub(KEEPALIVE_INTERVAL.saturating_mul(KEEPALIVE_PROBES)))
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_PROBES);
    socket.set_tcp_keepalive(&keepalive)?;
    // Nothing is probed while something that was sent is not acknowledged: that has a time of its own.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    socket.set_tcp_user_timeout(Some(VANISHED_AFTER))?;
    Ok(())
}

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often to look whether a socket was replaced. Whoever watches its directory says so earlier.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// How long after its last sign of life a TCP peer is given up, the probes in the end included.
const VANISHED_AFTER: Duration = Duration::from_secs(45);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_PROBES: u32 = 3;
const DEMO_BUFFER: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_tcp_peer_that_vanishes_is_noticed_within_45_s() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        prepare(&stream).unwrap();
        // What the kernel has understood.
        let socket = SockRef::from(&stream);
        let probing = socket.tcp_keepalive_interval().unwrap() * socket.tcp_keepalive_retries().unwrap();
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap() + probing, VANISHED_AFTER);
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(VANISHED_AFTER));
    }

    #[tokio::test]
    async fn u2_a_directory_is_looked_at_before_each_connection() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("qmp.sock");
        let _listener = tokio::net::UnixListener::bind(&path).unwrap();
        let chmod = |mode| fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
        let mut connector = Connector::open(&Endpoint::Unix(path)).await.unwrap();
        chmod(0o777);
        let error = connector.connect().await.err().unwrap().to_string();
        assert!(error.contains("chmod go-w"), "{error}");
        chmod(0o700);
        assert!(connector.connect().await.is_ok());
    }
}
