//! The machines of the bridge, to choose one: a card each, with its run state and what is on its screen.

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, Node};

use crate::console::link::Link;
use crate::console::picture::{self, Failure, Fetched};
use crate::console::store::{Connection, Machine, Reach, Store};
use crate::console::{Console, address, dom};

pub(super) struct View {
    choosing: HtmlElement,
    count: HtmlElement,
    problem: HtmlElement,
    problem_text: HtmlElement,
    empty: HtmlElement,
    list: HtmlElement,
    cards: Vec<(String, Element)>,
    /// Which listing is shown.
    shown: Option<u64>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            choosing: dom::by_id("choosing"),
            count: dom::by_id("machines-count"),
            problem: dom::by_id("machines-problem"),
            problem_text: dom::by_id("machines-problem-text"),
            empty: dom::by_id("machines-empty"),
            list: dom::by_id("machines"),
            cards: Vec::new(),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let is_here = store.connection == Connection::Choosing;
        dom::show(&self.choosing, is_here);
        let (Some(machines), true) = (&store.listing.machines, is_here) else {
            return;
        };
        if self.shown.replace(store.listing.changes) == Some(store.listing.changes) {
            return;
        }
        let problem = store.listing.problem.as_ref();
        dom::show(&self.problem, problem.is_some());
        if let Some(problem) = problem {
            let text = format!("{}. This is how the machines were.", problem.title);
            dom::set_text(&self.problem_text, &text);
        }
        dom::set_attribute(
            &self.list,
            "data-old",
            if problem.is_some() { "yes" } else { "no" },
        );
        dom::set_text(&self.count, &count(machines));
        dom::show(&self.empty, machines.is_empty());
        self.fill(machines, store.may("screendump"));
    }

    /// Each machine has a card, in the order of the list; that of one that stays is the same as before.
    fn fill(&mut self, machines: &[Machine], may_look: bool) {
        self.cards.retain(|(name, card)| {
            let stays = machines.iter().any(|machine| machine.name == *name);
            if !stays {
                forget_screen(card);
                card.remove();
            }
            stays
        });
        let mut place = self.list.first_element_child();
        for machine in machines {
            let known = self.cards.iter().find(|(name, _)| *name == machine.name);
            let card = known.map_or_else(|| new_card(machine), |(_, card)| card.clone());
            if known.is_none() {
                self.cards.push((machine.name.clone(), card.clone()));
            }
            if place.as_ref() == Some(&card) {
                place = card.next_element_sibling();
            } else {
                // Into a list of the page anything can be put.
                let _ = self
                    .list
                    .insert_before(&card, place.as_ref().map(AsRef::<Node>::as_ref));
            }
            show_machine(&card, machine, may_look);
        }
    }
}

pub(super) fn listen(console: &Console) {
    let list: Element = dom::by_id("machines");
    dom::on(&list, "click", |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let button = target.and_then(|target| target.closest("[data-part=copy]").ok().flatten());
        if let Some(button) = button
            && let Some(name) = button.get_attribute("data-name")
        {
            copy_link(button, name);
        }
    });
    let console = console.clone();
    spawn_local(async move {
        loop {
            if console.read(|store| store.connection == Connection::Choosing) {
                refresh_screens(&console).await;
            }
            TimeoutFuture::new(PAUSE).await;
        }
    });
}

/// Copies the link to a machine, which has no token, and says so on the button.
pub(super) fn copy_link(button: Element, name: String) {
    spawn_local(async move {
        let label = if address::copy_link_to(&name).await {
            "Copied"
        } else {
            // A page that is not secure may not.
            "The browser does not allow it"
        };
        dom::set_text(&button, label);
        TimeoutFuture::new(COPIED).await;
        dom::set_text(&button, "Copy link");
    });
}

fn count(machines: &[Machine]) -> String {
    let up = machines
        .iter()
        .filter(|machine| machine.reach == Reach::Up)
        .count();
    match machines.len() {
        0 => String::new(),
        1 => format!("1 machine, {up} up"),
        all => format!("{all} machines, {up} up"),
    }
}

fn new_card(machine: &Machine) -> Element {
    let card = dom::from_template("machine-template");
    dom::set_attribute(&card, "data-name", &machine.name);
    let link = Link::to_vm(&machine.name).to_string();
    dom::set_attribute(&dom::part(&card, "link"), "href", &link);
    dom::set_text(&dom::part(&card, "name"), &machine.name);
    let copy = dom::part(&card, "copy");
    dom::set_attribute(&copy, "data-name", &machine.name);
    dom::set_attribute(&copy, "aria-label", &format!("Copy link to {}", machine.name));
    card
}

