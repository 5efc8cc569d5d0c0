//! Machines on unix sockets, one file each: whoever may open the file may talk to the machine, so nobody but its owner
//! may. Who listens at the other end is a client like any other.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{UnixListener, UnixSocket, UnixStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::clients::Clients;
use crate::downstream::{self, StreamLink};
use crate::monitor::Monitor;

/// A machine's socket, which listens. Its file goes with it.
#[derive(Debug)]
pub(crate) struct MachineSocket {
    listener: UnixListener,
    _file: SocketFile,
}

impl MachineSocket {
    /// Listens at `directory/name.sock`, where nobody else does.
    ///
    /// # Errors
    /// The directory is not one in which only its owner can write, the path is another's, or it cannot be listened on.
    pub(crate) async fn bind(directory: &Path, name: &str) -> io::Result<Self> {
        check(directory)?;
        let path = directory.join(format!("{name}.sock"));
        remove_stale(&path).await?;
        let socket = UnixSocket::new_stream()?;
        socket.bind(&path)?;
        let file = SocketFile::new(path)?;
        // Nobody can connect before it listens, and then only its owner can, whatever the umask.
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600))?;
        Ok(Self {
            listener: socket.listen(BACKLOG)?,
            _file: file,
        })
    }

    /// Serves the machine to whoever connects, until told to stop. Clients that are there may stay.
    pub(crate) async fn serve(self, monitor: Arc<Monitor>, clients: Arc<Clients>, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            match accepted.map(|(stream, _)| (stream, clients.enter())) {
                Ok((stream, Some(place))) => {
                    let link = StreamLink::new(stream, place.limits());
                    let span = tracing::info_span!("client", vm = %monitor.name, unix = true);
                    tokio::spawn(downstream::serve(link, monitor.clone(), place).instrument(span));
                }
                Ok((_, None)) => tracing::warn!(vm = %monitor.name, "too many clients: one more was let go"),
                Err(error) => {
                    tracing::warn!(vm = %monitor.name, %error, "cannot accept a client");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// The file of a socket that is bound.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn new(path: PathBuf) -> io::Result<Self> {
        let identity = identity(&path)?;
        Ok(Self { path, identity })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // It may be another's by now. Where it cannot be removed, the next bridge finds that nobody answers on it.
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Who can write to the directory can put a socket of their own in place of ours.
fn check(directory: &Path) -> io::Result<()> {
    let metadata = fs::metadata(directory)?;
    if !metadata.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(io::Error::new(
            ErrorKind::PermissionDenied,
            "others can write to this directory, and could put sockets of their own there (chmod go-w)",
        ));
    }
    Ok(())
}

/// Removes a socket on which nobody answers.
async fn remove_stale(path: &Path) -> io::Result<()> {
    let taken = |what: &str| Err(io::Error::new(ErrorKind::AddrInUse, what));
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return taken("there is a file which is no socket");
        }
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        _ => taken("another program listens there"),
    }
}

/// Clients that wait to be accepted.
const BACKLOG: u32 = 128;
/// When a connection cannot be accepted, mostly for want of file descriptors, another try at once would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
