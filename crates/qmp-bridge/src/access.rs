//! Who may knock: Host and Origin, compared as parsed, and the token out of the subprotocols. Pure: headers in,
//! decisions out.
//!
//! Host and Origin are independent checks. A page of a foreign site is told by its Origin; a foreign name that was
//! bent to our address (DNS rebinding) makes a page whose Origin equals its Host, and is told by its Host.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use url::{Origin, Url};

/// Which names the bridge answers to, and which sites may use it.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    scheme: Scheme,
    hosts: Vec<(String, u16)>,
    origins: Vec<Origin>,
}

/// How a listener is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Why a request is turned away. The client learns the status, and the words in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Refusal {
    /// A header that must be there once is missing, repeated or unreadable.
    #[error("malformed request")]
    Malformed,
    /// The name by which the bridge was addressed is not one of its names.
    #[error("this host name is not allowed")]
    Host,
    /// The page belongs to a site that is not allowed.
    #[error("this origin is not allowed")]
    Origin,
    /// No token, or one that is not known.
    #[error("a valid token is needed")]
    Token,
    /// A token for one use that had it.
    #[error("this link was used already")]
    Spent,
    /// A token for some machines, where all of them are told of.
    #[error("this needs a token for every machine")]
    Scope,
    /// Tokens that were none came from this address, too many of them.
    #[error("too many wrong tokens; try again later")]
    Failures {
        /// When to try again.
        seconds: u32,
    },
    /// As many sessions as may be are there with this token.
    #[error("too many sessions with this token")]
    Sessions,
    /// A token whose role does not give this.
    #[error("a token of a higher role is needed")]
    Role,
    /// No machine of this name.
    #[error("no such machine")]
    UnknownVm,
    /// As many clients as may be are there.
    #[error("too many clients; try again later")]
    Full,
}

impl Refusal {
    /// Its name among the metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Host => "host",
            Self::Origin => "origin",
            Self::Token => "token",
            Self::Spent => "spent",
            Self::Scope => "scope",
            Self::Failures { .. } => "failures",
            Self::Sessions => "sessions",
            Self::Role => "role",
            Self::UnknownVm => "unknown-vm",
            Self::Full => "full",
        }
    }

    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Host | Self::Origin | Self::Role | Self::Scope => StatusCode::FORBIDDEN,
            Self::Token | Self::Spent => StatusCode::UNAUTHORIZED,
            Self::Failures { .. } | Self::Sessions => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownVm => StatusCode::NOT_FOUND,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Access {
    /// The loopback names, where the address can be reached by them, further hosts (`host` or `host:port`) and further
    /// origins (`scheme://host[:port]`). Pages of the hosts are allowed if they came by the listener's own scheme.
    ///
    /// # Errors
    /// The option that cannot be read.
    pub(crate) fn new(
        scheme: Scheme,
        address: SocketAddr,
        hosts: &[String],
        origins: &[String],
    ) -> Result<Self, String> {
        let mut access = Self {
            scheme,
            hosts: Vec::new(),
            origins: Vec::new(),
        };
        let is_local = address.ip().is_loopback() || address.ip().is_unspecified();
        let loopback = ["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{}", address.port()));
        let loopback = loopback.iter().filter(|_| is_local);
        for host in loopback.chain(hosts) {
            let parsed = parse_host(host, scheme);
            access
                .hosts
                .push(parsed.ok_or_else(|| format!("--allow-host {host}: not of the form host[:port]"))?);
            access
                .origins
                .extend(parse_origin(&format!("{}://{host}", scheme.name())));
        }
        for origin in origins {
            let parsed = parse_origin(origin);
            access.origins.push(
                parsed.ok_or_else(|| {
                    format!("--allow-origin {origin}: not of the form scheme://host[:port]")
                })?,
            );
        }
        Ok(access)
    }

    pub(crate) const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The bridge was addressed by one of its own names.
    ///
    /// # Errors
    /// Why the request is turned away.
    pub(crate) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = only(headers, &header::HOST)?.ok_or(Refusal::Malformed)?;
        let host = parse_host(host, self.scheme).ok_or(Refusal::Malformed)?;
        if let Some(authority) = uri.authority()
            && parse_host(authority.as_str(), self.scheme).as_ref() != Some(&host)
        {
            return Err(Refusal::Malformed);
        }
        if self.hosts.contains(&host) {
            Ok(())
        } else {
            Err(Refusal::Host)
        }
    }

    /// The page that asks, if it is one, is of an allowed site. Where a browser sends no Origin, as for an image, it says
    /// how far away the page is. What is no browser sends neither, and has to show a token like everybody.
    ///
    /// # Errors
    /// Why the request is turned away.
    pub(crate) fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match only(headers, &header::ORIGIN)? {
            None => match only(headers, &SEC_FETCH_SITE)? {
                None | Some("none" | "same-origin") => Ok(()),
                Some(_) => Err(Refusal::Origin),
            },
            Some(origin) => match parse_origin(origin) {
                Some(origin) if self.origins.contains(&origin) => Ok(()),
                _ => Err(Refusal::Origin),
            },
        }
    }
}

