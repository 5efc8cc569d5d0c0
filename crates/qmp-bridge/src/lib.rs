//! The bridge between browsers and QEMU monitors.
//!
//! A monitor serves one program at a time; the bridge is that program, and a QMP server to every browser: each has its
//! own greeting, its own negotiation, its own ids. [`Bridge::bind`], then [`Bridge::serve`].

mod access;
mod assets;
mod audit;
mod clients;
mod close_code;
pub mod demo;
mod downstream;
mod endpoint;
mod grant;
mod guard;
mod http;
mod machines;
mod metrics;
mod monitor;
mod mux;
mod options;
mod permissions;
mod policy;
mod role;
mod screen;
mod socket_file;
mod token;
mod unix_socket;

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::serve::{ListenerExt, TapIo};
use qmp_policy::Policy;
use tokio::net::{TcpListener, TcpStream};

pub use self::close_code::CloseCode;
pub use self::endpoint::Endpoint;
pub use self::options::{AuditLog, ClientLimits, LogFormat, Options, OptionsError, PolicyOptions};
pub use self::policy::show_policy;
pub use self::role::Role;

use self::access::Access;
use self::audit::Audit;
use self::clients::Clients;
use self::endpoint::Connector;
use self::http::Shared;
use self::machines::directories::Directories;
use self::machines::{MachineOptions, Machines};
use self::metrics::Metrics;
use self::mux::{MuxOptions, RateLimit};
use self::token::Tokens;
use self::unix_socket::MachineSocket;

/// A bridge that listens.
#[derive(Debug)]
pub struct Bridge {
    listener: TcpListener,
    address: SocketAddr,
    /// The machines that stay.
    vms: Vec<(String, Endpoint, Connector, Option<MachineSocket>)>,
    directories: Option<Directories>,
    /// Where the metrics are had without a token, and by which names.
    metrics: Option<(TcpListener, Access)>,
    limits: ClientLimits,
    access: Access,
    tokens: Tokens,
    machines: MachineOptions,
    policy: Arc<Policy>,
    /// The token that was made because none was given.
    made: Option<String>,
}

