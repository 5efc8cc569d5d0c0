//! What a person does in the command line, by keys and by pointer.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::super::{marks, suggestions};
use super::Editor;
use crate::console::dom;

impl Editor {
    pub(super) fn listen_to_text(self: &Rc<Self>) {
        let this = self.clone();
        dom::on(&self.input, "input", move |_| this.typed());
        let this = self.clone();
        dom::on(&self.input, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                return;
            };
            // Within the composition of a character the keys are the input method's.
            if !event.is_composing() && this.key(event) {
                event.prevent_default();
            }
        });
        for event in ["keyup", "click"] {
            let this = self.clone();
            dom::on(&self.input, event, move |_| this.show_hint());
        }
        let this = self.clone();
        dom::on(&self.input, "focus", move |_| this.ask_for_schema());
        let this = self.clone();
        dom::on(&self.input, "blur", move |_| {
            this.state.borrow_mut().suggestions.show(None)
        });
        let this = self.clone();
        dom::on(&self.input, "scroll", move |_| {
            marks::follow(&this.layer, &this.input)
        });
    }

    pub(super) fn listen_to_buttons(self: &Rc<Self>) {
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("command-form"), "submit", move |event| {
            event.prevent_default();
            this.submit(false);
        });
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("run-anyway"), "click", move |_| {
            this.submit(true)
        });
        let list: Element = dom::by_id("command-suggestions");
        // The text keeps the focus.
        dom::on(&list, "pointerdown", |event| event.prevent_default());
        let this = self.clone();
        dom::on(&list, "click", move |event| {
            if let Some(place) = element(event.target()).as_ref().and_then(suggestions::place_of) {
                this.take(place);
            }
        });
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("commands-empty"), "click", move |event| {
            let example = element(event.target()).filter(|target| target.has_attribute("data-example"));
            if let Some(example) = example {
                this.propose(&example.text_content().unwrap_or_default());
                // A browser may refuse to move the focus.
                let _ = this.input.focus();
            }
        });
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("history-open"), "click", move |_| {
            this.search()
        });
    }

    pub(super) fn listen_to_search(self: &Rc<Self>) {
        let query: Element = dom::by_id("history-query");
        let this = self.clone();
        dom::on(&query, "input", move |_| this.look(false));
        let this = self.clone();
        dom::on(&query, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                return;
            };
            match event.key().as_str() {
                "Enter" => this.end_search(true),
                "Escape" => this.end_search(false),
                "ArrowUp" => this.look(true),
                "r" if event.ctrl_key() => this.look(true),
                _ => return,
            }
            event.prevent_default();
        });
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("history-take"), "click", move |_| {
            this.end_search(true)
        });
    }

    /// Does what the key asks for, if that is ours to do.
    fn key(self: &Rc<Self>, event: &KeyboardEvent) -> bool {
        let control = event.ctrl_key() || event.meta_key();
        let (is_open, active) = {
            let suggestions = &self.state.borrow().suggestions;
            (suggestions.is_open(), suggestions.active())
        };
        match event.key().as_str() {
            "Tab" if is_open && !event.shift_key() => self.take(active.unwrap_or_default()),
            "Enter" if control => self.submit(true),
            "Enter" if event.shift_key() => return false,
            "Enter" => match active {
                Some(active) => self.take(active),
                None => return self.enter(),
            },
            "Escape" if is_open => self.state.borrow_mut().suggestions.show(None),
            "ArrowDown" if is_open => self.state.borrow_mut().suggestions.step(true),
            "ArrowUp" if active.is_some() => self.state.borrow_mut().suggestions.step(false),
            "ArrowUp" if self.is_at_line(true) => self.recall(true),
            "ArrowDown" if self.is_at_line(false) => self.recall(false),
            " " if event.ctrl_key() => self.complete(),
            "r" if event.ctrl_key() => self.search(),
            _ => return false,
        }
        true
    }
}

fn element(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target.and_then(|target| target.dyn_into().ok())
}
