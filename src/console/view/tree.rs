//! A JSON text as a tree of rows, by the pattern of ARIA: one stop for the Tab key, arrows between the rows. A row is made
//! when it is first to be seen.

mod listening;
mod row;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, Node, ScrollIntoViewOptions, ScrollLogicalPosition};

use self::listening::HEARD;
use self::row::{level_of, node_of, number};
use super::copying::{Form, Menu};
use crate::console::line::Line;
use crate::console::tree::{Kind, NodeId, Outline, ROOT, Row, Tree};
use crate::console::{dom, json};

/// A tree in the page, as long as it is kept. Clones are the same.
#[derive(Clone)]
pub(super) struct TreeView(Rc<Inner>);

struct Inner {
    element: HtmlElement,
    outline: RefCell<Outline>,
    /// What paths begin with.
    base: &'static str,
    /// The command whose reply it is.
    line: Option<Line>,
    menu: Menu,
    /// Goes to the row that is pointed at.
    copy: Element,
    found: RefCell<Vec<NodeId>>,
    /// Which of those is looked at.
    at: Cell<usize>,
    listeners: RefCell<Vec<EventListener>>,
}

impl TreeView {
    /// Shows the text in this element, which has the role of a tree.
    pub(super) fn new(
        element: HtmlElement,
        text: &str,
        base: &'static str,
        line: Option<Line>,
        menu: &Menu,
    ) -> Self {
        let mut outline = Outline::new(Tree::new(text));
        if line.is_none() && !outline.tree.is_empty() {
            // Somebody has asked for it, having seen it on a line.
            outline.set_open(ROOT, true);
        }
        let inner = Rc::new(Inner {
            element,
            outline: RefCell::new(outline),
            base,
            line,
            menu: menu.clone(),
            copy: dom::from_template("node-copy-template"),
            found: RefCell::default(),
            at: Cell::default(),
            listeners: RefCell::default(),
        });
        for (event, hear) in HEARD {
            let this = Rc::downgrade(&inner);
            let options = EventListenerOptions::enable_prevent_default();
            let listener = EventListener::new_with_options(&inner.element, event, options, move |event| {
                if let Some(this) = Weak::upgrade(&this) {
                    hear(&Self(this), event);
                }
            });
            inner.listeners.borrow_mut().push(listener);
        }
        let this = Self(inner);
        this.build();
        this
    }

    /// Moves the focus to the row that the Tab key would come to.
    pub(super) fn focus(&self) {
        if let Some(row) = self.query("[tabindex=\"0\"]") {
            focus(&row);
        }
    }

    /// Opens the menu for all of it.
    pub(super) fn open_menu(&self, anchor: &Element) {
        self.open_menu_for(anchor, ROOT);
    }

    /// Finds a text, and gives in how many values it is.
    pub(super) fn find(&self, text: &str) -> usize {
        let found = self.0.outline.borrow().tree.find(text);
        let count = found.len();
        self.0.found.replace(found);
        self.0.at.set(0);
        let mut row = self.0.element.first_element_child();
        while let Some(element) = row {
            if let Some(node) = node_of(&element) {
                row::mark(&element, node, &self.0.found.borrow());
            }
            row = element.next_element_sibling();
        }
        self.look_at_found();
        count
    }

    /// Goes on to the next that was found, or back. Gives which one that is, from 1, and of how many.
    pub(super) fn go(&self, back: bool) -> (usize, usize) {
        let count = self.0.found.borrow().len();
        if count == 0 {
            return (0, 0);
        }
        let step = if back { count - 1 } else { 1 };
        self.0.at.set((self.0.at.get() + step) % count);
        self.look_at_found();
        (self.0.at.get() + 1, count)
    }

