//! Events: what happens in the machine, told to every client.

use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// Something that happened (specification, "Asynchronous events").
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// When, by the host's clock; `None` if that failed.
    #[serde(serialize_with = "host_time")]
    pub timestamp: Option<Timestamp>,
    /// What, in upper case, such as `STOP`.
    #[serde(rename = "event")]
    pub name: String,
    /// The event's own members, as JSON text; some events have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

impl Event {
    /// The event as a message.
    pub fn to_json(&self) -> String {
        // Strings, integers and JSON cannot fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A time of the host's clock since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// Whole seconds.
    pub seconds: i64,
    /// 0 to 999,999.
    pub microseconds: i64,
}

/// A timestamp as it is written: both members are -1 where the host's clock could not be read.
#[derive(Deserialize, Serialize)]
pub(super) struct HostTime {
    seconds: i64,
    microseconds: i64,
}

impl HostTime {
    pub(super) fn time(self) -> Option<Timestamp> {
        let Self {
            seconds,
            microseconds,
        } = self;
        (seconds != -1).then_some(Timestamp {
            seconds,
            microseconds,
        })
    }
}

fn host_time<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    let Timestamp {
        seconds,
        microseconds,
    } = time.unwrap_or(Timestamp {
        seconds: -1,
        microseconds: -1,
    });
    HostTime {
        seconds,
        microseconds,
    }
    .serialize(serializer)
}
