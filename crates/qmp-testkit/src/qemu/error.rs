//! Why a QEMU did not start. What goes wrong later is seen by its exit status alone.

use std::{io, path::PathBuf, process::ExitStatus};

use thiserror::Error;

use super::{START_TIMEOUT, options::MAX_SOCKET_PATH};

/// Why a [`Qemu`](crate::Qemu) did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QemuError {
    /// It ended at once; most likely it did not like its arguments.
    #[error("QEMU ended at its start ({status}): {stderr}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// What it wrote.
        stderr: String,
    },
    /// The operating system refused.
    #[error("QEMU could not be started: {0}")]
    Io(#[from] io::Error),
    /// The environment says that this version is not here, and not wanted.
    #[error("this QEMU is left out, as the environment says")]
    LeftOut,
    /// There is no such program.
    #[error("QEMU is not installed: there is no program {}", .0.display())]
    NotInstalled(PathBuf),
    /// This variable of the environment would say where it is.
    #[error("{0} names no QEMU")]
    NotNamed(&'static str),
    /// It runs, but its monitor does not listen.
    #[error("QEMU opened no monitor within {} s: {stderr}", START_TIMEOUT.as_secs())]
    Silent {
        /// What it wrote.
        stderr: String,
    },
    /// Operating systems limit the path of a socket, and the directory of temporary files has a long one.
    #[error("{} is too long for a socket ({MAX_SOCKET_PATH} bytes): set TMPDIR to a shorter path", .0.display())]
    SocketPathTooLong(PathBuf),
}
