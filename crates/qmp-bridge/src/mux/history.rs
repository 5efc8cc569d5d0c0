//! The events of one machine, numbered, and the latest of them kept for those who were away.

use std::collections::VecDeque;
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use qmp_policy::Role;
use qmp_proto::{ErrorResponse, Event, Json, Timestamp};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::own::PREFIX;

/// An event as it is told to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventText {
    /// The message, with its number.
    pub text: Utf8Bytes,
    /// The least role that hears it.
    pub audience: Role,
}

/// The events of one machine, over all connections to it.
#[derive(Debug)]
pub(crate) struct History {
    /// Tells the numbers of this bridge from those of an earlier one.
    epoch: String,
    /// The number of the latest event.
    number: u64,
    latest: VecDeque<EventText>,
    bytes: usize,
    /// Whether it was told that the connection ended, and not yet that there is one again.
    is_gone: bool,
    was_up: bool,
}

/// The arguments of the command that asks what was missed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    epoch: Option<String>,
    after: Option<u64>,
}

impl History {
    /// An empty one. `random` makes its epoch.
    pub(crate) fn new(random: u64) -> Self {
        Self {
            epoch: format!("{random:016x}"),
            number: 0,
            latest: VecDeque::new(),
            bytes: 0,
            is_gone: false,
            was_up: false,
        }
    }

    /// Numbers an event and keeps it.
    pub(super) fn push(&mut self, event: &Event) -> EventText {
        self.number += 1;
        let mut text = event.to_json();
        text.pop();
        // To write into a string cannot fail.
        let _ = write!(text, ",\"{PREFIX}number\":{}}}", self.number);
        let text = EventText {
            text: text.into(),
            audience: qmp_policy::audience(event),
        };
        self.bytes += text.text.len();
        self.latest.push_back(text.clone());
        while self.latest.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            self.bytes -= self.latest.pop_front().map_or(0, |oldest| oldest.text.len());
        }
        text
    }

    /// The machine can be reached. If it could before, nobody heard of what it told meanwhile, and that is kept as well.
    pub(super) fn back(&mut self) {
        self.is_gone = false;
        if std::mem::replace(&mut self.was_up, true) {
            self.push(&own_event("BACK", None));
        }
    }

    /// The connection to the machine has ended. Of tries that came to nothing nobody needs to know.
    pub(super) fn gone(&mut self) {
        if self.was_up && !std::mem::replace(&mut self.is_gone, true) {
            self.push(&own_event("GONE", None));
        }
    }

    /// What was missed: `{"epoch": …, "number": …, "gone": …, "events": […]}`, of what this role may hear.
    pub(super) fn query(&self, role: Role, arguments: Option<&str>) -> Result<Json, ErrorResponse> {
        let since: Since = serde_json::from_str(arguments.unwrap_or("{}"))
            .map_err(|error| ErrorResponse::generic(error.to_string()))?;
        let kept = self.latest.len() as u64;
        let missed = match (since.epoch, since.after) {
            (None, None) => 0,
            (Some(epoch), Some(after)) if epoch == self.epoch && after <= self.number => self.number - after,
            // Numbers of another bridge say nothing here: all that is kept may be news, and how much is gone is not known.
            (Some(_), Some(_)) => return self.answer(role, kept, None),
            _ => return Err(ErrorResponse::generic("'epoch' and 'after' go together")),
        };
        self.answer(role, missed.min(kept), Some(missed.saturating_sub(kept)))
    }

    fn answer(&self, role: Role, events: u64, gone: Option<u64>) -> Result<Json, ErrorResponse> {
        let mut text = format!("{{\"epoch\":\"{}\",\"number\":{}", self.epoch, self.number);
        if let Some(gone) = gone {
            let _ = write!(text, ",\"gone\":{gone}");
        }
        text.push_str(",\"events\":[");
        let first = self.latest.len() - events as usize;
        let heard = self.latest.range(first..).filter(|event| event.audience <= role);
        for (place, event) in heard.enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&event.text);
        }
        text.push_str("]}");
        Json::parse(&text).map_err(|error| ErrorResponse::generic(error.to_string()))
    }
}

/// What a client is told whose queue was full.
pub(crate) fn lagged(dropped: u64) -> EventText {
    let data = Json::parse(&format!("{{\"dropped\":{dropped}}}")).ok();
    EventText {
        text: own_event("LAGGED", data).to_json().into(),
        audience: Role::Viewer,
    }
}

/// An event of the bridge's own.
fn own_event(name: &str, data: Option<Json>) -> Event {
    let timestamp = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .map(|time| Timestamp {
            seconds: time.as_secs().cast_signed(),
            microseconds: time.subsec_micros().into(),
        });
    Event {
        timestamp,
        name: format!("{PREFIX}{name}"),
        data,
    }
}

/// How many events are kept, and how many bytes of them.
const MAX_EVENTS: usize = 4096;
const MAX_BYTES: usize = 1 << 20;
