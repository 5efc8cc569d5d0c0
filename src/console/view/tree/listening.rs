//! What a person does with a tree: by pointer and by keys, as the pattern of ARIA has them.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

use super::super::copying::Form;
use super::row::{level_of, node_of};
use super::{MORE, TreeView, closest};
use crate::console::dom;
use crate::console::tree::NodeId;

type Hear = fn(&TreeView, &Event);

pub(super) const HEARD: [(&str, Hear); 4] = [
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
