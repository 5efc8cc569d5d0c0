//! What is wrong in the text, underlined: a text area cannot underline, so the same text lies behind it, unseen but for the
//! lines under it.

use std::ops::Range;

use web_sys::{HtmlElement, HtmlTextAreaElement};

use crate::console::dom;
use crate::console::sorted::insert_by_key;

/// Underlines these parts of the text, which are in any order.
pub(super) fn show(layer: &HtmlElement, text: &str, spans: &[Range<usize>]) {
    layer.set_text_content(None);
    let mut in_order = Vec::new();
    for span in spans.iter().filter(|span| !span.is_empty()) {
        insert_by_key(&mut in_order, span, |span: &&Range<usize>| span.start);
    }
    if in_order.is_empty() {
        return;
    }
    let document = dom::document();
    let mut at = 0;
    for span in in_order {
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
