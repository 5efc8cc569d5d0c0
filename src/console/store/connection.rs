//! Where the page is on its way to a machine.

use qmp_web::{CloseInfo, Next};

/// Where the page is on its way to a machine.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::console) enum Connection {
    /// On the way for the first time.
    Connecting,
    /// Commands can be executed.
    Live,
    /// Connected, but the machine has said nothing since this time of the page's clock, though it was asked.
    Unstable { heard: f64 },
    /// It is not live, or not any more: why, in words, and when the next try is made.
    Reconnecting {
        reason: String,
        attempt: u32,
        next: Next,
    },
    /// It was live, or should be, and nothing is tried any more. Why, in words.
    Gone(String),
    /// A machine is to be chosen.
    Choosing,
    /// The bridge wants a token, and another one if there is a problem with this one.
    TokenNeeded { problem: Option<&'static str> },
    /// It did not come about.
    Refused(Refusal),
    /// None is wanted: the page shows sessions of other times.
    Recorded,
}

/// Why there is no connection, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Refusal {
    pub(in crate::console) title: String,
    pub(in crate::console) advice: String,
}

impl Connection {
    /// Whether commands can be executed.
    pub(in crate::console) const fn is_live(&self) -> bool {
        matches!(self, Self::Live | Self::Unstable { .. })
    }
}

impl Refusal {
    pub(in crate::console) fn new(title: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            advice: advice.into(),
        }
    }
}

/// How a connection ended, as a sentence.
pub(in crate::console) fn how_it_ended(close: &CloseInfo) -> String {
    let CloseInfo { code, reason } = close;
    match (code, reason.as_str()) {
        (1000 | 1005, "") => format!("The other side closed the connection (code {code})."),
        (1001, "") => "The bridge is shutting down (code 1001).".to_owned(),
        (1006, "") => {
            "It broke without a word (code 1006): QEMU, the bridge or the network in between is gone."
                .to_owned()
        }
        (_, "") => format!("It was closed with code {code}."),
        (_, reason) => format!("{} (code {code}).", sentence(reason.trim_end_matches('.'))),
    }
}

/// The text with a capital at its start.
fn sentence(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
