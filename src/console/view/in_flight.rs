//! Commands over time, as rows of a grid with a bar each, and the one that is selected in full. While one waits its bar
//! grows; otherwise nothing is drawn that did not change.

mod detail;
mod listening;

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use web_sys::{Element, HtmlElement, Node};

pub(super) use self::listening::listen;
use super::{Tab, time};
use crate::console::dom;
use crate::console::executing::clock;
use crate::console::store::{
    Axis, Drawing, Exchange, ExchangeId, Origin, Outcome, Row, Store, Waterfall, short_id,
};

pub(super) struct View {
    grid: HtmlElement,
    list: HtmlElement,
    empty: HtmlElement,
    left_out: HtmlElement,
    count: HtmlElement,
    follow: HtmlElement,
    earlier: HtmlElement,
    later: HtmlElement,
    ticks: HtmlElement,
    events: Element,
    detail: detail::Detail,
    /// Some hundreds at most.
    rows: Vec<(ExchangeId, RowView)>,
    order: Vec<ExchangeId>,
    labels: Vec<HtmlElement>,
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
    path: String,
}

/// A row, and what it shows.
struct RowView {
    element: Element,
    outcome: HtmlElement,
    order: HtmlElement,
    bar: HtmlElement,
    words: String,
    tone: &'static str,
    ordered: String,
    place: Option<(u32, u32)>,
    has_id: bool,
    sent: Option<Option<f64>>,
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
            ticks: dom::by_id("flight-ticks"),
            events: dom::by_id("flight-events"),
            detail: detail::Detail::find(),
            rows: Vec::new(),
            order: Vec::new(),
            labels: Vec::new(),
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
        self.draw_axis(picture.axis);
        self.draw_events(store, picture.axis);
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

    fn draw_axis(&mut self, axis: Axis) {
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
    fn draw_events(&mut self, store: &Store, axis: Axis) {
        let mut taken = [false; EVENT_PLACES];
        let times = store.events.iter().map(|(_, event)| event.received);
        for time in times.filter(|time| (axis.from..=axis.to).contains(time)) {
            taken[axis.place(time) as usize * (EVENT_PLACES - 1) / 10_000] = true;
        }
        let mut path = String::new();
        for (place, _) in taken.iter().enumerate().filter(|(_, taken)| **taken) {
            path.push_str(&format!("M{place} 0V10"));
        }
        if path != self.drawn.path {
            dom::set_attribute(&self.events, "d", &path);
            self.drawn.path = path;
        }
    }
}

impl RowView {
    fn new(row: &Row<'_>) -> Self {
        let element = dom::from_template("flight-row-template");
        let exchange = row.exchange;
        let line = dom::part(&element, "line");
        // What is longer than a line of a screen is in full where the command is selected.
        let text: String = exchange.line.to_string().chars().take(200).collect();
        dom::set_text(&line, &text);
        dom::show(&dom::part(&element, "oob"), exchange.line.oob);
        dom::show(&dom::part(&element, "page"), row.id.origin == Origin::Console);
        dom::set_attribute(&element, "data-id", &key(row.id));
        Self {
            outcome: dom::part(&element, "outcome"),
            order: dom::part(&element, "order"),
            bar: dom::part(&element, "bar"),
            element,
            words: String::new(),
            tone: "",
            ordered: String::new(),
            place: None,
            has_id: false,
            sent: None,
        }
    }

    fn show(&mut self, row: &Row<'_>, axis: Axis, now: f64) {
        let exchange = row.exchange;
        let sent = (!exchange.is_queued).then_some(exchange.sent);
        if self.sent != Some(sent) {
            show_sent(&dom::part(&self.element, "time"), exchange);
            self.sent = Some(sent);
        }
        if !self.has_id && !exchange.wire_id.is_empty() {
            self.has_id = true;
            let id = dom::part(&self.element, "id");
            dom::set_text(&id, &short_id(&exchange.wire_id));
            dom::set_attribute(&id, "title", &exchange.wire_id);
        }
        let (tone, words) = outcome(exchange, now);
        if self.words != words {
            dom::set_text(&self.outcome, &words);
            self.words = words;
        }
        if self.tone != tone {
            dom::set_tone(&self.outcome, tone);
            dom::set_tone(&self.bar, tone);
            self.tone = tone;
        }
        let ordered = order_words(row);
        if self.ordered != ordered {
            dom::set_text(&self.order, &ordered);
            self.ordered = ordered;
        }
        let place = (axis.place(exchange.sent), axis.place(exchange.end(now)));
        if self.place != Some(place) {
            set_style(&self.bar, "left", &percent(place.0));
            set_style(&self.bar, "width", &percent(place.1 - place.0));
            self.place = Some(place);
        }
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

/// A tone for what became of a command, and it in few words.
fn outcome(exchange: &Exchange, now: f64) -> (&'static str, String) {
    let Some((outcome, took)) = &exchange.outcome else {
        let so_far = time::duration(exchange.end(now) - exchange.sent);
        return if exchange.is_queued {
            ("idle", format!("queued {so_far}"))
        } else {
            ("busy", format!("waits {so_far}"))
        };
    };
    let took = time::duration(*took);
    match outcome {
        Outcome::Returned(_) => ("good", took),
        Outcome::Failed { .. } => ("bad", format!("refused, {took}")),
        Outcome::GivenUp { .. } => ("warn", format!("given up, {took}")),
        Outcome::Lost { .. } => ("warn", format!("lost, {took}")),
        Outcome::NotSent(_) => ("bad", "not sent".to_owned()),
    }
}

/// Says when a command was sent.
fn show_sent(element: &Element, exchange: &Exchange) {
    if exchange.is_queued {
        dom::set_text(element, "not yet");
    } else {
        time::show(element, exchange.sent);
    }
}

/// Who overtook whom, in few words.
fn order_words(row: &Row<'_>) -> String {
    let some = |what: &str, others: &[&Exchange]| {
        let ids: Vec<_> = others.iter().take(3).map(|one| short_id(&one.wire_id)).collect();
        match others.len() {
            0 => String::new(),
            few @ ..=3 if few > 0 => format!("{what} {}", ids.join(", ")),
            many => format!("{what} {} and {} more", ids.join(", "), many - 3),
        }
    };
    let parts = [
        some("overtaken by", &row.overtaken_by),
        some("overtook", &row.overtook),
    ];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

/// What a row's element is known by.
fn key(id: ExchangeId) -> String {
    let origin = match id.origin {
        Origin::Person => 'p',
        Origin::Console => 'c',
    };
    format!("{origin}{}", id.number)
}

/// What [`key`] has made.
fn parse_key(key: &str) -> Option<ExchangeId> {
    let number = key.get(1..)?.parse().ok()?;
    let origin = match key.as_bytes()[0] {
        b'p' => Origin::Person,
        _ => Origin::Console,
    };
    Some(ExchangeId { origin, number })
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
const EVENT_PLACES: usize = 400;
/// In ten-thousandths of the axis.
const LAST_LABEL: u32 = 8_500;
