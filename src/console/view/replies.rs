//! The list of commands with what became of them.

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::copying::{Form, Menu};
use super::rows::Rows;
use super::time;
use super::tree::{TreeView, closest};
use crate::console::executing::clock;
use crate::console::log::Entry;
use crate::console::sorted::Sorted;
use crate::console::store::{Exchange, ExchangeId, Origin, Outcome, Store};
use crate::console::{Console, dom, json};

pub(super) struct View {
    rows: Rows,
    announcement: HtmlElement,
    menu: Menu,
    trees: Sorted<u64, TreeView>,
    /// Commands without an outcome: when they were executed, and what they do.
    pending: Sorted<u64, (f64, &'static str)>,
    /// The newest command that there was.
    newest: u64,
}

impl View {
    pub(super) fn find(menu: &Menu) -> Self {
        Self {
            rows: Rows::find("commands", "command-template"),
            announcement: dom::by_id("announcement"),
            menu: menu.clone(),
            trees: Sorted::new(),
            pending: Sorted::new(),
            newest: 0,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let Self {
            rows,
            announcement,
            menu,
            trees,
            pending,
            newest,
        } = self;
        let changed = rows.render(&store.commands, |number, row, exchange| {
            // Rows of older commands may be shown again, and are no news.
            let is_news = pending.remove(&number).is_some() || number > *newest;
            *newest = number.max(*newest);
            if exchange.outcome.is_none() {
                pending.insert(number, (exchange.sent, doing(exchange).1));
            }
            if let Some(tree) = fill(row, exchange, menu) {
                trees.insert(number, tree);
            }
            // A button tells it itself.
            if is_news
                && !exchange.has_button
                && let Some(words) = in_words(exchange)
            {
                let name = json::excerpt(&exchange.line.name, MAX_NAME);
                dom::set_text(announcement, &format!("{name}: {words}"));
            }
        });
        if changed {
            trees.retain(|number, _| rows.row(*number).is_some());
            pending.retain(|number, _| rows.row(*number).is_some());
        }
    }

    /// Says of those that wait how long they do.
    fn tick(&self, now: f64) {
        for (number, (sent, doing)) in self.pending.iter() {
            if let Some(row) = self.rows.row(*number)
                && now - sent >= 1000.0
            {
                let badge = dom::part(row, "outcome");
                dom::set_text(&badge, &format!("{doing} {}", time::seconds(now - sent)));
            }
        }
    }
}

pub(super) fn listen(console: &Console) {
    let list: Element = dom::by_id("commands");
    let this = console.clone();
    dom::on(&list, "click", move |event| clicked(&this, event));
    let this = console.clone();
    dom::on(&list, "input", move |event| {
        if let Some((row, tree)) = found_in(&this, event) {
            let text = dom::part(&row, "find-text");
            let count = text
                .dyn_ref()
                .map_or(0, |text: &HtmlInputElement| tree.find(&text.value()));
            say_found(&row, count.min(1), count);
        }
    });
    let this = console.clone();
    dom::on(&list, "keydown", move |event| pressed(&this, event));
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("commands-older"), "click", move |_| {
        this.0.views.borrow_mut().replies.rows.show_older();
        this.update(|_| ());
    });
    let this = console.clone();
    spawn_local(async move {
        loop {
            TimeoutFuture::new(TICK).await;
            if !dom::document().hidden() {
                this.0.views.borrow().replies.tick(clock());
            }
        }
    });
}

fn clicked(console: &Console, event: &Event) {
    let Some(number) = number_of(event) else {
        return;
    };
    let Some(button) = closest(event, "[data-do]") else {
        return;
    };
    let origin = Origin::Person;
    let line = console.read(|store| Some(store.exchange(ExchangeId { origin, number })?.line.clone()));
    let tree = console.0.views.borrow().replies.trees.get(&number).cloned();
    match (button.get_attribute("data-do").as_deref(), line) {
        (Some("give-up"), _) => console.give_up(ExchangeId { origin, number }),
        (Some("again"), Some(line)) => propose(&line.to_string()),
        (Some("copy"), Some(line)) => match tree {
            Some(tree) => tree.open_menu(&button),
            None => {
                let menu = console.0.views.borrow().replies.menu.clone();
                menu.open(&button, &Form::OF_COMMANDS, move |form| form.of_command(&line));
            }
        },
        (Some("find"), _) => {
            if let Some(row) = closest(event, "[data-number]") {
                open_find(&row);
            }
        }
        (Some(verb @ ("find-next" | "find-previous")), _) => {
            if let Some((row, tree)) = found_in(console, event) {
                go(&row, &tree, verb == "find-previous");
            }
        }
        (Some("find-close"), _) => {
            if let Some((row, tree)) = found_in(console, event) {
                close_find(&row, &tree);
            }
        }
        _ => {}
    }
}

fn pressed(console: &Console, event: &Event) {
    let (Some(event), Some((row, tree))) = (event.dyn_ref::<KeyboardEvent>(), found_in(console, event))
    else {
        return;
    };
    let in_find = closest(event, "[data-part=find]").is_some();
    match event.key().as_str() {
        "Enter" if closest(event, "input").is_some() => go(&row, &tree, event.shift_key()),
        "Escape" if in_find => close_find(&row, &tree),
        "f" if event.ctrl_key() || event.meta_key() => open_find(&row),
        "/" if closest(event, "[role=tree]").is_some() => open_find(&row),
        _ => return,
    }
    event.prevent_default();
}

/// The row that an event happened in, and the tree of its reply.
fn found_in(console: &Console, event: &Event) -> Option<(Element, TreeView)> {
    let row = closest(event, "[data-number]")?;
    let number = number_of(event)?;
    let tree = console.0.views.borrow().replies.trees.get(&number).cloned()?;
    Some((row, tree))
}

fn number_of(event: &Event) -> Option<u64> {
    closest(event, "[data-number]")?
        .get_attribute("data-number")?
        .parse()
        .ok()
}

fn open_find(row: &Element) {
    dom::show(&dom::part(row, "find"), true);
    if let Some(text) = dom::part(row, "find-text").dyn_ref::<HtmlInputElement>() {
        // A browser may refuse to move the focus.
        let _ = text.focus();
        text.select();
    }
}

fn close_find(row: &Element, tree: &TreeView) {
    if let Some(text) = dom::part(row, "find-text").dyn_ref::<HtmlInputElement>() {
        text.set_value("");
    }
    // The row that was found stays the one that the Tab key comes to.
    tree.find("");
    say_found(row, 0, 0);
    dom::show(&dom::part(row, "find"), false);
    tree.focus();
}

fn go(row: &Element, tree: &TreeView, back: bool) {
    let (at, count) = tree.go(back);
    say_found(row, at, count);
}

fn say_found(row: &Element, at: usize, count: usize) {
    let is_empty = dom::part(row, "find-text")
        .dyn_ref::<HtmlInputElement>()
        .is_none_or(|text| text.value().trim().is_empty());
    let words = match count {
        _ if is_empty => String::new(),
        0 => "nothing found".to_owned(),
        count => format!("{at} of {count}"),
    };
    dom::set_text(&dom::part(row, "found"), &words);
}

/// Puts a line into the command line, as if it had been typed.
fn propose(line: &str) {
    let input: HtmlElement = dom::by_id("command");
    // Whichever kind of field it is.
    let _ = js_sys::Reflect::set(&input, &"value".into(), &line.into());
    if let Ok(event) = Event::new("input") {
        let _ = input.dispatch_event(&event);
    }
    // A browser may refuse to move the focus.
    let _ = input.focus();
}

/// Fills a row, and makes the tree of a reply.
fn fill(row: &Element, exchange: &Exchange, menu: &Menu) -> Option<TreeView> {
    dom::set_text(
        &dom::part(row, "line"),
        &json::excerpt(&exchange.line.to_string(), MAX_LINE),
    );
    dom::show(&dom::part(row, "oob"), exchange.line.oob);
    time::show(&dom::part(row, "time"), exchange.sent);
    dom::show(&dom::part(row, "give-up"), !exchange.is_settled());
    let badge = dom::part(row, "outcome");
    let Some((outcome, took)) = &exchange.outcome else {
        let (tone, words) = doing(exchange);
        dom::set_text(&badge, words);
        dom::set_tone(&badge, tone);
        return None;
    };
    let (tone, words) = match outcome {
        Outcome::Returned(_) => ("good", time::duration(*took)),
        Outcome::Failed { .. } => ("bad", format!("failed, {}", time::duration(*took))),
        outcome => ("warn", ending(outcome).to_owned()),
    };
    dom::set_text(&badge, &words);
    dom::set_tone(
        &badge,
        if matches!(outcome, Outcome::NotSent(_)) {
            "bad"
        } else {
            tone
        },
    );
    match outcome {
        Outcome::Returned(text) => {
            let reply = dom::part(row, "reply");
            dom::show(&reply, true);
            dom::show(&dom::part(row, "search"), text.as_str().len() > SHORT);
            return Some(TreeView::new(
                reply,
                text.as_str(),
                "return",
                Some(exchange.line.clone()),
                menu,
            ));
        }
        Outcome::Failed { class, desc } => explain(row, class, desc),
        Outcome::NotSent(reason) => explain(row, "Not sent", reason),
        Outcome::GivenUp { .. } | Outcome::Lost { .. } => {}
    }
    None
}

/// What a command without an outcome does: a tone and a word.
const fn doing(exchange: &Exchange) -> (&'static str, &'static str) {
    if exchange.is_queued {
        ("idle", "queued")
    } else {
        ("busy", "pending")
    }
}

/// What became of a command, in few words.
fn in_words(exchange: &Exchange) -> Option<String> {
    let (outcome, took) = exchange.outcome.as_ref()?;
    Some(match outcome {
        Outcome::Returned(_) => format!("done in {}", time::duration(*took)),
        Outcome::Failed { class, desc } => json::excerpt(&format!("{class} {desc}"), MAX_LINE),
        outcome => ending(outcome).to_owned(),
    })
}

const fn ending(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::GivenUp { may_have_run: true } => "given up: may run",
        Outcome::GivenUp { may_have_run: false } => "given up: not sent",
        Outcome::Lost { may_have_run: true } => "lost: may have run",
        Outcome::Lost { may_have_run: false } => "lost: not sent",
        Outcome::Returned(_) | Outcome::Failed { .. } => "done",
        Outcome::NotSent(_) => "not sent",
    }
}

fn explain(row: &Element, class: &str, desc: &str) {
    dom::set_text(&dom::part(row, "class"), &json::excerpt(class, MAX_NAME));
    dom::set_text(&dom::part(row, "desc"), &json::visible_lines(desc));
    dom::show(&dom::part(row, "error"), true);
}

/// In milliseconds.
const TICK: u32 = 500;
/// Of a command in the list, in characters; all of it can be copied.
const MAX_LINE: usize = 1000;
const MAX_NAME: usize = 200;
/// A reply of so many bytes is seen at once, and needs no search.
const SHORT: usize = 500;
