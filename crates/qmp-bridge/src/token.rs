//! Tokens: who may use the bridge, and what each stands for. Only their digests are kept, and those are compared in
//! constant time.

use std::io;
use std::path::Path;
use std::sync::Arc;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::grant::{Grant, Scope};
use crate::permissions::refuse_if_readable_by_others;
use crate::role::Role;

/// The digests of the tokens that are let in, and what they stand for.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Vec<([u8; 32], Arc<Grant>)>);

impl Tokens {
    /// A single fresh token of 256 random bits, and that token.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub(crate) fn generate() -> io::Result<(Self, String)> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(random);
        // Whoever reads what the bridge prints could start one that allows more.
        let grant = Grant {
            id: "made".to_owned(),
            role: Role::Admin,
            scope: Scope::All,
        };
        Ok((Self(vec![(digest(&token), Arc::new(grant))]), token))
    }

    /// The tokens of a file: one on each line, empty lines and lines that begin with `#` aside.
    ///
    /// # Errors
    /// The file cannot be read, or others can read it or write to it, or there is no token in it, or one that is too short to withstand guessing.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        refuse_if_readable_by_others(path)?;
        let text = std::fs::read_to_string(path)?;
        let tokens: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let invalid = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if !text.is_ascii() {
            return invalid("tokens are of ASCII characters");
        }
        match tokens.iter().map(|token| token.len()).min() {
            None => invalid("there is no token in it"),
            Some(shortest) if shortest < MIN_LENGTH => invalid("a token in it is shorter than 16 characters"),
            Some(_) => {
                let tokens = tokens.into_iter().enumerate();
                let granted = tokens.map(|(place, token)| {
                    described(token)
                        .unwrap_or_else(|| (digest(token), operator(format!("token {}", place + 1))))
                });
                Ok(Self(granted.collect()))
            }
        }
    }

    /// What the token stands for, if it is one of these. How long that takes does not depend on how much of it is right.
    pub(crate) fn find(&self, token: &str) -> Option<&Arc<Grant>> {
        let given = digest(token);
        let mut found = (Choice::from(0), 0);
        for (place, (known, _)) in (0_u64..).zip(&self.0) {
            let equal = known.ct_eq(&given);
            found = (found.0 | equal, u64::conditional_select(&found.1, &place, equal));
        }
        let place = bool::from(found.0).then_some(found.1)?;
        Some(&self.0.get(usize::try_from(place).ok()?)?.1)
    }
}

/// What a token stands for of which nothing else is said.
fn operator(id: String) -> Arc<Grant> {
    Arc::new(Grant {
        id,
        role: Role::Operator,
        scope: Scope::All,
    })
}

/// A digest, and the role of its token: `id=NAME role=ROLE sha256=DIGITS`.
fn described(line: &str) -> Option<([u8; 32], Arc<Grant>)> {
    let mut parts = line.split_ascii_whitespace();
    let mut next = |key| parts.next()?.strip_prefix(key);
    let (id, role, digits) = (next("id=")?, Role::named(next("role=")?)?, next("sha256=")?);
    let mut digest = [0; 32];
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    let grant = Grant {
        id: id.to_owned(),
        role,
        scope: Scope::All,
    };
    Some((digest, Arc::new(grant)))
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

const MIN_LENGTH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_are_let_in() {
        let (tokens, token) = Tokens::generate().unwrap();
        assert!(tokens.find(&token).is_some());
        for wrong in ["", &token[1..], &format!("{token} "), &token.to_lowercase()] {
            assert!(tokens.find(wrong).is_none(), "{wrong}");
        }
        assert!(Tokens::default().find("").is_none());
        assert_ne!(Tokens::generate().unwrap().1, token);
    }
}
