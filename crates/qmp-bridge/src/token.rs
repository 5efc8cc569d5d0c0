//! Tokens: who may use the bridge. Only their digests are kept, and those are compared in constant time.

use std::io;
use std::path::Path;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The digests of the tokens that are let in.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    /// A single fresh token of 256 random bits, and that token.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub(crate) fn generate() -> io::Result<(Self, String)> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(random);
        Ok((Self(vec![digest(&token)]), token))
    }

    /// The tokens of a file: one on each line, empty lines and lines that begin with `#` aside.
    ///
    /// # Errors
    /// The file cannot be read, or there is no token in it, or one that is too short to withstand guessing.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
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
            Some(_) => Ok(Self(tokens.into_iter().map(digest).collect())),
        }
    }

    /// Whether the token is one of these. How long that takes does not depend on how much of it is right.
    pub(crate) fn contain(&self, token: &str) -> bool {
        let given = digest(token);
        self.0
            .iter()
            .fold(subtle::Choice::from(0), |found, known| {
                found | known.ct_eq(&given)
            })
            .into()
    }
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
        assert!(tokens.contain(&token));
        for wrong in ["", &token[1..], &format!("{token} "), &token.to_lowercase()] {
            assert!(!tokens.contain(wrong), "{wrong}");
        }
        assert!(!Tokens::default().contain(""));
        assert_ne!(Tokens::generate().unwrap().1, token);
    }
}
