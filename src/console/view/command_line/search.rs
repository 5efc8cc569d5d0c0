//! The search through what was typed before, as in a shell: the newest line that has the words in it is shown, the same key
//! again goes further back, Enter takes it and Escape leaves all as it was.

use web_sys::{HtmlElement, HtmlInputElement};

use crate::console::dom;
use crate::console::history::History;

/// The search, going on or not.
pub(super) struct Search {
    bar: HtmlElement,
    query: HtmlInputElement,
    found: HtmlElement,
    /// What was being typed when the search began, and the number of the line that is shown.
    going_on: Option<(String, Option<usize>)>,
}

impl Search {
    pub(super) fn find() -> Self {
        Self {
            bar: dom::by_id("history-search"),
            query: dom::by_id("history-query"),
            found: dom::by_id("history-found"),
            going_on: None,
        }
    }

    /// Begins it, if it is not going on already. Gives what has to have the focus.
    pub(super) fn begin(&mut self, draft: String) -> HtmlInputElement {
        if self.going_on.is_none() {
            self.going_on = Some((draft, None));
            self.query.set_value("");
            dom::set_text(&self.found, "Type a part of the line");
            dom::show(&self.bar, true);
        }
        self.query.clone()
    }

    /// Looks for the words anew, or for an older line. Gives the line to show.
    pub(super) fn look(&mut self, history: &History, older: bool) -> Option<String> {
        let (_, shown) = self.going_on.as_mut()?;
        let words = self.query.value();
        let before = shown.filter(|_| older).unwrap_or(usize::MAX);
        if words.is_empty() && !older {
            *shown = None;
            dom::set_text(&self.found, "Type a part of the line");
            return None;
        }
        let Some((number, line)) = history.find(&words, before) else {
            let told = if shown.is_some() && older {
                "No older line"
            } else {
                "No line has it"
            };
            dom::set_text(&self.found, told);
            return None;
        };
        *shown = Some(number);
        dom::set_text(&self.found, line);
        Some(line.to_owned())
    }

    /// Ends it. Gives what was being typed.
    pub(super) fn end(&mut self) -> Option<String> {
        dom::show(&self.bar, false);
        self.going_on.take().map(|(draft, _)| draft)
    }
}
