//! The command that is selected: request, reply, and who overtook it.

use web_sys::HtmlElement;

use super::row::{outcome, show_sent};
use crate::console::store::{Exchange, ExchangeId, Outcome, Row, Store, short_id};
use crate::console::{dom, json};

pub(super) struct Detail {
    panel: HtmlElement,
    title: HtmlElement,
    outcome: HtmlElement,
    sent: HtmlElement,
    id: HtmlElement,
    order: HtmlElement,
    request: HtmlElement,
    reply: HtmlElement,
    reply_part: HtmlElement,
    reason: HtmlElement,
    give_up: HtmlElement,
    /// What is shown, and whether it was settled and queued.
    shown: Option<(ExchangeId, u64, bool)>,
}

impl Detail {
    pub(super) fn find() -> Self {
        Self {
            panel: dom::by_id("flight-detail"),
            title: dom::by_id("flight-detail-title"),
            outcome: dom::by_id("flight-detail-outcome"),
            sent: dom::by_id("flight-detail-sent"),
            id: dom::by_id("flight-detail-id"),
            order: dom::by_id("flight-detail-order"),
            request: dom::by_id("flight-request"),
            reply: dom::by_id("flight-reply"),
            reply_part: dom::by_id("flight-reply-part"),
            reason: dom::by_id("flight-reason"),
            give_up: dom::by_id("flight-give-up"),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store, now: f64) {
        let row = store.waterfall.selected.and_then(|id| store.row(id));
        dom::show(&self.panel, row.is_some());
        let Some(row) = row else {
            self.shown = None;
            return;
        };
        let exchange = row.exchange;
        let (tone, words) = outcome(exchange, now);
        dom::set_text(&self.outcome, &words);
        dom::set_tone(&self.outcome, tone);
        dom::set_text(&self.order, &sentences(&row));
        dom::show(
            &self.give_up,
            exchange.outcome.is_none() && store.recorded.is_none(),
        );
        let shown = Some((row.id, exchange.settled, exchange.is_queued));
        if self.shown == shown {
            return;
        }
        self.shown = shown;
        dom::set_text(&self.title, &exchange.line.name);
        show_sent(&self.sent, exchange);
        let id = if exchange.wire_id.is_empty() {
            "none"
        } else {
            &exchange.wire_id
        };
        dom::set_text(&self.id, id);
        dom::set_text(&self.request, &json::pretty(&request(exchange)));
        let (reply, reason) = match exchange.outcome.as_ref().map(|(outcome, _)| outcome) {
            Some(Outcome::Returned(value)) => (Some(json::pretty(value.as_str())), ""),
            Some(Outcome::Failed { class, desc }) => {
                let mut error = "{\"class\":".to_owned();
                json::push_string(&mut error, class);
                error.push_str(",\"desc\":");
                json::push_string(&mut error, desc);
                error.push('}');
                (Some(json::pretty(&error)), "")
            }
            Some(Outcome::GivenUp { may_have_run: true }) => (
                None,
                "You stopped waiting. It was sent, so the machine may execute it all the same.",
            ),
            Some(Outcome::Lost { may_have_run: true }) => (
                None,
                "The connection ended before the reply came. The machine may have executed it.",
            ),
            Some(Outcome::GivenUp { .. } | Outcome::Lost { .. }) => (None, "It was never sent."),
            Some(Outcome::NotSent(reason)) => (None, reason.as_str()),
            None if exchange.is_queued => (
                None,
                "Not sent yet: it waits until one of those before it is answered.",
            ),
            None => (None, "No reply yet."),
        };
        dom::set_text(&self.reply, &reply.clone().unwrap_or_default());
        dom::show(&self.reply_part, reply.is_some());
        dom::set_text(&self.reason, reason);
        dom::show(&self.reason, !reason.is_empty());
    }
}

/// The command as a message.
fn request(exchange: &Exchange) -> String {
    let line = &exchange.line;
    let mut text = format!("{{\"{}\":", if line.oob { "exec-oob" } else { "execute" });
    json::push_string(&mut text, &line.name);
    if let Some(arguments) = &line.arguments {
        text.push_str(",\"arguments\":");
        text.push_str(arguments);
    }
    if !exchange.wire_id.is_empty() {
        text.push_str(",\"id\":");
        json::push_string(&mut text, &exchange.wire_id);
    }
    text.push('}');
    text
}

/// Who overtook whom, by name.
fn sentences(row: &Row<'_>) -> String {
    let list = |others: &[&Exchange]| {
        let mut names: Vec<_> = others
            .iter()
            .take(MAX_NAMES)
            .map(|one| format!("{} {}", short_id(&one.wire_id), one.line.name))
            .collect();
        if others.len() > MAX_NAMES {
            names.push(format!("{} more", others.len() - MAX_NAMES));
        }
        names.join(", ")
    };
    let mut text = String::new();
    if !row.overtaken_by.is_empty() {
        text.push_str(&format!("Overtaken by {}. ", list(&row.overtaken_by)));
    }
    if !row.overtook.is_empty() {
        text.push_str(&format!("It overtook {}.", list(&row.overtook)));
    }
    if text.is_empty() {
        text.push_str("Nobody overtook it, and it overtook nobody.");
    }
    text.trim_end().to_owned()
}

const MAX_NAMES: usize = 20;
