//! What is wrong in the text, underlined: a text area cannot underline, so the same text lies behind it, unseen but for the
//! lines under it.

use std::ops::Range;

use web_sys::{HtmlElement, HtmlTextAreaElement};

use crate::console::dom;

/// Underlines these parts of the text, which are in any order.
pub(super) fn show(layer: &HtmlElement, text: &str, spans: &[Range<usize>]) {
    layer.set_text_content(None);
    let mut spans: Vec<&Range<usize>> = spans.iter().filter(|span| !span.is_empty()).collect();
    if spans.is_empty() {
        return;
    }
    spans.sort_by_key(|span| span.start);
    let document = dom::document();
    let mut at = 0;
    for span in spans {
        let (Some(before), Some(part)) = (text.get(at..span.start), text.get(span.clone())) else {
            // Within one that is underlined already.
            continue;
        };
        let Ok(mark) = document.create_element("mark") else {
            continue;
        };
        dom::set_text(&mark, part);
        // Into an element of the page anything can be put.
        let _ = layer.append_child(&document.create_text_node(before));
        let _ = layer.append_child(&mark);
        at = span.end;
    }
    // An empty line at the end would have no height.
    let rest = [&text[at..], "\u{200b}"].concat();
    let _ = layer.append_child(&document.create_text_node(&rest));
}

/// Keeps it behind the text that is seen.
pub(super) fn follow(layer: &HtmlElement, input: &HtmlTextAreaElement) {
    layer.set_scroll_top(input.scroll_top());
}
