//! Who may knock: Host and Origin, compared as parsed, and the token out of the subprotocols. Pure: headers in,
//! decisions out.
//!
//! Host and Origin are independent checks. A page of a foreign site is told by its Origin; a foreign name that was
//! bent to our address (DNS rebinding) makes a page whose Origin equals its Host, and is told by its Host.

#[cfg(test)]
mod tests;

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
    #[error("this origin is not allowed; see --allow-origin")]
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
