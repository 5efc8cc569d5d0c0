//! The names of events, with how many there were: each a button that hides those of its name or shows them.

use web_sys::{Element, HtmlElement};

use crate::console::store::{Filter, Tally};
use crate::console::{dom, json};

pub(super) struct View {
    list: HtmlElement,
    more: HtmlElement,
    hide_all: HtmlElement,
    show_all: HtmlElement,
    chips: Vec<Chip>,
}

struct Chip {
    name: String,
    button: Element,
    count: HtmlElement,
    shown: (u64, bool),
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            list: dom::by_id("events-names"),
            more: dom::by_id("events-names-more"),
            hide_all: dom::by_id("events-hide-all"),
            show_all: dom::by_id("events-show-all"),
            chips: Vec::new(),
        }
    }

    /// Shows the names; if a text is looked for that is in some of them, those.
    pub(super) fn render(&mut self, tally: &Tally, filter: &Filter) {
        let is_any_meant = tally.names().any(|(name, _)| filter.names(name));
        let meant = || {
            tally
                .names()
                .filter(|(name, _)| !is_any_meant || filter.names(name))
        };
        let all = meant().count();
        let wanted: Vec<(&str, u64)> = meant().take(MAX_CHIPS).collect();
        let is_same = self
            .chips
            .iter()
            .map(|chip| chip.name.as_str())
            .eq(wanted.iter().map(|(name, _)| *name));
        if !is_same {
            self.arrange(&wanted);
        }
        for (chip, (_, count)) in self.chips.iter_mut().zip(wanted) {
            let now = (count, !filter.hides(&chip.name));
            if chip.shown != now {
                chip.count.set_text_content(Some(&count.to_string()));
                dom::set_attribute(&chip.button, "aria-pressed", if now.1 { "true" } else { "false" });
                chip.shown = now;
            }
        }
        dom::show(&self.hide_all, all > 1);
        dom::show(&self.show_all, filter.is_on());
        dom::set_text(
            &self.more,
            &format!("and {} more names", all.saturating_sub(MAX_CHIPS)),
        );
        dom::show(&self.more, all > MAX_CHIPS);
    }

    pub(super) fn name_of(&self, button: &Element) -> Option<String> {
        let chip = self.chips.iter().find(|chip| chip.button == *button)?;
        Some(chip.name.clone())
    }

    /// Makes a chip for each name, and keeps those that are there: one of them may have the focus.
    fn arrange(&mut self, wanted: &[(&str, u64)]) {
        let mut old = std::mem::take(&mut self.chips);
        let mut place = self.list.first_element_child();
        for (name, _) in wanted {
            let chip = match old.iter().position(|chip| chip.name == *name) {
                Some(i) => old.swap_remove(i),
                None => Chip::new(name),
            };
            if place.as_ref() == Some(&chip.button) {
                place = chip.button.next_element_sibling();
            } else {
                // Into a list of the page anything can be put.
                let _ = self
                    .list
                    .insert_before(&chip.button, place.as_ref().map(AsRef::as_ref));
            }
            self.chips.push(chip);
        }
        for chip in old {
            chip.button.remove();
        }
    }
}

impl Chip {
    fn new(name: &str) -> Self {
        let button = dom::from_template("event-name-template");
        dom::set_text(&dom::part(&button, "name"), &json::visible(name));
        Self {
            name: name.to_owned(),
            count: dom::part(&button, "count"),
            button,
            shown: (0, false),
        }
    }
}

const MAX_CHIPS: usize = 40;
