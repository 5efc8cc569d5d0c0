//! Shows a recorded session in place of a machine: whole, in its time, or step by step. There is no connection then, so
//! nothing can be done to any machine.

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use super::{Recording, Replay, fetch, read, write};
use crate::console::Console;
use crate::console::executing::clock;
use crate::console::store::{Connection, Store};
use crate::console::view::Tab;

impl Console {
    /// Shows sessions of other times from now on: the one that lies beside the page under this name, in its time, or those
    /// that a person has.
    pub(in crate::console) fn open_record(&self, name: String) {
        self.update(|store| store.changed(Connection::Recorded));
        if name.is_empty() {
            return;
        }
        let console = self.clone();
        spawn_local(async move {
            let shown = match fetch(&name).await {
                Ok(text) => console.show_record(&name, &text),
                Err(reason) => Err(reason),
            };
            match shown {
                Ok(()) => console.play_record(),
                Err(reason) => console.update(|store| store.record_wrong = Some(reason)),
            }
        });
    }

    /// Shows a session from its begin, or says what is wrong with it.
    pub(in crate::console) fn show_record(&self, name: &str, text: &str) -> Result<(), String> {
        let recording = read(text).map_err(|wrong| wrong.to_string())?;
        self.begin_record(recording, name.to_owned());
        Ok(())
    }

    fn begin_record(&self, recording: Recording, name: String) {
        let replay = self.update(|store| {
            store.record_wrong = None;
            store.tab = Tab::InFlight;
            Replay::begin(recording, name, store)
        });
        self.0.replay.replace(Some(replay));
    }

    /// Shows what happened next.
    pub(in crate::console) fn step_record(&self) {
        self.update(|store| {
            if let Some(replay) = &mut *self.0.replay.borrow_mut() {
                replay.step(store);
            }
        });
    }

    /// Shows all that is left.
    pub(in crate::console) fn end_record(&self) {
        self.update(|store| {
            if let Some(replay) = &mut *self.0.replay.borrow_mut() {
                while replay.step(store) {}
            }
            if let Some(recorded) = &mut store.recorded {
                recorded.is_playing = false;
            }
        });
    }

    /// Shows what is left as fast as it happened, or as many times as fast as is chosen, until it is paused.
    pub(in crate::console) fn play_record(&self) {
        let begins = |store: &mut Store| {
            let recorded = store.recorded.as_mut()?;
            (!std::mem::replace(&mut recorded.is_playing, true)).then_some(())
        };
        if self.update(begins).is_none() {
            return;
        }
        let console = self.clone();
        spawn_local(async move {
            let mut last = clock();
            loop {
                TimeoutFuture::new(FRAME).await;
                let now = clock();
                if !console.advance_record(now - last) {
                    return;
                }
                last = now;
            }
        });
    }

    pub(in crate::console) fn pause_record(&self) {
        self.update(|store| {
            if let Some(recorded) = &mut store.recorded {
                recorded.is_playing = false;
            }
        });
    }

    /// Goes on by so many milliseconds of our time; returns whether it plays on.
    fn advance_record(&self, passed: f64) -> bool {
        self.update(|store| {
            let mut replay = self.0.replay.borrow_mut();
            let (Some(replay), Some(recorded)) = (&mut *replay, &mut store.recorded) else {
                return false;
            };
            if !recorded.is_playing {
                return false;
            }
            let Some(next) = replay.next_time() else {
                recorded.is_playing = false;
                return false;
            };
            // Nobody wants to wait for hours in which nothing happened.
            let due = (recorded.now + passed * f64::from(recorded.speed)).max(next - LONGEST_WAIT);
            recorded.now = due.min(recorded.end);
            while replay.next_time().is_some_and(|time| time <= due) {
                replay.step(store);
            }
            true
        })
    }
}

/// What the page knows, as a file: its name and its text.
pub(in crate::console) fn file_of(store: &Store, now: f64) -> (String, String) {
    let machine = store.machine.as_ref().map_or("", |machine| machine.name.as_str());
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let machine: String = machine.chars().filter(is_plain).take(40).collect();
    (format!("qmp-{machine}.ndjson"), write(store, now))
}

/// In milliseconds.
const FRAME: u32 = 50;
const LONGEST_WAIT: f64 = 3_000.0;
