//! `qmp-bridge token`: makes, lists and revokes the tokens of a file. A bridge that runs notices by itself.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use url::Url;

use super::edit::edit;
use super::file::{self, Entry, Line};
use super::{digest, fresh};
use crate::grant::Scope;
use crate::options::{self, Base, OptionsError, is_name};
use qmp_policy::Role;

/// What is to be done with a token file.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token, print it, and put its digest into the file
    Add(Add),
    /// List the tokens of the file
    List(Place),
    /// Take a token out of the file; who came by it has to go
    Revoke(Revoke),
}

/// Which file it is.
#[derive(Args, Debug)]
pub struct Place {
    /// The token file [default: the token-file of --config]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The bridge's configuration
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What the new token is to be.
#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    place: Place,
    /// Names the token in lists and logs [default: one is made]
    #[arg(long)]
    id: Option<String>,
    /// How much its holder may do
    #[arg(long, default_value = "viewer")]
    role: Role,
    /// Only this machine [default: every one]. May be repeated
    #[arg(long = "vm", value_name = "NAME")]
    vms: Vec<String>,
    /// Good for so long, as 30d or 12h, or until a time as 2027-01-01T00:00:00Z [default: for ever, or 10m with --once]
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// Print a link that opens the console once
    #[arg(long)]
    once: bool,
    /// Where the console of the link is [default: where the bridge of --config listens]
    #[arg(long, value_name = "URL", requires = "once")]
    url: Option<Url>,
}

/// Which token it is.
#[derive(Args, Debug)]
pub struct Revoke {
    #[command(flatten)]
    place: Place,
    /// As it is listed
    id: String,
}

