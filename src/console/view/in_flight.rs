//! Commands over time, as rows of a grid with a bar each, and the one that is selected in full. While one waits its bar
//! grows; otherwise nothing is drawn that did not change.

mod axis;
mod detail;
mod listening;
mod row;

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use web_sys::{Element, HtmlElement, Node};

use self::axis::AxisView;
pub(super) use self::listening::listen;
use self::row::RowView;
use super::Tab;
use crate::console::dom;
use crate::console::executing::clock;
use crate::console::store::{Drawing, Exchange, ExchangeId, Store, Waterfall};

pub(super) struct View {
    grid: HtmlElement,
    list: HtmlElement,
    empty: HtmlElement,
    left_out: HtmlElement,
    count: HtmlElement,
    follow: HtmlElement,
    earlier: HtmlElement,
    later: HtmlElement,
    axis: AxisView,
    detail: detail::Detail,
    /// Some hundreds at most.
    rows: Vec<(ExchangeId, RowView)>,
    order: Vec<ExchangeId>,
    drawn: Drawn,
    timer: Option<Timeout>,
    /// Lets all be rendered anew.
    tick: Option<Rc<dyn Fn()>>,
}

/// What is on the page.
#[derive(Default)]
struct Drawn {
    waterfall: Option<Waterfall>,
    turns: Option<u64>,
    events: u64,
    now: f64,
    /// When it was drawn, by the page's clock.
    at: f64,
    grows: bool,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            grid: dom::by_id("flight-grid"),
            list: dom::by_id("flight-rows"),
            empty: dom::by_id("flight-empty"),
            left_out: dom::by_id("flight-left-out"),
            count: dom::by_id("in-flight-count"),
            follow: dom::by_id("flight-follow"),
            earlier: dom::by_id("flight-earlier"),
            later: dom::by_id("flight-later"),
            axis: AxisView::find(),
            detail: detail::Detail::find(),
            rows: Vec::new(),
            order: Vec::new(),
            drawn: Drawn::default(),
            timer: None,
            tick: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        if self.drawn.turns != Some(store.turns) {
            dom::set_text(&self.count, &count_words(store));
        }
        if store.tab != Tab::InFlight {
            self.timer = None;
            return;
        }
        let now = now(store);
        let clock = clock();
        let has_changed = self.drawn.turns != Some(store.turns)
            || self.drawn.events != store.events.pushed()
            || (self.drawn.grows && self.drawn.now < now);
        if self.drawn.waterfall.as_ref() != Some(&store.waterfall) {
            self.show_tools(&store.waterfall);
        } else if !has_changed {
            return;
        } else if clock - self.drawn.at < f64::from(INTERVAL) {
            self.draw_soon();
            return;
        }
        self.draw(store, now);
        self.drawn.at = clock;
        self.timer = None;
        if self.drawn.grows && store.recorded.is_none() {
            self.draw_soon();
        }
    }

    fn draw_soon(&mut self) {
        if let (None, Some(tick)) = (&self.timer, self.tick.clone()) {
            self.timer = Some(Timeout::new(INTERVAL, move || tick()));
        }
    }

    fn show_tools(&self, waterfall: &Waterfall) {
        let follows = waterfall.until.is_none();
        dom::set_attribute(
            &self.follow,
            "aria-pressed",
            if follows { "true" } else { "false" },
        );
        let moves = waterfall.span != crate::console::store::Span::All;
        dom::enable(&self.earlier, moves);
        dom::enable(&self.later, moves && !follows);
    }

    fn draw(&mut self, store: &Store, now: f64) {
        let picture = store.picture(now, MAX_ROWS);
        self.draw_rows(&picture, &store.waterfall, now);
        self.axis.draw_labels(picture.axis);
        self.axis.draw_events(store, picture.axis);
        let is_empty = picture.rows.is_empty();
        dom::show(&self.grid, !is_empty);
        dom::show(&self.empty, is_empty);
        if is_empty {
            dom::set_text(&self.empty, empty_words(store));
        }
        let left_out = match picture.left_out {
            0 => String::new(),
            some => format!(
                "The newest {MAX_ROWS} of {}. Choose less time, or filter, to see others.",
                MAX_ROWS + some
            ),
        };
        dom::show(&self.left_out, !left_out.is_empty());
        dom::set_text(&self.left_out, &left_out);
        self.detail.render(store, now);
        self.drawn.grows = picture.grows;
        self.drawn.now = now;
        self.drawn.turns = Some(store.turns);
        self.drawn.events = store.events.pushed();
        self.drawn.waterfall = Some(store.waterfall.clone());
    }

    fn draw_rows(&mut self, picture: &Drawing<'_>, waterfall: &Waterfall, now: f64) {
        let order: Vec<_> = picture.rows.iter().map(|row| row.id).collect();
        if order != self.order {
            self.rows.retain(|(id, row)| {
                let stays = order.contains(id);
                if !stays {
                    row.element.remove();
                }
                stays
            });
        }
        for row in &picture.rows {
            let place = self.place_of(row.id).unwrap_or_else(|| {
                self.rows.push((row.id, RowView::new(row)));
                self.rows.len() - 1
            });
            self.rows[place].1.show(row, picture.axis, now);
        }
        if order != self.order {
            let mut next = self.list.first_element_child();
            for id in &order {
                let Some(place) = self.place_of(*id) else {
                    continue;
                };
                let element = &self.rows[place].1.element;
                if next.as_ref() == Some(element) {
                    next = element.next_element_sibling();
                } else {
                    // Into a list of the page anything can be put.
                    let _ = self
                        .list
                        .insert_before(element, next.as_deref().map(AsRef::<Node>::as_ref));
                }
            }
            self.order = order;
        }
        // One stop for the Tab key.
        if self
            .list
            .query_selector("[tabindex='0']")
            .ok()
            .flatten()
            .is_none()
            && let Some(first) = self.list.first_element_child()
        {
            dom::set_attribute(&first, "tabindex", "0");
        }
        let selected = waterfall.selected;
        let related = selected.and_then(|id| picture.rows.iter().find(|row| row.id == id));
        for row in &picture.rows {
            let is_in = |others: &[&Exchange]| others.iter().any(|one| one.turn == row.exchange.turn);
            let relation = match related {
                Some(related) if is_in(&related.overtaken_by) => "overtook",
                Some(related) if is_in(&related.overtook) => "overtaken",
                _ => "",
            };
            let Some(place) = self.place_of(row.id) else {
                continue;
            };
            let element = &self.rows[place].1.element;
            set_changed(
                element,
                "aria-selected",
                if selected == Some(row.id) { "true" } else { "false" },
            );
            set_changed(element, "data-relation", relation);
        }
    }

    fn place_of(&self, id: ExchangeId) -> Option<usize> {
        self.rows.iter().position(|(known, _)| *known == id)
    }
}

