//! Where the page is on its way to a machine, and what a person can do about it.

use gloo::timers::future::TimeoutFuture;
use qmp_web::Next;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::console::store::{Connection, Refusal, Store};
use crate::console::{Console, dom, session};

pub(super) struct View {
    badge: HtmlElement,
    role: HtmlElement,
    icon: Option<Element>,
    all_machines: HtmlElement,
    work: HtmlElement,
    waiting: HtmlElement,
    waiting_text: HtmlElement,
    waiting_trouble: HtmlElement,
    refused: HtmlElement,
    refused_title: HtmlElement,
    refused_advice: HtmlElement,
    lost: HtmlElement,
    lost_title: HtmlElement,
    lost_advice: HtmlElement,
    lost_reason: HtmlElement,
    reconnect: HtmlElement,
    unstable: HtmlElement,
    unstable_title: HtmlElement,
    resumed: HtmlElement,
    resumed_text: HtmlElement,
    token_needed: HtmlElement,
    token_wrong: HtmlElement,
    shown: Option<(Connection, u64)>,
    /// The gap that was told of last.
    gap: Option<(u64, f64)>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            badge: dom::by_id("connection"),
            role: dom::by_id("role"),
            icon: dom::document().query_selector("link[rel=icon]").ok().flatten(),
            all_machines: dom::by_id("all-machines"),
            work: dom::by_id("work"),
            waiting: dom::by_id("waiting"),
            waiting_text: dom::by_id("waiting-text"),
            waiting_trouble: dom::by_id("waiting-trouble"),
            refused: dom::by_id("refused"),
            refused_title: dom::by_id("refused-title"),
            refused_advice: dom::by_id("refused-advice"),
            lost: dom::by_id("lost"),
            lost_title: dom::by_id("lost-title"),
            lost_advice: dom::by_id("lost-advice"),
            lost_reason: dom::by_id("lost-reason"),
            reconnect: dom::by_id("reconnect"),
            unstable: dom::by_id("unstable"),
            unstable_title: dom::by_id("unstable-title"),
            resumed: dom::by_id("resumed"),
            resumed_text: dom::by_id("resumed-text"),
            token_needed: dom::by_id("token-needed"),
            token_wrong: dom::by_id("token-wrong"),
            shown: None,
            gap: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        // What was seen of the machine stays, whatever becomes of the connection.
        dom::show(&self.work, store.server.is_some());
        let now = (store.connection.clone(), store.listing.changes);
        if self.shown.as_ref() == Some(&now) {
            return;
        }
        let connection = &store.connection;
        let (words, tone) = match connection {
            Connection::Connecting => ("connecting", "busy"),
            Connection::Live => ("live", "good"),
            Connection::Unstable { .. } => ("unstable", "warn"),
            Connection::Reconnecting { .. } => ("reconnecting", "warn"),
            Connection::Gone(_) => ("lost", "bad"),
            // To the bridge, that is.
            Connection::Choosing if store.listing.problem.is_some() => ("reconnecting", "warn"),
            Connection::Choosing => ("live", "good"),
            Connection::TokenNeeded { .. } => ("token needed", "warn"),
            Connection::Refused(_) => ("no connection", "bad"),
            Connection::Recorded => ("recorded", "idle"),
        };
        dom::set_text(&self.badge, words);
        dom::set_tone(&self.badge, tone);
        if let Some(icon) = &self.icon {
            let is_well = matches!(tone, "good" | "busy" | "idle");
            let href = if is_well { "icon.svg" } else { "icon-lost.svg" };
            if icon.get_attribute("href").as_deref() != Some(href) {
                dom::set_attribute(icon, "href", href);
            }
        }
        let session = store.session.as_ref();
        dom::show(&self.role, session.is_some());
        dom::set_text(&self.role, session.map_or("", |session| session.role.name()));
        let is_here = session.is_some() && *connection != Connection::Choosing;
        dom::show(
            &self.all_machines,
            is_here && !session.is_some_and(|session| session.is_for_one()),
        );
        let is_other = self.shown.as_ref().is_none_or(|(shown, _)| shown != connection);
        self.show_notices(store, is_other);
        self.shown = Some(now);
    }

    fn show_notices(&mut self, store: &Store, is_other: bool) {
        let connection = &store.connection;
        let machine = store.machine.as_ref().map(|machine| machine.name.as_str());
        let trouble = machine.and_then(|name| store.listing.trouble(name));
        dom::show(&self.waiting, matches!(connection, Connection::Connecting));
        dom::show(&self.refused, matches!(connection, Connection::Refused(_)));
        let is_lost = matches!(connection, Connection::Gone(_) | Connection::Reconnecting { .. });
        dom::show(&self.lost, is_lost);
        dom::show(&self.unstable, matches!(connection, Connection::Unstable { .. }));
        dom::show(
            &self.token_needed,
            matches!(connection, Connection::TokenNeeded { .. }),
        );
        if !connection.is_live() {
            dom::show(&self.resumed, false);
        }
        match connection {
            Connection::Connecting => {
                if let Some(machine) = machine {
                    dom::set_text(&self.waiting_text, &format!("Connecting to {machine}…"));
                }
                let trouble = trouble.map_or_else(String::new, |Refusal { title, advice }| {
                    format!("{title}. {advice}")
                });
                dom::set_text(&self.waiting_trouble, &trouble);
                dom::show(&self.waiting_trouble, !trouble.is_empty());
            }
            Connection::Live => {
                self.tell_of_gap(store);
                if is_other {
                    focus_work();
                }
            }
            Connection::Unstable { .. } => {
                let title = format!("{} does not answer", machine.unwrap_or("The machine"));
                dom::set_text(&self.unstable_title, &title);
            }
            Connection::Gone(reason) => {
                let trouble = trouble.unwrap_or_else(|| Refusal::new("Connection lost", ""));
                self.show_lost("bad", &trouble, reason, "Reconnect");
            }
            Connection::Reconnecting { reason, .. } => {
                let title = || match (&store.server, machine) {
                    (None, Some(machine)) => format!("No connection to {machine} yet"),
                    _ => "Connection lost".to_owned(),
                };
                let trouble = trouble.unwrap_or_else(|| Refusal::new(title(), ""));
                // A browser says no more than that a try failed; what the bridge says is better.
                let is_known = store.server.is_none() && !trouble.advice.is_empty();
                self.show_lost("warn", &trouble, if is_known { "" } else { reason }, "Retry now");
            }
            Connection::Choosing | Connection::Recorded => {}
            Connection::TokenNeeded { problem } => {
                dom::set_text(&self.token_wrong, problem.unwrap_or_default());
                dom::show(&self.token_wrong, problem.is_some());
                if is_other {
                    focus_if_free("token");
                }
            }
            Connection::Refused(refusal) => {
                dom::set_text(&self.refused_title, &refusal.title);
                dom::set_text(&self.refused_advice, &refusal.advice);
            }
        }
        show_time(connection);
    }

    fn show_lost(&self, tone: &str, trouble: &Refusal, reason: &str, button: &str) {
        dom::set_tone(&self.lost, tone);
        dom::set_text(&self.lost_title, &trouble.title);
        dom::set_text(&self.lost_advice, &trouble.advice);
        dom::show(&self.lost_advice, !trouble.advice.is_empty());
        dom::set_text(&self.lost_reason, reason);
        dom::show(&self.lost_reason, !reason.is_empty());
        dom::set_text(&self.reconnect, button);
    }

    /// Says what may have been missed, once.
    fn tell_of_gap(&mut self, store: &Store) {
        if let Some((_, gap)) = store.last_gap.filter(|gap| self.gap.as_ref() != Some(gap)) {
            let seconds = seconds(gap).max(1);
            let text = format!("Connected again. Events of the last {seconds} s may have been missed.");
            dom::set_text(&self.resumed_text, &text);
            dom::show(&self.resumed, true);
        }
        self.gap = store.last_gap;
    }
}

