//! What a person does with the list of events.

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::super::tree::closest;
use super::row::explain_time;
use super::{PAGE, View};
use crate::console::store::{Filter, Store};
use crate::console::{Console, dom};

pub(in crate::console::view) fn listen(console: &Console) {
    console.0.views.borrow_mut().events.console = Some(console.clone());
    let change = |console: &Console, change: &dyn Fn(&mut View)| {
        change(&mut console.0.views.borrow_mut().events);
        console.update(|_| ());
    };
    let on = |id: &str, event: &'static str, hear: fn(&mut View, &Event)| {
        let this = console.clone();
        dom::on(&dom::by_id::<Element>(id), event, move |event| {
            change(&this, &|view| hear(view, event));
        });
    };
    on("events-pause", "click", |view, _| match view.paused {
        Some(_) => view.go_on(),
        None => {
            // From when the list stands already.
            view.paused = Some(view.held.unwrap_or(view.ever_taken));
            view.is_stale = true;
        }
    });
    on("events-new", "click", |view, _| view.go_on());
    on("events-older", "click", |view, _| {
        view.limit += PAGE;
        (view.wants_now, view.is_stale) = (true, true);
    });
    on("events-filter", "input", |view, event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let text = input.map_or_else(String::new, |input| input.value());
        view.sift_again(|filter| {
            filter.set_text(&text);
        });
    });
    on("events-names", "click", |view, event| {
        let name = closest(event, "button").and_then(|chip| view.names.name_of(&chip));
        if let Some(name) = name {
            view.sift_again(|filter| filter.toggle(&name));
        }
    });
    on("events-hide-all", "click", |view, _| {
        view.sift_again(Filter::hide_all)
    });
    for id in ["events-show-all", "events-none-show"] {
        on(id, "click", |view, _| {
            dom::by_id::<HtmlInputElement>("events-filter").set_value("");
            view.sift_again(Filter::show_all);
        });
    }
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("events-clear"), "click", move |_| {
        this.update(Store::clear_events);
    });
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("events-export"), "click", move |_| {
        let lines = this.read(|store| {
            store
                .events
                .iter()
                .fold(String::new(), |mut lines, (_, happening)| {
                    lines.push_str(&happening.to_json());
                    lines.push('\n');
                    lines
                })
        });
        dom::save("events.ndjson", &lines);
    });
    let list: HtmlElement = dom::by_id("events");
    let this = console.clone();
    dom::on(&list, "click", move |event| {
        let row = closest(event, "[data-number]");
        let number = row.and_then(|row| row.get_attribute("data-number")?.parse().ok());
        if let (Some(number), Some(_)) = (number, closest(event, "[data-part=toggle], [data-part=preview]")) {
            this.read(|store| this.0.views.borrow_mut().events.toggle(store, number));
            this.update(|_| ());
        }
    });
    dom::on(&list, "pointerover", explain_time);
    // Where somebody reads further down, or has come to with the keyboard, rows should not move.
    let reads = console.0.views.borrow().events.reads.clone();
    let has_focus = Rc::new(Cell::new(false));
    for kind in ["scroll", "focusin", "focusout"] {
        let (this, list, reads, has_focus) =
            (console.clone(), list.clone(), reads.clone(), has_focus.clone());
        dom::on(&list.clone(), kind, move |event| {
            match kind {
                "focusin" => has_focus.set(closest(event, ":focus-visible").is_some()),
                "focusout" => has_focus.set(false),
                _ => {}
            }
            let now = has_focus.get() || list.scroll_top() > NEAR_THE_TOP;
            if reads.replace(now) == now {
                return;
            }
            // Later, because a row that is taken away loses its focus at once.
            let this = this.clone();
            Timeout::new(0, move || {
                this.0.views.borrow_mut().events.is_stale = true;
                this.update(|_| ());
            })
            .forget();
        });
    }
}

/// In pixels.
const NEAR_THE_TOP: i32 = 8;
