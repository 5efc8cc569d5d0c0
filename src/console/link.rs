//! The link by which a person comes to a machine: what the page's address says after the `#`. Where it is kept and what
//! is done with it is not known here.

use std::fmt;

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// What the bridge asks for.
    pub(super) token: Option<String>,
    /// The name of a machine of the bridge that serves the page.
    pub(super) vm: Option<String>,
    /// A WebSocket that carries a machine's bytes; there is no bridge of ours then.
    pub(super) url: Option<String>,
    /// All machines of the bridge are meant, and none of them is to be opened.
    pub(super) machines: bool,
    /// A recorded session beside the page; empty if a person will choose one.
    pub(super) record: Option<String>,
}

impl Link {
    /// Parses `#token=T&vm=NAME`, `#machines` or `#url=ws://…`. What it does not know it skips.
    pub(super) fn parse(fragment: &str) -> Self {
        let mut link = Self::default();
        for part in fragment.trim_start_matches('#').split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let place = match name {
                "record" => {
                    link.record = Some(decode(value));
                    continue;
                }
                "token" => &mut link.token,
                "url" => &mut link.url,
                "vm" => &mut link.vm,
                "machines" => {
                    link.machines = true;
                    continue;
                }
                _ => continue,
            };
            *place = Some(decode(value)).filter(|value| !value.is_empty());
        }
        link
    }

    /// The link to a machine of the same bridge.
    pub(super) fn to_vm(name: &str) -> Self {
        Self {
            vm: Some(name.to_owned()),
            ..Self::default()
        }
    }
}

/// The fragment for the address bar, which never has the token.
impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.machines {
            return f.write_str("#machines");
        }
        let parts = [("vm", &self.vm), ("url", &self.url), ("record", &self.record)];
        let given = parts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (i, (name, value)) in given.enumerate() {
            let separator = if i == 0 { '#' } else { '&' };
            write!(f, "{separator}{name}={}", encode(value))?;
        }
        Ok(())
    }
}

/// Where the bridge at `host` (`name:port`) has a machine's monitor.
pub(super) fn socket_url(secure: bool, host: &str, vm: &str) -> String {
    let scheme = if secure { "wss" } else { "ws" };
    format!("{scheme}://{host}/vm/{}/qmp", encode(vm))
}

/// Where the bridge has what a machine's screen shows.
pub(super) fn screen_path(vm: &str) -> String {
    format!("/vm/{}/screen.png", encode(vm))
}

/// Undoes percent-encoding. A `%` that begins none stands for itself.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let encoded = after.first_chunk().filter(|_| byte == b'%').and_then(hex);
        bytes.push(encoded.unwrap_or(byte));
        rest = if encoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digits: &[u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(digits[0])? * 16 + digit(digits[1])?;
    u8::try_from(value).ok()
}

/// Percent-encodes what has a meaning in an address, or might have one.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read() {
        let link = |token: Option<&str>, vm: Option<&str>, url: Option<&str>| Link {
            token: token.map(str::to_owned),
            vm: vm.map(str::to_owned),
            url: url.map(str::to_owned),
            machines: false,
            record: None,
        };
        for (fragment, want) in [
            ("", link(None, None, None)),
            ("#", link(None, None, None)),
            (
                "#token=a-_b%2Bc+d&vm=vm1",
                link(Some("a-_b+c+d"), Some("vm1"), None),
            ),
            (
                "#vm=web%20server%2f%C3%A9",
                link(None, Some("web server/é"), None),
            ),
            ("#vm=100%&token=", link(None, Some("100%"), None)),
            ("#vm=%4&x=y&token", link(None, Some("%4"), None)),
            (
                "#url=ws://127.0.0.1:6080/?a=b",
                link(None, None, Some("ws://127.0.0.1:6080/?a=b")),
            ),
            (
                "#url=wss%3A%2F%2Fhost%2F%3Fa%3Db%26c",
                link(None, None, Some("wss://host/?a=b&c")),
            ),
        ] {
            assert_eq!(Link::parse(fragment), want, "{fragment}");
        }
    }

    #[test]
    fn the_address_bar_keeps_all_but_the_token() {
        for (given, want) in [
            ("#token=secret", ""),
            ("#token=secret&vm=a%26token%3Db", "#vm=a%26token%3Db"),
            ("#url=ws://h/", "#url=ws%3A%2F%2Fh%2F"),
            ("#machines", "#machines"),
            ("#token=secret&machines", "#machines"),
            ("#token=secret&record=tour.ndjson", "#record=tour.ndjson"),
            ("#record", "#record="),
        ] {
            let shown = Link::parse(given).to_string();
            assert_eq!(shown, want);
            assert_eq!(Link::parse(&shown).vm, Link::parse(given).vm);
        }
    }

    #[test]
    fn the_name_of_a_machine_is_one_segment_of_the_path() {
        assert_eq!(
            socket_url(false, "localhost:8090", "vm1"),
            "ws://localhost:8090/vm/vm1/qmp"
        );
        assert_eq!(socket_url(true, "h", "../a?b#c"), "wss://h/vm/..%2Fa%3Fb%23c/qmp");
    }
}
