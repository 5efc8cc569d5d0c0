//! A JSON text as a tree of rows, by the pattern of ARIA: one stop for the Tab key, arrows between the rows. A row is made
//! when it is first to be seen.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, HtmlElement, KeyboardEvent, Node, ScrollIntoViewOptions, ScrollLogicalPosition,
};

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
                self.mark(&element, node);
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
        for row in rows {
            // Into a fragment anything can be put.
            let _ = fragment.append_child(&self.make(row));
        }
        let before: Option<Node> = match behind {
            Some(row) => row.next_sibling(),
            None => self.0.element.first_child(),
        };
        let _ = self.0.element.insert_before(&fragment, before.as_ref());
    }

    fn make(&self, row: &Row) -> Element {
        let element = create("div");
        dom::set_attribute(&element, "role", "treeitem");
        dom::set_attribute(&element, "tabindex", "-1");
        let level = match row {
            Row::Value { level, .. } | Row::More { level, .. } => level.to_string(),
        };
        dom::set_attribute(&element, "aria-level", &level);
        if let Some(element) = element.dyn_ref::<HtmlElement>() {
            // Nothing but a number.
            let _ = element.style().set_property("--level", &level);
        }
        match row {
            Row::Value { node, .. } => {
                dom::set_attribute(&element, "data-node", &node.to_string());
                self.fill(&element, *node);
                self.mark(&element, *node);
            }
            Row::More { parent, hidden, .. } => {
                for (name, value) in [
                    ("data-parent", *parent),
                    ("data-from", hidden.start),
                    ("data-to", hidden.end),
                ] {
                    dom::set_attribute(&element, name, &value.to_string());
                }
                let first = hidden.len().min(MORE);
                let text = match hidden.len() {
                    count if count == first => format!("Show {count} more"),
                    count => format!("Show {first} of {count} more"),
                };
                element.set_text_content(Some(&text));
            }
        }
        element
    }

    /// Says in a row what its value is.
    fn fill(&self, row: &Element, node: NodeId) {
        let outline = self.0.outline.borrow();
        let tree = &outline.tree;
        row.set_text_content(None);
        let add = |class: &str, text: &str| {
            let part = create("span");
            part.set_class_name(class);
            part.set_text_content(Some(text));
            let _ = row.append_child(&part);
        };
        if let Some(parent) = tree.parent(node) {
            dom::set_attribute(row, "aria-posinset", &(tree.ordinal(node) + 1).to_string());
            dom::set_attribute(row, "aria-setsize", &tree.count(parent).to_string());
            match tree.key(node) {
                Some(key) => add("key", &json::excerpt(key, MAX_KEY)),
                None => add("ordinal", &tree.ordinal(node).to_string()),
            }
            add("colon", ": ");
        }
        let count = tree.count(node);
        let open = outline.is_open(node);
        if count > 0 {
            dom::set_attribute(row, "aria-expanded", if open { "true" } else { "false" });
        }
        match tree.kind(node) {
            Kind::Array if open => add("bracket", "["),
            Kind::Object if open => add("bracket", "{"),
            Kind::Array | Kind::Object => add("preview", &tree.preview(node, PREVIEW)),
            // What the human monitor says has lines.
            Kind::String if node == ROOT && tree.text(node).contains("\\n") => {
                add("text", &json::visible_lines(&tree.plain(node)));
            }
            kind => add(class(kind), &json::excerpt(tree.text(node), MAX_SCALAR)),
        }
        let what = if tree.kind(node) == Kind::Array {
            "item"
        } else {
            "member"
        };
        if count > 1 && (open || !tree.fits(node, PREVIEW)) {
            add("count", &format!(" {count} {what}s"));
        }
    }

    /// Marks a row if what is looked for is in it.
    fn mark(&self, row: &Element, node: NodeId) {
        if self.0.found.borrow().binary_search(&node).is_ok() {
            dom::set_attribute(row, "data-found", "");
        } else {
            // An attribute whose name is ours.
            let _ = row.remove_attribute("data-found");
        }
    }

    fn set_open(&self, row: &Element, open: bool) {
        let Some(node) = node_of(row) else {
            return;
        };
        if !self.0.outline.borrow_mut().set_open(node, open) {
            return;
        }
        self.fill(row, node);
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

type Hear = fn(&TreeView, &Event);

const HEARD: [(&str, Hear); 4] = [
    ("click", clicked),
    ("keydown", pressed),
    ("contextmenu", asked_for_menu),
    ("pointerover", pointed_at),
];

fn clicked(this: &TreeView, event: &Event) {
    let Some(row) = row_of(event) else {
        return;
    };
    if within(event, "button") {
        if let Some(node) = node_of(&row) {
            this.open_menu_for(&this.0.copy, node);
        }
        return;
    }
    // Somebody who marks text does not want the row to close under it.
    let marks = dom::window()
        .get_selection()
        .ok()
        .flatten()
        .is_some_and(|selection| !selection.is_collapsed());
    if !marks {
        this.go_to(&row);
        this.toggle(&row);
    }
}

fn pressed(this: &TreeView, event: &Event) {
    let (Some(row), Some(event)) = (row_of(event), event.dyn_ref::<KeyboardEvent>()) else {
        return;
    };
    let is_open = row.get_attribute("aria-expanded").as_deref() == Some("true");
    let is_closed = row.get_attribute("aria-expanded").as_deref() == Some("false");
    let next = match event.key().as_str() {
        "c" if event.ctrl_key() || event.meta_key() => {
            let marks = dom::window()
                .get_selection()
                .ok()
                .flatten()
                .is_some_and(|selection| !selection.is_collapsed());
            let Some(node) = node_of(&row).filter(|_| !marks) else {
                return;
            };
            this.0.menu.copy(Form::Json, this.form(node, Form::Json));
            None
        }
        _ if event.ctrl_key() || event.meta_key() || event.alt_key() => return,
        "ArrowDown" => row.next_element_sibling(),
        "ArrowUp" => row.previous_element_sibling(),
        "ArrowRight" if is_open => row.next_element_sibling(),
        "ArrowRight" if is_closed => {
            this.set_open(&row, true);
            None
        }
        "ArrowLeft" if is_open => {
            this.set_open(&row, false);
            None
        }
        "ArrowLeft" => {
            let level = level_of(&row);
            std::iter::successors(row.previous_element_sibling(), Element::previous_element_sibling)
                .find(|before| level_of(before) < level)
        }
        "ArrowRight" => None,
        "Home" => this.0.element.first_element_child(),
        "End" => this.0.element.last_element_child(),
        "Enter" | " " => {
            this.toggle(&row);
            None
        }
        "*" => {
            let level = level_of(&row);
            let parent = node_of(&row).and_then(|node| this.0.outline.borrow().tree.parent(node));
            let siblings: Vec<NodeId> = parent.map_or_else(Vec::new, |parent| {
                this.0.outline.borrow().tree.children(parent).take(MORE).collect()
            });
            for sibling in siblings.into_iter().filter_map(|node| this.row(node)) {
                debug_assert_eq!(level_of(&sibling), level);
                this.set_open(&sibling, true);
            }
            None
        }
        "ContextMenu" => {
            open_menu_at(this, &row);
            None
        }
        "F10" if event.shift_key() => {
            open_menu_at(this, &row);
            None
        }
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next {
        this.go_to(&next);
    }
}

fn open_menu_at(this: &TreeView, row: &Element) {
    if let Some(node) = node_of(row) {
        this.open_menu_for(row, node);
    }
}

fn asked_for_menu(this: &TreeView, event: &Event) {
    if let Some(row) = row_of(event) {
        event.prevent_default();
        this.make_current(&row);
        open_menu_at(this, &row);
    }
}

fn pointed_at(this: &TreeView, event: &Event) {
    if let Some(row) = row_of(event).filter(|row| node_of(row).is_some())
        && this.0.copy.parent_element().as_ref() != Some(&row)
    {
        let _ = row.append_child(&this.0.copy);
    }
}

fn row_of(event: &Event) -> Option<Element> {
    closest(event, "[role=treeitem]")
}

fn within(event: &Event, selector: &str) -> bool {
    closest(event, selector).is_some()
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

fn node_of(row: &Element) -> Option<NodeId> {
    number(row, "data-node")
}

fn level_of(row: &Element) -> u32 {
    number(row, "aria-level").unwrap_or_default()
}

fn number(row: &Element, attribute: &str) -> Option<u32> {
    row.get_attribute(attribute)?.parse().ok()
}

fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // A browser may refuse to move the focus.
        let _ = element.focus();
    }
}

fn create(tag: &str) -> Element {
    dom::document().create_element(tag).expect("a valid name")
}

const fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Word | Kind::Array | Kind::Object => "word",
    }
}

/// In characters.
const PREVIEW: usize = 100;
const MAX_KEY: usize = 200;
const MAX_SCALAR: usize = 2000;
/// How many children are asked for at once.
const MORE: usize = 200;
