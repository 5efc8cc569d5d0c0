//! How much clients may take. The defaults are safe; flags and the file's `[limits]` have the same names.

use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use clap::Args;
use serde::Deserialize;

/// How much clients may take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientLimits {
    /// Clients at once, over WebSockets and unix sockets together.
    pub max_clients: NonZeroU32,
    /// Bytes of one message from a client.
    pub max_frame: usize,
    /// Commands of one client that wait for their replies.
    pub max_in_flight: NonZeroUsize,
    /// Bytes that may wait for one client to read them, and bytes of its messages that may wait for their turn. One
    /// message more is taken whatever its size.
    pub max_queue: usize,
    /// A WebSocket from which nothing came for so long is pinged. If nothing comes for half as long again, it is closed.
    pub ping: Duration,
    /// Bytes of the request line and the headers of one request.
    pub max_header: usize,
    /// How long these may take to come: from the beginning of a connection, or after the answer before.
    pub header_timeout: Duration,
    /// How long the handshake of TLS may take.
    pub handshake_timeout: Duration,
    /// WebSockets that are there with one token.
    pub max_sessions: NonZeroU32,
    /// Times in a minute that one address may come with a token that is none; `None` for any number.
    pub max_failures: Option<NonZeroU32>,
    /// Who says in `X-Forwarded-For` for whom it asks; whoever else does is not believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            max_clients: const { NonZeroU32::new(1000).expect("not zero") },
            // QEMU needs a quarter of a second to read as much.
            max_frame: 64 << 10,
            max_in_flight: const { NonZeroUsize::new(32).expect("not zero") },
            max_queue: 1 << 20,
            ping: Duration::from_secs(30),
            max_header: 16 << 10,
            header_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            max_sessions: const { NonZeroU32::new(16).expect("not zero") },
            max_failures: NonZeroU32::new(10),
            trusted_proxies: Vec::new(),
        }
    }
}

/// What flags or the file say of it.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[group(skip)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Given {
    /// Serve at most this many clients at once [default: 1000]
    #[arg(long, value_name = "N")]
    max_clients: Option<NonZeroU32>,
    /// Take messages of at most this many bytes from clients [default: 65536]
    #[arg(long, value_name = "BYTES")]
    max_frame: Option<NonZeroU32>,
    /// Let a client have this many commands in flight; further ones wait [default: 32]
    #[arg(long, value_name = "N")]
    max_in_flight: Option<NonZeroU32>,
    /// Let this many bytes wait for a client, and from a client [default: 1048576]
    #[arg(long, value_name = "BYTES")]
    max_queue: Option<NonZeroU32>,
    /// Ping a WebSocket from which nothing came for so long, and close it after half as long again [default: 30]
    #[arg(long, value_name = "SECONDS")]
    ping: Option<NonZeroU32>,
    /// Take requests with at most this many bytes of headers [default: 16384]
    #[arg(long, value_name = "BYTES")]
    max_header: Option<NonZeroU32>,
    /// Close a connection on which no request has come for so long [default: 10]
    #[arg(long, value_name = "SECONDS")]
    header_timeout: Option<NonZeroU32>,
    /// Close a connection whose TLS handshake takes longer [default: 10]
    #[arg(long, value_name = "SECONDS")]
    handshake_timeout: Option<NonZeroU32>,
    /// Let one token have this many WebSockets at once [default: 16]
    #[arg(long, value_name = "N")]
    max_sessions: Option<NonZeroU32>,
    /// Refuse an address that came this often in a minute with a token that is none [default: 10]; 0 for never
    #[arg(long, value_name = "N")]
    max_failures: Option<u32>,
    /// Believe this proxy for whom it asks, in X-Forwarded-For. May be repeated
    #[arg(long = "trusted-proxy", value_name = "IP")]
    trusted_proxy: Vec<IpAddr>,
}

impl Given {
    /// What is given here, else there, else by default.
    pub(super) fn or(self, other: Self) -> ClientLimits {
        let default = ClientLimits::default();
        let bytes = |given: Option<NonZeroU32>, default| given.map_or(default, |given| given.get() as usize);
        let time = |given: Option<NonZeroU32>, default| {
            given.map_or(default, |seconds| Duration::from_secs(seconds.get().into()))
        };
        ClientLimits {
            max_clients: self
                .max_clients
                .or(other.max_clients)
                .unwrap_or(default.max_clients),
            max_frame: bytes(self.max_frame.or(other.max_frame), default.max_frame),
            max_in_flight: self
                .max_in_flight
                .or(other.max_in_flight)
                .and_then(|given| given.try_into().ok())
                .unwrap_or(default.max_in_flight),
            max_queue: bytes(self.max_queue.or(other.max_queue), default.max_queue),
            ping: time(self.ping.or(other.ping), default.ping),
            max_header: bytes(self.max_header.or(other.max_header), default.max_header),
            header_timeout: time(
                self.header_timeout.or(other.header_timeout),
                default.header_timeout,
            ),
            handshake_timeout: time(
                self.handshake_timeout.or(other.handshake_timeout),
                default.handshake_timeout,
            ),
            max_sessions: self
                .max_sessions
                .or(other.max_sessions)
                .unwrap_or(default.max_sessions),
            max_failures: self
                .max_failures
                .or(other.max_failures)
                .map_or(default.max_failures, NonZeroU32::new),
            trusted_proxies: [self.trusted_proxy, other.trusted_proxy].concat(),
        }
    }
}
