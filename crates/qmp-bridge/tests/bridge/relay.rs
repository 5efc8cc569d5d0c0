//! A network between two ends that goes wrong as it is told to.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::{sleep, timeout};

/// What happens to the bytes of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// The connection ends after so many bytes.
    Cut(usize),
    /// What is said is heard by nobody, and after a while the connection ends.
    Deaf(Duration),
    /// This direction ends, and after a while the other.
    Half(Duration),
    /// The connection ends after what is said next.
    Last,
    /// Everything is late.
    Late(Duration),
    /// The connection is reset as soon as something is said.
    Reset,
    /// No more than so many bytes come at a time.
    Sliced(usize),
    /// Nothing moves, and after a while the connection ends.
    Stalled(Duration),
    /// So many bytes come in a millisecond.
    Thin(usize),
}

/// The faults towards the server, and those towards the client.
#[derive(Debug, Default)]
struct Faults {
    up: Mutex<Fault>,
    down: Mutex<Fault>,
    cut: Notify,
}

/// Leads connections to a server, until it is dropped.
pub(crate) struct Relay {
    faults: Arc<Faults>,
    carrying: JoinHandle<()>,
}

impl Relay {
    /// To a port. Gives where it listens.
    pub(crate) async fn tcp(server: SocketAddr) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let relay = Self::start(async move |faults: Arc<Faults>| {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server).await;
                connections.spawn(carry(client, server, Arc::clone(&faults)));
            }
        });
        (relay, address)
    }

    /// To a socket. It listens at this path.
    pub(crate) fn unix(path: &Path, server: PathBuf) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        Self::start(async move |faults: Arc<Faults>| {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await;
                connections.spawn(carry(client, server, Arc::clone(&faults)));
            }
        })
    }

    fn start<F: Future<Output = ()> + Send + 'static>(run: impl FnOnce(Arc<Faults>) -> F) -> Self {
        let faults = Arc::<Faults>::default();
        Self {
            carrying: tokio::spawn(run(Arc::clone(&faults))),
            faults,
        }
    }

    /// What happens from now on towards the server and towards the client. What ends a connection happens once.
    pub(crate) fn set(&self, up: Fault, down: Fault) {
        *self.faults.up.lock().unwrap() = up;
        *self.faults.down.lock().unwrap() = down;
    }

    /// Ends all connections.
    pub(crate) fn cut(&self) {
        self.faults.cut.notify_waiters();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// One end of a connection.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Its end will be a reset, where there is such a thing.
    fn reset_at_end(&self) {}
}

impl Wire for TcpStream {
    fn reset_at_end(&self) {
        SockRef::from(self).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

impl Wire for UnixStream {}

/// How a connection ended.
#[derive(PartialEq, Eq)]
enum End {
    Closed,
    Reset,
}

async fn carry<W: Wire>(mut client: W, server: io::Result<W>, faults: Arc<Faults>) {
    let Ok(mut server) = server else {
        return;
    };
    let end = {
        let (from_client, to_client) = split(&mut client);
        let (from_server, to_server) = split(&mut server);
        tokio::select! {
            end = pump(from_client, to_server, &faults.up) => end,
            end = pump(from_server, to_client, &faults.down) => end,
            () = faults.cut.notified() => End::Closed,
        }
    };
    if end == End::Reset {
        client.reset_at_end();
        server.reset_at_end();
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    fault: &Mutex<Fault>,
) -> End {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let length = from.read(&mut buffer).await.unwrap_or(0);
        if length == 0 {
            return End::Closed;
        }
        let bytes = &buffer[..length];
        let written = match take(fault, length) {
            Fault::None => to.write_all(bytes).await,
            Fault::Cut(after) if after <= length => {
                // Whoever hears the end first, it has come so far.
                let _ = to.write_all(&bytes[..after]).await;
                return End::Closed;
            }
            Fault::Cut(_) => to.write_all(bytes).await,
            Fault::Deaf(time) => {
                let deaf = async { while from.read(&mut buffer).await.is_ok_and(|length| length > 0) {} };
                let _ = timeout(time, deaf).await;
                return End::Closed;
            }
            Fault::Half(time) => {
                let _ = to.shutdown().await;
                sleep(time).await;
                return End::Closed;
            }
            Fault::Last => {
                let _ = to.write_all(bytes).await;
                return End::Closed;
            }
            Fault::Late(time) => {
                sleep(time).await;
                to.write_all(bytes).await
            }
            Fault::Reset => return End::Reset,
            Fault::Sliced(most) => in_pieces(&mut to, bytes, most, Duration::ZERO).await,
            Fault::Stalled(time) => {
                sleep(time).await;
                return End::Closed;
            }
            Fault::Thin(most) => in_pieces(&mut to, bytes, most, Duration::from_millis(1)).await,
        };
        if written.is_err() {
            return End::Closed;
        }
    }
}

/// What happens to so many bytes, and leaves what happens to those that come then.
fn take(fault: &Mutex<Fault>, length: usize) -> Fault {
    let mut fault = fault.lock().unwrap();
    let now = *fault;
    match now {
        Fault::Cut(after) if after > length => *fault = Fault::Cut(after - length),
        Fault::None | Fault::Late(_) | Fault::Sliced(_) | Fault::Thin(_) => {}
        // The next connection is another one.
        _ => *fault = Fault::None,
    }
    now
}

async fn in_pieces(
    to: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    most: usize,
    pause: Duration,
) -> io::Result<()> {
    for piece in bytes.chunks(most) {
        to.write_all(piece).await?;
        if pause.is_zero() {
            yield_now().await;
        } else {
            sleep(pause).await;
        }
    }
    Ok(())
}
