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

/// What flags say of it.
#[derive(Args, Debug, Default)]
pub(super) struct Flags {
    /// Speak TLS, with the certificate chain of this PEM file; read again when it changes
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, a PEM file that only its owner may read
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
}

/// What the file says of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Table {
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Flags {
    /// What is given here, else there.
    ///
    /// # Errors
    /// One of the two is missing.
    pub(super) fn or(self, table: Table) -> Result<Option<TlsFiles>, OptionsError> {
        match (self.tls_cert.or(table.cert), self.tls_key.or(table.key)) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
            (None, None) => Ok(None),
            _ => Err(OptionsError::HalfTls),
        }
    }
}
