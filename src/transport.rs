//! The pipe under a client: it carries messages out, and tells the client what comes in and when it ends. It knows
//! nothing of what it carries.

pub(crate) mod web_socket;

use std::fmt;

/// An open pipe to a QMP server.
///
/// What comes in is given to [`Client::receive`](crate::Client::receive), the end to
/// [`Client::lost`](crate::Client::lost).
pub trait Transport {
    /// Writes one message, which is whole and without line end. Failure shows as the end of the connection.
    fn send(&self, message: &str);

    /// Ends the connection. May be called again.
    fn close(&self);
}

/// How a connection ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloseInfo {
    /// The close code of the WebSocket; 1006 if there was no close handshake.
    pub code: u16,
    /// What the other side said, often nothing.
    pub reason: String,
}

impl fmt::Display for CloseInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", u64::from(self.code))?;
        if !self.reason.is_empty() {
            write!(f, ": {}", self.reason)?;
        }
        Ok(())
    }
}
