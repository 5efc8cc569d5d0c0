//! Tokens: who may use the bridge, and what each stands for, which may change while the bridge runs. Only their digests
//! are kept, and those are compared in constant time.

mod command;
mod edit;
mod file;
mod follow;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::{io, mem};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tokio::sync::Notify;

pub use self::command::{TokenCommand, TokenError};
use self::file::Entry;
pub(crate) use self::follow::TokenFile;
use crate::grant::{Grant, Scope};
use qmp_policy::Role;

/// The tokens that are let in.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    state: RwLock<State>,
    /// A token is there that expires before others do.
    sooner: Notify,
}

#[derive(Debug, Default)]
struct State {
    known: Vec<Known>,
    /// The tokens for one use that had it, and when they expire.
    spent: BTreeMap<Digest, Timestamp>,
}

/// A token, and what it stands for.
#[derive(Debug)]
struct Known {
    digest: Digest,
    kind: Kind,
    grant: Arc<Grant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Lasting,
    /// Good for one thing only, once: to be given one of a session.
    Once,
    /// Given for one of these.
    Session,
}

/// Why a token is not exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoExchange {
    Unknown,
    Spent,
}

type Digest = [u8; 32];

impl Tokens {
    /// A single fresh token for everything, and that token.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub(crate) fn generate() -> io::Result<(Self, String)> {
        let token = fresh()?;
        let tokens = Self::default();
        tokens.replace(vec![Entry {
            id: "made".to_owned(),
            // Whoever reads what the bridge prints could start one that allows more.
            role: Role::Admin,
            scope: Scope::All,
            expires: None,
            once: false,
            digest: digest(&token),
        }]);
        Ok((tokens, token))
    }

    /// Takes these tokens for those that were there. What has not changed stays as it is; who came by one that is not
    /// among them, or that stands for something else now, has to go.
    fn replace(&self, entries: Vec<Entry>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let (sessions, mut old): (Vec<Known>, Vec<Known>) = mem::take(&mut state.known)
            .into_iter()
            .partition(|known| known.kind == Kind::Session);
        for entry in entries {
            let kind = if entry.once { Kind::Once } else { Kind::Lasting };
            let same = old.iter().position(|known| {
                let grant = &known.grant;
                (known.digest, known.kind) == (entry.digest, kind)
                    && (grant.role, &grant.scope, grant.expires) == (entry.role, &entry.scope, entry.expires)
            });
            let known = match same.map(|at| old.swap_remove(at)) {
                Some(known) => known,
                None => Known {
                    digest: entry.digest,
                    kind,
                    grant: Arc::new(Grant::new(entry.id, entry.role, entry.scope, entry.expires)),
                },
            };
            state.known.push(known);
        }
        for Known { grant, .. } in old {
            tracing::info!(id = %grant.id, "a token is revoked");
            grant.end();
        }
        // Those of a token that was revoked have ended with it.
        let now = Timestamp::now();
        state
            .known
            .extend(sessions.into_iter().filter(|known| !known.grant.is_over(now)));
        drop(state);
        self.sooner.notify_one();
    }

    /// Ends what has expired; gives the time of the next that will.
    fn expire(&self, now: Timestamp) -> Option<Timestamp> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let known = &mut state.known;
        // What one for one use has led to lasts longer than that one.
        for known in known.iter().filter(|known| known.kind != Kind::Once) {
            if known.grant.is_over(now) && !known.grant.ended().is_cancelled() {
                tracing::info!(id = %known.grant.id, "a token has expired");
                known.grant.end();
            }
        }
        known.retain(|known| known.kind != Kind::Session || !known.grant.is_over(now));
        let times = known.iter().filter_map(|known| known.grant.expires);
        let next = times.filter(|expires| *expires > now).min();
        let State { known, spent } = &mut *state;
        spent.retain(|digest, expires| *expires > now || known.iter().any(|known| known.digest == *digest));
        next
    }

    /// What the token stands for, if it is one of these. How long that takes does not depend on how much of it is right.
    pub(crate) fn find(&self, token: &str, now: Timestamp) -> Option<Arc<Grant>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let known = state.find(&digest(token))?;
        (known.kind != Kind::Once && !known.grant.is_over(now)).then(|| known.grant.clone())
    }

    /// What the token stands for, and, for one that is for one use, that which is given for it.
    ///
    /// # Errors
    /// It is none of these, or it had its use.
    pub(crate) fn exchange(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(Arc<Grant>, Option<String>), NoExchange> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let digest = digest(token);
        let known = state.find(&digest).ok_or(NoExchange::Unknown)?;
        let (kind, grant) = (known.kind, known.grant.clone());
        if kind == Kind::Once && state.spent.contains_key(&digest) {
            return Err(NoExchange::Spent);
        }
        if grant.is_over(now) {
            return Err(NoExchange::Unknown);
        }
        if kind != Kind::Once {
            return Ok((grant, None));
        }
        let end = Timestamp::from_second(now.as_second()).and_then(|now| now.checked_add(SESSION));
        let (Ok(token), Ok(end)) = (fresh(), end) else {
            tracing::error!("no token can be made for a session");
            return Err(NoExchange::Unknown);
        };
        let session = Arc::new(grant.until(end));
        state.spent.insert(digest, grant.expires.unwrap_or(end));
        state.known.push(Known {
            digest: self::digest(&token),
            kind: Kind::Session,
            grant: session.clone(),
        });
        drop(state);
        self.sooner.notify_one();
        Ok((session, Some(token)))
    }
}

impl State {
    fn find(&self, given: &Digest) -> Option<&Known> {
        let mut found = (Choice::from(0), 0);
        for (place, known) in (0_u64..).zip(&self.known) {
            let equal = known.digest.ct_eq(given);
            found = (found.0 | equal, u64::conditional_select(&found.1, &place, equal));
        }
        let place = bool::from(found.0).then_some(found.1)?;
        self.known.get(usize::try_from(place).ok()?)
    }
}

/// A token of 256 random bits.
fn fresh() -> io::Result<String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

fn digest(token: &str) -> Digest {
    Sha256::digest(token).into()
}

/// How long what was given for a token for one use is good, at most.
const SESSION: SignedDuration = SignedDuration::from_hours(12);

#[cfg(test)]
mod tests;