/// Why a token file was not changed or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// A line of the file is not as it should be.
    #[error("{}: line {number}: {why}", path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        number: usize,
        /// What is wrong, without what it says.
        why: String,
    },
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] OptionsError),
    /// A time that is none, or that has passed.
    #[error("--expires {0}: neither so long as 30d or 12h, nor a time to come as 2027-01-01T00:00:00Z")]
    Expires(String),
    /// An id that cannot be one.
    #[error(
        "--id {0}: an id begins with a letter or digit, but not with 'line-', and has letters, digits, '.', '_' and '-' only, \
         at most 64"
    )]
    Id(String),
    /// The file cannot be read or written.
    #[error("{}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No file is named.
    #[error("which file? give --file FILE, or --config FILE with a token-file in it")]
    NoFile,
    /// No token has this id.
    #[error("{}: there is no token {id}", path.display())]
    NoSuchId {
        /// The file.
        path: PathBuf,
        /// The id.
        id: String,
    },
    /// What was to be printed cannot be.
    #[error("cannot print")]
    Output(#[source] io::Error),
    /// The operating system has no randomness to give.
    #[error("no random bits for a token")]
    Random(#[source] io::Error),
    /// Another token has this id.
    #[error("--id {0}: there is such a token already")]
    SameId(String),
    /// No base of a link.
    #[error("--url {0}: not of the form https://host[:port]/")]
    Url(String),
    /// Not a machine's name.
    #[error("--vm {0}: no name for a machine")]
    Vm(String),
}

impl TokenCommand {
    /// Does it, and writes what there is to say.
    ///
    /// # Errors
    /// Why it was not done.
    pub fn run(self, out: &mut impl Write) -> Result<(), TokenError> {
        match self {
            Self::Add(add) => add.run(out),
            Self::List(place) => list(&place, out),
            Self::Revoke(Revoke { place, id }) => revoke(&place, &id),
        }
    }
}

impl Place {
    /// The file, and how the bridge is reached.
    fn find(&self) -> Result<(PathBuf, Base), TokenError> {
        let (token_file, base) = match &self.config {
            Some(config) => options::tokens_of(config)?,
            None => (None, Base::default()),
        };
        let file = self.file.clone().or(token_file).ok_or(TokenError::NoFile)?;
        Ok((file, base))
    }
}

impl Add {
    fn run(self, out: &mut impl Write) -> Result<(), TokenError> {
        let (path, base) = self.place.find()?;
        let token = fresh().map_err(TokenError::Random)?;
        let mut printed = token.clone();
        if self.once {
            let url = match self.url.clone() {
                Some(url) => url,
                None => base
                    .to_string()
                    .parse()
                    .map_err(|_| TokenError::Url(base.to_string()))?,
            };
            printed = link(url, &token, &self.vms)?;
        }
        let id = match self.id {
            Some(id) if file::is_id(&id) => id,
            Some(id) => return Err(TokenError::Id(id)),
            None => {
                let mut random = [0; 4];
                getrandom::fill(&mut random).map_err(|error| TokenError::Random(io::Error::other(error)))?;
                format!("t-{:08x}", u32::from_be_bytes(random))
            }
        };
        if let Some(wrong) = self.vms.iter().find(|name| !is_name(name)) {
            return Err(TokenError::Vm(wrong.clone()));
        }
        let time = self.expires.or_else(|| self.once.then(|| ONCE.to_owned()));
        let expires = time
            .map(|time| expiry(&time, Timestamp::now()).ok_or(TokenError::Expires(time)))
            .transpose()?;
        let entry = Entry {
            id,
            role: self.role,
            scope: if self.vms.is_empty() {
                Scope::All
            } else {
                Scope::Only(self.vms)
            },
            expires,
            once: self.once,
            digest: digest(&token),
        };
        edit(&path, |text| {
            let mut text = text.unwrap_or_default();
            for Line {
                number,
                entry: earlier,
            } in file::read(&text)
            {
                let earlier = earlier.map_err(|why| TokenError::BadLine {
                    path: path.clone(),
                    number,
                    why: why.to_string(),
                })?;
                if earlier.id == entry.id {
                    return Err(TokenError::SameId(entry.id.clone()));
                }
            }
            if !text.is_empty() && !text.ends_with(b"\n") {
                text.push(b'\n');
            }
            text.extend_from_slice(format!("{entry}\n").as_bytes());
            Ok(text)
        })?;
        writeln!(out, "{printed}").map_err(TokenError::Output)
    }
}

fn list(place: &Place, out: &mut impl Write) -> Result<(), TokenError> {
    let path = place.find()?.0;
    let text = std::fs::read(&path).map_err(|source| TokenError::Io { path, source })?;
    let now = Timestamp::now();
    let mut rows = vec![["ID", "ROLE", "MACHINES", "EXPIRES", "STATE"].map(str::to_owned)];
    for Line { number, entry } in file::read(&text) {
        rows.push(match entry {
            Ok(entry) => describe(entry, now),
            Err(why) => {
                let state = format!("bad: {why}");
                let id = format!("line-{number}");
                [id, "-".into(), "-".into(), "-".into(), state]
            }
        });
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2), width(3)];
    for [id, role, machines, expires, state] in &rows {
        let [a, b, c, d] = widths;
        writeln!(out, "{id:a$}  {role:b$}  {machines:c$}  {expires:d$}  {state}")
            .map_err(TokenError::Output)?;
    }
    Ok(())
}

fn describe(entry: Entry, now: Timestamp) -> [String; 5] {
    let state = match entry.expires {
        Some(expires) if expires <= now => "expired",
        _ if entry.once => "one use",
        _ => "good",
    };
    [
        entry.id,
        entry.role.to_string(),
        match entry.scope {
            Scope::All => "all".to_owned(),
            Scope::Only(names) => names.join(","),
        },
        entry
            .expires
            .map_or_else(|| "never".to_owned(), |time| time.to_string()),
        state.to_owned(),
    ]
}

