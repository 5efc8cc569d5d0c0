//! The list of what can be typed next, under the text. The text keeps the focus; which of them is active, its
//! `aria-activedescendant` says.

use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use crate::console::completion::{Completion, Proposal};
use crate::console::dom;

/// The list, open or not.
pub(super) struct Suggestions {
    list: HtmlElement,
    input: HtmlTextAreaElement,
    open: Option<Completion>,
    active: Option<usize>,
}

impl Suggestions {
    pub(super) fn find() -> Self {
        Self {
            list: dom::by_id("command-suggestions"),
            input: dom::by_id("command"),
            open: None,
            active: None,
        }
    }

    pub(super) fn show(&mut self, completion: Option<Completion>) {
        let completion = completion.map(|mut completion| {
            completion.proposals.truncate(MAX_SHOWN);
            completion
        });
        self.activate(None);
        if self.open != completion {
            self.list.set_text_content(None);
            for (place, proposal) in completion.iter().flat_map(|open| &open.proposals).enumerate() {
                let row = row(place, proposal);
                // Into an element of the page anything can be put.
                let _ = self.list.append_child(&row);
            }
            self.list.set_scroll_top(0);
            self.open = completion;
        }
        dom::show(&self.list, self.open.is_some());
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) const fn active(&self) -> Option<usize> {
        self.active
    }

    /// Goes to the next one, or to the one before; before the first is none.
    pub(super) fn step(&mut self, forward: bool) {
        let count = self.open.as_ref().map_or(0, |open| open.proposals.len());
        let next = match (self.active, forward) {
            (None, true) => Some(0),
            (Some(active), true) => Some((active + 1).min(count - 1)),
            (active, false) => active.and_then(|active| active.checked_sub(1)),
        };
        self.activate(next);
    }

    /// Takes this one: what is to be replaced, and by what.
    pub(super) fn take(&mut self, place: usize) -> Option<(std::ops::Range<usize>, String)> {
        let open = self.open.as_ref()?;
        let taken = (open.span.clone(), open.proposals.get(place)?.typed.clone());
        self.show(None);
        Some(taken)
    }

    fn activate(&mut self, place: Option<usize>) {
        for (place, selected) in [(self.active, "false"), (place, "true")] {
            if let Some(row) = place.and_then(|place| self.row(place)) {
                dom::set_attribute(&row, "aria-selected", selected);
            }
        }
        match place.and_then(|place| self.row(place)) {
            Some(row) => {
                dom::set_attribute(&self.input, "aria-activedescendant", &row.id());
                reveal(&self.list, &row);
            }
            // It is there or not.
            None => drop(self.input.remove_attribute("aria-activedescendant")),
        }
        self.active = place;
    }

    fn row(&self, place: usize) -> Option<Element> {
        let place = u32::try_from(place).ok()?;
        self.list.children().item(place)
    }
}

/// Which row something in the list belongs to.
pub(super) fn place_of(target: &Element) -> Option<usize> {
    let row = target.closest("[role=option]").ok().flatten()?;
    row.id().strip_prefix(ID)?.parse().ok()
}

fn row(place: usize, proposal: &Proposal) -> Element {
    let row = dom::from_template("suggestion-template");
    row.set_id(&[ID, &place.to_string()].concat());
    dom::set_text(&dom::part(&row, "name"), &proposal.name);
    dom::set_text(&dom::part(&row, "detail"), &proposal.detail);
    for (part, shown) in [
        ("required", proposal.required),
        ("deprecated", proposal.deprecated),
        ("unstable", proposal.unstable),
        ("forbidden", proposal.forbidden),
    ] {
        dom::show(&dom::part(&row, part), shown);
    }
    row
}

/// Scrolls the list, and nothing else, until the row is seen.
fn reveal(list: &HtmlElement, row: &Element) {
    let (above, height) = (row.client_top(), row.client_height());
    let (list_box, row_box) = (list.get_bounding_client_rect(), row.get_bounding_client_rect());
    let over = list_box.top() - row_box.top();
    let under = row_box.bottom() - list_box.bottom();
    if over > 0.0 {
        list.set_scroll_top(list.scroll_top() - over as i32 - above);
    } else if under > 0.0 {
        list.set_scroll_top(list.scroll_top() + under as i32 + height / 4);
    }
}

const ID: &str = "suggestion-";
/// More than that nobody reads: one types on.
const MAX_SHOWN: usize = 60;
