//! Endpoints that QEMU dials: its character device is a client that connects again by itself (`reconnect`).

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connector::prepare;
use super::file::SocketId;

/// A loopback port. Anybody on this computer can dial it, so only who greets as QMP does is taken for the machine.
pub(super) struct TcpSource {
    listener: TcpListener,
    /// Connections that have not greeted yet.
    silent: JoinSet<Option<TcpStream>>,
}

impl TcpSource {
    pub(super) async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            silent: JoinSet::new(),
        })
    }

    /// The next connection that has greeted; nothing is read from it. May be given up and called again.
    pub(super) async fn accept(&mut self) -> io::Result<TcpStream> {
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if self.silent.len() < MAX_SILENT => {
                    let (stream, _) = accepted?;
                    prepare(&stream)?;
                    self.silent.spawn(greeted(stream));
                }
                Some(greeted) = self.silent.join_next() => {
                    if let Ok(Some(stream)) = greeted {
                        return Ok(stream);
                    }
                }
            }
        }
    }
}

/// The connection once it has greeted, or `None` if it does not.
async fn greeted(stream: TcpStream) -> Option<TcpStream> {
    let mut seen = [0; 64];
    let greets = async {
        let mut length = 0;
        loop {
            // What was seen once is seen again at once, so only more of it counts.
            match stream.peek(&mut seen).await {
                Ok(0) | Err(_) => return false,
                Ok(more) if more == length => sleep(PEEK_INTERVAL).await,
                Ok(more) => length = more,
            }
            let mut text = seen[..length].iter().filter(|byte| !byte.is_ascii_whitespace());
            let mut begins = b"{\"QMP\":".iter();
            loop {
                match (begins.next(), text.next()) {
                    (None, _) => return true,
                    (Some(_), None) => break,
                    (Some(due), Some(came)) if due == came => {}
                    _ => return false,
                }
            }
        }
    };
    if timeout(GREETING_TIMEOUT, greets).await == Ok(true) {
        return Some(stream);
    }
    tracing::warn!(peer = ?stream.peer_addr().ok(), "what dialled is no QMP server");
    None
}

/// A socket in the file system, for nobody but the user that the bridge runs as.
pub(super) struct UnixSource {
    listener: UnixListener,
    path: PathBuf,
    id: Option<SocketId>,
}

impl UnixSource {
    /// Makes the socket, in the place of one that nobody listens on any more.
    ///
    /// What mode a socket gets depends on the umask, which is the whole program's, and a mode that is set afterwards
    /// comes too late for who was quick. So the socket is made inside of a directory that is ours alone, and comes to
    /// its place only then.
    pub(super) async fn bind(path: &Path) -> io::Result<Self> {
        refuse_unless_free(path).await?;
        let made_in = PrivateDir::beside(path)?;
        let made = made_in.0.join("s");
        let listener = UnixListener::bind(&made)?;
        fs::set_permissions(&made, Permissions::from_mode(0o600))?;
        fs::rename(&made, path)?;
        Ok(Self {
            listener,
            id: SocketId::of(path),
            path: path.to_owned(),
        })
    }

    /// The next connection. May be given up and called again.
    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

impl Drop for UnixSource {
    fn drop(&mut self) {
        // By now the path may be somebody else's.
        if self.id.is_some() && SocketId::of(&self.path) == self.id {
            let _ = fs::remove_file(&self.path);
        }
    }
}

async fn refuse_unless_free(path: &Path) -> io::Result<()> {
    match UnixStream::connect(path).await.map_err(|error| error.kind()) {
        Err(io::ErrorKind::NotFound) => Ok(()),
        Err(io::ErrorKind::ConnectionRefused) if SocketId::of(path).is_some() => Ok(()),
        // A queue that is full would block.
        Ok(_) | Err(io::ErrorKind::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "somebody listens there already",
        )),
        Err(io::ErrorKind::ConnectionRefused) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "there is a file that is no socket",
        )),
        Err(kind) => Err(kind.into()),
    }
}

/// An empty directory for us alone, which goes with this value.
struct PrivateDir(PathBuf);

impl PrivateDir {
    /// Makes one on the same file system as `path`. Its name is short, because the path of a socket has to be.
    fn beside(path: &Path) -> io::Result<Self> {
        let random = getrandom::u32().map_err(io::Error::other)?;
        let dir = path.with_file_name(format!(".{random:08x}"));
        DirBuilder::new().mode(0o700).create(&dir)?;
        let dir = Self(dir);
        // The umask may have taken even ours away.
        fs::set_permissions(&dir.0, Permissions::from_mode(0o700))?;
        Ok(dir)
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        // What could not be removed is empty, or has a socket that nobody listens on.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Connections that may take their time to greet. Further ones wait for the kernel.
const MAX_SILENT: usize = 8;
/// How long a connection may take to greet.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// How often to look at a greeting that comes in pieces.
const PEEK_INTERVAL: Duration = Duration::from_millis(20);
