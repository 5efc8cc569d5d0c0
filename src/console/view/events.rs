//! The list of events: the newest of those that a person wants to see. However many come, few rows are made, and those are
//! used again.

mod listening;
mod names;
mod row;

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use qmp_web::Json;
use web_sys::{HtmlElement, Node};

pub(super) use self::listening::listen;
use self::row::Row;
use super::copying::Menu;
use crate::console::executing::clock;
use crate::console::store::{Filter, Happening, Store};
use crate::console::{Console, dom};

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
        // Of an event that is forgotten the row may still be there, but its data is not.
        let event = store.events.get(number).and_then(Happening::event);
        let data = event.and_then(|event| event.data.as_ref()).map(Json::as_str);
        row.toggle(data, menu);
        self.is_stale = true;
    }
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
