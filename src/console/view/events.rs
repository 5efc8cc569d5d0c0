//! The list of events.

use qmp_web::Timestamp;
use web_sys::Element;

use super::rows::Rows;
use super::time;
use crate::console::store::{Happening, Store};
use crate::console::{dom, json};

pub(super) struct View {
    rows: Rows,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            rows: Rows::find("events", "event-template"),
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        self.rows.render(&store.events, fill);
    }
}

fn fill(row: &Element, happening: &Happening) {
    let event = &happening.event;
    dom::set_text(&dom::part(row, "name"), &event.name);
    let when = dom::part(row, "time");
    match event.timestamp {
        Some(timestamp) => time::show(&when, milliseconds(timestamp)),
        None => dom::set_text(&when, "no host time"),
    }
    if let Some(data) = &event.data {
        let text = dom::part(row, "data");
        dom::set_text(&text, &json::pretty(data.as_str()));
        dom::show(&text, true);
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds are enough for people")]
fn milliseconds(timestamp: Timestamp) -> f64 {
    timestamp.seconds as f64 * 1e3 + timestamp.microseconds as f64 / 1e3
}
