//! Files with secrets: only their owner may read and write them.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Reads a file that nobody but its owner can read or write.
///
/// What systemd hands to a service (`LoadCredential=`) has a mode that shows its access list, not who may read it; nobody
/// else may enter that directory.
///
/// # Errors
/// It cannot be read, or others could do so too.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mode = file.metadata()?.mode() & 0o7777;
    if mode & OF_OTHERS != 0 && !is_credential(path) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("others than its owner may use this file (mode {mode:04o}): chmod go="),
        ));
    }
    let mut contents = Vec::new();
    file.read_to_end(&mut contents)?;
    Ok(contents)
}

fn is_credential(path: &Path) -> bool {
    let directory = std::env::var_os("CREDENTIALS_DIRECTORY").filter(|directory| !directory.is_empty());
    let real = |path: &Path| path.canonicalize().ok();
    directory
        .and_then(|directory| real(directory.as_ref()))
        .zip(real(path))
        .is_some_and(|(directory, path)| path.starts_with(directory))
}

/// Mode bits of the group and of all others.
const OF_OTHERS: u32 = 0o077;

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_that_others_may_use_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, "secret").unwrap();
        for (mode, allowed) in [
            (0o600, true),
            (0o400, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).is_ok(), allowed, "{mode:o}");
        }
        assert!(read(&path).unwrap_err().to_string().contains("mode 0620"));
    }
}
