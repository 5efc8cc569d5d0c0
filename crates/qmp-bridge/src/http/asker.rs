//! Who asks: from which address, and with which headers.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};

use super::Shared;
use crate::audit::Peer;

/// Who sent a request.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) peer: Peer,
    /// The peer's address, or for whom it asks if it is a proxy that is believed.
    pub(super) source: IpAddr,
    pub(super) headers: HeaderMap,
}

impl FromRequestParts<Arc<Shared>> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Infallible> {
        let (peer, source) = who(&parts.extensions, &parts.headers, shared);
        Ok(Self {
            peer,
            source,
            headers: parts.headers.clone(),
        })
    }
}

/// The peer as it is written down, and the address that counts.
pub(super) fn who(extensions: &Extensions, headers: &HeaderMap, shared: &Shared) -> (Peer, IpAddr) {
    let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() else {
        // Of whom it is not known where they are, all are one.
        return (Peer::Unknown, IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    };
    let source = source(peer.ip(), headers, &shared.clients.limits().trusted_proxies);
    if source == peer.ip().to_canonical() {
        (Peer::Tcp(*peer), source)
    } else {
        (Peer::Behind(source), source)
    }
}

/// What a proxy that is believed has put last into `X-Forwarded-For`; what stands before may be anybody's word.
fn source(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.iter().any(|proxy| proxy.to_canonical() == peer) {
        return peer;
    }
    let last = headers.get_all(FORWARDED_FOR).iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.and_then(|last| parse(last.trim())).unwrap_or(peer)
}

/// An address, with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().map(|address: SocketAddr| address.ip());
    text.parse()
        .or_else(|_| with_port())
        .ok()
        .map(|ip: IpAddr| ip.to_canonical())
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h6_only_a_trusted_proxy_says_for_whom_it_asks() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let trusted = [address("127.0.0.1"), address("2001:db8::1")];
        let told = |peer: &str, values: &[&str]| {
            let list = values.iter().map(|value| (FORWARDED_FOR, value.parse().unwrap()));
            source(address(peer), &list.collect(), &trusted).to_string()
        };
        for (peer, values, who) in [
            ("192.0.2.1", &["198.51.100.1"][..], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            (
                "2001:db8::1",
                &["127.0.0.1, 198.51.100.1 , 198.51.100.2:80"],
                "198.51.100.2",
            ),
            ("127.0.0.1", &["198.51.100.1", "[2001:db8::2]:80"], "2001:db8::2"),
            ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1,"], "127.0.0.1"),
        ] {
            assert_eq!(told(peer, values), who, "{peer} {values:?}");
        }
    }
}