/// Why a bridge cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A host or origin that cannot be read.
    #[error("{0}")]
    Access(String),
    /// The audit log cannot be written, or others can write to it.
    #[error("--audit-log {}", path.display())]
    Audit {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A directory in which machines cannot be looked for.
    #[error("--vm-dir {}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An endpoint that QEMU is to dial cannot be listened on, or one could be replaced by others.
    #[error("machine {name}: cannot use {endpoint}")]
    Endpoint {
        /// The machine.
        name: String,
        /// Its endpoint.
        endpoint: Endpoint,
        /// Why.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The policy's file cannot be followed.
    #[error("--policy {}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// Where, and why.
        source: io::Error,
    },
    /// Each unix socket for clients would be taken for a machine.
    #[error("--listen-unix {}: it is a --vm-dir too, and each socket for clients would be a machine", path.display())]
    SameDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// A machine's unix socket cannot be made.
    #[error("--listen-unix {}: machine {vm}", directory.display())]
    Unix {
        /// The directory.
        directory: PathBuf,
        /// The machine.
        vm: String,
        /// Why.
        source: io::Error,
    },
    /// The tokens cannot be read, or none can be made.
    #[error("{}", path.display())]
    Tokens {
        /// Their file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Bridge {
    /// Reads the tokens and listens.
    ///
    /// # Errors
    /// Why the bridge cannot start.
    pub async fn bind(options: Options) -> Result<Self, StartError> {
        let (tokens, made) = match &options.token_file {
            Some(path) => (
                Tokens::read(path).map_err(|source| StartError::Tokens {
                    path: path.clone(),
                    source,
                })?,
                None,
            ),
            None => {
                let made = Tokens::generate();
                let (tokens, token) = made.map_err(|source| StartError::Tokens {
                    path: "the random source".into(),
                    source,
                })?;
                (tokens, Some(token))
            }
        };
        let policy = Arc::new(policy::load(&options.policy)?);
        let audit = match &options.audit_log {
            Some(log) => Audit::open(log).map_err(|source| StartError::Audit {
                path: log.path().to_owned(),
                source,
            })?,
            None => Audit::default(),
        };
        if let Some(directory) = &options.listen_unix {
            unix_socket::check_apart(directory, &options.vms, &options.vm_dirs)?;
        }
        let (listener, address) = listen(options.listen).await?;
        let access = Access::new(address.port(), &options.allow_hosts, &options.allow_origins);
        let directories = if options.vm_dirs.is_empty() {
            None
        } else {
            let opened = Directories::open(options.vm_dirs, options.vms.clone());
            Some(opened.map_err(|(path, source)| StartError::Directory { path, source })?)
        };
        let mut vms = Vec::new();
        for (name, endpoint) in options.vms {
            let socket =
                match &options.listen_unix {
                    Some(directory) => {
                        Some(MachineSocket::bind(directory, &name).await.map_err(|source| {
                            StartError::Unix {
                                directory: directory.clone(),
                                vm: name.clone(),
                                source,
                            }
                        })?)
                    }
                    None => None,
                };
            match Connector::open(&endpoint).await {
                Ok(connector) => vms.push((name, endpoint, connector, socket)),
                Err(source) => {
                    return Err(StartError::Endpoint {
                        name,
                        endpoint,
                        source,
                    });
                }
            }
        }
        let metrics = match options.metrics_listen {
            Some(address) => {
                let (listener, address) = listen(address).await?;
                let access = Access::new(address.port(), &options.allow_hosts, &[]);
                Some((listener, access.map_err(StartError::Access)?))
            }
            None => None,
        };
        let mux = MuxOptions {
            share: options.share_reads,
            rate: options.rate_limit.map(RateLimit),
            max_reply: options.max_reply,
        };
        Ok(Self {
            listener,
            address,
            vms,
            directories,
            metrics,
            machines: MachineOptions {
                mux,
                screen_interval: options.screen_interval,
                listen_unix: options.listen_unix,
                policy: policy.clone(),
                audit,
            },
            policy,
            limits: options.limits,
            access: access.map_err(StartError::Access)?,
            tokens,
            made,
        })
    }

    /// Where the bridge listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the metrics are had without a token.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref()?.0.local_addr().ok()
    }

    /// The link that opens the console, with the token if the bridge made it: in the fragment, which is never sent.
    pub fn link(&self) -> String {
        let token = self.made.as_ref().map(|token| format!("token={token}"));
        let vm = match self.vms.as_slice() {
            [(name, ..)] if self.directories.is_none() => Some(format!("vm={name}")),
            _ => None,
        };
        let fragment: Vec<String> = token.into_iter().chain(vm).collect();
        format!("http://{}/#{}", self.address, fragment.join("&"))
            .trim_end_matches('#')
            .to_owned()
    }

    /// Serves until told to stop. Then nothing new is taken, what is in flight is answered for a moment, and every client
    /// is told.
    ///
    /// # Errors
    /// Why the bridge cannot go on.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<(), StartError> {
        let clients = Arc::new(Clients::new(self.limits));
        let metrics = Arc::new(Metrics::new());
        let audit = self.machines.audit.clone();
        let machines = Machines::new(self.machines, metrics.clone(), clients.clone());
        for (name, endpoint, connector, socket) in self.vms {
            machines.add(&name, endpoint, connector, socket);
        }
        let mut directories = self.directories;
        if let Some(directories) = &mut directories {
            directories.scan(&machines);
        }
        let follow = async {
            match directories {
                Some(directories) => directories.follow(&machines).await,
                None => pending().await,
            }
        };
        let shared = Shared {
            access: self.access,
            tokens: self.tokens,
            policy: self.policy,
            metrics: metrics.clone(),
            machines: machines.clone(),
            clients: clients.clone(),
            audit: audit.clone(),
        };
        let router = http::router(Arc::new(shared)).into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(at_once(self.listener), router);
        let count = async {
            match self.metrics {
                Some((listener, access)) => {
                    axum::serve(listener, http::metrics_router(access, metrics)).await
                }
                None => pending().await,
            }
        };
        let result = tokio::select! {
            result = server => result,
            result = count => result,
            () = follow => Ok(()),
            () = audit.attend() => Ok(()),
            () = stop => Ok(()),
        };
        // Clients first, while their machines are still there: else they would hear of the wrong end.
        clients.stop().await;
        machines.end().await;
        audit.flush().await;
        result.map_err(|source| StartError::Listen {
            address: self.address,
            source,
        })
    }
}

/// Lets small messages go at once: else the second of two would wait until the client has acknowledged the first, which
/// takes it 40 ms.
fn at_once(listener: TcpListener) -> TapIo<TcpListener, impl FnMut(&mut TcpStream) + Send> {
    listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "messages of a client may be delayed");
        }
    })
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

#[cfg(test)]
mod tests {
    use axum::serve::Listener;

    use super::*;

    #[tokio::test]
    async fn what_is_sent_to_a_client_goes_at_once() {
        let (listener, address) = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let _client = TcpStream::connect(address).await.unwrap();
        let (accepted, _) = at_once(listener).accept().await;
        assert!(accepted.nodelay().unwrap());
    }
}
