//! Where the audit log goes. The file's `[audit]` has `log`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::OptionsError;

/// Where the audit log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditLog {
    /// To this file, which is opened anew on SIGHUP.
    File(PathBuf),
    /// To the standard error, beside the log.
    StandardError,
}

impl AuditLog {
    /// The file, or `-`.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::StandardError => Path::new("-"),
        }
    }
}

impl From<PathBuf> for AuditLog {
    /// `-` is the standard error.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::StandardError
        } else {
            Self::File(path)
        }
    }
}

/// What flags or the file say of it.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[group(skip)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Given {
    /// Write who came, what was asked and what became of it to this file, a JSON object on each line; - for the standard
    /// error
    #[arg(long, value_name = "FILE")]
    #[serde(rename = "log")]
    audit_log: Option<PathBuf>,
}

impl Given {
    /// What is given here, else there.
    pub(super) fn or(self, other: Self) -> Option<AuditLog> {
        self.audit_log.or(other.audit_log).map(AuditLog::from)
    }
}

/// What an administrator does has to be written somewhere.
///
/// # Errors
/// It is not.
pub(super) fn require_audit(allow_admin: bool, log: Option<&AuditLog>) -> Result<(), OptionsError> {
    if allow_admin && log.is_none() {
        return Err(OptionsError::NoAudit);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_before_the_file_and_a_dash_is_the_standard_error() {
        let given = |path: Option<&str>| Given {
            audit_log: path.map(PathBuf::from),
        };
        let file: Given = toml::from_str("log = \"/b\"").unwrap();
        assert_eq!(
            given(Some("/a")).or(file.clone()),
            Some(AuditLog::File("/a".into()))
        );
        assert_eq!(given(None).or(file.clone()), Some(AuditLog::File("/b".into())));
        assert_eq!(given(Some("-")).or(file), Some(AuditLog::StandardError));
        assert_eq!(given(None).or(given(None)), None);
    }

    #[test]
    fn administrators_need_a_log() {
        assert!(require_audit(true, None).is_err());
        for (admins, log) in [(true, Some(&AuditLog::StandardError)), (false, None)] {
            assert!(require_audit(admins, log).is_ok());
        }
    }
}
