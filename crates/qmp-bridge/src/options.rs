//! What the bridge is told: flags, and a TOML file that may say the same. A flag goes before the file.

mod audit;
mod limits;
mod policy;
#[cfg(test)]
mod tests;
mod tls;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use clap::{Parser, Subcommand, ValueEnum};
use serde::Deserialize;

pub use self::audit::AuditLog;
pub use self::limits::ClientLimits;
pub use self::policy::PolicyOptions;
pub use self::tls::TlsFiles;
use crate::endpoint::Endpoint;
use crate::permissions::refuse_if_writable_by_others;
use crate::token::TokenCommand;

/// What the program is asked for.
#[derive(Debug)]
pub enum Asked {
    /// To be a bridge.
    Serve(Box<Options>),
    /// To do something with a token file.
    Token(Box<TokenCommand>),
}

/// Connects browsers to QEMU monitors, and serves the console.
#[derive(Debug, Default, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    /// Read options from this TOML file too
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Listen on this address, with TLS one that others reach too [default: 127.0.0.1:8090]; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Serve this machine: NAME=/path/to/qmp.sock, NAME=tcp:host:port, or NAME=listen:/path for QEMU to dial. May be
    /// repeated
    #[arg(long = "vm", value_name = "NAME=ENDPOINT")]
    vms: Vec<String>,
    /// Serve a machine for each unix socket in this directory, as they come and go. May be repeated
    #[arg(long = "vm-dir", value_name = "DIR")]
    vm_dirs: Vec<PathBuf>,
    /// Serve the built-in demo machine, which is simulated, under the name "demo"
    #[arg(long)]
    demo: bool,
    /// Let in whoever has a token of this file, see `qmp-bridge token`. Without it a token is made and printed
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Let pages of this site in: scheme://host[:port], compared exactly. May be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    allow_origins: Vec<String>,
    /// Answer to this name too: host[:port], compared exactly. May be repeated
    #[arg(long = "allow-host", value_name = "HOST")]
    allow_hosts: Vec<String>,
    /// While several clients ask the same query-*, send it at most once in so many milliseconds [default: 20]; 0 for always
    #[arg(long, value_name = "MS")]
    share_reads: Option<u64>,
    /// Let one client send so many commands a second [default: 1000], and twice as many at once; 0 for any number
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// Give clients replies of at most so many bytes [default: 16777216]
    #[arg(long, value_name = "BYTES")]
    max_reply: Option<usize>,
    /// Write the log as lines of text or of JSON [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// Tell Prometheus at this loopback address too, where it needs no token
    #[arg(long, value_name = "ADDR:PORT")]
    metrics_listen: Option<SocketAddr>,
    /// Take at most one picture of a machine's screen in this many milliseconds [default: 200]
    #[arg(long, value_name = "MS")]
    screen_interval: Option<u64>,
    /// Serve each machine on a unix socket too: DIR/NAME.sock, for whoever may open that file
    #[arg(long, value_name = "DIR")]
    listen_unix: Option<PathBuf>,
    #[command(flatten)]
    audit: audit::Given,
    #[command(flatten)]
    limits: limits::Given,
    #[command(flatten)]
    policy: policy::Given,
    #[command(flatten)]
    tls: tls::Given,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make, list and revoke the tokens of a file
    #[command(subcommand)]
    Token(TokenCommand),
}

/// The TOML file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    #[serde(default)]
    vm: toml::Table,
    #[serde(default)]
    vm_dir: Vec<PathBuf>,
    #[serde(default)]
    demo: bool,
    token_file: Option<PathBuf>,
    #[serde(default)]
    allow_origin: Vec<String>,
    #[serde(default)]
    allow_host: Vec<String>,
    share_reads: Option<u64>,
    rate_limit: Option<u32>,
    max_reply: Option<usize>,
    log_format: Option<LogFormat>,
    metrics_listen: Option<SocketAddr>,
    screen_interval: Option<u64>,
    listen_unix: Option<PathBuf>,
    #[serde(default)]
    audit: audit::Given,
    #[serde(default)]
    limits: limits::Given,
    #[serde(default)]
    policy: policy::Given,
    #[serde(default)]
    tls: tls::Given,
}

/// How the program writes its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// A JSON object on each line.
    Json,
    /// For people.
    #[default]
    Text,
}

