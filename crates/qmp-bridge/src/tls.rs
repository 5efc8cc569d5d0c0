//! TLS: a certificate and its key, read again when their files change. TLS 1.2 and 1.3, by rustls.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::file_watch::FileWatch;
use crate::options::TlsFiles;
use crate::permissions::{read_at_once, refuse_if_readable_by_others};

/// The certificate of a bridge.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: TlsFiles,
    /// What was read last, whether it could be used or not.
    read: Contents,
    current: watch::Sender<Arc<ServerConfig>>,
    watch: FileWatch,
}

/// What is spoken on the next connection.
pub(crate) type Current = watch::Receiver<Arc<ServerConfig>>;

/// Which file cannot be used, and why.
type Failed = (PathBuf, io::Error);

/// A digest of both files: to keep the key itself would be for nothing.
type Contents = Option<[u8; 32]>;

impl Certificate {
    /// Reads the files, and begins to watch them.
    ///
    /// # Errors
    /// The file that cannot be used.
    pub(crate) fn open(files: TlsFiles) -> Result<Self, Failed> {
        let (chain, key) = read(&files)?;
        let (current, _) = watch::channel(Arc::new(config(&files, &chain, &key)?));
        let mut certificate = Self {
            files,
            read: Some(digest(&chain, &key)),
            current,
            watch: FileWatch::new(),
        };
        certificate.watch();
        Ok(certificate)
    }

    pub(crate) fn current(&self) -> Current {
        self.current.subscribe()
    }

    /// Takes new files as they come; ones that cannot be used change nothing. Does not end.
    pub(crate) async fn follow(mut self) {
        loop {
            if !self.watch.changed().await {
                self.watch();
            }
            self.look();
        }
    }

    fn look(&mut self) {
        let (read, config) = match read(&self.files) {
            Ok((chain, key)) => (Some(digest(&chain, &key)), config(&self.files, &chain, &key)),
            Err(error) => (None, Err(error)),
        };
        if read == self.read {
            return;
        }
        self.read = read;
        match config {
            Ok(config) => {
                tracing::info!(path = %self.files.cert.display(), "a new certificate");
                self.current.send_replace(Arc::new(config));
            }
            Err((path, error)) => {
                tracing::warn!(path = %path.display(), %error, "the certificate from before stays in use");
            }
        }
    }

    fn watch(&mut self) {
        let files = [&self.files.cert, &self.files.key];
        for dir in files.into_iter().filter_map(|file| file.parent()) {
            // The parent of a bare name is empty.
            self.watch.add(&Path::new(".").join(dir));
        }
    }
}

fn read(files: &TlsFiles) -> Result<(Vec<u8>, Vec<u8>), Failed> {
    let chain = read_at_once(&files.cert).map_err(|error| (files.cert.clone(), error))?;
    let key = refuse_if_readable_by_others(&files.key).and_then(|()| read_at_once(&files.key));
    let key = key.map_err(|error| (files.key.clone(), error))?;
    Ok((chain, key))
}

fn digest(chain: &[u8], key: &[u8]) -> [u8; 32] {
    let parts = [Sha256::digest(chain), Sha256::digest(key)];
    Sha256::digest(parts.concat()).into()
}

fn config(files: &TlsFiles, chain: &[u8], key: &[u8]) -> Result<ServerConfig, Failed> {
    fn useless<E: Error + Send + Sync + 'static>(path: &Path) -> impl Fn(E) -> Failed {
        |error| (path.to_owned(), io::Error::new(io::ErrorKind::InvalidData, error))
    }
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(useless(&files.cert))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(useless(&files.key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(useless(&files.cert))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
