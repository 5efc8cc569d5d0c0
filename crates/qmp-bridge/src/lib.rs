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
mod file_watch;
mod grant;
mod guard;
mod http;
mod limiter;
mod machines;
mod metrics;
mod monitor;
mod mux;
mod options;
mod permissions;
mod policy;
mod run_state;
mod screen;
mod server;
mod socket_file;
mod tls;
mod token;
mod unix_socket;

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;

pub use self::close_code::CloseCode;
pub use self::endpoint::Endpoint;
pub use self::options::{
    Asked, AuditLog, ClientLimits, LogFormat, Options, OptionsError, PolicyOptions, TlsFiles,
};
pub use self::policy::show_policy;
pub use self::token::{TokenCommand, TokenError};
pub use qmp_policy::Role;

use self::access::{Access, Scheme};
use self::audit::Audit;
use self::clients::Clients;
use self::endpoint::Connector;
use self::guard::Rules;
use self::http::Shared;
use self::limiter::Limiter;
use self::machines::directories::Directories;
use self::machines::{MachineOptions, Machines};
use self::metrics::Metrics;
use self::mux::{MuxOptions, RateLimit};
use self::server::Server;
use self::tls::Certificate;
use self::token::{TokenFile, Tokens};
use self::unix_socket::MachineSocket;

/// A bridge that listens.
#[derive(Debug)]
pub struct Bridge {
    listener: TcpListener,
    address: SocketAddr,
    /// How a browser reaches it, with the port.
    name: String,
    certificate: Option<Certificate>,
    /// The machines that stay.
    vms: Vec<(String, Endpoint, Connector, Option<MachineSocket>)>,
    directories: Option<Directories>,
    /// Where the metrics are had without a token, and by which names.
    metrics: Option<(TcpListener, Access)>,
    limits: ClientLimits,
    access: Access,
    tokens: Tokens,
    token_file: Option<TokenFile>,
    machines: MachineOptions,
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
    /// The certificate or its key cannot be used.
    #[error("{}", path.display())]
    Certificate {
        /// The file.
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
        let (tokens, token_file, made) = match options.token_file {
            Some(path) => {
                let opened = TokenFile::open(path.clone());
                let (file, tokens) = opened.map_err(|source| StartError::Tokens { path, source })?;
                (tokens, Some(file), None)
            }
            None => {
                let made = Tokens::generate();
                let (tokens, token) = made.map_err(|source| StartError::Tokens {
                    path: "the random source".into(),
                    source,
                })?;
                (tokens, None, Some(token))
            }
        };
        let rules = Rules {
            policy: Arc::new(policy::load(&options.policy)?),
            audit: match &options.audit_log {
                Some(log) => Audit::open(log).map_err(|source| StartError::Audit {
                    path: log.path().to_owned(),
                    source,
                })?,
                None => Audit::default(),
            },
        };
        if let Some(directory) = &options.listen_unix {
            unix_socket::check_apart(directory, &options.vms, &options.vm_dirs)?;
        }
        let certificate = options.tls.map(Certificate::open).transpose();
        let certificate = certificate.map_err(|(path, source)| StartError::Certificate { path, source })?;
        let (listener, address) = listen(options.listen).await?;
        let scheme = match certificate {
            Some(_) => Scheme::Https,
            None => Scheme::Http,
        };
        let access = Access::new(scheme, address, &options.allow_hosts, &options.allow_origins);
        let name = match options.allow_hosts.first() {
            _ if address.ip().is_loopback() => address.to_string(),
            Some(host) => host.clone(),
            None => {
                tracing::warn!(%address, "no --allow-host: the bridge answers to no name by which others reach it");
                format!("localhost:{}", address.port())
            }
        };
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
                let access = Access::new(Scheme::Http, address, &options.allow_hosts, &[]);
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
            name,
            certificate,
            vms,
            directories,
            metrics,
            machines: MachineOptions {
                mux,
                screen_interval: options.screen_interval,
                listen_unix: options.listen_unix,
                rules,
            },
            limits: options.limits,
            access: access.map_err(StartError::Access)?,
            tokens,
            token_file,
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
        let scheme = self.access.scheme().name();
        format!("{scheme}://{}/#{}", self.name, fragment.join("&"))
            .trim_end_matches('#')
            .to_owned()
    }

    /// Serves until told to stop. Then nothing new is taken, what is in flight is answered for a moment, and every client
    /// is told.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let server = Server::new(&self.limits, self.certificate.as_ref().map(Certificate::current));
        let plain = Server::new(&self.limits, None);
        let clients = Arc::new(Clients::new(self.limits));
        let metrics = Arc::new(Metrics::new());
        let rules = self.machines.rules.clone();
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
        let renew = async {
            match self.certificate {
                Some(certificate) => certificate.follow().await,
                None => pending().await,
            }
        };
        let shared = Arc::new(Shared {
            access: self.access,
            tokens: self.tokens,
            failures: Mutex::new(Limiter::new(clients.limits().max_failures)),
            refusals: Mutex::default(),
            rules: rules.clone(),
            metrics: metrics.clone(),
            machines: machines.clone(),
            clients: clients.clone(),
        });
        let router = http::router(shared.clone());
        let serve = server.serve(self.listener, router, clients.stopping());
        let count = async {
            match self.metrics {
                Some((listener, access)) => {
                    let router = http::metrics_router(access, metrics);
                    plain.serve(listener, router, clients.stopping()).await;
                }
                None => pending().await,
            }
        };
        tokio::select! {
            () = serve => {}
            () = count => {}
            () = follow => {}
            () = renew => {}
            () = shared.tokens.follow(self.token_file) => {}
            () = rules.audit.attend() => {}
            () = stop => {}
        }
        // Clients first, while their machines are still there: else they would hear of the wrong end.
        tokio::join!(clients.stop(), server.ended(), plain.ended());
        machines.end().await;
        rules.audit.flush().await;
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
