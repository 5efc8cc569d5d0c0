//! A log as rows of a list, the newest first. What a row looks like is its view's business.

use web_sys::{Element, HtmlElement};

use crate::console::dom;
use crate::console::log::{Entry, Log};
use crate::console::sorted::Sorted;

/// The rows of one list: those of the newest entries.
pub(super) struct Rows {
    list: HtmlElement,
    empty: HtmlElement,
    count: HtmlElement,
    older: HtmlElement,
    template: &'static str,
    rows: Sorted<u64, Row>,
    limit: usize,
    /// How far the log was when it was last shown, and with which limit.
    shown: (u64, usize),
}

struct Row {
    element: Element,
    /// Of the entry when the row was filled: whether it was waiting, and whether it was settled.
    stage: (bool, bool),
}

impl Rows {
    /// Finds the list of this id, and what belongs to it.
    pub(super) fn find(id: &str, template: &'static str) -> Self {
        Self {
            list: dom::by_id(id),
            empty: dom::by_id(&format!("{id}-empty")),
            count: dom::by_id(&format!("{id}-count")),
            older: dom::by_id(&format!("{id}-older")),
            template,
            rows: Sorted::new(),
            limit: PAGE,
            shown: (0, 0),
        }
    }

    /// Shows more of the older entries from now on.
    pub(super) const fn show_older(&mut self) {
        self.limit += PAGE;
    }

    /// Makes the rows those of the log; `fill` is called for new rows and for those whose entry has begun or settled. Returns whether
    /// anything changed.
    pub(super) fn render<T: Entry>(&mut self, log: &Log<T>, mut fill: impl FnMut(u64, &Element, &T)) -> bool {
        let now = (log.changes(), self.limit);
        if self.shown == now {
            return false;
        }
        self.shown = now;
        let left_out = log.len().saturating_sub(self.limit);
        let oldest = log.iter().nth(left_out).map_or(u64::MAX, |(number, _)| number);
        self.rows.retain(|number, row| {
            let stays = *number >= oldest && log.has(*number);
            if !stays {
                row.element.remove();
            }
            stays
        });
        for (number, entry) in log.iter().skip(left_out) {
            let stage = (entry.is_waiting(), entry.is_settled());
            match self.rows.get_mut(&number) {
                Some(row) if row.stage == stage => {}
                Some(row) => {
                    row.stage = stage;
                    fill(number, &row.element, entry);
                }
                None => {
                    let element = dom::from_template(self.template);
                    dom::set_attribute(&element, "data-number", &number.to_string());
                    fill(number, &element, entry);
                    let older = self.rows.before(&number).map(|row| &row.element);
                    // Into a list of the page anything can be put.
                    let _ = self.list.insert_before(&element, older.map(AsRef::as_ref));
                    self.rows.insert(number, Row { element, stage });
                }
            }
        }
        let (kept, all) = (log.len() as u64, log.pushed());
        dom::show(&self.empty, all == 0);
        dom::show(&self.older, left_out > 0);
        let count = match all {
            0 => String::new(),
            _ if kept < all => format!("the last {kept} of {all}"),
            _ => all.to_string(),
        };
        dom::set_text(&self.count, &count);
        true
    }

    /// The row of an entry, if it is shown.
    pub(super) fn row(&self, number: u64) -> Option<&Element> {
        self.rows.get(&number).map(|row| &row.element)
    }
}

/// How many rows are shown at first, and when more are asked for.
const PAGE: usize = 100;
