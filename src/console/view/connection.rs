//! Where the page is on its way to a machine, and what a person can do about it.

use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::console::link::Link;
use crate::console::store::{Connection, Machine, Reach, Store};
use crate::console::{Console, dom, session};

pub(super) struct View {
    badge: HtmlElement,
    all_machines: HtmlElement,
    work: HtmlElement,
    waiting: HtmlElement,
    waiting_text: HtmlElement,
    refused: HtmlElement,
    refused_title: HtmlElement,
    refused_advice: HtmlElement,
    lost: HtmlElement,
    lost_reason: HtmlElement,
    token_needed: HtmlElement,
    token_wrong: HtmlElement,
    choosing: HtmlElement,
    choices: HtmlElement,
    shown: Option<Connection>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            badge: dom::by_id("connection"),
            all_machines: dom::by_id("all-machines"),
            work: dom::by_id("work"),
            waiting: dom::by_id("waiting"),
            waiting_text: dom::by_id("waiting-text"),
            refused: dom::by_id("refused"),
            refused_title: dom::by_id("refused-title"),
            refused_advice: dom::by_id("refused-advice"),
            lost: dom::by_id("lost"),
            lost_reason: dom::by_id("lost-reason"),
            token_needed: dom::by_id("token-needed"),
            token_wrong: dom::by_id("token-wrong"),
            choosing: dom::by_id("choosing"),
            choices: dom::by_id("choices"),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let connection = &store.connection;
        let (words, tone) = match connection {
            Connection::Connecting => ("connecting", "busy"),
            Connection::Live => ("live", "good"),
            Connection::Unstable { .. } => ("unstable", "warn"),
            Connection::Reconnecting { .. } => ("reconnecting", "warn"),
            Connection::Gone(_) => ("lost", "bad"),
            Connection::Choosing(_) => ("not connected", "idle"),
            Connection::TokenNeeded { .. } => ("token needed", "warn"),
            Connection::Refused(_) => ("no connection", "bad"),
            Connection::Recorded => ("recorded", "idle"),
        };
        dom::set_text(&self.badge, words);
        dom::set_tone(&self.badge, tone);
        dom::show(&self.all_machines, store.has_others && store.machine.is_some());
        // What was seen of the machine stays, whatever becomes of the connection.
        dom::show(&self.work, store.server.is_some());
        if let (Connection::Connecting, Some(machine)) = (connection, &store.machine) {
            dom::set_text(&self.waiting_text, &format!("Connecting to {}…", machine.name));
        }
        if self.shown.as_ref() != Some(connection) {
            self.change_to(connection);
            self.shown = Some(connection.clone());
        }
    }

    fn change_to(&self, connection: &Connection) {
        dom::show(&self.waiting, matches!(connection, Connection::Connecting));
        dom::show(&self.refused, matches!(connection, Connection::Refused(_)));
        dom::show(
            &self.lost,
            matches!(connection, Connection::Gone(_) | Connection::Reconnecting { .. }),
        );
        dom::show(
            &self.token_needed,
            matches!(connection, Connection::TokenNeeded { .. }),
        );
        dom::show(&self.choosing, matches!(connection, Connection::Choosing(_)));
        match connection {
            Connection::Connecting | Connection::Recorded => {}
            Connection::Live => focus("command"),
            Connection::Unstable { .. } => {}
            Connection::Gone(reason) | Connection::Reconnecting { reason, .. } => {
                dom::set_text(&self.lost_reason, reason)
            }
            Connection::Choosing(machines) => {
                self.choices.set_text_content(None);
                for machine in machines {
                    // Into a list of the page anything can be put.
                    let _ = self.choices.append_child(&choice(machine));
                }
            }
            Connection::TokenNeeded { problem } => {
                dom::set_text(&self.token_wrong, problem.unwrap_or_default());
                dom::show(&self.token_wrong, problem.is_some());
                focus("token");
            }
            Connection::Refused(refusal) => {
                dom::set_text(&self.refused_title, &refusal.title);
                dom::set_text(&self.refused_advice, &refusal.advice);
            }
        }
    }
}

pub(super) fn listen(console: &Console) {
    for id in ["retry", "reconnect"] {
        let console = console.clone();
        dom::on(&dom::by_id::<Element>(id), "click", move |_| {
            session::reopen(&console, None)
        });
    }
    let console = console.clone();
    dom::on(&dom::by_id::<Element>("token-form"), "submit", move |event| {
        event.prevent_default();
        let input: HtmlInputElement = dom::by_id("token");
        let token = input.value().trim().to_owned();
        input.set_value("");
        session::reopen(&console, Some(token));
    });
}

fn choice(machine: &Machine) -> Element {
    let choice = dom::from_template("choice-template");
    dom::set_attribute(
        &dom::part(&choice, "link"),
        "href",
        &Link::to_vm(&machine.name).to_string(),
    );
    dom::set_text(&dom::part(&choice, "name"), &machine.name);
    dom::show(&dom::part(&choice, "demo"), machine.demo);
    let state = dom::part(&choice, "state");
    let (words, tone) = match machine.reach {
        Reach::Busy => ("busy", "warn"),
        Reach::Down => ("down", "bad"),
        Reach::NotQmp => ("not QMP", "bad"),
        Reach::Up => ("up", "good"),
    };
    dom::set_text(&state, words);
    dom::set_tone(&state, tone);
    choice
}

fn focus(id: &str) {
    // A browser may refuse to move the focus.
    let _ = dom::by_id::<HtmlElement>(id).focus();
}