/// The subprotocol that the bridge speaks: one QMP message in one text frame.
pub(crate) const SUBPROTOCOL: &str = "qmp.v1";
const BEARER_SUBPROTOCOL: &str = "qmp.bearer.";

/// The token among the offered subprotocols of a WebSocket.
///
/// # Errors
/// [`SUBPROTOCOL`] is not offered, or the token is not there exactly once as base64url.
pub(crate) fn websocket_token(headers: &HeaderMap) -> Result<String, Refusal> {
    let mut offered = Vec::new();
    for value in headers.get_all(header::SEC_WEBSOCKET_PROTOCOL) {
        offered.extend(
            value
                .to_str()
                .map_err(|_| Refusal::Malformed)?
                .split(',')
                .map(str::trim),
        );
    }
    let mut tokens = offered
        .iter()
        .filter_map(|entry| entry.strip_prefix(BEARER_SUBPROTOCOL));
    match (tokens.next(), tokens.next()) {
        (None, _) => Err(Refusal::Token),
        (Some(_), _) if !offered.contains(&SUBPROTOCOL) => Err(Refusal::Malformed),
        (Some(_), Some(_)) => Err(Refusal::Malformed),
        (Some(token), None) => {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| Refusal::Token)?;
            String::from_utf8(bytes).map_err(|_| Refusal::Token)
        }
    }
}

/// The token of a request that is not a WebSocket's.
///
/// # Errors
/// There is none.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Result<&str, Refusal> {
    only(headers, &header::AUTHORIZATION)?
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Refusal::Token)
}

/// The value of a header that may be there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Refusal::Malformed),
        (Some(_), Some(_)) => Err(Refusal::Malformed),
    }
}

/// A host as it stands, in lower case, and its port. `127.1` and `0x7f000001` are not names of ours, so no spelling is
/// made into another.
fn parse_host(text: &str, scheme: Scheme) -> Option<(String, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.ends_with(']') => (host, parse_port(port)?),
        _ => (text, scheme.port()),
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let known = match inner {
        Some(address) => address
            .bytes()
            .all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.')),
        None => host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')),
    };
    (known && !host.is_empty()).then(|| (host.to_ascii_lowercase(), port))
}

fn parse_port(port: &str) -> Option<u16> {
    if port.bytes().all(|b| b.is_ascii_digit()) {
        port.parse().ok()
    } else {
        None
    }
}

