//! The list of commands with what became of them.

use web_sys::{Element, HtmlElement};

use super::rows::Rows;
use super::time;
use crate::console::store::{Exchange, Outcome, Store};
use crate::console::{dom, json};

pub(super) struct View {
    rows: Rows,
    announcement: HtmlElement,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            rows: Rows::find("commands", "command-template"),
            announcement: dom::by_id("announcement"),
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let announcement = &self.announcement;
        self.rows.render(&store.commands, |row, exchange| {
            if let Some(words) = fill(row, exchange) {
                dom::set_text(announcement, &format!("{}: {words}", exchange.line.name));
            }
        });
    }
}

/// Fills a row and returns, in few words, what became of the command.
fn fill(row: &Element, exchange: &Exchange) -> Option<String> {
    dom::set_text(&dom::part(row, "line"), &exchange.line.to_string());
    dom::show(&dom::part(row, "oob"), exchange.line.oob);
    time::show(&dom::part(row, "time"), exchange.sent);
    let badge = dom::part(row, "outcome");
    let Some((outcome, took)) = &exchange.outcome else {
        dom::set_text(&badge, "pending");
        dom::set_tone(&badge, "busy");
        return None;
    };
    let (tone, words) = match outcome {
        Outcome::Returned(_) => ("good", time::duration(*took)),
        Outcome::Failed { .. } => ("bad", time::duration(*took)),
        Outcome::GivenUp { may_have_run: true } => ("warn", "given up: may run".to_owned()),
        Outcome::GivenUp { may_have_run: false } => ("warn", "given up: not sent".to_owned()),
        Outcome::Lost { may_have_run: true } => ("warn", "lost: may have run".to_owned()),
        Outcome::Lost { may_have_run: false } => ("warn", "lost: not sent".to_owned()),
        Outcome::NotSent(_) => ("bad", "not sent".to_owned()),
    };
    dom::set_text(&badge, &words);
    dom::set_tone(&badge, tone);
    match outcome {
        Outcome::Returned(text) => {
            let reply = dom::part(row, "reply");
            dom::set_text(&reply, &json::pretty(text.as_str()));
            dom::show(&reply, true);
            return Some(format!("done in {words}"));
        }
        Outcome::Failed { class, desc } => explain(row, class, desc),
        Outcome::GivenUp { .. } | Outcome::Lost { .. } => return Some(words),
        Outcome::NotSent(reason) => explain(row, "Not sent", reason),
    }
    dom::part(row, "error").text_content()
}

fn explain(row: &Element, class: &str, desc: &str) {
    dom::set_text(&dom::part(row, "class"), class);
    dom::set_text(&dom::part(row, "desc"), desc);
    dom::show(&dom::part(row, "error"), true);
}