pub(super) fn listen(console: &Console) {
    for id in ["retry", "reconnect", "renew"] {
        let console = console.clone();
        dom::on(&dom::by_id::<Element>(id), "click", move |_| {
            session::reopen(&console, None)
        });
    }
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("token-form"), "submit", move |event| {
        event.prevent_default();
        let input: HtmlInputElement = dom::by_id("token");
        let token = input.value().trim().to_owned();
        input.set_value("");
        session::reopen(&this, Some(token));
    });
    dom::on(&dom::by_id::<Element>("dismiss"), "click", |_| {
        dom::show(&dom::by_id("resumed"), false);
        focus_work();
    });
    let console = console.clone();
    spawn_local(async move {
        loop {
            TimeoutFuture::new(TICK).await;
            console.read(|store| show_time(&store.connection));
        }
    });
}

/// Shows how long it is to the next try, or since the peer was heard. Not where it would be read out each second.
fn show_time(connection: &Connection) {
    let now = dom::window()
        .performance()
        .map_or(0.0, |performance| performance.now());
    match connection {
        Connection::Reconnecting { attempt, next, .. } => {
            dom::set_text(&dom::by_id("lost-next"), &next_try(*attempt, *next, now));
        }
        Connection::Gone(_) => dom::set_text(&dom::by_id("lost-next"), "It is not tried any more by itself."),
        Connection::Unstable { heard } => {
            let text = format!(
                "Nothing was heard of it for {} s. What was sent still waits for its answer.",
                seconds(now - heard)
            );
            dom::set_text(&dom::by_id("unstable-text"), &text);
        }
        _ => {}
    }
}