fn show_machine(card: &Element, machine: &Machine, may_look: bool) {
    dom::show(&dom::part(card, "demo"), machine.demo);
    let (words, tone) = state(machine);
    let state = dom::part(card, "state");
    dom::set_text(&state, words);
    dom::set_tone(&state, tone);
    let is_up = machine.reach == Reach::Up;
    let looks = is_up && may_look && !machine.demo;
    if looks != (card.get_attribute("data-looks").as_deref() == Some("yes")) {
        dom::set_attribute(card, "data-looks", if looks { "yes" } else { "no" });
    }
    let why_not = match machine.reach {
        Reach::Busy => "Something else holds its monitor",
        Reach::Down => "Not reached",
        Reach::NotQmp => "What answers there is no QMP server",
        Reach::Up if machine.demo => "Simulated, without a screen",
        Reach::Up if !may_look => "Your token does not show screens",
        Reach::Up => return,
    };
    dom::set_text(&dom::part(card, "placeholder"), why_not);
}

/// How a machine is, in words, and their tone.
fn state(machine: &Machine) -> (&str, &'static str) {
    match (machine.reach, machine.run_state.as_deref()) {
        (Reach::Busy, _) => ("busy", "warn"),
        (Reach::Down, _) => ("down", "bad"),
        (Reach::NotQmp, _) => ("not QMP", "bad"),
        (Reach::Up, None) => ("up", "good"),
        (Reach::Up, Some(state @ "running")) => (state, "good"),
        (Reach::Up, Some(state @ ("guest-panicked" | "internal-error" | "io-error"))) => (state, "bad"),
        (Reach::Up, Some(state)) => (state, "warn"),
    }
}

/// Looks at the screens that are seen, one after the other.
async fn refresh_screens(console: &Console) {
    let Ok(cards) = dom::document().query_selector_all("#machines > [data-looks=yes]") else {
        return;
    };
    for place in 0..cards.length() {
        let card = cards.get(place).and_then(|card| card.dyn_into::<Element>().ok());
        let Some(card) = card.filter(|card| !dom::document().hidden() && is_seen(card)) else {
            continue;
        };
        // What has no screen is asked seldom whether it has one now.
        let skips: u32 = card
            .get_attribute("data-skips")
            .and_then(|skips| skips.parse().ok())
            .unwrap_or_default();
        if skips > 0 {
            dom::set_attribute(&card, "data-skips", &(skips - 1).to_string());
            continue;
        }
        let Some(name) = card.get_attribute("data-name") else {
            continue;
        };
        let picture = dom::part(&card, "screen");
        let etag = picture.get_attribute("data-etag");
        let token = console.0.link.borrow().token.clone();
        match picture::fetch(&name, token.as_deref(), etag.as_deref()).await {
            Ok(Fetched::New { blob, etag }) => {
                if let Some(url) = picture::address(&blob) {
                    forget_screen(&card);
                    dom::set_attribute(&picture, "src", &url);
                    dom::set_attribute(&picture, "data-etag", &etag);
                    dom::show(&picture, true);
                }
            }
            Ok(Fetched::Same) | Err(Failure::Unreachable) => {}
            Err(Failure::Refused(status, _)) => {
                dom::set_attribute(&card, "data-skips", SKIPS);
                // What was seen stays, unless there is no screen any more.
                if matches!(status, 403 | 422 | 501) {
                    forget_screen(&card);
                }
                let why_not = match status {
                    403 => "Your token does not show screens",
                    422 => "No screen",
                    501 => "Its screen is not within reach",
                    _ => "No picture now",
                };
                dom::set_text(&dom::part(&card, "placeholder"), why_not);
            }
        }
    }
}

/// Whether a card is in the window, or nearly.
fn is_seen(card: &Element) -> bool {
    let place = card.get_bounding_client_rect();
    let height = dom::window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64());
    place.bottom() >= -MARGIN && height.is_none_or(|height| place.top() <= height + MARGIN)
}

fn forget_screen(card: &Element) {
    let picture = dom::part(card, "screen");
    if let Some(url) = picture.get_attribute("src") {
        // A picture that is not needed takes memory until this.
        picture::revoke(&url);
        let _ = picture.remove_attribute("src");
        let _ = picture.remove_attribute("data-etag");
    }
    dom::show(&picture, false);
}

/// Milliseconds between two looks at all screens.
const PAUSE: u32 = 2_000;
/// How many looks are left out at what has no screen.
const SKIPS: &str = "14";
/// For how long a button says that it has copied, in milliseconds.
const COPIED: u32 = 2_000;
/// In pixels.
const MARGIN: f64 = 200.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_told_by_its_run_state_if_it_is_reached() {
        let mut machine = Machine::named("a");
        assert_eq!(state(&machine), ("up", "good"));
        machine.run_state = Some("paused".to_owned());
        assert_eq!(state(&machine), ("paused", "warn"));
        machine.run_state = Some("guest-panicked".to_owned());
        assert_eq!(state(&machine), ("guest-panicked", "bad"));
        machine.reach = Reach::Down;
        assert_eq!(state(&machine), ("down", "bad"));
        assert_eq!(count(&[machine, Machine::named("b")]), "2 machines, 1 up");
    }
}
