//! A row of a tree: what it says of a value, and what it is known by.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::MORE;
use crate::console::tree::{Kind, NodeId, Outline, ROOT, Row};
use crate::console::{dom, json};

/// Makes the element of a row. Those that were found are marked.
pub(super) fn make(row: &Row, outline: &Outline, found: &[NodeId]) -> Element {
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
            fill(&element, *node, outline);
            mark(&element, *node, found);
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
pub(super) fn fill(row: &Element, node: NodeId, outline: &Outline) {
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
pub(super) fn mark(row: &Element, node: NodeId, found: &[NodeId]) {
    if found.binary_search(&node).is_ok() {
        dom::set_attribute(row, "data-found", "");
    } else {
        // An attribute whose name is ours.
        let _ = row.remove_attribute("data-found");
    }
}

/// The node that a row is of.
pub(super) fn node_of(row: &Element) -> Option<NodeId> {
    number(row, "data-node")
}

pub(super) fn level_of(row: &Element) -> u32 {
    number(row, "aria-level").unwrap_or_default()
}

pub(super) fn number(row: &Element, attribute: &str) -> Option<u32> {
    row.get_attribute(attribute)?.parse().ok()
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
