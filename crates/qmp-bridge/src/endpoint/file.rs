//! Sockets in the file system.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// Which socket it is that is at a path. As long as somebody is connected to it, no other one gets the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketId {
    device: u64,
    inode: u64,
}

impl SocketId {
    /// The socket at a path, if there is one.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path)
            .ok()
            .filter(|file| file.file_type().is_socket())?;
        Some(Self {
            device: file.dev(),
            inode: file.ino(),
        })
    }
}
