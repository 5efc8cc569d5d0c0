//! Why the bridge closes a WebSocket: one table, the same as in `docs/bridge.md`.

/// A close code and its meaning. Codes from 4000 on are our own; the others are those of RFC 6455.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The bridge stops.
    GoingAway = 1001,
    /// A binary frame came; QMP goes in text frames here.
    BinaryFrame = 1003,
    /// A text frame was not UTF-8.
    NotText = 1007,
    /// The client sends pings or pongs without pause.
    Flood = 1008,
    /// A message was longer than the limit.
    TooBig = 1009,
    /// No connection to the machine now; another try may succeed.
    TryLater = 1013,
    /// The token is good for nothing any more.
    Revoked = 4401,
    /// The connection to the machine ended. Commands that were pending may have run.
    MonitorGone = 4404,
    /// The client did not read fast enough.
    SlowConsumer = 4408,
    /// The client sent more commands than may wait for others to be answered.
    TooManyCommands = 4429,
}

impl CloseCode {
    /// The whole table.
    pub const ALL: [Self; 10] = [
        Self::GoingAway,
        Self::BinaryFrame,
        Self::NotText,
        Self::Flood,
        Self::TooBig,
        Self::TryLater,
        Self::Revoked,
        Self::MonitorGone,
        Self::SlowConsumer,
        Self::TooManyCommands,
    ];

    /// The number on the wire.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// What the client is told: at most 123 bytes, no path, no secret.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::GoingAway => "the bridge is stopping",
            Self::BinaryFrame => "send QMP in text frames",
            Self::NotText => "a text frame has to be UTF-8",
            Self::Flood => "too many pings",
            Self::TooBig => "message too big",
            Self::TryLater => "no connection to the machine",
            Self::Revoked => "token revoked or expired",
            Self::MonitorGone => "the connection to the machine ended",
            Self::SlowConsumer => "too slow a reader",
            Self::TooManyCommands => "too many commands at once",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_fit_a_close_frame_and_the_documented_table() {
        let documented = include_str!("../../../docs/bridge.md");
        for code in CloseCode::ALL {
            assert!(code.reason().len() <= 123);
            let row = format!("| {} | {} | ", code.code(), code.reason());
            assert!(documented.contains(&row), "docs/bridge.md lacks: {row}");
        }
    }
}
