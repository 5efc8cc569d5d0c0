//! The list of events: the newest of those that a person wants to see. However many come, few rows are made, and those are
//! used again.

mod names;

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use qmp_web::Timestamp;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, Node};

use super::copying::Menu;
use super::time;
use super::tree::{TreeView, closest};
use crate::console::executing::clock;
use crate::console::store::{Filter, Gap, Happening, Store};
use crate::console::tree::{ROOT, Tree};
use crate::console::{Console, dom, json};

pub(super) struct View {
    list: HtmlElement,
    count: HtmlElement,
    empty: HtmlElement,
    none: HtmlElement,
    news: HtmlElement,
    older: HtmlElement,
    pause: HtmlElement,
    names: names::View,
    menu: Menu,
    /// Renders later what there was too much of.
    console: Option<Console>,
    later: Option<Timeout>,
    filter: Filter,
    /// The newest first.
    rows: VecDeque<Row>,
    /// The entries that the filter takes, oldest first.
    taken: VecDeque<u64>,
    /// The newest entry that the filter was asked about, and how many it ever took.
    asked: u64,
    ever_taken: u64,
    limit: usize,
    /// What `ever_taken` was when the person paused the list.
    paused: Option<u64>,
    /// The same while somebody reads further down, where rows should not move.
    held: Option<u64>,
    reads: Rc<Cell<bool>>,
    /// How many changes of the log are shown, and when that was.
    shown: (u64, f64),
    is_stale: bool,
    /// Whether the rows are made anew even where they should stand.
    wants_now: bool,
}

struct Row {
    number: u64,
    element: Element,
    toggle: HtmlElement,
    name: HtmlElement,
    preview: HtmlElement,
    gap: HtmlElement,
    time: HtmlElement,
    data: HtmlElement,
    tree: Option<TreeView>,
}

