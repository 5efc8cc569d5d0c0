//! The command line, and the list of commands with what became of them.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::rows::Rows;
use super::time;
use crate::console::history::History;
use crate::console::line::Line;
use crate::console::store::{Exchange, Outcome, Store};
use crate::console::{Console, dom, json};

pub(super) struct View {
    input: HtmlInputElement,
    run: HtmlElement,
    example_qemu: HtmlElement,
    example_demo: HtmlElement,
    rows: Rows,
    announcement: HtmlElement,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            input: dom::by_id("command"),
            run: dom::by_id("run"),
            example_qemu: dom::by_id("example-qemu"),
            example_demo: dom::by_id("example-demo"),
            rows: Rows::find("commands", "command-template"),
            announcement: dom::by_id("announcement"),
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let live = store.is_live();
        self.input.set_read_only(!live);
        let hint = if live { "query-status" } else { "not connected" };
        dom::set_attribute(&self.input, "placeholder", hint);
        dom::enable(&self.run, live);
        let is_demo = store.machine.as_ref().is_some_and(|machine| machine.demo);
        dom::show(&self.example_qemu, !is_demo);
        dom::show(&self.example_demo, is_demo);
        let announcement = &self.announcement;
        self.rows.render(&store.commands, |row, exchange| {
            if let Some(words) = fill(row, exchange) {
                dom::set_text(announcement, &format!("{}: {words}", exchange.line.name));
            }
        });
    }
}

pub(super) fn listen(console: &Console) {
    let input: HtmlInputElement = dom::by_id("command");
    let history = Rc::new(RefCell::new(History::default()));
    dom::on(&dom::by_id::<Element>("command-form"), "submit", {
        let (console, input, history) = (console.clone(), input.clone(), history.clone());
        move |event| {
            event.prevent_default();
            submit(&console, &input, &history);
        }
    });
    dom::on(&input.clone(), "keydown", {
        let input = input.clone();
        move |event| {
            let mut history = history.borrow_mut();
            let line = match event
                .dyn_ref::<KeyboardEvent>()
                .map(KeyboardEvent::key)
                .as_deref()
            {
                Some("ArrowUp") => history.older(&input.value()),
                Some("ArrowDown") => history.newer(),
                _ => return,
            };
            // The cursor would jump to the start of the line.
            event.prevent_default();
            if let Some(line) = line {
                propose(&input, line);
            }
        }
    });
    dom::on(&input.clone(), "input", {
        let input = input.clone();
        move |_| complain(&input, None)
    });
    dom::on(&dom::by_id::<Element>("commands-empty"), "click", move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(example) = target.filter(|target| target.has_attribute("data-example")) {
            propose(&input, &example.text_content().unwrap_or_default());
            // A browser may refuse to move the focus.
            let _ = input.focus();
        }
    });
}

fn submit(console: &Console, input: &HtmlInputElement, history: &RefCell<History>) {
    if input.read_only() {
        return;
    }
    let text = input.value();
    match text.parse::<Line>() {
        Ok(line) => {
            history.borrow_mut().push(text.trim());
            input.set_value("");
            console.execute(line);
        }
        Err(reason) => complain(input, Some(&reason)),
    }
}

/// Puts a line into the input, as if it had been typed.
fn propose(input: &HtmlInputElement, line: &str) {
    input.set_value(line);
    complain(input, None);
}

/// Says what is wrong with the line, or that nothing is.
fn complain(input: &HtmlInputElement, reason: Option<&str>) {
    let wrong: HtmlElement = dom::by_id("command-wrong");
    dom::set_text(&wrong, reason.unwrap_or_default());
    dom::show(&wrong, reason.is_some());
    dom::set_attribute(
        input,
        "aria-invalid",
        if reason.is_some() { "true" } else { "false" },
    );
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
