//! What happened, as far as the page was told: events, and gaps where it was not told.

use qmp_web::Event;

use crate::console::log::Entry;
use crate::console::sorted::Sorted;

/// Something in the list of events.
#[derive(Debug)]
pub(in crate::console) struct Happening {
    pub(in crate::console) what: What,
    /// When the page heard of it, in milliseconds since 1970.
    pub(in crate::console) received: f64,
}

#[derive(Debug)]
pub(in crate::console) enum What {
    /// An event, as it came.
    Event(Event),
    /// For so many milliseconds there was no connection: what happened then may be missing.
    Missed(f64),
}

/// Why events may be missing at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::console) enum Gap<'a> {
    /// The page was not connected for so many milliseconds.
    Away(f64),
    /// The page read too slowly, and the bridge left out so many events.
    Dropped(&'a str),
}

impl Happening {
    pub(super) const fn new(event: Event, received: f64) -> Self {
        Self {
            what: What::Event(event),
            received,
        }
    }

    pub(super) const fn missed(gap_ms: f64, received: f64) -> Self {
        Self {
            what: What::Missed(gap_ms),
            received,
        }
    }

    pub(in crate::console) const fn event(&self) -> Option<&Event> {
        match &self.what {
            What::Event(event) => Some(event),
            What::Missed(_) => None,
        }
    }

    /// Why events may be missing here, if they may.
    pub(in crate::console) fn gap(&self) -> Option<Gap<'_>> {
        let event = match &self.what {
            What::Event(event) => event,
            What::Missed(gap_ms) => return Some(Gap::Away(*gap_ms)),
        };
        if event.name != LAGGED {
            return None;
        }
        let data = event.data.as_ref()?.as_json_ref();
        Some(Gap::Dropped(data.get("dropped")?.as_str()))
    }

    /// It as one line of JSON. An event is as the machine told it.
    pub(in crate::console) fn to_json(&self) -> String {
        match &self.what {
            What::Event(event) => event.to_json(),
            What::Missed(gap_ms) => format!(
                "{{\"gap\":{{\"milliseconds\":{}}},\"until\":{}}}",
                whole(*gap_ms),
                whole(self.received)
            ),
        }
    }
}

impl Entry for Happening {
    fn size(&self) -> usize {
        self.event().map_or(0, |Event { name, data, .. }| {
            name.len() + data.as_ref().map_or(0, |data| data.as_str().len())
        })
    }

    fn is_settled(&self) -> bool {
        true
    }
}

/// How many events there were, by name.
#[derive(Debug, Default)]
pub(in crate::console) struct Tally {
    names: Sorted<String, u64>,
    total: u64,
}

impl Tally {
    pub(super) fn add(&mut self, name: &str) {
        self.total += 1;
        if let Some(count) = self.names.get_mut(name) {
            *count += 1;
        } else if self.names.len() < MAX_NAMES && name.len() <= MAX_NAME {
            // A machine may think of any number of names.
            self.names.insert(name.to_owned(), 1);
        }
    }

    /// Of all names.
    pub(in crate::console) const fn total(&self) -> u64 {
        self.total
    }

    /// The names that were counted, by the alphabet. There may be others, of which only the total knows.
    pub(in crate::console) fn names(&self) -> impl Iterator<Item = (&str, u64)> {
        self.names.iter().map(|(name, count)| (name.as_str(), *count))
    }
}

/// Milliseconds as an integer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times fit, and what is below a millisecond does not matter"
)]
pub(in crate::console) const fn whole(milliseconds: f64) -> u64 {
    milliseconds as u64
}

/// The bridge's own event.
const LAGGED: &str = "__io.github.qmp-web_LAGGED";
/// QEMU has some sixty.
const MAX_NAMES: usize = 200;
const MAX_NAME: usize = 100;

#[cfg(test)]
mod tests {
    use qmp_web::Json;

    use super::*;

    #[test]
    fn the_bridge_tells_of_gaps_too() {
        let event = |name: &str, data: Option<&str>| {
            let event = Event {
                timestamp: None,
                name: name.to_owned(),
                data: data.map(|data| Json::parse(data).unwrap()),
            };
            Happening::new(event, 0.0)
        };
        for (name, data, want) in [
            ("STOP", None, None),
            ("LAGGED", Some(r#"{"dropped": 3}"#), None),
            (LAGGED, Some(r#"{"dropped": 3}"#), Some(Gap::Dropped("3"))),
            (LAGGED, Some("{}"), None),
            (LAGGED, None, None),
            ("__io.github.qmp-web_NEW", Some(r#"{"dropped": 3}"#), None),
        ] {
            assert_eq!(event(name, data).gap(), want, "{name}");
        }
        assert_eq!(Happening::missed(5.0, 9.0).gap(), Some(Gap::Away(5.0)));
    }

    #[test]
    fn a_gap_is_a_line_of_json_too() {
        let line = Happening::missed(1500.7, 1_760_000_000_000.2).to_json();
        assert_eq!(line, r#"{"gap":{"milliseconds":1500},"until":1760000000000}"#);
        assert!(Json::parse(&line).is_ok());
    }

    #[test]
    fn names_are_counted_as_long_as_there_are_not_too_many() {
        let mut tally = Tally::default();
        for i in 0..2 * MAX_NAMES {
            tally.add(&format!("{i:04}"));
            tally.add("0001");
        }
        tally.add(&"x".repeat(1 << 20));
        assert_eq!(tally.total(), 4 * MAX_NAMES as u64 + 1);
        assert_eq!(tally.names().count(), MAX_NAMES);
        assert_eq!(tally.names().nth(1), Some(("0001", 2 * MAX_NAMES as u64 + 1)));
    }
}
