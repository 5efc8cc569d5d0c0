//! The lines of a token file, as text: a token as it is, or a digest and what it stands for. No error tells what a line
//! says: half of it may be a secret.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use jiff::Timestamp;

use super::Digest;
use crate::grant::Scope;
use crate::options::is_name;
use qmp_policy::Role;

/// A token, and what it stands for. It is written as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) role: Role,
    pub(super) scope: Scope,
    pub(super) expires: Option<Timestamp>,
    /// Whether it is good for one thing only, once: to be given another one.
    pub(super) once: bool,
    pub(super) digest: Digest,
}

/// A line by its number, the first being 1.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) entry: Result<Entry, BadLine>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadLine {
    #[error("characters that are not ASCII")]
    NotAscii,
    #[error("a token that is shorter than 16 characters")]
    Short,
    #[error("something that is not of the form KEY=VALUE")]
    NoKey,
    #[error("a key that is none of id, role, vm, expires, use, sha256")]
    UnknownKey,
    #[error("a key that is there twice")]
    SameKey,
    #[error("no id, of which there has to be one")]
    NoId,
    #[error("no sha256, of which there has to be one")]
    NoDigest,
    #[error(
        "an id that does not begin with a letter or digit, has more than letters, digits, '.', '_' and '-', is longer \
         than 64, or begins with 'line-'"
    )]
    Id,
    #[error("the id of an earlier line")]
    SameId,
    #[error("the token of an earlier line")]
    SameToken,
    #[error("a role that is none of viewer, operator, admin")]
    Role,
    #[error("a vm that is no name, or a list of them with commas")]
    Vm,
    #[error("a time in expires that is not as in 2027-01-01T00:00:00Z")]
    Expires,
    #[error("a use that is not once")]
    Use,
    #[error("a token for one use that does not expire")]
    OnceForEver,
    #[error("a sha256 that has not 64 hexadecimal digits")]
    Digest,
}

/// The lines that are neither empty nor comments.
pub(super) fn read(text: &[u8]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (at, bytes) in text.split(|byte| *byte == b'\n').enumerate() {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() || bytes.starts_with(b"#") {
            continue;
        }
        let number = at + 1;
        let mut entry = parse(bytes, number);
        if let Ok(this) = &entry {
            let mut earlier = lines.iter().filter_map(|line| line.entry.as_ref().ok());
            let same = earlier.find(|other| other.id == this.id || other.digest == this.digest);
            match same.map(|other| other.id == this.id) {
                Some(true) => entry = Err(BadLine::SameId),
                Some(false) => entry = Err(BadLine::SameToken),
                None => {}
            }
        }
        lines.push(Line { number, entry });
    }
    lines
}

fn parse(line: &[u8], number: usize) -> Result<Entry, BadLine> {
    let line = std::str::from_utf8(line).map_err(|_| BadLine::NotAscii)?;
    if !line.is_ascii() {
        return Err(BadLine::NotAscii);
    }
    // Base64 may end in signs of equality; those of a description are in the middle.
    if !line.contains(char::is_whitespace) && !line.trim_end_matches('=').contains('=') {
        return bare(line, number);
    }
    line.parse()
}

/// A token of which nothing else is said.
fn bare(token: &str, number: usize) -> Result<Entry, BadLine> {
    if token.len() < MIN_LENGTH {
        return Err(BadLine::Short);
    }
    Ok(Entry {
        id: format!("{BARE_ID}{number}"),
        role: Role::Operator,
        scope: Scope::All,
        expires: None,
        once: false,
        digest: super::digest(token),
    })
}

impl FromStr for Entry {
    type Err = BadLine;

    fn from_str(line: &str) -> Result<Self, BadLine> {
        const KEYS: [&str; 6] = ["id", "role", "vm", "expires", "use", "sha256"];
        let mut given = [None; KEYS.len()];
        for part in line.split_ascii_whitespace() {
            let (key, value) = part.split_once('=').ok_or(BadLine::NoKey)?;
            let place = KEYS.iter().position(|known| *known == key);
            if given[place.ok_or(BadLine::UnknownKey)?].replace(value).is_some() {
                return Err(BadLine::SameKey);
            }
        }
        let [id, role, vm, expires, once, sha256] = given;
        let id = id.ok_or(BadLine::NoId)?;
        if !is_id(id) {
            return Err(BadLine::Id);
        }
        let entry = Self {
            id: id.to_owned(),
            role: role.map_or(Ok(Role::Viewer), |name| {
                Role::from_str(name, false).map_err(|_| BadLine::Role)
            })?,
            scope: vm.map_or(Ok(Scope::All), scope)?,
            expires: expires
                .map(|time| time.parse().map_err(|_| BadLine::Expires))
                .transpose()?,
            once: match once {
                None => false,
                Some("once") => true,
                Some(_) => return Err(BadLine::Use),
            },
            digest: parse_hex(sha256.ok_or(BadLine::NoDigest)?).ok_or(BadLine::Digest)?,
        };
        if entry.once && entry.expires.is_none() {
            return Err(BadLine::OnceForEver);
        }
        Ok(entry)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "id={} role={}", self.id, self.role)?;
        if let Scope::Only(names) = &self.scope {
            write!(f, " vm={}", names.join(","))?;
        }
        if let Some(expires) = self.expires {
            write!(f, " expires={expires}")?;
        }
        if self.once {
            write!(f, " use=once")?;
        }
        write!(f, " sha256=")?;
        self.digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Whether a line may have this id. Those of lines without one are made of their numbers.
pub(super) fn is_id(id: &str) -> bool {
    is_name(id) && !id.starts_with(BARE_ID)
}

fn scope(list: &str) -> Result<Scope, BadLine> {
    let names: Vec<String> = list.split(',').map(str::to_owned).collect();
    if names.iter().all(|name| is_name(name)) {
        Ok(Scope::Only(names))
    } else {
        Err(BadLine::Vm)
    }
}

fn parse_hex(text: &str) -> Option<Digest> {
    let digits = text.bytes().map(|digit| char::from(digit).to_digit(16));
    let digits = digits.collect::<Option<Vec<u32>>>()?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    });
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

