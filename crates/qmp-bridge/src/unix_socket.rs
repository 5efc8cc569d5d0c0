//! Machines on unix sockets, one file each: whoever may open the file may talk to the machine, so nobody but its owner
//! may. Who listens at the other end is a client like any other.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use qmp_policy::Policy;
use tokio::net::UnixStream;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::StartError;
use crate::audit::{Audit, Peer};
use crate::clients::Clients;
use crate::downstream::{self, StreamLink};
use crate::endpoint::Endpoint;
use crate::grant::Grant;
use crate::guard::Guard;
use crate::monitor::Monitor;
use crate::permissions::{is_trusted, refuse_shared_directory};
use crate::socket_file::PrivateSocket;

/// A machine's socket, which listens. Its file goes with it.
#[derive(Debug)]
pub(crate) struct MachineSocket(PrivateSocket);

impl MachineSocket {
    /// Listens at `directory/name.sock`, where nobody else does.
    ///
    /// # Errors
    /// The directory is not one in which only its owner can write, the path is another's, or it cannot be listened on.
    pub(crate) async fn bind(directory: &Path, name: &str) -> io::Result<Self> {
        refuse_shared_directory(directory)?;
        PrivateSocket::bind(&directory.join(file_of(name)))
            .await
            .map(Self)
    }

    /// Serves the machine to whoever connects, until told to stop. Clients that are there may stay.
    pub(crate) async fn serve(
        self,
        monitor: Arc<Monitor>,
        policy: Arc<Policy>,
        clients: Arc<Clients>,
        audit: Audit,
        stop: CancellationToken,
    ) {
        loop {
            let accepted = tokio::select! {
                accepted = self.0.accept() => accepted,
                () = stop.cancelled() => return,
            };
            match accepted {
                Ok(stream) => {
                    let (trusted, peer) = who(&stream);
                    let refused = |reason, why| {
                        tracing::warn!(vm = %monitor.name, %peer, "a client was refused: {why}");
                        audit.refused(peer, None, Some(&monitor.name), reason);
                    };
                    if !trusted {
                        refused("user", "it is another user's");
                        continue;
                    }
                    let Some(place) = clients.enter() else {
                        refused("full", "too many clients");
                        continue;
                    };
                    let link = StreamLink::new(stream, place.limits());
                    let span = tracing::info_span!("client", vm = %monitor.name, unix = true);
                    let grant = Arc::new(Grant::of_file(&monitor.name));
                    let guard = Guard::new(grant, policy.clone(), &audit, peer, None, &monitor.name);
                    tokio::spawn(downstream::serve(link, monitor.clone(), place, guard).instrument(span));
                }
                Err(error) => {
                    tracing::warn!(vm = %monitor.name, %error, "cannot accept a client");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Who it is, and whether that is somebody whom the mode of the file lets in: that may be changed behind our back.
fn who(stream: &UnixStream) -> (bool, Peer) {
    match stream.peer_cred() {
        Ok(peer) => {
            let (uid, pid) = (peer.uid(), peer.pid());
            (is_trusted(uid), Peer::Unix { uid, pid })
        }
        Err(_) => (false, Peer::Unknown),
    }
}

/// Refuses a directory in which sockets for clients would be mixed up with monitors.
pub(crate) fn check_apart(
    directory: &Path,
    vms: &[(String, Endpoint)],
    vm_dirs: &[PathBuf],
) -> Result<(), StartError> {
    // What is not there is found out elsewhere.
    let Ok(real) = directory.canonicalize() else {
        return Ok(());
    };
    // The parent of a bare name is empty.
    let is_it = |path: &Path| {
        Path::new(".")
            .join(path)
            .canonicalize()
            .is_ok_and(|path| path == real)
    };
    if vm_dirs.iter().any(|dir| is_it(dir)) {
        return Err(StartError::SameDirectory {
            path: directory.to_owned(),
        });
    }
    for (vm, _) in vms {
        let file = file_of(vm);
        let monitor = vms.iter().find(|(_, endpoint)| {
            endpoint.file().is_some_and(|path| {
                path.file_name() == Some(file.as_ref()) && path.parent().is_some_and(is_it)
            })
        });
        if let Some((other, _)) = monitor {
            return Err(StartError::Unix {
                directory: directory.to_owned(),
                vm: vm.clone(),
                source: io::Error::new(
                    io::ErrorKind::AddrInUse,
                    format!("{file} is the monitor of {other}"),
                ),
            });
        }
    }
    Ok(())
}

fn file_of(name: &str) -> String {
    format!("{name}.sock")
}

/// When a connection cannot be accepted, mostly for want of file descriptors, another try at once would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