impl View {
    pub(super) fn find(menu: &Menu) -> Self {
        Self {
            list: dom::by_id("events"),
            count: dom::by_id("events-count"),
            empty: dom::by_id("events-empty"),
            none: dom::by_id("events-none"),
            news: dom::by_id("events-new"),
            older: dom::by_id("events-older"),
            pause: dom::by_id("events-pause"),
            names: names::View::find(),
            menu: menu.clone(),
            console: None,
            later: None,
            filter: Filter::default(),
            rows: VecDeque::new(),
            taken: VecDeque::new(),
            asked: 0,
            ever_taken: 0,
            limit: PAGE,
            paused: None,
            held: None,
            reads: Rc::default(),
            shown: (0, 0.0),
            is_stale: true,
            wants_now: false,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let changes = store.events.changes();
        let new = changes - self.shown.0;
        if new == 0 && !self.is_stale {
            return;
        }
        let now = clock();
        if new > A_FEW && !self.is_stale && now - self.shown.1 < f64::from(FLOOD_INTERVAL) {
            // Nobody reads so fast.
            self.render_after(FLOOD_INTERVAL);
            return;
        }
        self.shown = (changes, now);
        self.is_stale = false;
        let wants_now = std::mem::take(&mut self.wants_now);
        let reads = store.events.len() > 0 && (self.reads.get() || self.rows.iter().any(Row::is_open));
        // It stands from what is there, not from what came since.
        self.held = (reads && !wants_now).then(|| self.held.unwrap_or(self.ever_taken));
        self.sift(store);
        self.names.render(&store.tally, &self.filter);
        if wants_now || store.events.len() == 0 || self.paused.or(self.held).is_none() {
            self.show_rows(store);
        }
        if wants_now {
            self.paused = self.paused.map(|_| self.ever_taken);
            self.held = reads.then_some(self.ever_taken);
        }
        let stands = self.paused.or(self.held);
        let unseen = stands.map_or(0, |shown| self.ever_taken.saturating_sub(shown));
        dom::set_text(&self.news, &format!("{unseen} new"));
        dom::show(&self.news, unseen > 0);
        let (total, taken) = (store.tally.total(), self.taken.len());
        let count = match total {
            0 => String::new(),
            _ if self.filter.is_on() => format!("{taken} of {total}"),
            _ => total.to_string(),
        };
        dom::set_text(&self.count, &count);
        dom::show(&self.empty, store.events.len() == 0);
        dom::show(&self.none, store.events.len() > 0 && taken == 0);
        dom::show(&self.older, taken > self.limit);
        // The machine has buttons of the same words.
        let (word, name) = match self.paused {
            Some(_) => ("Resume", "Resume the list"),
            None => ("Pause", "Pause the list"),
        };
        dom::set_text(&self.pause, word);
        dom::set_attribute(&self.pause, "aria-label", name);
    }

    fn render_after(&mut self, milliseconds: u32) {
        if let (None, Some(console)) = (&self.later, self.console.clone()) {
            self.later = Some(Timeout::new(milliseconds, move || {
                console.0.views.borrow_mut().events.later = None;
                console.render();
            }));
        }
    }

    /// Asks the filter about what is new.
    fn sift(&mut self, store: &Store) {
        let events = &store.events;
        while self.taken.front().is_some_and(|number| !events.has(*number)) {
            self.taken.pop_front();
        }
        // What came and was forgotten since, unseen.
        let forgotten = events
            .iter()
            .next()
            .map_or_else(|| events.pushed(), |(oldest, _)| oldest - 1)
            .saturating_sub(self.asked);
        if self.asked > 0 && !self.filter.is_on() {
            self.ever_taken += forgotten;
        }
        for (number, happening) in events.after(self.asked) {
            if self.filter.takes(happening) {
                self.taken.push_back(number);
                self.ever_taken += 1;
            }
        }
        self.asked = events.pushed();
    }

    /// Asks the filter about everything again, after it has changed.
    fn sift_again(&mut self, change: impl FnOnce(&mut Filter)) {
        change(&mut self.filter);
        self.taken.clear();
        self.asked = 0;
        self.ever_taken = 0;
        self.limit = PAGE;
        // Whoever filters wants to see what of it there is now; if it was paused, it is again from there.
        self.show_now();
    }

    fn go_on(&mut self) {
        self.paused = None;
        self.show_now();
    }

    /// Shows what there is now, even if it is paused or somebody reads.
    fn show_now(&mut self) {
        self.list.set_scroll_top(0);
        self.wants_now = true;
        self.is_stale = true;
    }

    /// Makes the rows those of the newest entries that are taken. What has no entry any more becomes a row of another.
    fn show_rows(&mut self, store: &Store) {
        // Rows take time to make, so that many are made in turns.
        let in_reach = self.limit.min(self.rows.len() + MADE_AT_ONCE);
        let wanted: Vec<u64> = self.taken.iter().rev().take(in_reach).copied().collect();
        if in_reach < self.limit.min(self.taken.len()) {
            self.is_stale = true;
            self.wants_now = true;
            self.render_after(TURN);
        }
        if self.rows.iter().map(|row| row.number).eq(wanted.iter().copied()) {
            return;
        }
        let oldest = wanted.last().copied().unwrap_or(u64::MAX);
        let (mut kept, mut free): (VecDeque<Row>, VecDeque<Row>) = self.rows.drain(..).partition(|row| {
            row.number >= oldest && wanted.binary_search_by(|number| row.number.cmp(number)).is_ok()
        });
        let mut place = self.list.first_child();
        for number in wanted {
            let row = if kept.front().is_some_and(|row| row.number == number) {
                kept.pop_front()
            } else {
                let row = free.pop_front().or_else(|| Some(Row::new()));
                row.zip(store.events.get(number)).map(|(mut row, happening)| {
                    row.fill(number, happening);
                    row
                })
            };
            let Some(row) = row else {
                continue;
            };
            let node: &Node = row.element.as_ref();
            if place.as_ref() == Some(node) {
                place = node.next_sibling();
            } else {
                // Into a list of the page anything can be put.
                let _ = self.list.insert_before(node, place.as_ref());
            }
            self.rows.push_back(row);
        }
        for row in free {
            row.element.remove();
        }
    }

    /// Opens or closes the data of an event.
    fn toggle(&mut self, store: &Store, number: u64) {
        let menu = &self.menu;
        let Some(row) = self.rows.iter_mut().find(|row| row.number == number) else {
            return;
        };
        let is_open = row.is_open();
        // Of an event that is forgotten the row may still be there, but its data is not.
        let data = store
            .events
            .get(number)
            .and_then(Happening::event)
            .and_then(|event| event.data.as_ref());
        if !is_open && row.tree.is_none() {
            let Some(data) = data else {
                dom::set_text(&row.preview, "no longer kept");
                return;
            };
            row.tree = Some(TreeView::new(row.data.clone(), data.as_str(), "data", None, menu));
        }
        dom::set_attribute(
            &row.toggle,
            "aria-expanded",
            if is_open { "false" } else { "true" },
        );
        dom::show(&row.data, !is_open);
        dom::show(&row.preview, is_open);
        self.is_stale = true;
    }
}

impl Row {
    fn new() -> Self {
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

    fn is_open(&self) -> bool {
        self.toggle.get_attribute("aria-expanded").as_deref() == Some("true")
    }

    fn fill(&mut self, number: u64, happening: &Happening) {
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

pub(super) fn listen(console: &Console) {
    console.0.views.borrow_mut().events.console = Some(console.clone());
    let change = |console: &Console, change: &dyn Fn(&mut View)| {
        change(&mut console.0.views.borrow_mut().events);
        console.update(|_| ());
    };
    let on = |id: &str, event: &'static str, hear: fn(&mut View, &Event)| {
        let this = console.clone();
        dom::on(&dom::by_id::<Element>(id), event, move |event| {
            change(&this, &|view| hear(view, event));
        });
    };
    on("events-pause", "click", |view, _| match view.paused {
        Some(_) => view.go_on(),
        None => {
            // From when the list stands already.
            view.paused = Some(view.held.unwrap_or(view.ever_taken));
            view.is_stale = true;
        }
    });
    on("events-new", "click", |view, _| view.go_on());
    on("events-older", "click", |view, _| {
        view.limit += PAGE;
        (view.wants_now, view.is_stale) = (true, true);
    });
    on("events-filter", "input", |view, event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let text = input.map_or_else(String::new, |input| input.value());
        view.sift_again(|filter| {
            filter.set_text(&text);
        });
    });
    on("events-names", "click", |view, event| {
        let name = closest(event, "button").and_then(|chip| view.names.name_of(&chip));
        if let Some(name) = name {
            view.sift_again(|filter| filter.toggle(&name));
        }
    });
    on("events-hide-all", "click", |view, _| {
        view.sift_again(Filter::hide_all)
    });
    for id in ["events-show-all", "events-none-show"] {
        on(id, "click", |view, _| {
            dom::by_id::<HtmlInputElement>("events-filter").set_value("");
            view.sift_again(Filter::show_all);
        });
    }
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("events-clear"), "click", move |_| {
        this.update(Store::clear_events);
    });
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("events-export"), "click", move |_| {
        let lines = this.read(|store| {
            store
                .events
                .iter()
                .fold(String::new(), |mut lines, (_, happening)| {
                    lines.push_str(&happening.to_json());
                    lines.push('\n');
                    lines
                })
        });
        dom::save("events.ndjson", &lines);
    });
    let list: HtmlElement = dom::by_id("events");
    let this = console.clone();
    dom::on(&list, "click", move |event| {
        let row = closest(event, "[data-number]");
        let number = row.and_then(|row| row.get_attribute("data-number")?.parse().ok());
        if let (Some(number), Some(_)) = (number, closest(event, "[data-part=toggle], [data-part=preview]")) {
            this.read(|store| this.0.views.borrow_mut().events.toggle(store, number));
            this.update(|_| ());
        }
    });
    dom::on(&list, "pointerover", explain_time);
    // Where somebody reads further down, or has come to with the keyboard, rows should not move.
    let reads = console.0.views.borrow().events.reads.clone();
    let has_focus = Rc::new(Cell::new(false));
    for kind in ["scroll", "focusin", "focusout"] {
        let (this, list, reads, has_focus) =
            (console.clone(), list.clone(), reads.clone(), has_focus.clone());
        dom::on(&list.clone(), kind, move |event| {
            match kind {
                "focusin" => has_focus.set(closest(event, ":focus-visible").is_some()),
                "focusout" => has_focus.set(false),
                _ => {}
            }
            let now = has_focus.get() || list.scroll_top() > NEAR_THE_TOP;
            if reads.replace(now) == now {
                return;
            }
            // Later, because a row that is taken away loses its focus at once.
            let this = this.clone();
            Timeout::new(0, move || {
                this.0.views.borrow_mut().events.is_stale = true;
                this.update(|_| ());
            })
            .forget();
        });
    }
}

/// Says in the tooltip of a time how long ago that was, and when it was heard of.
fn explain_time(event: &Event) {
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

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time since 1970 fits"
)]
const fn whole(milliseconds: f64) -> u64 {
    milliseconds as u64
}

/// How many rows are shown at first, and when more are asked for.
const PAGE: usize = 200;
/// So many new ones are shown at once.
const A_FEW: u64 = 20;
/// More are shown so often, in milliseconds.
const FLOOD_INTERVAL: u32 = 250;
/// In rows, and milliseconds until the next are made.
const MADE_AT_ONCE: usize = 50;
const TURN: u32 = 30;
/// In pixels.
const NEAR_THE_TOP: i32 = 8;
/// In characters.
const MAX_NAME: usize = 200;
const PREVIEW: usize = 200;
/// In bytes, of what a preview is made of.
const READ: usize = 400;
