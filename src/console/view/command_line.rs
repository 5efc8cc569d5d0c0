//! The command line.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::console::history::History;
use crate::console::line::Line;
use crate::console::store::Store;
use crate::console::{Console, dom};

pub(super) struct View {
    input: HtmlInputElement,
    run: HtmlElement,
    example_qemu: HtmlElement,
    example_demo: HtmlElement,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            input: dom::by_id("command"),
            run: dom::by_id("run"),
            example_qemu: dom::by_id("example-qemu"),
            example_demo: dom::by_id("example-demo"),
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