/// Scheme, host and port, as a browser writes them, and nothing else; the port may be the scheme's own.
fn parse_origin(text: &str) -> Option<Origin> {
    let origin = Url::parse(text).ok()?.origin();
    let plain = origin.ascii_serialization();
    let Origin::Tuple(_, _, port) = &origin else {
        return None;
    };
    let text = text.to_ascii_lowercase();
    (text == plain || text == format!("{plain}:{port}")).then_some(origin)
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(list: &[(HeaderName, &[u8])]) -> HeaderMap {
        let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
        list.iter()
            .map(|(name, bytes)| (name.clone(), value(bytes)))
            .collect()
    }

    fn access() -> Access {
        Access::new(
            Scheme::Http,
            ([127, 0, 0, 1], 8090).into(),
            &["vm.example".into()],
            &["https://trusted.example.com".into()],
        )
        .unwrap()
    }

    #[test]
    fn h3_hosts_are_equal_or_refused() {
        let check = |host: &str| {
            access().check_host(
                &Uri::from_static("/"),
                &headers(&[(header::HOST, host.as_bytes())]),
            )
        };
        for host in [
            "localhost:8090",
            "LOCALHOST:8090",
            "127.0.0.1:8090",
            "[::1]:8090",
            "vm.example",
            "vm.example:80",
        ] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
        for host in [
            "localhost",
            "localhost:8091",
            "127.0.0.1.evil.com:8090",
            "localhost.evil.com:8090",
            "0.0.0.0:8090",
            "2130706433:8090",
            "0x7f000001:8090",
            "127.1:8090",
            "evil.example",
            "vm.example:8090",
            "vm.example.:80",
        ] {
            assert_eq!(check(host), Err(Refusal::Host), "{host}");
        }
        for host in [
            "",
            "[::1",
            "a b",
            "localhost:",
            "localhost:80:90",
            "user@localhost:8090",
            "localhost:+8090",
        ] {
            assert!(check(host).is_err(), "{host}");
        }
    }

    #[test]
    fn h4_a_request_has_one_host() {
        let check = |uri: &'static str, list: &[(HeaderName, &[u8])]| {
            access().check_host(&Uri::from_static(uri), &headers(list))
        };
        let host = (header::HOST, &b"localhost:8090"[..]);
        assert_eq!(check("/", &[]), Err(Refusal::Malformed));
        assert_eq!(
            check("/", &[host.clone(), (header::HOST, b"evil")]),
            Err(Refusal::Malformed)
        );
        assert_eq!(
            check("http://evil.example/", std::slice::from_ref(&host)),
            Err(Refusal::Malformed)
        );
        assert_eq!(check("http://localhost:8090/", &[host]), Ok(()));
        assert_eq!(
            check("/", &[(header::HOST, b"local\xffhost")]),
            Err(Refusal::Malformed)
        );
    }

    #[test]
    fn o5_origins_are_equal_or_refused() {
        let check = |origin: &str| access().check_origin(&headers(&[(header::ORIGIN, origin.as_bytes())]));
        for origin in [
            "http://localhost:8090",
            "http://127.0.0.1:8090",
            "http://[::1]:8090",
            "http://vm.example",
            "http://vm.example:80",
            "https://trusted.example.com",
            "https://TRUSTED.example.com",
            "https://trusted.example.com:443",
        ] {
            assert_eq!(check(origin), Ok(()), "{origin}");
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "https://trusted.example.com.evil.com",
            "https://trusted.example.comedy",
            "https://trusted.example.com:9999",
            "http://trusted.example.com",
            "https://trusted.example.com.",
            "https://trusted.example.com@evil.com",
            "https://x@trusted.example.com",
            "http://localhost",
            "https://localhost:8090",
            "https://vm.example",
            "https://trusted.example.com/",
            "https://trusted.example.com/path",
            "file://",
            "data:,x",
        ] {
            assert_eq!(check(origin), Err(Refusal::Origin), "{origin}");
        }
        let twice = headers(&[
            (header::ORIGIN, b"http://localhost:8090"),
            (header::ORIGIN, b"http://localhost:8090"),
        ]);
        assert_eq!(access().check_origin(&twice), Err(Refusal::Malformed));
        assert_eq!(access().check_origin(&HeaderMap::new()), Ok(()));
    }

    #[test]
    fn o6_pages_came_by_the_scheme_of_the_listener() {
        for (own, other) in [(Scheme::Http, Scheme::Https), (Scheme::Https, Scheme::Http)] {
            let hosts = ["vm.example:8443".to_owned(), "vm.example".to_owned()];
            let access = Access::new(own, ([0; 4], 8443).into(), &hosts, &[]).unwrap();
            let check =
                |origin: String| access.check_origin(&headers(&[(header::ORIGIN, origin.as_bytes())]));
            for host in [
                "vm.example:8443",
                "localhost:8443",
                "127.0.0.1:8443",
                "[::1]:8443",
                "vm.example",
            ] {
                assert_eq!(check(format!("{}://{host}", own.name())), Ok(()), "{host}");
                let foreign = format!("{}://{host}", other.name());
                assert_eq!(check(foreign), Err(Refusal::Origin), "{host}");
            }
            // The scheme's own port goes without saying, and the other's does not.
            for (port, answer) in [(own.port(), Ok(())), (other.port(), Err(Refusal::Host))] {
                let host = format!("vm.example:{port}");
                let headers = headers(&[(header::HOST, host.as_bytes())]);
                assert_eq!(access.check_host(&Uri::from_static("/"), &headers), answer);
            }
        }
    }

    #[test]
    fn n4_at_an_address_of_the_network_nothing_is_local() {
        for (address, is_local) in [
            ("192.0.2.1:8443", false),
            ("[2001:db8::1]:8443", false),
            ("0.0.0.0:8443", true),
            ("[::]:8443", true),
            ("[::1]:8443", true),
        ] {
            let hosts = ["[2001:db8::1]:8443".to_owned()];
            let access = Access::new(Scheme::Https, address.parse().unwrap(), &hosts, &[]).unwrap();
            let check = |host: &[u8]| {
                let headers = headers(&[(header::HOST, host)]);
                access.check_host(&Uri::from_static("/"), &headers).is_ok()
            };
            assert!(check(b"[2001:db8::1]:8443"), "{address}");
            for host in ["localhost:8443", "127.0.0.1:8443", "[::1]:8443"] {
                assert_eq!(check(host.as_bytes()), is_local, "{address} {host}");
            }
        }
    }

    #[test]
    fn o8_what_another_site_has_a_browser_load_is_refused() {
        let check = |list: &[(HeaderName, &[u8])]| access().check_origin(&headers(list));
        for (site, answer) in [
            ("none", Ok(())),
            ("same-origin", Ok(())),
            ("same-site", Err(Refusal::Origin)),
            ("cross-site", Err(Refusal::Origin)),
            ("Cross-Site", Err(Refusal::Origin)),
            ("", Err(Refusal::Origin)),
        ] {
            let site = (SEC_FETCH_SITE, site.as_bytes());
            assert_eq!(check(std::slice::from_ref(&site)), answer, "{site:?}");
            // A page that is allowed is so wherever it is.
            let allowed = (header::ORIGIN, &b"https://trusted.example.com"[..]);
            assert_eq!(check(&[site, allowed]), Ok(()));
        }
        let twice = (SEC_FETCH_SITE, &b"none"[..]);
        assert_eq!(check(&[twice.clone(), twice]), Err(Refusal::Malformed));
    }

    #[test]
    fn a_token_is_taken_from_the_subprotocols() {
        let check = |offered: &str| {
            websocket_token(&headers(&[(header::SEC_WEBSOCKET_PROTOCOL, offered.as_bytes())]))
        };
        assert_eq!(check("binary, qmp.v1, qmp.bearer.Zm9v").as_deref(), Ok("foo"));
        assert_eq!(check("qmp.v1,qmp.bearer.Zm9v").as_deref(), Ok("foo"));
        for (offered, refusal) in [
            ("qmp.v1", Refusal::Token),
            ("qmp.bearer.Zm9v", Refusal::Malformed),
            ("qmp.v1, qmp.bearer.Zm9v, qmp.bearer.Zm9v", Refusal::Malformed),
            ("qmp.v1, qmp.bearer.Zm9v=", Refusal::Token),
            ("qmp.v1, qmp.bearer._w", Refusal::Token),
        ] {
            assert_eq!(check(offered), Err(refusal), "{offered}");
        }
        assert_eq!(websocket_token(&HeaderMap::new()), Err(Refusal::Token));
    }
}
