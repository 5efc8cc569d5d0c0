//! What a supervisor is told.

/// One connection, from the try at it until its end. What is told of any but the latest has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(super) u64);

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A command was sent to a peer that may answer nothing before it has executed it (a QEMU without `oob`, behind a
    /// bridge of bytes), or all such commands are answered. Until then silence makes it unstable, never dead. False on
    /// a new connection; where the peer answers whatever it executes, it is never given.
    Busy(bool),
    /// It is over. Nothing has an effect from then on.
    Close,
    /// A try came to nothing. The driver bounds how long a try takes, its `url` and `token` included.
    Failed {
        /// The try.
        connection: ConnectionId,
        /// Whether it would be refused again: token, origin, policy. It is not repeated by itself.
        refused: bool,
    },
    /// An open connection ended without our doing, or a try did with this close code; 1006 where there is none.
    Lost {
        /// The connection.
        connection: ConnectionId,
        /// The close code of the WebSocket.
        code: u16,
    },
    /// The browser has no network. It proves nothing about an open connection. A driver does not give it where the
    /// peer is on this computer. It may be given again, as may [`Input::Online`]; before [`Input::Visible`] one of them
    /// should be, since a page that was frozen did not hear of the change.
    Offline,
    /// The browser has a network.
    Online,
    /// A try succeeded: capabilities are negotiated.
    Opened(ConnectionId),
    /// Bytes came, whatever they are.
    Received(ConnectionId),
    /// A person or a program wants a new connection, now.
    Reconnect,
    /// Time has passed. The only input on which a deadline does something; too early it does nothing.
    Tick,
    /// The page is shown again. There is no input for its going: it is kept connected while nobody looks, its events may
    /// be wanted.
    Visible,
}
