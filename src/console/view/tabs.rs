//! The tabs: which part of the work is in front. They follow the pattern of ARIA: one stop for the Tab key, arrows between
//! them.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::console::store::Store;
use crate::console::{Console, dom};

/// A part of the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) enum Tab {
    #[default]
    Commands,
    InFlight,
    Jobs,
    Charts,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Commands, Self::InFlight, Self::Jobs, Self::Charts];

    /// Of the button; that of the panel has `-panel` behind it.
    const fn id(self) -> &'static str {
        match self {
            Self::Commands => "commands-tab",
            Self::InFlight => "in-flight-tab",
            Self::Jobs => "jobs-tab",
            Self::Charts => "charts-tab",
        }
    }

    fn button(self) -> HtmlElement {
        dom::by_id(self.id())
    }
}

pub(super) struct View {
    tabs: [(Tab, HtmlElement, HtmlElement); 4],
    shown: Option<Tab>,
}

impl View {
    pub(super) fn find() -> Self {
        let parts = |tab: Tab| (tab, tab.button(), dom::by_id(&format!("{}-panel", tab.id())));
        Self {
            tabs: Tab::ALL.map(parts),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        if self.shown.replace(store.tab) == Some(store.tab) {
            return;
        }
        for (tab, button, panel) in &self.tabs {
            let selected = *tab == store.tab;
            dom::set_attribute(button, "aria-selected", if selected { "true" } else { "false" });
            dom::set_attribute(button, "tabindex", if selected { "0" } else { "-1" });
            dom::show(panel, selected);
        }
    }
}

pub(super) fn listen(console: &Console) {
    for (place, tab) in Tab::ALL.into_iter().enumerate() {
        let button: Element = dom::by_id(tab.id());
        let this = console.clone();
        dom::on(&button, "click", move |_| this.open_tab(tab));
        let this = console.clone();
        dom::on(&button, "keydown", move |event| {
            let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key);
            let last = Tab::ALL.len() - 1;
            let next = match key.as_deref() {
                Some("ArrowRight") if place == last => 0,
                Some("ArrowRight") => place + 1,
                Some("ArrowLeft") => place.checked_sub(1).unwrap_or(last),
                Some("Home") => 0,
                Some("End") => last,
                _ => return,
            };
            event.prevent_default();
            this.open_tab(Tab::ALL[next]);
            // A browser may refuse to move the focus.
            let _ = Tab::ALL[next].button().focus();
        });
    }
}

impl Console {
    /// Puts a part of the work in front.
    pub(in crate::console) fn open_tab(&self, tab: Tab) {
        self.update(|store| store.tab = tab);
    }
}
