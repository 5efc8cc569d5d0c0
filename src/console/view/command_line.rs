//! The command line: what is typed, what can be typed next, and what of it would be refused. Which replies come is the
//! list's business.

mod editor;
mod examples;
mod hint;
mod marks;
mod problems;
mod search;
mod suggestions;

use std::cell::Cell;
use std::rc::Rc;

use web_sys::{HtmlElement, HtmlTextAreaElement};

use self::examples::Examples;
use crate::console::store::Store;
use crate::console::{Console, dom};

pub(super) struct View {
    input: HtmlTextAreaElement,
    run: HtmlElement,
    examples: Examples,
    live: Option<bool>,
    /// How often there was a connection: each may be to another QEMU.
    connections: Rc<Cell<u32>>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            input: dom::by_id("command"),
            run: dom::by_id("run"),
            examples: Examples::default(),
            live: None,
            connections: Rc::default(),
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let live = store.is_live();
        self.examples.render(store);
        if self.live.replace(live) == Some(live) {
            return;
        }
        if live {
            self.connections.set(self.connections.get() + 1);
        }
        self.input.set_read_only(!live);
        let placeholder = if live { "query-status" } else { "not connected" };
        dom::set_attribute(&self.input, "placeholder", placeholder);
        dom::enable(&self.run, live);
    }
}

pub(super) fn listen(console: &Console) {
    let connections = console.0.views.borrow().command_line.connections.clone();
    editor::listen(console, connections);
}