/// What the bridge does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Where to listen; a loopback address unless there is a certificate.
    pub listen: SocketAddr,
    /// The machines by name.
    pub vms: Vec<(String, Endpoint)>,
    /// Directories in which each unix socket is a machine.
    pub vm_dirs: Vec<PathBuf>,
    /// Where the tokens are; `None` makes one.
    pub token_file: Option<PathBuf>,
    /// Sites whose pages are let in, beside the bridge's own.
    pub allow_origins: Vec<String>,
    /// Names that the bridge answers to, beside the loopback ones.
    pub allow_hosts: Vec<String>,
    /// While several clients ask the same thing, it is sent at most once in this time.
    pub share_reads: Duration,
    /// Commands that one client may send in a second, and twice as many at once; `None` for any number.
    pub rate_limit: Option<NonZeroU32>,
    /// Bytes of the longest reply that a client gets.
    pub max_reply: usize,
    /// How the program writes its log.
    pub log_format: LogFormat,
    /// Where metrics are had without a token; a loopback address.
    pub metrics_listen: Option<SocketAddr>,
    /// How old a picture of a machine's screen may be; none is taken more often.
    pub screen_interval: Duration,
    /// The directory in which each machine has a unix socket for clients.
    pub listen_unix: Option<PathBuf>,
    /// Where it is written who came and what was done; `None` for nowhere.
    pub audit_log: Option<AuditLog>,
    /// How much clients may take.
    pub limits: ClientLimits,
    /// The certificate with which to speak TLS.
    pub tls: Option<TlsFiles>,
    /// What roles may do.
    pub policy: PolicyOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            vms: Vec::new(),
            vm_dirs: Vec::new(),
            token_file: None,
            allow_origins: Vec::new(),
            allow_hosts: Vec::new(),
            share_reads: Duration::from_millis(20),
            rate_limit: NonZeroU32::new(1000),
            max_reply: 16 << 20,
            log_format: LogFormat::default(),
            metrics_listen: None,
            screen_interval: Duration::from_millis(200),
            listen_unix: None,
            audit_log: None,
            limits: ClientLimits::default(),
            tls: None,
            policy: PolicyOptions::default(),
        }
    }
}

/// Options that cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// Flags that clap refuses, or that it answers by itself (`--help`).
    #[error(transparent)]
    Flags(#[from] clap::Error),
    /// The file cannot be read.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where, and why.
        source: toml::de::Error,
    },
    /// A machine that is badly described.
    #[error("machine {0}")]
    Vm(String),
    /// Two machines of one name.
    #[error("there are two machines named {0}")]
    SameName(String),
    /// No machine at all.
    #[error("no machine to serve: give --vm NAME=/path/to/qmp.sock, --vm-dir DIR, or --demo")]
    NoVm,
    /// Administrators, and nowhere to write what they do.
    #[error("--allow-admin needs --audit-log FILE, or - for the standard error")]
    NoAudit,
    /// A certificate without a key, or a key without a certificate.
    #[error("--tls-cert and --tls-key are needed together")]
    HalfTls,
    /// An address that others on the network could reach, where nothing would be encrypted.
    #[error("--{flag} {address}: only loopback addresses are allowed without TLS{advice}")]
    NotLoopback {
        /// The option's name.
        flag: &'static str,
        /// Its address.
        address: SocketAddr,
        /// What to do about it.
        advice: &'static str,
    },
}

impl Asked {
    /// Reads the command line, and the file that it names.
    ///
    /// # Errors
    /// What is wrong, in words for the one who typed it.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, OptionsError> {
        let mut flags = Flags::try_parse_from(arguments)?;
        Ok(match flags.command.take() {
            Some(Command::Token(command)) => Self::Token(Box::new(command)),
            None => Self::Serve(Box::new(Options::of(flags)?)),
        })
    }
}

