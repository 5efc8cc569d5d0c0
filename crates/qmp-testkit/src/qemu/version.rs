//! Which QEMU is meant, and where it is. How it is started is told elsewhere.

use std::{env, path::PathBuf};

use super::QemuError;

/// One of the QEMUs that tests are run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QemuVersion {
    /// The one that is installed, or another that `QMP_TEST_QEMU` names.
    Installed,
    /// QEMU 10.0, which `QMP_TEST_QEMU_10` names. An empty name leaves it out, even where a QEMU is required.
    Ten,
}

impl QemuVersion {
    pub(super) fn program(self) -> Result<PathBuf, QemuError> {
        match self {
            Self::Installed => Ok(env::var_os("QMP_TEST_QEMU")
                .unwrap_or_else(|| "qemu-system-x86_64".into())
                .into()),
            Self::Ten => match env::var_os(TEN) {
                None => Err(QemuError::NotNamed(TEN)),
                Some(name) if name.is_empty() => Err(QemuError::LeftOut),
                Some(name) => Ok(name.into()),
            },
        }
    }
}

const TEN: &str = "QMP_TEST_QEMU_10";
