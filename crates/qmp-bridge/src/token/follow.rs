//! The token file as it is, and as it changes: what is revoked there has an end here at once.

use std::future::pending;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use super::Tokens;
use super::file::{self, BadLine, Entry};
use crate::file_watch::FileWatch;
use crate::permissions::{read_at_once, refuse_if_readable_by_others};

/// A token file that is watched.
#[derive(Debug)]
pub(crate) struct TokenFile {
    path: PathBuf,
    watch: FileWatch,
    /// What was wrong with it last; each is told once.
    told: Vec<(usize, BadLine)>,
    missing: bool,
}

impl TokenFile {
    /// Reads the tokens and begins to watch.
    ///
    /// # Errors
    /// The file cannot be read, a line of it is bad, or there is none.
    pub(crate) fn open(path: PathBuf) -> io::Result<(Self, Tokens)> {
        let mut watch = FileWatch::new();
        // It is replaced by another, so its directory is watched.
        watch.add(directory(&path));
        let (entries, bad) = read(&path)?;
        let invalid = |what: String| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if let Some((number, why)) = bad.first() {
            return invalid(format!("line {number}: {why}"));
        }
        if entries.is_empty() {
            return invalid("there is no token in it".to_owned());
        }
        let tokens = Tokens::default();
        tokens.replace(entries);
        let file = Self {
            path,
            watch,
            told: Vec::new(),
            missing: false,
        };
        Ok((file, tokens))
    }

    fn reread(&mut self, tokens: &Tokens) {
        // It may be another one by now.
        self.watch.add(directory(&self.path));
        let (entries, bad) = match read(&self.path) {
            Ok(read) => read,
            Err(error) => {
                if !self.missing {
                    tracing::error!(path = %self.path.display(), %error, "nobody is let in without a token file");
                }
                self.missing = true;
                return tokens.replace(Vec::new());
            }
        };
        if self.missing {
            tracing::info!(path = %self.path.display(), "the token file is there again");
        }
        self.missing = false;
        for (number, why) in &bad {
            if !self.told.contains(&(*number, *why)) {
                tracing::error!(
                    line = number,
                    "the token file has {why}; nobody is let in by this line"
                );
            }
        }
        self.told = bad;
        tokens.replace(entries);
    }
}

impl Tokens {
    /// Keeps to the file, if there is one, and to the clock. Does not end.
    pub(crate) async fn follow(&self, mut file: Option<TokenFile>) {
        loop {
            if let Some(file) = &mut file {
                file.reread(self);
            }
            let mut changed = pin!(async {
                match &file {
                    Some(file) => drop(file.watch.changed().await),
                    None => pending().await,
                }
            });
            loop {
                let now = Timestamp::now();
                let left = |next: Timestamp| Duration::try_from(next.duration_since(now)).unwrap_or_default();
                let next = self.expire(now).map_or(CLOCK, |next| left(next).min(CLOCK));
                tokio::select! {
                    () = &mut changed => break,
                    () = self.sooner.notified() => {}
                    // A little later, so that it is not a little too early.
                    () = sleep(next + Duration::from_millis(1)) => {}
                }
            }
        }
    }
}

type Read = (Vec<Entry>, Vec<(usize, BadLine)>);

fn read(path: &Path) -> io::Result<Read> {
    let (mut entries, mut bad) = Read::default();
    refuse_if_readable_by_others(path)?;
    for line in file::read(&read_at_once(path)?) {
        match line.entry {
            Ok(entry) => entries.push(entry),
            Err(why) => bad.push((line.number, why)),
        }
    }
    Ok((entries, bad))
}

/// The directory of a file; the parent of a bare name is empty.
pub(super) fn directory(file: &Path) -> &Path {
    file.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

/// How often to look at the clock, which may be set anew.
const CLOCK: Duration = Duration::from_secs(5);