/// When the next try is made, in words, at this time of the page's clock.
fn next_try(attempt: u32, next: Next, now: f64) -> String {
    let when = match next {
        Next::At(time) => match seconds(time - now) {
            0 => "Trying again now".to_owned(),
            seconds => format!("Trying again in {seconds} s"),
        },
        Next::Now => "Trying again now".to_owned(),
        Next::Online => return "This computer has no network. When it has, it is tried again.".to_owned(),
    };
    match attempt {
        ..=1 => format!("{when}…"),
        attempt => format!("{when}… (try {attempt})"),
    }
}

/// Whole seconds, as a countdown has them: the last one is 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations fit, and less than none is none"
)]
fn seconds(milliseconds: f64) -> u64 {
    (milliseconds / 1e3).ceil() as u64
}

/// Moves the focus to the work, if it is nowhere: to the command line, or to the tab that hides it.
fn focus_work() {
    focus_if_free("command");
    let tab = dom::document().query_selector("[role=tab][aria-selected=true]");
    if let Some(tab) = tab.ok().flatten() {
        focus_if_free(&tab.id());
    }
}

/// Moves the focus there, if it is nowhere.
fn focus_if_free(id: &str) {
    let body = dom::document().body();
    let active = dom::document().active_element();
    let is_free = active.is_none_or(|active| {
        // What is not shown any more may have it still.
        body.is_some_and(|body| *body == active) || active.get_client_rects().length() == 0
    });
    if is_free {
        // A browser may refuse to move the focus.
        let _ = dom::by_id::<HtmlElement>(id).focus();
    }
}

/// In milliseconds.
const TICK: u32 = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countdown_ends_in_one() {
        for (attempt, next, want) in [
            (1, Next::At(4000.0), "Trying again in 3 s…"),
            (4, Next::At(1000.5), "Trying again in 1 s… (try 4)"),
            (2, Next::At(900.0), "Trying again now… (try 2)"),
            (1, Next::Now, "Trying again now…"),
        ] {
            assert_eq!(next_try(attempt, next, 1000.0), want);
        }
        assert!(next_try(2, Next::Online, 0.0).contains("no network"));
    }
}
