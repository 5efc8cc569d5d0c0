//! Events: what happens in the machine, told to every client.

use alloc::format;
use alloc::string::String;

use crate::json::{Json, JsonError, Reader, push_text};

/// Something that happened (specification, "Asynchronous events").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, by the host's clock; `None` if that failed.
    pub timestamp: Option<Timestamp>,
    /// What, in upper case, such as `STOP`.
    pub name: String,
    /// The event's own members; some events have none.
    pub data: Option<Json>,
}

impl Event {
    /// Whether the machine may be in another run state after an event of this name, so that `query-status` is worth asking.
    pub fn may_change_run_state(name: &str) -> bool {
        RUN_STATE.contains(&name)
    }

    /// Whether the machine leaves this run state by itself, mostly without an event, so that `query-status` is worth
    /// asking again a little later.
    pub fn leaves_unheard(run_state: &str) -> bool {
        PASSING.contains(&run_state)
    }

    /// The event as a message.
    pub fn to_json(&self) -> String {
        // Both members are -1 where there is no time.
        let Timestamp {
            seconds,
            microseconds,
        } = self.timestamp.unwrap_or(Timestamp {
            seconds: -1,
            microseconds: -1,
        });
        let mut json =
            format!("{{\"timestamp\":{{\"seconds\":{seconds},\"microseconds\":{microseconds}}},\"event\":");
        push_text(&mut json, &self.name);
        if let Some(data) = &self.data {
            json.push_str(",\"data\":");
            json.push_str(data.as_str());
        }
        json.push('}');
        json
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

impl Timestamp {
    /// Reads the value of the member `timestamp`; both members are -1 where the host's clock could not be read.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, JsonError> {
        let mut time = Self {
            seconds: -1,
            microseconds: -1,
        };
        reader.object(&mut |reader, name| {
            match name {
                "microseconds" => time.microseconds = reader.integer()?,
                "seconds" => time.seconds = reader.integer()?,
                _ => drop(reader.value()?),
            }
            Ok(())
        })?;
        Ok((time.seconds != -1).then_some(time))
    }
}

// `src/js/store.js` has the same for pages.
const RUN_STATE: [&str; 12] = [
    "BLOCK_IO_ERROR",
    "GUEST_CRASHLOADED",
    "GUEST_PANICKED",
    "MIGRATION",
    "RESET",
    "RESUME",
    "SHUTDOWN",
    "STOP",
    "SUSPEND",
    "SUSPEND_DISK",
    "WAKEUP",
    "WATCHDOG",
];
// So has it of these.
const PASSING: [&str; 4] = ["finish-migrate", "inmigrate", "restore-vm", "save-vm"];
