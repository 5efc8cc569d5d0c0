//! The line under the text that says what a command takes, and the box that sends it out of band.

use web_sys::{HtmlElement, HtmlInputElement};

use crate::console::completion;
use crate::console::dom;

/// The line, and the box beside it.
pub(super) struct Hint {
    line: HtmlElement,
    oob: HtmlInputElement,
    oob_label: HtmlElement,
    shown: Option<completion::Hint>,
}

impl Hint {
    pub(super) fn find() -> Self {
        Self {
            line: dom::by_id("command-hint"),
            oob: dom::by_id("command-oob"),
            oob_label: dom::by_id("command-oob-label"),
            shown: None,
        }
    }

    /// Shows what the command takes, and the box if it can be used.
    pub(super) fn show(&mut self, hint: Option<completion::Hint>, has_oob: impl FnOnce() -> bool) {
        if self.shown == hint {
            return;
        }
        dom::show(&self.line, hint.is_some());
        if let Some(hint) = &hint {
            let (command, current, required, optional) = words(hint);
            let parts = [
                ("command", command),
                ("current", current),
                ("required", required),
                ("optional", optional),
            ];
            for (part, text) in parts {
                let element = dom::part(&self.line, part);
                dom::set_text(&element, &text);
                dom::show(&element, !text.is_empty());
            }
        }
        let allows = hint.as_ref().is_some_and(|hint| hint.allows_oob);
        dom::show(&self.oob_label, allows && has_oob());
        self.shown = hint;
    }

    /// Whether the person wants it out of band.
    pub(super) fn is_oob(&self) -> bool {
        self.oob.checked() && !self.oob_label.hidden()
    }

    /// The next command is another one.
    pub(super) fn clear_oob(&self) {
        self.oob.set_checked(false);
    }
}

/// The command, what is being written, what has to be there, what may be.
fn words(hint: &completion::Hint) -> (String, String, String, String) {
    let mut command = hint.command.clone();
    if hint.deprecated {
        command.push_str(" (deprecated)");
    }
    if hint.unstable {
        command.push_str(" (unstable)");
    }
    let current = hint
        .current
        .as_ref()
        .map_or_else(String::new, |(name, kind)| format!("{name}: {kind}"));
    let mut optional = hint
        .optional
        .iter()
        .take(MAX_OPTIONAL)
        .fold(String::new(), |words, name| {
            let space = if words.is_empty() { "" } else { " " };
            [&words, space, name, "?"].concat()
        });
    if hint.optional.len() > MAX_OPTIONAL {
        optional.push_str(" …");
    }
    if hint.current.is_some() {
        optional.clear();
    }
    (command, current, hint.required.join(" "), optional)
}

const MAX_OPTIONAL: usize = 10;
