//! Machines on unix sockets, one file each: whoever may open the file may talk to the machine, so nobody but its owner
//! may. Who listens at the other end is a client like any other.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::clients::Clients;
use crate::downstream::{self, StreamLink};
use crate::monitor::Monitor;
use crate::socket_file::{PrivateSocket, check_directory};

/// A machine's socket, which listens. Its file goes with it.
#[derive(Debug)]
pub(crate) struct MachineSocket(PrivateSocket);

impl MachineSocket {
    /// Listens at `directory/name.sock`, where nobody else does.
    ///
    /// # Errors
    /// The directory is not one in which only its owner can write, the path is another's, or it cannot be listened on.
    pub(crate) async fn bind(directory: &Path, name: &str) -> io::Result<Self> {
        check_directory(directory)?;
        PrivateSocket::bind(&directory.join(format!("{name}.sock")))
            .await
            .map(Self)
    }

    /// Serves the machine to whoever connects, until told to stop. Clients that are there may stay.
    pub(crate) async fn serve(self, monitor: Arc<Monitor>, clients: Arc<Clients>, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                accepted = self.0.accept() => accepted,
                () = stop.cancelled() => return,
            };
            match accepted.map(|stream| (stream, clients.enter())) {
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

/// When a connection cannot be accepted, mostly for want of file descriptors, another try at once would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
