//! Asks before something is done that cannot be undone. The safe answer has the focus, and is what Escape gives.

use futures_channel::oneshot;
use gloo::events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlDialogElement};

use crate::console::line::Line;
use crate::console::store::Store;
use crate::console::{Console, dom};

/// What is asked.
pub(super) struct Question {
    pub(super) title: String,
    /// What is lost.
    pub(super) text: &'static str,
    /// What the button is called that does it.
    pub(super) button: &'static str,
}

pub(super) struct View {
    dialog: HtmlDialogElement,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            dialog: dom::by_id("confirm"),
        }
    }

    pub(super) fn render(&self, store: &Store) {
        // The machine that comes after a lost connection is not the one that was meant.
        if self.dialog.open() && !store.is_live() {
            self.dialog.close();
        }
    }
}

pub(super) fn listen(_: &Console) {
    let dialog: HtmlDialogElement = dom::by_id("confirm");
    dom::on(&dom::by_id::<Element>("confirm-go"), "click", move |_| {
        dialog.close_with_return_value(GO);
    });
    close_by_button("confirm-cancel", "confirm");
}

impl Console {
    /// Does what a button is for; if there is something to ask, only if the person then still wants it.
    pub(super) async fn ask_and_act(
        &self,
        question: Option<Question>,
        key: String,
        label: String,
        line: Line,
    ) {
        let is_wanted = match question {
            Some(question) => confirm(&question).await,
            None => true,
        };
        if is_wanted {
            self.act(key, label, line).await;
        }
    }
}

/// Whether the person wants it. One question is asked at a time; another one meanwhile is a no.
async fn confirm(question: &Question) -> bool {
    let dialog: HtmlDialogElement = dom::by_id("confirm");
    if dialog.open() {
        return false;
    }
    dom::set_text(&dom::by_id("confirm-title"), &question.title);
    dom::set_text(&dom::by_id("confirm-text"), question.text);
    dom::set_text(&dom::by_id("confirm-go"), question.button);
    dialog.set_return_value("");
    let (sender, receiver) = oneshot::channel();
    let listener = EventListener::once(&dialog, "close", move |_| {
        // Who asked is gone if nobody hears.
        let _ = sender.send(());
    });
    if !open(&dialog) {
        return false;
    }
    let closed = receiver.await;
    drop(listener);
    closed.is_ok() && dialog.return_value() == GO
}

/// Opens a dialog above the page; no, if another one is open that must be closed first.
pub(super) fn open(dialog: &HtmlDialogElement) -> bool {
    let opened: Result<(), JsValue> = dialog.show_modal();
    opened.is_ok()
}

/// Lets a button close a dialog.
pub(super) fn close_by_button(button: &str, dialog: &str) {
    let dialog: HtmlDialogElement = dom::by_id(dialog);
    dom::on(&dom::by_id::<Element>(button), "click", move |_| dialog.close());
}

const GO: &str = "go";
