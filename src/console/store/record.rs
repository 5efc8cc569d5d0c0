//! What of a session is neither command nor event, so that it can be saved; and what a session is that was saved.

use qmp_web::Greeting;

use crate::console::log::Entry;

/// Something about the connection, and when it was.
#[derive(Debug)]
pub(in crate::console) struct Mark {
    /// In milliseconds since 1970.
    pub(in crate::console) time: f64,
    pub(in crate::console) what: What,
}

#[derive(Debug)]
pub(in crate::console) enum What {
    /// The server greeted, and these capabilities were negotiated.
    Greeted(Greeting, Vec<&'static str>),
    /// The connection came to this state, by the word that the client has for it.
    State(&'static str),
}

impl Mark {
    pub(in crate::console) const fn new(what: What, time: f64) -> Self {
        Self { time, what }
    }
}

impl Entry for Mark {
    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn is_settled(&self) -> bool {
        true
    }
}

/// A session of another time, as far as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::console) struct Recorded {
    /// Of the file.
    pub(in crate::console) name: String,
    /// The time of it that is shown, in milliseconds since 1970.
    pub(in crate::console) now: f64,
    /// When it begins and ends.
    pub(in crate::console) start: f64,
    pub(in crate::console) end: f64,
    /// What is missing in front of it.
    pub(in crate::console) dropped: u64,
    /// Lines of kinds that are not known here.
    pub(in crate::console) skipped: u64,
    pub(in crate::console) is_playing: bool,
    /// How many times as fast as it was.
    pub(in crate::console) speed: u32,
}

impl Recorded {
    pub(in crate::console) fn is_at_end(&self) -> bool {
        self.now >= self.end
    }
}
