//! An event, and when the page heard of it.

use qmp_web::Event;

use crate::console::log::Entry;

/// An event, as it came.
#[derive(Debug)]
pub(in crate::console) struct Happening {
    pub(in crate::console) event: Event,
    /// When it came here, in milliseconds since 1970.
    pub(in crate::console) received: f64,
}

impl Happening {
    pub(super) const fn new(event: Event, received: f64) -> Self {
        Self { event, received }
    }
}

impl Entry for Happening {
    fn size(&self) -> usize {
        let Event { name, data, .. } = &self.event;
        name.len() + data.as_ref().map_or(0, |data| data.as_str().len())
    }

    fn is_settled(&self) -> bool {
        true
    }
}
