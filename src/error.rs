//! Every way in which a call of the client fails. How JavaScript sees it is `js/error.rs`'s business.

use qmp_proto::{ErrorResponse, ExecuteError, ProtocolError};

use crate::transport::CloseInfo;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Connected, but no greeting came in time. A QEMU monitor serves one client at a time and lets the next one wait.
    #[error("no greeting within {} ms: another client may hold this monitor", u64::from(*.0))]
    Busy(u32),
    /// The server refused the command.
    #[error("{command}: {error}")]
    Command {
        /// The command's name.
        command: String,
        /// Its id, as it was sent.
        id: String,
        /// What the server said.
        error: ErrorResponse,
    },
    /// No connection came about.
    #[error("cannot connect to {url}: {reason}")]
    Connect {
        /// Where to.
        url: String,
        /// As far as a browser tells.
        reason: String,
    },
    /// The connection ended before the reply came.
    #[error("connection lost ({close}); {outcome}")]
    ConnectionLost {
        /// What became of the command.
        outcome: Outcome,
        /// How the connection ended.
        close: CloseInfo,
    },
    /// The command was not taken.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// No reply came in time.
    #[error("{command}: no reply in time; {outcome}")]
    Timeout {
        /// The command's name.
        command: String,
        /// What became of it.
        outcome: Outcome,
    },
    /// The server broke the protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

/// What became of a command whose reply never came. It is never sent again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not sent, so it did not run.
    NotSent,
    /// It was sent, so it may have run.
    Unknown,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotSent => "the command was not sent",
            Self::Unknown => "the command may have run",
        })
    }
}