    fn look_at_found(&self) {
        if let Some(before) = self.query("[data-found=\"here\"]") {
            dom::set_attribute(&before, "data-found", "");
        }
        let Some(node) = self.0.found.borrow().get(self.0.at.get()).copied() else {
            return;
        };
        self.0.outline.borrow_mut().reveal(node);
        let row = self.row(node).or_else(|| {
            self.build();
            self.row(node)
        });
        if let Some(row) = row {
            dom::set_attribute(&row, "data-found", "here");
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&options);
            self.make_current(&row);
        }
    }

    /// Makes all rows anew.
    fn build(&self) {
        self.0.element.set_text_content(None);
        let rows = self.0.outline.borrow().rows();
        self.insert(&rows, None);
        if let Some(first) = self.0.element.first_element_child() {
            dom::set_attribute(&first, "tabindex", "0");
        }
    }

    /// Puts rows behind this one, or at the start.
    fn insert(&self, rows: &[Row], behind: Option<&Element>) {
        let fragment = dom::document().create_document_fragment();
        let (outline, found) = (self.0.outline.borrow(), self.0.found.borrow());
        for row in rows {
            // Into a fragment anything can be put.
            let _ = fragment.append_child(&row::make(row, &outline, &found));
        }
        let before: Option<Node> = match behind {
            Some(row) => row.next_sibling(),
            None => self.0.element.first_child(),
        };
        let _ = self.0.element.insert_before(&fragment, before.as_ref());
    }

    fn set_open(&self, row: &Element, open: bool) {
        let Some(node) = node_of(row) else {
            return;
        };
        if !self.0.outline.borrow_mut().set_open(node, open) {
            return;
        }
        row::fill(row, node, &self.0.outline.borrow());
        if open {
            let rows = self.0.outline.borrow().inside(node, level_of(row));
            self.insert(&rows, Some(row));
            return;
        }
        let level = level_of(row);
        let mut had_stop = false;
        while let Some(inside) = row
            .next_element_sibling()
            .filter(|inside| level_of(inside) > level)
        {
            had_stop |= inside.get_attribute("tabindex").as_deref() == Some("0");
            inside.remove();
        }
        if had_stop {
            self.make_current(row);
        }
    }

    /// Opens or closes a row, or shows what it stands for.
    fn toggle(&self, row: &Element) {
        match (node_of(row), number(row, "data-parent")) {
            (Some(node), _) => {
                let open = self.0.outline.borrow().is_open(node);
                self.set_open(row, !open);
            }
            (None, Some(parent)) => self.show_more(row, parent),
            (None, None) => {}
        }
    }

    fn show_more(&self, row: &Element, parent: NodeId) {
        let (Some(from), Some(to)) = (number(row, "data-from"), number(row, "data-to")) else {
            return;
        };
        self.0.outline.borrow_mut().show_more(parent, &(from..to));
        let rows = self
            .0
            .outline
            .borrow()
            .inside_part(parent, level_of(row) - 1, from..to);
        self.insert(&rows, Some(row));
        let had_focus = dom::document().active_element().as_ref() == Some(row);
        if let Some(first) = row.next_element_sibling() {
            self.make_current(&first);
            if had_focus {
                focus(&first);
            }
        }
        row.remove();
    }

    /// Makes a row the one that the Tab key comes to.
    fn make_current(&self, row: &Element) {
        if let Some(before) = self.query("[tabindex=\"0\"]") {
            dom::set_attribute(&before, "tabindex", "-1");
        }
        dom::set_attribute(row, "tabindex", "0");
    }

    fn go_to(&self, row: &Element) {
        self.make_current(row);
        focus(row);
    }

    fn open_menu_for(&self, anchor: &Element, node: NodeId) {
        let outline = self.0.outline.borrow();
        if outline.tree.is_empty() {
            return;
        }
        let mut offered = vec![Form::Json, Form::Path];
        if outline.tree.kind(node) == Kind::String {
            offered.push(Form::Text);
        }
        if self.0.line.is_some() {
            offered.extend(Form::OF_COMMANDS);
        }
        drop(outline);
        let this = self.clone();
        self.0
            .menu
            .open(anchor, &offered, move |form| this.form(node, form));
    }

    fn form(&self, node: NodeId, form: Form) -> String {
        let tree = &self.0.outline.borrow().tree;
        let line = self.0.line.as_ref();
        match form {
            Form::Json => json::pretty(tree.text(node)),
            Form::Path => tree.path(node, self.0.base),
            Form::Text => tree.plain(node),
            form => line.map_or_else(String::new, |line| form.of_command(line)),
        }
    }

    fn row(&self, node: NodeId) -> Option<Element> {
        self.query(&format!("[data-node=\"{node}\"]"))
    }

    fn query(&self, selector: &str) -> Option<Element> {
        self.0.element.query_selector(selector).ok().flatten()
    }
}

/// What the event happened in.
pub(super) fn closest(event: &Event, selector: &str) -> Option<Element> {
    event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()
        .flatten()
}

fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // A browser may refuse to move the focus.
        let _ = element.focus();
    }
}

/// How many children are asked for at once.
const MORE: usize = 200;
