//! Where a machine's monitor is, as it is written in options. How it is reached is in `connector`.

mod connector;
mod dialect;
mod listener;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub(crate) use self::connector::{Connector, Stream};
pub(crate) use self::dialect::Dialect;

/// The address of a QMP monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The built-in simulated machine.
    Demo,
    /// A unix socket of libvirt's `virt-qemu-qmp-proxy`, written `libvirt:path`.
    Libvirt(PathBuf),
    /// A loopback port that QEMU dials, written `listen:tcp:host:port`.
    ListenTcp(SocketAddr),
    /// A unix socket that QEMU dials, written `listen:path`.
    ListenUnix(PathBuf),
    /// A TCP port, written `tcp:host:port`.
    Tcp(String),
    /// A unix socket, written as its path or as `unix:path`.
    Unix(PathBuf),
}

impl Endpoint {
    /// The file in which its socket is, if it is in one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Libvirt(path) | Self::ListenUnix(path) | Self::Unix(path) => Some(path),
            Self::Demo | Self::ListenTcp(_) | Self::Tcp(_) => None,
        }
    }

    /// Whether it is QEMU that dials.
    pub(crate) const fn is_dialled(&self) -> bool {
        matches!(self, Self::ListenTcp(_) | Self::ListenUnix(_))
    }

    /// What is spoken there.
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Libvirt(_) => Dialect::Libvirt,
            Self::Demo | Self::ListenTcp(_) | Self::ListenUnix(_) | Self::Tcp(_) | Self::Unix(_) => {
                Dialect::Qemu
            }
        }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(address) = text.strip_prefix("tcp:") {
            return match host_and_port(address) {
                Some(_) => Ok(Self::Tcp(address.to_owned())),
                None => Err(format!("{text}: not of the form tcp:host:port")),
            };
        }
        if let Some(address) = text.strip_prefix("listen:tcp:") {
            return loopback(address).map(Self::ListenTcp).ok_or_else(|| {
                format!("{text}: not of the form listen:tcp:host:port with a loopback address and a port")
            });
        }
        let (kind, path): (fn(PathBuf) -> Self, _) = match text.split_once(':') {
            Some(("libvirt", path)) => (Self::Libvirt, path),
            Some(("listen", path)) => (Self::ListenUnix, path),
            Some(("unix", path)) => (Self::Unix, path),
            _ => (Self::Unix, text),
        };
        if path.is_empty() {
            return Err("the path of the monitor's socket is missing".to_owned());
        }
        Ok(kind(path.into()))
    }
}

fn host_and_port(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let port = port.parse().ok()?;
    (!host.is_empty()).then_some((host, port))
}

/// An address that only this computer reaches. Whoever reached it would be taken for the machine.
fn loopback(address: &str) -> Option<SocketAddr> {
    let (host, port) = host_and_port(address)?;
    let ip: IpAddr = match host.trim_start_matches('[').trim_end_matches(']') {
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        ip => ip.parse().ok()?,
    };
    // QEMU could not be told which port was free.
    (ip.is_loopback() && port != 0).then_some(SocketAddr::new(ip, port))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Demo => f.write_str("the demo machine"),
            Self::Libvirt(path) => write!(f, "libvirt:{}", path.display()),
            Self::ListenTcp(address) => write!(f, "listen:tcp:{address}"),
            Self::ListenUnix(path) => write!(f, "listen:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for (text, endpoint) in [
            ("/run/vm.sock", Endpoint::Unix("/run/vm.sock".into())),
            ("unix:vm.sock", Endpoint::Unix("vm.sock".into())),
            ("/run/odd:name", Endpoint::Unix("/run/odd:name".into())),
            ("tcp:[::1]:4444", Endpoint::Tcp("[::1]:4444".into())),
            ("libvirt:/run/vm.sock", Endpoint::Libvirt("/run/vm.sock".into())),
            ("listen:/run/vm.sock", Endpoint::ListenUnix("/run/vm.sock".into())),
            (
                "listen:tcp:localhost:44",
                Endpoint::ListenTcp(([127, 0, 0, 1], 44).into()),
            ),
            (
                "listen:tcp:[::1]:44",
                Endpoint::ListenTcp((IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), 44).into()),
            ),
        ] {
            assert_eq!(text.parse().as_ref(), Ok(&endpoint), "{text}");
        }
        for bad in [
            "",
            "unix:",
            "tcp:",
            "tcp:host",
            "tcp::1",
            "tcp:host:99999",
            "libvirt:",
            "listen:",
        ] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
        for bad in [
            "listen:tcp:0.0.0.0:44",
            "listen:tcp:127.0.0.1:0",
            "listen:tcp:host:44",
            "listen:tcp:44",
        ] {
            assert!(bad.parse::<Endpoint>().unwrap_err().contains("loopback"), "{bad}");
        }
    }
}
