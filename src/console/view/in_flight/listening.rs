//! What a person does with the commands over time.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent};

use super::now;
use super::row::{key, parse_key};
use crate::console::store::{ExchangeId, Outcomes, Span, Waterfall, Whose};
use crate::console::{Console, dom};

pub(in crate::console::view) fn listen(console: &Console) {
    let this = console.clone();
    console.0.views.borrow_mut().in_flight.tick = Some(Rc::new(move || this.update(|_| ())));
    listen_to_filters(console);
    listen_to_time(console);
    listen_to_rows(console);
    listen_to_detail(console);
}

fn listen_to_filters(console: &Console) {
    let text: HtmlInputElement = dom::by_id("flight-text");
    let this = console.clone();
    dom::on(&text.clone(), "input", move |_| {
        let text = text.value().trim().to_ascii_lowercase();
        look(&this, |waterfall| waterfall.text = text);
    });
    choose(console, "flight-whose", |waterfall, value| {
        waterfall.whose = match value {
            "person" => Whose::Person,
            "console" => Whose::Console,
            _ => Whose::Everybody,
        };
    });
    choose(console, "flight-outcomes", |waterfall, value| {
        waterfall.outcomes = match value {
            "pending" => Outcomes::Pending,
            "returned" => Outcomes::Returned,
            "failed" => Outcomes::Failed,
            "unanswered" => Outcomes::Unanswered,
            _ => Outcomes::Any,
        };
    });
    choose(console, "flight-span", |waterfall, value| {
        waterfall.span = value.parse().map_or(Span::All, Span::Last);
    });
}

fn listen_to_time(console: &Console) {
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("flight-follow"), "click", move |_| {
        this.update(|store| {
            let to = store.picture(now(store), 0).axis.to;
            store.waterfall.until = match store.waterfall.until {
                Some(_) => None,
                None => Some(to),
            };
        });
    });
    for (id, later) in [("flight-earlier", false), ("flight-later", true)] {
        let (this, button) = (console.clone(), dom::by_id::<Element>(id));
        dom::on(&button.clone(), "click", move |_| {
            if dom::is_enabled(&button) {
                pan(&this, later);
            }
        });
    }
}

/// The rows are one stop for the Tab key, with arrows between them.
fn listen_to_rows(console: &Console) {
    let list: HtmlElement = dom::by_id("flight-rows");
    let this = console.clone();
    dom::on(&list, "click", move |event| {
        if let Some(id) = row_of(event).and_then(|row| id_of(&row)) {
            select(&this, id);
        }
    });
    dom::on(&list, "focusin", {
        let list = list.clone();
        move |event| {
            if let Some(row) = row_of(event) {
                if let Ok(Some(last)) = list.query_selector("[tabindex='0']") {
                    dom::set_attribute(&last, "tabindex", "-1");
                }
                dom::set_attribute(&row, "tabindex", "0");
            }
        }
    });
    let this = console.clone();
    dom::on(&list.clone(), "keydown", move |event| {
        let (Some(row), Some(key)) = (row_of(event), event.dyn_ref::<KeyboardEvent>()) else {
            return;
        };
        if key.ctrl_key() || key.alt_key() || key.meta_key() {
            return;
        }
        let next = match key.key().as_str() {
            "ArrowDown" => row.next_element_sibling(),
            "ArrowUp" => row.previous_element_sibling(),
            "Home" => list.first_element_child(),
            "End" => list.last_element_child(),
            "ArrowLeft" | "ArrowRight" => {
                event.prevent_default();
                return pan(&this, key.key() == "ArrowRight");
            }
            "Enter" | " " => {
                event.prevent_default();
                if let Some(id) = id_of(&row) {
                    select(&this, id);
                }
                return;
            }
            "Escape" => return look(&this, |waterfall| waterfall.selected = None),
            _ => return,
        };
        event.prevent_default();
        focus(next);
    });
}

fn listen_to_detail(console: &Console) {
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("flight-give-up"), "click", move |_| {
        let selected = this.read(|store| store.waterfall.selected);
        if let Some(id) = selected {
            this.give_up(id);
            focus_row(id);
        }
    });
    let close = {
        let this = console.clone();
        move || {
            let selected = this.read(|store| store.waterfall.selected);
            look(&this, |waterfall| waterfall.selected = None);
            if let Some(id) = selected {
                focus_row(id);
            }
        }
    };
    dom::on(&dom::by_id::<Element>("flight-close"), "click", {
        let close = close.clone();
        move |_| close()
    });
    dom::on(&dom::by_id::<Element>("flight-detail"), "keydown", move |event| {
        if event
            .dyn_ref::<KeyboardEvent>()
            .is_some_and(|key| key.key() == "Escape")
        {
            close();
        }
    });
    for (button, text) in [
        ("flight-copy-request", "flight-request"),
        ("flight-copy-reply", "flight-reply"),
    ] {
        let button: HtmlElement = dom::by_id(button);
        // Elsewhere a browser lets no page write to the clipboard.
        dom::show(&button, dom::window().is_secure_context());
        dom::on(&button.clone(), "click", move |_| copy(&button, text));
    }
}

/// Copies the text of an element, and says so on the button for a while.
fn copy(button: &HtmlElement, from: &str) {
    let text = dom::by_id::<Element>(from).text_content().unwrap_or_default();
    let promise = dom::window().navigator().clipboard().write_text(&text);
    let button = button.clone();
    spawn_local(async move {
        let words = match JsFuture::from(promise).await {
            Ok(_) => "Copied",
            Err(_) => "Not allowed",
        };
        dom::set_text(&button, words);
        Timeout::new(COPIED, move || dom::set_text(&button, "Copy")).forget();
    });
}

fn choose(console: &Console, id: &str, change: impl Fn(&mut Waterfall, &str) + 'static) {
    let list: HtmlSelectElement = dom::by_id(id);
    let this = console.clone();
    dom::on(&list.clone(), "change", move |_| {
        look(&this, |waterfall| change(waterfall, &list.value()));
    });
}

fn look(console: &Console, change: impl FnOnce(&mut Waterfall)) {
    console.update(|store| change(&mut store.waterfall));
}

/// Selects a command, or none if it is the one that is selected.
fn select(console: &Console, id: ExchangeId) {
    look(console, |waterfall| {
        waterfall.selected = (waterfall.selected != Some(id)).then_some(id);
    });
}

fn pan(console: &Console, later: bool) {
    console.update(|store| {
        if store.waterfall.span != Span::All {
            let now = now(store);
            store.pan(later, now);
        }
    });
}

fn row_of(event: &Event) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest("[data-id]").ok().flatten()
}

fn id_of(row: &Element) -> Option<ExchangeId> {
    parse_key(&row.get_attribute("data-id")?)
}

fn focus_row(id: ExchangeId) {
    let row = dom::document().query_selector(&format!("[data-id={}]", key(id)));
    focus(row.ok().flatten());
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // A browser may refuse to move the focus.
        let _ = element.focus();
    }
}

/// How long it says so, in milliseconds.
const COPIED: u32 = 2_000;
