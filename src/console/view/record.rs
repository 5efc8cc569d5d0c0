//! Recorded sessions: saving this one, opening another, and the strip that says that what is shown is one.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, Element, File, HtmlElement, HtmlInputElement, HtmlSelectElement};

use super::time;
use crate::console::executing::clock;
use crate::console::store::{Connection, Recorded, Store};
use crate::console::{Console, dom, record};

pub(super) struct View {
    offer: HtmlElement,
    open: HtmlElement,
    wrong: HtmlElement,
    strip: HtmlElement,
    name: HtmlElement,
    from: HtmlElement,
    at: HtmlElement,
    notes: HtmlElement,
    play: HtmlElement,
    step: HtmlElement,
    all: HtmlElement,
    shown: Option<Recorded>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            offer: dom::by_id("record-offer"),
            open: dom::by_id("record-open"),
            wrong: dom::by_id("record-wrong"),
            strip: dom::by_id("recorded"),
            name: dom::by_id("recorded-name"),
            from: dom::by_id("recorded-from"),
            at: dom::by_id("recorded-at"),
            notes: dom::by_id("recorded-notes"),
            play: dom::by_id("recorded-play"),
            step: dom::by_id("recorded-step"),
            all: dom::by_id("recorded-all"),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let has_no_machine = matches!(
            store.connection,
            Connection::Choosing | Connection::Refused(_) | Connection::TokenNeeded { .. }
        );
        dom::show(&self.offer, has_no_machine && store.server.is_none());
        let is_recorded = store.connection == Connection::Recorded;
        dom::show(&self.open, is_recorded && store.recorded.is_none());
        let wrong = store.record_wrong.as_deref();
        dom::set_text(&self.wrong, wrong.unwrap_or_default());
        dom::show(&self.wrong, wrong.is_some());
        dom::show(&self.strip, store.recorded.is_some());
        if self.shown != store.recorded {
            self.shown.clone_from(&store.recorded);
            if let Some(recorded) = &store.recorded {
                self.show(recorded);
            }
        }
    }

    fn show(&self, recorded: &Recorded) {
        dom::set_text(&self.name, &recorded.name);
        time::show_date(&self.from, recorded.start);
        let passed = recorded.now - recorded.start;
        let (passed, all) = (
            time::duration(passed),
            time::duration(recorded.end - recorded.start),
        );
        dom::set_text(&self.at, &format!("{passed} of {all}"));
        let mut notes = String::new();
        if recorded.dropped > 0 {
            notes.push_str("What was before is not in it. ");
        }
        if recorded.skipped > 0 {
            notes.push_str(&format!(
                "{} lines of it are of kinds that this page does not know. ",
                recorded.skipped
            ));
        }
        dom::set_text(&self.notes, notes.trim_end());
        let is_over = recorded.is_at_end();
        let (word, name) = match recorded.is_playing {
            true => ("Pause", "Pause playing"),
            false => ("Play", "Play"),
        };
        dom::set_text(&self.play, word);
        // The machine has a button of that word, too.
        dom::set_attribute(&self.play, "aria-label", name);
        dom::enable(&self.play, !is_over);
        dom::enable(&self.step, !is_over && !recorded.is_playing);
        dom::enable(&self.all, !is_over);
    }
}

pub(super) fn listen(console: &Console) {
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("record-save"), "click", move |_| {
        let (name, text) = this.read(|store| record::file_of(store, clock()));
        record::download(&name, &text);
    });
    listen_to_files(console);
    on_enabled(console, "recorded-play", |console| {
        let is_playing = console.read(|store| {
            store
                .recorded
                .as_ref()
                .is_some_and(|recorded| recorded.is_playing)
        });
        if is_playing {
            console.pause_record()
        } else {
            console.play_record()
        }
    });
    on_enabled(console, "recorded-step", Console::step_record);
    on_enabled(console, "recorded-all", Console::end_record);
    let speed: HtmlSelectElement = dom::by_id("recorded-speed");
    let this = console.clone();
    dom::on(&speed.clone(), "change", move |_| {
        this.update(|store| {
            if let Some(recorded) = &mut store.recorded {
                recorded.speed = speed.value().parse().unwrap_or(1);
            }
        });
    });
    dom::on(&dom::by_id::<Element>("recorded-other"), "click", |_| {
        let location = dom::window().location();
        // Another address loads the page anew; the same one does not.
        if location.hash().as_deref() == Ok(ANY) {
            let _ = location.reload();
        } else {
            let _ = location.set_hash(ANY);
        }
    });
}

fn listen_to_files(console: &Console) {
    let input: HtmlInputElement = dom::by_id("record-file");
    let this = console.clone();
    dom::on(&input.clone(), "change", move |_| {
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            show(&this, file);
            // The same file can be chosen again.
            input.set_value("");
        }
    });
    let takes = |console: &Console| {
        console.read(|store| store.connection == Connection::Recorded && store.recorded.is_none())
    };
    let target: HtmlElement = dom::by_id("record-open");
    let this = console.clone();
    // Wherever it is dropped: a browser would leave the page for the file.
    dom::on(&dom::document(), "dragover", {
        let target = target.clone();
        move |event| {
            if takes(&this) {
                event.prevent_default();
                dom::set_attribute(&target, "data-drop", "true");
            }
        }
    });
    dom::on(&dom::document(), "dragleave", {
        let target = target.clone();
        move |_| dom::set_attribute(&target, "data-drop", "false")
    });
    let this = console.clone();
    dom::on(&dom::document(), "drop", move |event| {
        dom::set_attribute(&target, "data-drop", "false");
        if !takes(&this) {
            return;
        }
        event.prevent_default();
        let files = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
        if let Some(file) = files.and_then(|dropped| dropped.files()?.get(0)) {
            show(&this, file);
        }
    });
}

/// Shows a file of a person's: whole, or in its time if that is wished.
fn show(console: &Console, file: File) {
    let console = console.clone();
    let in_time = dom::by_id::<HtmlInputElement>("record-in-time").checked();
    spawn_local(async move {
        let shown = match record::text_of(&file).await {
            Ok(text) => console.show_record(&file.name(), &text),
            Err(reason) => Err(reason),
        };
        match shown {
            Ok(()) if in_time => console.play_record(),
            Ok(()) => console.end_record(),
            Err(reason) => console.update(|store| store.record_wrong = Some(reason)),
        }
    });
}

fn on_enabled(console: &Console, id: &str, act: impl Fn(&Console) + 'static) {
    let (this, button) = (console.clone(), dom::by_id::<Element>(id));
    dom::on(&button.clone(), "click", move |_| {
        if dom::is_enabled(&button) {
            act(&this);
        }
    });
}

const ANY: &str = "#record";
