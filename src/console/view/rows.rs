//! A log as rows of a list, the newest first. What a row looks like is its view's business.

use std::collections::BTreeMap;

use web_sys::{Element, HtmlElement};

use crate::console::dom;
use crate::console::log::{Entry, Log};

/// The rows of one list.
pub(super) struct Rows {
    list: HtmlElement,
    empty: HtmlElement,
    count: HtmlElement,
    template: &'static str,
    rows: BTreeMap<u64, Row>,
}

struct Row {
    element: Element,
    /// Of the entry when the row was filled. A settled entry does not change any more.
    is_settled: bool,
}

impl Rows {
    /// Finds the list of this id, and what belongs to it.
    pub(super) fn find(id: &str, template: &'static str) -> Self {
        Self {
            list: dom::by_id(id),
            empty: dom::by_id(&format!("{id}-empty")),
            count: dom::by_id(&format!("{id}-count")),
            template,
            rows: BTreeMap::new(),
        }
    }

    /// Makes the rows those of the log; `fill` is called for new rows and for those whose entry has settled.
    pub(super) fn render<T: Entry>(&mut self, log: &Log<T>, mut fill: impl FnMut(&Element, &T)) {
        self.rows.retain(|number, row| {
            let stays = log.has(*number);
            if !stays {
                row.element.remove();
            }
            stays
        });
        for (number, entry) in log.iter() {
            let is_settled = entry.is_settled();
            match self.rows.get_mut(&number) {
                Some(row) if row.is_settled == is_settled => {}
                Some(row) => {
                    row.is_settled = is_settled;
                    fill(&row.element, entry);
                }
                None => {
                    let element = dom::from_template(self.template);
                    fill(&element, entry);
                    // Into a list of the page anything can be put.
                    let _ = self.list.prepend_with_node_1(&element);
                    self.rows.insert(number, Row { element, is_settled });
                }
            }
        }
        let (shown, all) = (self.rows.len() as u64, log.pushed());
        dom::show(&self.empty, all == 0);
        let count = match all {
            0 => String::new(),
            _ if shown < all => format!("the last {shown} of {all}"),
            _ => all.to_string(),
        };
        dom::set_text(&self.count, &count);
    }
}
