//! A command's row in the waterfall: what it says, and its bar.

use web_sys::{Element, HtmlElement};

use super::{percent, set_style};
use crate::console::dom;
use crate::console::store::{Axis, Exchange, ExchangeId, Origin, Outcome, Row, short_id};
use crate::console::view::time;

/// A row, and what it shows.
pub(super) struct RowView {
    pub(super) element: Element,
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

impl RowView {
    pub(super) fn new(row: &Row<'_>) -> Self {
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

    pub(super) fn show(&mut self, row: &Row<'_>, axis: Axis, now: f64) {
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

/// A tone for what became of a command, and it in few words.
pub(super) fn outcome(exchange: &Exchange, now: f64) -> (&'static str, String) {
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
pub(super) fn show_sent(element: &Element, exchange: &Exchange) {
    if exchange.is_queued {
        dom::set_text(element, "not yet");
    } else {
        time::show(element, exchange.sent);
    }
}

/// Who overtook whom, in few words.
pub(super) fn order_words(row: &Row<'_>) -> String {
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
pub(super) fn key(id: ExchangeId) -> String {
    let origin = match id.origin {
        Origin::Person => 'p',
        Origin::Console => 'c',
    };
    format!("{origin}{}", id.number)
}

/// What [`key`] has made.
pub(super) fn parse_key(key: &str) -> Option<ExchangeId> {
    let number = key.get(1..)?.parse().ok()?;
    let origin = match key.as_bytes()[0] {
        b'p' => Origin::Person,
        _ => Origin::Console,
    };
    Some(ExchangeId { origin, number })
}
