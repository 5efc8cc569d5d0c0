//! A row of the list of events: what it says, and the data of its event once somebody has opened it.

use qmp_web::Timestamp;
use web_sys::{Element, Event, HtmlElement};

use super::super::copying::Menu;
use super::super::time;
use super::super::tree::{TreeView, closest};
use crate::console::executing::clock;
use crate::console::store::{Gap, Happening, whole};
use crate::console::tree::{ROOT, Tree};
use crate::console::{dom, json};

pub(super) struct Row {
    pub(super) number: u64,
    pub(super) element: Element,
    toggle: HtmlElement,
    name: HtmlElement,
    preview: HtmlElement,
    gap: HtmlElement,
    time: HtmlElement,
    data: HtmlElement,
    tree: Option<TreeView>,
}

impl Row {
    pub(super) fn new() -> Self {
        let element = dom::from_template("event-template");
        Self {
            number: 0,
            toggle: dom::part(&element, "toggle"),
            name: dom::part(&element, "name"),
            preview: dom::part(&element, "preview"),
            gap: dom::part(&element, "gap"),
            time: dom::part(&element, "time"),
            data: dom::part(&element, "data"),
            element,
            tree: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.toggle.get_attribute("aria-expanded").as_deref() == Some("true")
    }

    /// Opens or closes its data, which is kept as long as the event is.
    pub(super) fn toggle(&mut self, data: Option<&str>, menu: &Menu) {
        let is_open = self.is_open();
        if !is_open && self.tree.is_none() {
            let Some(data) = data else {
                dom::set_text(&self.preview, "no longer kept");
                return;
            };
            self.tree = Some(TreeView::new(self.data.clone(), data, "data", None, menu));
        }
        dom::set_attribute(
            &self.toggle,
            "aria-expanded",
            if is_open { "false" } else { "true" },
        );
        dom::show(&self.data, !is_open);
        dom::show(&self.preview, is_open);
    }

    pub(super) fn fill(&mut self, number: u64, happening: &Happening) {
        if self.tree.take().is_some() {
            self.data.set_text_content(None);
        }
        self.number = number;
        dom::set_attribute(&self.element, "data-number", &number.to_string());
        let event = happening.event();
        let data = event.and_then(|event| event.data.as_ref());
        dom::show(&self.toggle, event.is_some());
        dom::show(&self.data, false);
        dom::show(&self.preview, data.is_some());
        if let Some(event) = event {
            self.name
                .set_text_content(Some(&json::excerpt(&event.name, MAX_NAME)));
        }
        if data.is_some() {
            dom::set_attribute(&self.toggle, "aria-expanded", "false");
        } else {
            // Attributes whose names are ours.
            let _ = self.toggle.remove_attribute("aria-expanded");
        }
        if let Some(data) = data {
            self.preview.set_text_content(Some(&preview(data.as_str())));
        }
        let gap = happening.gap();
        dom::show(&self.gap, gap.is_some());
        if let Some(gap) = gap {
            self.gap.set_text_content(Some(&words(gap)));
        }
        self.element
            .class_list()
            .toggle_with_force("gap", gap.is_some())
            .ok();
        match event.map(|event| event.timestamp) {
            Some(Some(timestamp)) => time::show(&self.time, milliseconds(timestamp)),
            Some(None) => dom::set_text(&self.time, "no host time"),
            None => time::show(&self.time, happening.received),
        }
        dom::set_attribute(
            &self.time,
            "data-received",
            &whole(happening.received).to_string(),
        );
    }
}

/// Says in the tooltip of a time how long ago that was, and when it was heard of.
pub(super) fn explain_time(event: &Event) {
    let Some(element) = closest(event, "time") else {
        return;
    };
    let received = element
        .get_attribute("data-received")
        .and_then(|text| text.parse::<u64>().ok());
    let Some(received) = received else {
        return;
    };
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are enough for people")]
    let received = received as f64;
    let ago = time::seconds(clock() - received);
    let host = element.get_attribute("datetime").unwrap_or_default();
    let text = format!("{ago} ago\nhost: {host}\nheard here: {}", time::of_day(received));
    dom::set_attribute(&element, "title", &text);
}

fn words(gap: Gap<'_>) -> String {
    match gap {
        Gap::Away(milliseconds) => format!(
            "Events may be missing: there was no connection for {}.",
            time::duration(milliseconds)
        ),
        Gap::Dropped(count) => format!(
            "{} events are missing: this page read too slowly.",
            json::excerpt(count, MAX_NAME)
        ),
    }
}

/// Of the data, on one line. Only its start is read: it may be long.
fn preview(data: &str) -> String {
    let end = (0..=data.len().min(READ))
        .rev()
        .find(|end| data.is_char_boundary(*end));
    let start = &data[..end.unwrap_or_default()];
    Tree::new(start).preview(ROOT, PREVIEW)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds are enough for people")]
fn milliseconds(timestamp: Timestamp) -> f64 {
    timestamp.seconds as f64 * 1e3 + timestamp.microseconds as f64 / 1e3
}

/// In characters.
const MAX_NAME: usize = 200;
const PREVIEW: usize = 200;
/// In bytes, of what a preview is made of.
const READ: usize = 400;