impl Options {
    fn of(flags: Flags) -> Result<Self, OptionsError> {
        let file = flags
            .config
            .as_deref()
            .map_or_else(|| Ok(File::default()), read)?;
        let defaults = Self::default();
        let options = Self {
            listen: flags.listen.or(file.listen).unwrap_or(defaults.listen),
            vms: vms(&flags, &file)?,
            vm_dirs: [flags.vm_dirs, file.vm_dir].concat(),
            token_file: flags.token_file.or(file.token_file),
            allow_origins: [flags.allow_origins, file.allow_origin].concat(),
            allow_hosts: [flags.allow_hosts, file.allow_host].concat(),
            share_reads: flags
                .share_reads
                .or(file.share_reads)
                .map_or(defaults.share_reads, Duration::from_millis),
            rate_limit: flags
                .rate_limit
                .or(file.rate_limit)
                .map_or(defaults.rate_limit, NonZeroU32::new),
            max_reply: flags.max_reply.or(file.max_reply).unwrap_or(defaults.max_reply),
            log_format: flags.log_format.or(file.log_format).unwrap_or_default(),
            metrics_listen: flags.metrics_listen.or(file.metrics_listen),
            screen_interval: flags
                .screen_interval
                .or(file.screen_interval)
                .map_or(defaults.screen_interval, Duration::from_millis),
            listen_unix: flags.listen_unix.or(file.listen_unix),
            audit_log: flags.audit.or(file.audit),
            limits: flags.limits.or(file.limits),
            tls: flags.tls.or(file.tls)?,
            policy: flags.policy.or(file.policy),
        };
        if options.policy.show.is_some() {
            return Ok(options);
        }
        if options.vms.is_empty() && options.vm_dirs.is_empty() {
            return Err(OptionsError::NoVm);
        }
        audit::require_audit(options.policy.allow_admin, options.audit_log.as_ref())?;
        if !options.listen.ip().is_loopback() && options.tls.is_none() {
            return Err(OptionsError::NotLoopback {
                flag: "listen",
                address: options.listen,
                advice: ": give --tls-cert FILE and --tls-key FILE, or put a TLS proxy before the bridge",
            });
        }
        match options
            .metrics_listen
            .filter(|address| !address.ip().is_loopback())
        {
            Some(address) => Err(OptionsError::NotLoopback {
                flag: "metrics-listen",
                address,
                advice: ", and the metrics have none",
            }),
            None => Ok(options),
        }
    }
}

/// Where the tokens are according to a file, and how the bridge is reached.
pub(crate) fn tokens_of(config: &Path) -> Result<(Option<PathBuf>, Base), OptionsError> {
    let file = read(config)?;
    let base = Base {
        listen: file.listen.unwrap_or(DEFAULT_LISTEN),
        secure: tls::Given::default().or(file.tls)?.is_some(),
    };
    Ok((file.token_file, base))
}

/// How the bridge is reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    listen: SocketAddr,
    secure: bool,
}

impl Default for Base {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            secure: false,
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}/", self.listen)
    }
}

fn read(path: &Path) -> Result<File, OptionsError> {
    let text = refuse_if_writable_by_others(path).and_then(|()| fs::read_to_string(path));
    let text = text.map_err(|source| OptionsError::File {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| OptionsError::Toml {
        path: path.to_owned(),
        source,
    })
}

fn vms(flags: &Flags, file: &File) -> Result<Vec<(String, Endpoint)>, OptionsError> {
    let mut vms: Vec<(String, Endpoint)> = Vec::new();
    let described = flags.vms.iter().map(|vm| {
        vm.split_once('=')
            .ok_or_else(|| OptionsError::Vm(format!("{vm}: not of the form NAME=ENDPOINT")))
    });
    let filed = file.vm.iter().map(|(name, endpoint)| match endpoint.as_str() {
        // In TOML everything behind `[vm]` belongs to it, and a machine that is named so would be an option that is ignored.
        _ if STRINGS.contains(&name.as_str()) => Err(OptionsError::Vm(format!(
            "{name}: that is an option, which goes before [vm]"
        ))),
        Some(endpoint) => Ok((name.as_str(), endpoint)),
        None => Err(OptionsError::Vm(format!("{name}: the endpoint must be a string"))),
    });
    for vm in described.chain(filed) {
        let (name, endpoint) = vm?;
        if !is_name(name) {
            return Err(OptionsError::Vm(format!(
                "{name}: a name begins with a letter or digit and has letters, digits, '.', '_' and '-' only, at most 64"
            )));
        }
        let endpoint = endpoint
            .parse()
            .map_err(|reason| OptionsError::Vm(format!("{name}: {reason}")))?;
        vms.push((name.to_owned(), endpoint));
    }
    if flags.demo || file.demo {
        vms.push(("demo".to_owned(), Endpoint::Demo));
    }
    for (place, (name, _)) in vms.iter().enumerate() {
        if vms[..place].iter().any(|(earlier, _)| earlier == name) {
            return Err(OptionsError::SameName(name.clone()));
        }
    }
    Ok(vms)
}

/// A name is part of a path, so it has none of a path's own characters and does not begin with a dot.
pub(crate) fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts
        && name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8090);
/// The options of the file that are strings, as endpoints are.
const STRINGS: [&str; 5] = [
    "listen",
    "listen-unix",
    "log-format",
    "metrics-listen",
    "token-file",
];
