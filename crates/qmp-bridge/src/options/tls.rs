//! Which certificate the bridge shows; flags, and the file's `[tls]`.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::OptionsError;

/// The files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFiles {
    /// PEM: the certificate, and behind it those that lead to its root.
    pub cert: PathBuf,
    /// PEM: its key, for nobody else to read.
    pub key: PathBuf,
}

impl TlsFiles {
    /// A certificate and its key.
    pub fn new(cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            cert: cert.into(),
            key: key.into(),
        }
    }
}

/// What flags or the file say of it.
#[derive(Args, Debug, Default, Deserialize)]
#[group(skip)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Given {
    /// Speak TLS, with the certificate chain of this PEM file; read again when it changes
    #[arg(long = "tls-cert", value_name = "FILE")]
    cert: Option<PathBuf>,
    /// The certificate's key, a PEM file that only its owner may read
    #[arg(long = "tls-key", value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Given {
    /// What is given here, else there.
    ///
    /// # Errors
    /// One of the two is missing.
    pub(super) fn or(self, other: Self) -> Result<Option<TlsFiles>, OptionsError> {
        match (self.cert.or(other.cert), self.key.or(other.key)) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
            (None, None) => Ok(None),
            _ => Err(OptionsError::HalfTls),
        }
    }
}
