//! The buttons that change how the machine runs, and what became of them. What would lose something asks first; what the
//! role or this QEMU does not have is not there.

use gloo::timers::future::TimeoutFuture;
use qmp_web::{Error, Json};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

use super::dialog::Question;
use super::media;
use crate::console::line::Line;
use crate::console::store::{Outcome, RunState, Said, Store};
use crate::console::{Console, dom};

/// A button.
struct Action {
    /// The command is its id too.
    command: &'static str,
    label: &'static str,
    /// Title, text and button of the question before it; the first takes the machine's name at its end.
    question: Option<(&'static str, &'static str, &'static str)>,
}

const ACTIONS: [Action; 7] = [
    Action {
        command: "stop",
        label: "Pause",
        question: None,
    },
    Action {
        command: "cont",
        label: "Resume",
        question: None,
    },
    Action {
        command: "system_wakeup",
        label: "Wake up",
        question: None,
    },
    Action {
        command: "system_powerdown",
        label: "Power button",
        question: Some((
            "Press the power button of",
            "The guest is asked to shut down. If it does, its programs end, and what they have not saved may be lost.",
            "Press power button",
        )),
    },
    Action {
        command: "system_reset",
        label: "Reset",
        question: Some((
            "Reset",
            "The guest starts anew at once, without shutting down. What is not on its disks yet is lost.",
            "Reset",
        )),
    },
    Action {
        command: "quit",
        label: "Quit",
        question: Some((
            "Quit",
            "QEMU ends at once, without shutting the guest down. What is not on its disks yet is lost, and it takes \
             somebody on the host to start the machine again.",
            "Quit",
        )),
    },
    Action {
        command: "inject-nmi",
        label: "NMI",
        question: Some((
            "Send an NMI to",
            "Guests take a non-maskable interrupt for a failure of hardware: many stop, or crash to leave a dump.",
            "Send NMI",
        )),
    },
];

/// Combinations of keys, as the buttons have them, in QEMU's names: the button's text comes from the markup.
const SEND_KEY: &str = "send-key";

pub(super) struct View {
    buttons: [HtmlElement; ACTIONS.len()],
    keys: Vec<HtmlElement>,
    more: HtmlElement,
    note: HtmlElement,
    said: HtmlElement,
    error: HtmlElement,
    error_title: HtmlElement,
    error_text: HtmlElement,
    shown: Option<(u64, u64, bool, Option<RunState>)>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            buttons: ACTIONS.map(|action| dom::by_id(action.command)),
            keys: dom::all("[data-keys]"),
            more: dom::by_id("keys"),
            note: dom::by_id("role-note"),
            said: dom::by_id("action-said"),
            error: dom::by_id("action-error"),
            error_title: dom::by_id("action-error-title"),
            error_text: dom::by_id("action-error-text"),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let live = store.is_live();
        let now = Some((
            store.facts.revision,
            store.actions.revision,
            live,
            store.run_state.clone(),
        ));
        if self.shown == now {
            return;
        }
        self.shown = now;
        let run_state = store.run_state.as_ref();
        let is_suspended = run_state.is_some_and(|known| known.status == "suspended");
        for (action, button) in ACTIONS.iter().zip(&self.buttons) {
            let command = action.command;
            let fits = match command {
                "stop" => run_state.is_none_or(|known| known.running),
                "cont" => run_state.is_none_or(|known| !known.running),
                _ => true,
            };
            dom::show(
                button,
                store.offers(command) && (command != "system_wakeup" || is_suspended),
            );
            let waits = store.actions.is_waiting(command);
            dom::enable(button, live && fits && !waits);
            dom::set_busy(button, waits);
        }
        let keys = store.offers(SEND_KEY);
        for button in &self.keys {
            let waits = store.actions.is_waiting(&key_of(button));
            dom::show(button, keys);
            dom::enable(button, live && !waits);
            dom::set_busy(button, waits);
        }
        dom::show(&self.more, keys || store.offers("inject-nmi"));
        if let Some(session) = &store.session {
            let may_nothing = ACTIONS.iter().all(|action| !store.may(action.command));
            dom::show(&self.note, may_nothing);
            dom::set_text(
                &self.note,
                &format!("Your role, {}, may look and nothing else.", session.role.name()),
            );
        }
        self.tell(store.actions.said.as_ref());
    }

