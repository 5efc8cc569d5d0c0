//! Where a machine's monitor is, and how to connect to it. What is spoken there is not known here.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::demo;

/// The address of a QMP monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The built-in simulated machine.
    Demo,
    /// A TCP port, written `tcp:host:port`.
    Tcp(String),
    /// A unix socket, written as its path or as `unix:path`.
    Unix(PathBuf),
}

/// A stream of bytes to a monitor.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Endpoint {
    /// Connects. That another client holds the monitor does not show here, but in a greeting that never comes.
    pub(crate) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Self::Demo => {
                let (ours, theirs) = tokio::io::duplex(DEMO_BUFFER);
                tokio::spawn(demo::serve(theirs));
                Box::new(ours)
            }
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(address) = text.strip_prefix("tcp:") {
            let port = address
                .rsplit_once(':')
                .filter(|(host, _)| !host.is_empty())
                .map(|(_, port)| port);
            return match port.and_then(|port| port.parse::<u16>().ok()) {
                Some(_) => Ok(Self::Tcp(address.to_owned())),
                None => Err(format!("{text}: not of the form tcp:host:port")),
            };
        }
        match text.strip_prefix("unix:").unwrap_or(text) {
            "" => Err("the path of the monitor's socket is missing".to_owned()),
            path => Ok(Self::Unix(path.into())),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Demo => f.write_str("the demo machine"),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

const DEMO_BUFFER: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        assert_eq!("/run/vm.sock".parse(), Ok(Endpoint::Unix("/run/vm.sock".into())));
        assert_eq!("unix:vm.sock".parse(), Ok(Endpoint::Unix("vm.sock".into())));
        assert_eq!("tcp:[::1]:4444".parse(), Ok(Endpoint::Tcp("[::1]:4444".into())));
        for bad in ["", "unix:", "tcp:", "tcp:host", "tcp::1", "tcp:host:99999"] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
    }
}