/// Other lines may be bad: to revoke may be urgent.
fn revoke(place: &Place, id: &str) -> Result<(), TokenError> {
    let path = place.find()?.0;
    edit(&path, |text| {
        let text = text.ok_or_else(|| TokenError::Io {
            path: path.clone(),
            source: io::ErrorKind::NotFound.into(),
        })?;
        // Those that are bad for having the id of an earlier one would be good without it.
        let name = format!("id={id}");
        let has_id = |line: &[u8]| {
            line.split(u8::is_ascii_whitespace)
                .any(|part| part == name.as_bytes())
        };
        let read = file::read(&text);
        let is_numbered = |number| {
            let mut lines = read.iter().filter(|line| line.number == number);
            id == format!("line-{number}") && lines.next().is_some()
        };
        let (gone, stay): (Vec<_>, Vec<_>) = (1..)
            .zip(text.split_inclusive(|byte| *byte == b'\n'))
            .partition(|(number, line)| {
                !line.trim_ascii().starts_with(b"#") && has_id(line) || is_numbered(*number)
            });
        if gone.is_empty() {
            return Err(TokenError::NoSuchId {
                path: path.clone(),
                id: id.to_owned(),
            });
        }
        Ok(stay.into_iter().flat_map(|(_, line)| line).copied().collect())
    })
}

/// So long from now, or at this time, if that is to come. Parts of seconds are left out.
fn expiry(text: &str, now: Timestamp) -> Option<Timestamp> {
    let time = text.parse().ok().or_else(|| {
        let span: Span = text.parse().ok()?;
        let long: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        now.checked_add(long).ok()
    });
    let time = Timestamp::from_second(time?.as_second()).ok()?;
    (time > now).then_some(time)
}

/// The link that opens the console, and the machine where it is good for one only.
fn link(mut base: Url, token: &str, vms: &[String]) -> Result<String, TokenError> {
    let is_base = matches!(base.scheme(), "http" | "https")
        && base.host().is_some()
        && base.query().is_none()
        && base.fragment().is_none()
        && base.username().is_empty()
        && base.password().is_none();
    if !is_base {
        return Err(TokenError::Url(base.into()));
    }
    let vm = match vms {
        [vm] => format!("&vm={vm}"),
        _ => String::new(),
    };
    base.set_fragment(Some(&format!("token={token}{vm}")));
    Ok(base.into())
}

/// How long a link is good, unless something else is said.
const ONCE: &str = "10m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_so_long_or_until_then() {
        let now: Timestamp = "2026-01-31T00:00:00.5Z".parse().unwrap();
        for (text, time) in [
            ("30d", "2026-03-02T00:00:00Z"),
            ("12h", "2026-01-31T12:00:00Z"),
            ("1d 12h", "2026-02-01T12:00:00Z"),
            ("2w", "2026-02-14T00:00:00Z"),
            ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2027-01-01T00:00:00+02:00", "2026-12-31T22:00:00Z"),
        ] {
            assert_eq!(
                expiry(text, now).map(|time| time.to_string()).as_deref(),
                Some(time),
                "{text}"
            );
        }
        for wrong in [
            "",
            "30",
            "-1d",
            "0s",
            "1mo",
            "1y",
            "tomorrow",
            "2026-01-01T00:00:00Z",
            "999999999d",
        ] {
            assert_eq!(expiry(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn links_have_the_token_in_the_fragment() {
        let made = |base: &str, vms: &[&str]| {
            let vms: Vec<String> = vms.iter().map(|&vm| vm.to_owned()).collect();
            link(base.parse().unwrap(), "T", &vms).ok()
        };
        assert_eq!(
            made("http://[::1]:8090", &["web1"]).as_deref(),
            Some("http://[::1]:8090/#token=T&vm=web1")
        );
        assert_eq!(
            made("https://vms.example/", &["a", "b"]).as_deref(),
            Some("https://vms.example/#token=T")
        );
        for wrong in [
            "ftp://a/",
            "https://u:p@a/",
            "https://a/?b",
            "https://a/#b",
            "data:x",
        ] {
            assert_eq!(made(wrong, &[]), None, "{wrong}");
        }
    }
}
