//! Changes a token file as a whole: who reads it finds what was there before or what is there after, and of two who
//! change it at once neither loses what the other has written.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::command::TokenError;
use super::follow::directory;

/// Gives the file's text to `change`, `None` where there is no file, and writes what that makes of it. Mode and owner stay;
/// a new file is its owner's alone.
pub(super) fn edit(
    path: &Path,
    change: impl FnOnce(Option<Vec<u8>>) -> Result<Vec<u8>, TokenError>,
) -> Result<(), TokenError> {
    let failed = |source| TokenError::Io {
        path: path.to_owned(),
        source,
    };
    // Of a link it is the file that is replaced.
    let real = match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        real => real.map_err(failed)?,
    };
    // The file itself is another after each change, and a file of its own for the lock would stay behind.
    let lock = File::open(directory(&real)).map_err(failed)?;
    flock(&lock, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
    let before = match fs::read(&real) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        text => Some(text.map_err(failed)?),
    };
    let after = change(before)?;
    replace(&real, &after).map_err(failed)?;
    lock.sync_all().map_err(failed)
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = directory(path).join(name);
    // Nobody else is about to write it, so it is left of one who was interrupted.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = write(&beside, path, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is wrong is known already.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write(to: &Path, before: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(to)?;
    if let Ok(old) = fs::metadata(before) {
        let new = file.metadata()?;
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            fchown(&file, Some(old.uid()), Some(old.gid()))?;
        }
        file.set_permissions(Permissions::from_mode(old.mode() & 0o7777))?;
    }
    file.write_all(text)?;
    file.sync_all()
}

const PRIVATE: u32 = 0o600;
