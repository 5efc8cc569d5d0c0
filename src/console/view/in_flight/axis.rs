//! The waterfall's axis: labels at round times, and the events as thin lines.

use web_sys::{Element, HtmlElement};

use super::{percent, set_changed, set_style};
use crate::console::dom;
use crate::console::store::{Axis, Store};
use crate::console::view::time;

pub(super) struct AxisView {
    ticks: HtmlElement,
    events: Element,
    labels: Vec<HtmlElement>,
    path: String,
}

impl AxisView {
    pub(super) fn find() -> Self {
        Self {
            ticks: dom::by_id("flight-ticks"),
            events: dom::by_id("flight-events"),
            labels: Vec::new(),
            path: String::new(),
        }
    }

    pub(super) fn draw_labels(&mut self, axis: Axis) {
        let (ticks, step) = axis.ticks();
        while self.labels.len() < ticks.len() {
            let label = dom::from_template("flight-tick-template");
            let _ = self.ticks.append_child(&label);
            self.labels.push(dom::part(&self.ticks, "new"));
            set_changed(&label, "data-part", "tick");
        }
        for (i, label) in self.labels.iter().enumerate() {
            dom::show(label, i < ticks.len());
            if let Some(tick) = ticks.get(i) {
                let place = axis.place(*tick);
                // At the end there is room for a line alone.
                let words = if place < LAST_LABEL {
                    time::tick(*tick, step)
                } else {
                    String::new()
                };
                dom::set_text(label, &words);
                set_style(label, "left", &percent(place));
            }
        }
    }

    /// Events are thin lines at the axis: one path, however many they are.
    pub(super) fn draw_events(&mut self, store: &Store, axis: Axis) {
        let mut taken = [false; EVENT_PLACES];
        let times = store.events.iter().map(|(_, event)| event.received);
        for time in times.filter(|time| (axis.from..=axis.to).contains(time)) {
            taken[axis.place(time) as usize * (EVENT_PLACES - 1) / 10_000] = true;
        }
        let mut path = String::new();
        for (place, _) in taken.iter().enumerate().filter(|(_, taken)| **taken) {
            path.push_str(&format!("M{place} 0V10"));
        }
        if path != self.path {
            dom::set_attribute(&self.events, "d", &path);
            self.path = path;
        }
    }
}

const EVENT_PLACES: usize = 400;
/// In ten-thousandths of the axis.
const LAST_LABEL: u32 = 8_500;