/// Characters of the shortest token that withstands guessing.
const MIN_LENGTH: usize = 16;
const BARE_ID: &str = "line-";

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256=5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";

    #[test]
    fn lines_are_tokens_or_say_what_they_are() {
        let text = format!(
            "# tokens\n\n  a-token-of-old-times==\r\nid=a {DIGEST}\n\tid=b role=admin vm=web1,web.2 \
             expires=2027-01-01T01:00:00+01:00 use=once sha256={}\n",
            "AB".repeat(32)
        );
        let lines = read(text.as_bytes());
        let entries: Vec<Entry> = lines.iter().map(|line| line.entry.clone().unwrap()).collect();
        assert_eq!(
            lines.iter().map(|line| line.number).collect::<Vec<_>>(),
            [3, 4, 5]
        );
        let [old, a, b] = entries.try_into().unwrap();
        assert_eq!(
            (&*old.id, old.role, old.scope),
            ("line-3", Role::Operator, Scope::All)
        );
        assert_eq!(old.digest, super::super::digest("a-token-of-old-times=="));
        assert_eq!(
            (&*a.id, a.role, &a.scope, a.expires),
            ("a", Role::Viewer, &Scope::All, None)
        );
        assert_eq!(a.digest, super::super::digest("password"));
        assert_eq!(b.scope, Scope::Only(vec!["web1".into(), "web.2".into()]));
        assert!(b.once && b.role == Role::Admin && b.digest == [0xab; 32]);
        assert_eq!(b.expires.unwrap().to_string(), "2027-01-01T00:00:00Z");
        for entry in [a, b] {
            assert_eq!(entry.to_string().parse(), Ok(entry));
        }
    }

    #[test]
    fn what_a_line_should_not_say_is_said_without_what_it_says() {
        let good = format!("id=a {DIGEST}");
        for (line, why) in [
            ("fifteen-letters", BadLine::Short),
            ("a-token-with-an-é-in-it", BadLine::NotAscii),
            ("two words-of-a-token", BadLine::NoKey),
            ("id=a-token-that-has-no-digest", BadLine::NoDigest),
            ("secret-secret=secret-secret", BadLine::UnknownKey),
            (&format!("{good} group=x"), BadLine::UnknownKey),
            (&format!("{good} ID=a"), BadLine::UnknownKey),
            (&format!("{good} id=a"), BadLine::SameKey),
            (&format!("role=viewer {DIGEST}"), BadLine::NoId),
            (&format!("id=../a {DIGEST}"), BadLine::Id),
            (&format!("id=line-3 {DIGEST}"), BadLine::Id),
            (&format!("{good} role=root"), BadLine::Role),
            (&format!("{good} role=Admin"), BadLine::Role),
            (&format!("{good} role="), BadLine::Role),
            (&format!("{good} vm="), BadLine::Vm),
            (&format!("{good} vm=a,,b"), BadLine::Vm),
            (&format!("{good} vm=a,*"), BadLine::Vm),
            (&format!("{good} expires=tomorrow"), BadLine::Expires),
            (&format!("{good} expires=2027-01-01"), BadLine::Expires),
            (&format!("{good} use=twice"), BadLine::Use),
            (&format!("{good} use=once"), BadLine::OnceForEver),
            ("id=a sha256=00", BadLine::Digest),
            (&format!("{good}0"), BadLine::Digest),
            (&format!("{}+", &good[..good.len() - 1]), BadLine::Digest),
        ] {
            let [bad] = <[Line; 1]>::try_from(read(line.as_bytes())).unwrap();
            assert_eq!(bad.entry, Err(why), "{line}");
        }
        assert_eq!(read(b"\xff\xfe").remove(0).entry, Err(BadLine::NotAscii));
    }

    #[test]
    fn what_is_there_twice_counts_once() {
        let other = "0".repeat(64);
        let text = format!("id=a {DIGEST}\nid=a sha256={other}\nid=b {DIGEST}\nid=c sha256={other}\n");
        let lines = read(text.as_bytes());
        let why: Vec<_> = lines.iter().map(|line| line.entry.as_ref().err()).collect();
        assert_eq!(
            why,
            [None, Some(&BadLine::SameId), Some(&BadLine::SameToken), None]
        );
    }
}
