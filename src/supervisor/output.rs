//! What a supervisor tells, and wants done.

use super::input::ConnectionId;
#[cfg(doc)]
use super::input::Input;

/// What the driver has to do, in this order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Output {
    /// Try to connect, with `url` and `token` asked for anew. Ends in [`Input::Opened`], [`Input::Failed`] or
    /// [`Input::Lost`].
    Connect(ConnectionId),
    /// Close this connection, or give up the try; its commands are interrupted. Nothing is waited for.
    Drop(ConnectionId),
    /// Send what the peer answers at once. While an earlier such question is unanswered it may stand for this one: what
    /// was sent is not lost as long as the connection is not.
    Ping(ConnectionId),
    /// Live again; comes just before the state says so. Events of this last time may have been missed, in milliseconds:
    /// since the last byte of the connection before.
    Resumed(f64),
    /// How the connection is, as users see it.
    StateChanged(State),
}

/// How a connection is, as users see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    /// The first try. Those after it are called reconnecting.
    Connecting,
    /// Commands can be executed.
    Live,
    /// Connected, but the peer does not answer.
    Unstable {
        /// When it last said something.
        heard: f64,
    },
    /// Not connected, or not any more.
    Reconnecting {
        /// The try that is under way, or else the next one; 1 is the first since a connection that lasted.
        attempt: u32,
        /// When it is made.
        next: Next,
    },
    /// Nothing is tried any more.
    Closed(Why),
}

impl State {
    /// When the next try is made, where that is known.
    pub const fn next_try(self) -> Option<f64> {
        match self {
            Self::Reconnecting {
                next: Next::At(time), ..
            } => Some(time),
            _ => None,
        }
    }
}

/// When the next try is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// At this time.
    At(f64),
    /// It is under way.
    Now,
    /// When there is a network again.
    Online,
}

/// Why nothing is tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// By `close`, for good.
    ByUs,
    /// By a close code after which another try would end the same. `reconnect` tries again.
    Code(u16),
    /// A try was refused; the driver knows by what. `reconnect` tries again.
    Refused,
    /// All tries were made. `reconnect` tries again, and so do a page that is shown again and a network that is there again: a
    /// laptop that slept may have spent them all on a network that was not there.
    TriesSpent,
}
