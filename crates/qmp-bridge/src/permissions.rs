//! Who else may write or read what the bridge relies on. Where others can, the bridge does not start, and says how to mend
//! it.
//!
//! Of an access control list the group's bits show the most that it gives, so it needs no look of its own.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};
use rustix::process::geteuid;

/// Refuses a file, or the socket of a machine, that others can change or replace. A sticky directory, such as `/tmp`, will
/// do, with a warning: there others can replace nothing, but they can be first.
///
/// # Errors
/// It is not there, or what is wrong with it.
pub(crate) fn refuse_if_writable_by_others(path: &Path) -> io::Result<()> {
    let file = fs::metadata(path)?;
    if !file.file_type().is_socket() {
        refuse_bits(&file, WRITABLE, "write to it", "go-w")?;
        refuse_owner(&file)?;
    }
    if refuse_if_replaceable(path)? {
        tracing::warn!(path = %path.display(), "others can put files into its directory");
    }
    Ok(())
}

/// The same for a secret, which others can not read either. What systemd hands over is good as it is: it adds the reader
/// to an access control list.
///
/// # Errors
/// It is not there, or what is wrong with it.
pub(crate) fn refuse_if_readable_by_others(path: &Path) -> io::Result<()> {
    let handed_over = std::env::var_os("CREDENTIALS_DIRECTORY")
        .and_then(|dir| fs::canonicalize(dir).ok())
        .is_some_and(|dir| path.canonicalize().is_ok_and(|path| path.starts_with(dir)));
    if handed_over {
        return Ok(());
    }
    refuse_bits(
        &fs::metadata(path)?,
        READABLE | WRITABLE,
        "read it or write to it",
        "go-rw",
    )?;
    refuse_if_writable_by_others(path)
}

/// Reads a file of a few lines. A pipe is none: whoever reads one waits, and here that would be all of the bridge.
///
/// # Errors
/// It cannot be read, is something else, or is too long.
pub(crate) fn read_at_once(path: &Path) -> io::Result<Vec<u8>> {
    // To open a pipe would be to wait already.
    let file = File::from(open(path, OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        ));
    }
    let mut text = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

/// Refuses a path in whose directory others can replace what is there, or will be; true if they can only add to it.
///
/// # Errors
/// The directory is not there, or others can write to it.
pub(crate) fn refuse_if_replaceable(path: &Path) -> io::Result<bool> {
    // A link is as good as where it is and where it leads. Where there is nothing yet, there is no link.
    let real = path.canonicalize().ok();
    let paths = [Some(path), real.as_deref()].into_iter().flatten();
    let mut sticky = false;
    for dir in paths.filter_map(Path::parent) {
        // The parent of a bare name is empty.
        let file = fs::metadata(Path::new(".").join(dir))?;
        if file.mode() & STICKY != 0 {
            sticky |= file.mode() & WRITABLE != 0;
            continue;
        }
        let what = format!("put files into {}", dir.display());
        refuse_bits(&file, WRITABLE, &what, "go-w")?;
    }
    Ok(sticky)
}

/// Refuses a directory in which others can put sockets: each would be taken for one of its owner's.
///
/// # Errors
/// It is no directory, or not one of its owner's alone.
pub(crate) fn refuse_shared_directory(dir: &Path) -> io::Result<()> {
    let file = fs::metadata(dir)?;
    if !file.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    refuse_bits(&file, WRITABLE, "put sockets there", "go-w")
}

/// Refuses a file that is neither the bridge's user's nor root's: whoever owns it can write to it whatever its mode.
pub(crate) fn refuse_owner(file: &Metadata) -> io::Result<()> {
    if is_trusted(file.uid()) {
        return Ok(());
    }
    refused(format!("it belongs to another user (uid {})", file.uid()))
}

/// Refuses a file whose mode has any of these bits.
pub(crate) fn refuse_bits(file: &Metadata, bits: u32, what: &str, mend: &str) -> io::Result<()> {
    let mode = file.mode() & 0o7777;
    if mode & bits == 0 {
        return Ok(());
    }
    refused(format!(
        "others than its owner may {what} (mode {mode:04o}): chmod {mend}"
    ))
}

/// Whether it is a user who can do to the bridge what he likes anyway.
pub(crate) fn is_trusted(uid: u32) -> bool {
    uid == 0 || uid == geteuid().as_raw()
}

fn refused(why: String) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

/// Mode bits of the group and of all others.
const READABLE: u32 = 0o044;
pub(crate) const WRITABLE: u32 = 0o022;
/// In such a directory files are removed and renamed by their owners only.
const STICKY: u32 = 0o1000;
/// Bytes of a file that is read at once: some thousand tokens.
const MAX_FILE: u64 = 1 << 20;
