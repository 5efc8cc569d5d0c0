//! A port that QEMU dials: its character device is a client that connects again by itself (`reconnect`).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connector::prepare;

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

/// Connections that may take their time to greet. Further ones wait for the kernel.
const MAX_SILENT: usize = 8;
/// How long a connection may take to greet.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// How often to look at a greeting that comes in pieces.
const PEEK_INTERVAL: Duration = Duration::from_millis(20);
