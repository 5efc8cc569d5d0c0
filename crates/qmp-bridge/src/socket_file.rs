//! Sockets in the file system: which one it is, and ones of our own that nobody else may use.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// Which socket it is that is at a path. As long as somebody is connected to it, no other one gets the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketId {
    device: u64,
    inode: u64,
}

impl SocketId {
    /// The socket at a path, if there is one.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path)
            .ok()
            .filter(|file| file.file_type().is_socket())?;
        Some(Self {
            device: file.dev(),
            inode: file.ino(),
        })
    }
}

/// A socket that listens, for nobody but the user that the bridge runs as. Its file goes with it.
#[derive(Debug)]
pub(crate) struct PrivateSocket {
    listener: UnixListener,
    path: PathBuf,
    id: Option<SocketId>,
}

impl PrivateSocket {
    /// Makes the socket, in the place of one that nobody listens on any more.
    ///
    /// Which mode a file gets depends on the umask, which is the whole program's. But nobody can connect to a socket before
    /// it listens, and by then it has the right one.
    ///
    /// # Errors
    /// Somebody listens there, there is another file, or it cannot be made.
    pub(crate) async fn bind(path: &Path) -> io::Result<Self> {
        remove_stale(path).await?;
        let socket = UnixSocket::new_stream()?;
        socket.bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self {
            listener: socket.listen(BACKLOG)?,
            path: path.to_owned(),
            id: SocketId::of(path),
        })
    }

    /// The next connection. May be given up and called again.
    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

impl Drop for PrivateSocket {
    fn drop(&mut self) {
        // By now the path may be somebody else's. Where it cannot be removed, the next bridge finds that nobody answers.
        if self.id.is_some() && SocketId::of(&self.path) == self.id {
            let _ = fs::remove_file(&self.path);
        }
    }
}

async fn remove_stale(path: &Path) -> io::Result<()> {
    let taken = |what| Err(io::Error::new(io::ErrorKind::AddrInUse, what));
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(file) if !file.file_type().is_socket() => return taken("there is a file that is no socket"),
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        // A queue that is full would block.
        _ => taken("somebody listens there already"),
    }
}

/// Clients that wait to be accepted.
const BACKLOG: u32 = 128;