/// The time up to which there is something to show.
fn now(store: &Store) -> f64 {
    store
        .recorded
        .as_ref()
        .map_or_else(clock, |recorded| recorded.now)
}

fn empty_words(store: &Store) -> &'static str {
    if store.commands.pushed() > 0 || store.waterfall != Waterfall::default() {
        "No command fits what is chosen above."
    } else if store.recorded.is_some() {
        "Nothing has been sent yet at this time of the record."
    } else {
        "No command has been sent yet. Each one that you run is a bar here, from sending to reply: how long it took, and which \
         others overtook it."
    }
}

/// How many commands of the person wait for their replies, and to be sent.
fn count_words(store: &Store) -> String {
    let waiting = store.commands.iter().filter(|(_, one)| one.outcome.is_none());
    let (queued, sent) = waiting.fold((0, 0), |(queued, sent), (_, one)| {
        if one.is_queued {
            (queued + 1, sent)
        } else {
            (queued, sent + 1)
        }
    });
    match (sent, queued) {
        (0, 0) => String::new(),
        (sent, 0) => sent.to_string(),
        (sent, queued) => format!("{sent}, {queued} queued"),
    }
}

fn percent(place: u32) -> String {
    format!("{}.{:02}%", place / 100, place % 100)
}

fn set_style(element: &HtmlElement, name: &str, value: &str) {
    // Names and values are ours.
    let _ = element.style().set_property(name, value);
}

fn set_changed(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        dom::set_attribute(element, name, value);
    }
}

/// Between two drawings, in milliseconds, unless a person asks for one.
const INTERVAL: u32 = 100;
const MAX_ROWS: usize = 200;