    fn tell(&self, said: Option<&Said>) {
        let is_error = said.is_some_and(Said::is_error);
        let words = said.filter(|_| !is_error);
        let text = words.map_or_else(String::new, |said| format!("{}: {}", said.title, said.text));
        dom::set_text(&self.said, &text);
        dom::set_tone(&self.said, words.map_or("idle", |said| said.tone));
        let error = said.filter(|said| is_error && !media::is_of_media(&said.key));
        dom::show(&self.error, error.is_some());
        if let Some(said) = error {
            dom::set_text(&self.error_title, &said.title);
            dom::set_text(&self.error_text, &said.text);
        }
    }
}

pub(super) fn listen(console: &Console) {
    for action in &ACTIONS {
        let button: Element = dom::by_id(action.command);
        let console = console.clone();
        dom::on(&button.clone(), "click", move |_| {
            if dom::is_enabled(&button) {
                let question = action.question.map(|(title, text, button)| Question {
                    title: format!("{title} {}?", console.machine_name()),
                    text,
                    button,
                });
                let line = Line {
                    name: action.command.to_owned(),
                    ..Line::default()
                };
                let (console, label) = (console.clone(), action.label.to_owned());
                spawn_local(async move {
                    let key = action.command.to_owned();
                    console.ask_and_act(question, key, label, line).await;
                });
            }
        });
    }
    for button in dom::all("[data-keys]") {
        let console = console.clone();
        dom::on(&button.clone(), "click", move |_| {
            if dom::is_enabled(&button) {
                let label = button.text_content().unwrap_or_default();
                let line = Line {
                    name: SEND_KEY.to_owned(),
                    arguments: Some(keys(&button.get_attribute("data-keys").unwrap_or_default())),
                    oob: false,
                };
                let (console, key) = (console.clone(), key_of(&button));
                spawn_local(async move {
                    console.act(key, label, line).await;
                });
            }
        });
    }
}

impl Console {
    /// Does what a button is for, once, and tells what became of it. `None` if it is on its way already.
    pub(super) async fn act(&self, key: String, label: String, line: Line) -> Option<Result<Json, Error>> {
        if !self.update(|store| store.actions.begin(&key)) {
            return None;
        }
        spawn_local({
            let (console, key, label) = (self.clone(), key.clone(), label.clone());
            async move {
                TimeoutFuture::new(PATIENCE).await;
                console.update(|store| store.actions.linger(&key, &label));
            }
        });
        let result = self.perform(line).await;
        self.update(|store| store.actions.end(&key, &label, Outcome::from(&result)));
        self.look_soon();
        Some(result)
    }

    /// The name of the machine.
    pub(super) fn machine_name(&self) -> String {
        self.read(|store| store.machine.as_ref().map(|machine| machine.name.clone()))
            .unwrap_or_default()
    }
}

/// What the store knows the action by.
fn key_of(button: &HtmlElement) -> String {
    let keys = button.get_attribute("data-keys").unwrap_or_default();
    [SEND_KEY, " ", &keys].concat()
}

/// The arguments of `send-key` for keys that are pressed together, by QEMU's names with `-` between.
fn keys(combination: &str) -> String {
    let keys: Vec<String> = combination
        .split('-')
        .map(|key| [r#"{"type":"qcode","data":""#, key, r#""}"#].concat())
        .collect();
    [r#"{"keys":["#, &keys.join(","), "]}"].concat()
}

/// After how many milliseconds it is said that QEMU takes its time.
const PATIENCE: u32 = 700;

#[cfg(test)]
mod tests {
    #[test]
    fn keys_are_pressed_together() {
        assert_eq!(
            super::keys("ctrl-f1"),
            r#"{"keys":[{"type":"qcode","data":"ctrl"},{"type":"qcode","data":"f1"}]}"#
        );
    }
}
