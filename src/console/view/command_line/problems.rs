//! What is wrong with the text, said beneath it; and whether it can be run all the same.

use web_sys::HtmlElement;

use crate::console::dom;

/// The list, shown or not.
pub(super) struct Problems {
    panel: HtmlElement,
    list: HtmlElement,
    anyway: HtmlElement,
    input: HtmlElement,
}

impl Problems {
    pub(super) fn find() -> Self {
        Self {
            panel: dom::by_id("command-wrong"),
            list: dom::by_id("command-problems"),
            anyway: dom::by_id("run-anyway"),
            input: dom::by_id("command"),
        }
    }

    pub(super) fn show(&self, problems: &[String], may_run: bool) {
        let is_wrong = !problems.is_empty();
        if is_wrong || !self.panel.hidden() {
            self.list.set_text_content(None);
            for problem in problems.iter().take(MAX_SHOWN) {
                let row = dom::from_template("problem-template");
                dom::set_text(&row, problem);
                // Into an element of the page anything can be put.
                let _ = self.list.append_child(&row);
            }
            dom::show(&self.panel, is_wrong);
            dom::show(&self.anyway, may_run);
        }
        dom::set_attribute(
            &self.input,
            "aria-invalid",
            if is_wrong { "true" } else { "false" },
        );
    }
}

const MAX_SHOWN: usize = 5;
