//! Who may knock: Host and Origin, compared as parsed, and the token out of the subprotocols. Pure: headers in,
//! decisions out.
//!
//! Host and Origin are independent checks. A page of a foreign site is told by its Origin; a foreign name that was
//! bent to our address (DNS rebinding) makes a page whose Origin equals its Host, and is told by its Host.

use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use url::{Origin, Url};

/// Which names the bridge answers to, and which sites may use it.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    hosts: Vec<(String, u16)>,
    origins: Vec<Origin>,
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
            Self::Role => "role",
            Self::UnknownVm => "unknown-vm",
            Self::Full => "full",
        }
    }

    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Host | Self::Origin | Self::Role => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::UnknownVm => StatusCode::NOT_FOUND,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Access {
    /// The loopback names with a port, further hosts (`host` or `host:port`) and further origins
    /// (`scheme://host[:port]`). Pages of an allowed host are allowed too, by http and, because a proxy may add TLS, by
    /// https.
    ///
    /// # Errors
    /// The option that cannot be read.
    pub(crate) fn new(port: u16, hosts: &[String], origins: &[String]) -> Result<Self, String> {
        let mut access = Self {
            hosts: Vec::new(),
            origins: Vec::new(),
        };
        for loopback in ["localhost", "127.0.0.1", "[::1]"] {
            access.hosts.push((loopback.to_owned(), port));
            access
                .origins
                .extend(parse_origin(&format!("http://{loopback}:{port}")));
        }
        for host in hosts {
            access.hosts.push(
                parse_host(host)
                    .ok_or_else(|| format!("--allow-host {host}: not of the form host[:port]"))?,
            );
            access.origins.extend(
                ["http", "https"]
                    .iter()
                    .filter_map(|scheme| parse_origin(&format!("{scheme}://{host}"))),
            );
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

    /// The bridge was addressed by one of its own names.
    ///
    /// # Errors
    /// Why the request is turned away.
    pub(crate) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let host =
            parse_host(only(headers, &header::HOST)?.ok_or(Refusal::Malformed)?).ok_or(Refusal::Malformed)?;
        if let Some(authority) = uri.authority()
            && parse_host(authority.as_str()).as_ref() != Some(&host)
        {
            return Err(Refusal::Malformed);
        }
        if self.hosts.contains(&host) {
            Ok(())
        } else {
            Err(Refusal::Host)
        }
    }

    /// The page that asks, if it is one, is of an allowed site. What is no browser sends no Origin, and has to show a
    /// token like everybody.
    ///
    /// # Errors
    /// Why the request is turned away.
    pub(crate) fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match only(headers, &header::ORIGIN)? {
            None => Ok(()),
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
fn parse_host(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.ends_with(']') => (host, parse_port(port)?),
        _ => (text, HTTP_PORT),
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

const HTTP_PORT: u16 = 80;

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
            8090,
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
            "https://vm.example",
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
