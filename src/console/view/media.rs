//! The drives, and what can be done with their media: trays, ejecting, inserting.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlSelectElement};

use super::dialog::{self, Question};
use crate::console::line::Line;
use crate::console::store::{Drive, Outcome, Said, Store, size};
use crate::console::{Console, dom, json};

pub(super) struct View {
    list: HtmlElement,
    rows: Vec<(String, Element)>,
    insert: HtmlElement,
    shown: (u64, u64, bool),
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            list: dom::by_id("drives"),
            rows: Vec::new(),
            insert: dom::by_id("medium-insert"),
            shown: Default::default(),
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let now = (store.facts.revision, store.actions.revision, store.is_live());
        if std::mem::replace(&mut self.shown, now) == now {
            return;
        }
        let drives = store.facts.drives.as_deref().unwrap_or_default();
        self.rows.retain(|(id, row)| {
            let stays = drives.iter().any(|drive| drive.handle.1 == *id);
            if !stays {
                row.remove();
            }
            stays
        });
        for drive in drives {
            let id = &drive.handle.1;
            // A row that stays keeps its place and whatever of it has the focus.
            let place = self.rows.iter().position(|(other, _)| other == id);
            let place = place.unwrap_or_else(|| {
                let row = dom::from_template("drive-template");
                dom::set_attribute(&row, "data-drive", id);
                // Into a list of the page anything can be put.
                let _ = self.list.append_child(&row);
                self.rows.push((id.clone(), row));
                self.rows.len() - 1
            });
            let row = &self.rows[place].1;
            fill(row, drive);
            offer(row, drive, store);
            tell(row, store.actions.said.as_ref());
        }
        let inserting = self.insert.get_attribute("data-drive").unwrap_or_default();
        let waits = store.actions.is_waiting(&key("insert", &inserting));
        dom::enable(&self.insert, store.is_live() && !waits);
        dom::set_busy(&self.insert, waits);
    }
}

/// What is to be done with a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Eject,
    Insert,
    Tray,
}

impl Act {
    const ALL: [(&'static str, Self); 3] = [
        ("tray", Self::Tray),
        ("eject", Self::Eject),
        ("insert", Self::Insert),
    ];
}

pub(super) fn listen(console: &Console) {
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("drives"), "click", move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some((button, row)) = target.and_then(|target| {
            let button = target.closest("button").ok()??;
            let row = button.closest("[data-drive]").ok()??;
            Some((button, row))
        }) else {
            return;
        };
        let part = button.get_attribute("data-part");
        let act = Act::ALL.iter().find(|(name, _)| part.as_deref() == Some(*name));
        let id = row.get_attribute("data-drive").unwrap_or_default();
        let drive = this.read(|store| {
            let mut drives = store.facts.drives.iter().flatten();
            drives.find(|drive| drive.handle.1 == id).cloned()
        });
        if let (Some((_, act)), Some(drive), true) = (act, drive, dom::is_enabled(&button)) {
            match act {
                Act::Eject => spawn_local(eject(this.clone(), drive)),
                Act::Insert => open_medium(&this, &drive),
                Act::Tray => spawn_local(move_tray(this.clone(), drive)),
            }
        }
    });
    dialog::close_by_button("medium-cancel", "medium");
    let console = console.clone();
    dom::on(&dom::by_id::<Element>("medium-form"), "submit", move |event| {
        event.prevent_default();
        if dom::is_enabled(&dom::by_id::<Element>("medium-insert")) {
            spawn_local(insert(console.clone()));
        }
    });
}

async fn eject(console: Console, drive: Drive) {
    let may_insert = console.read(|store| store.offers(CHANGE));
    let text = if drive.locked {
        Some(
            "The guest has locked it: it may be in use. By force it is taken out all the same, and what the guest was \
             reading or writing there fails.",
        )
    } else if !may_insert {
        Some("Your role cannot put a medium back in: that takes an admin.")
    } else {
        None
    };
    let question = text.map(|text| Question {
        title: format!(
            "Take the medium out of {} of {}?",
            drive.name,
            console.machine_name()
        ),
        text,
        button: if drive.locked { "Eject by force" } else { "Eject" },
    });
    let arguments = with_force(json::object(&[(drive.handle.0, &drive.handle.1)]), drive.locked);
    let (key, label) = (key("eject", &drive.handle.1), format!("Eject {}", drive.name));
    console
        .ask_and_act(question, key, label, line("eject", arguments))
        .await;
}

async fn move_tray(console: Console, drive: Drive) {
    let (command, label) = match (drive.tray_open, drive.locked) {
        (Some(true), _) => ("blockdev-close-tray", "Close the tray of"),
        (_, false) => ("blockdev-open-tray", "Open the tray of"),
        // It is the guest that opens it then, or does not.
        (_, true) => ("blockdev-open-tray", "Ask the guest to open"),
    };
    let arguments = json::object(&[(drive.handle.0, &drive.handle.1)]);
    let label = format!("{label} {}", drive.name);
    console
        .act(key("tray", &drive.handle.1), label, line(command, arguments))
        .await;
}

/// Opens the dialog that asks for a file.
fn open_medium(console: &Console, drive: &Drive) {
    let title = format!(
        "Change the medium of {} of {}",
        drive.name,
        console.machine_name()
    );
    dom::set_text(&dom::by_id("medium-title"), &title);
    let insert: Element = dom::by_id("medium-insert");
    for (name, value) in [
        ("data-member", drive.handle.0),
        ("data-drive", &drive.handle.1),
        ("data-name", &drive.name),
    ] {
        dom::set_attribute(&insert, name, value);
    }
    dom::by_id::<HtmlInputElement>("medium-file").set_value("");
    dom::by_id::<HtmlInputElement>("medium-force").set_checked(false);
    dom::show(&dom::by_id("medium-locked"), drive.locked);
    dom::show(&dom::by_id("medium-error"), false);
    dialog::open(&dom::by_id("medium"));
}

/// Does what the dialog says; it stays open if that fails.
async fn insert(console: Console) {
    let button: Element = dom::by_id("medium-insert");
    let attribute = |name| button.get_attribute(name).unwrap_or_default();
    let (member, id, name) = (
        attribute("data-member"),
        attribute("data-drive"),
        attribute("data-name"),
    );
    let file = dom::by_id::<HtmlInputElement>("medium-file").value();
    let format = dom::by_id::<HtmlSelectElement>("medium-format").value();
    let mode = dom::by_id::<HtmlSelectElement>("medium-mode").value();
    let force = dom::by_id::<HtmlInputElement>("medium-force").checked();
    let mut members = vec![(member.as_str(), id.as_str()), ("filename", file.trim())];
    if !format.is_empty() {
        members.push(("format", &format));
    }
    members.push(("read-only-mode", &mode));
    let line = line(CHANGE, with_force(json::object(&members), force));
    let error: HtmlElement = dom::by_id("medium-error");
    dom::show(&error, false);
    let label = format!("Insert into {name}");
    let Some(result) = console.act(key("insert", &id), label.clone(), line).await else {
        return;
    };
    // It may have been opened for another drive meanwhile.
    if attribute("data-drive") != id {
        return;
    }
    if result.is_ok() {
        dom::by_id::<HtmlDialogElement>("medium").close();
    } else {
        let said = Said::new("", &label, Outcome::from(&result));
        dom::set_text(&error, &format!("{}: {}", said.title, said.text));
        dom::show(&error, true);
    }
}

fn fill(row: &Element, drive: &Drive) {
    dom::set_text(&dom::part(row, "name"), &drive.name);
    let trouble = dom::part(row, "trouble");
    dom::set_text(&trouble, drive.trouble.as_deref().unwrap_or_default());
    dom::show(&trouble, drive.trouble.is_some());
    let state = match (drive.tray_open, drive.locked) {
        (Some(true), _) => "tray open",
        (_, true) => "locked by the guest",
        _ => "",
    };
    let chip = dom::part(row, "state");
    dom::set_text(&chip, state);
    dom::show(&chip, !state.is_empty());
    let (file, about) = (dom::part(row, "file"), dom::part(row, "about"));
    let Some(medium) = &drive.medium else {
        dom::set_text(&file, "");
        dom::set_text(&about, "no medium");
        return;
    };
    dom::set_text(&file, &medium.short());
    dom::set_attribute(&file, "title", &medium.file);
    let parts = [
        medium.format.clone(),
        medium.size.map(size).unwrap_or_default(),
        if medium.read_only { "read-only" } else { "" }.to_owned(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    dom::set_text(&about, &parts.join(" · "));
}

/// Shows the buttons that this drive, this QEMU and the role have.
fn offer(row: &Element, drive: &Drive, store: &Store) {
    let is_open = drive.tray_open == Some(true);
    let (tray_command, tray_label) = if is_open {
        ("blockdev-close-tray", "Close tray")
    } else {
        ("blockdev-open-tray", "Open tray")
    };
    let buttons = [
        (
            "tray",
            tray_label,
            drive.tray_open.is_some() && store.offers(tray_command),
            true,
        ),
        ("eject", "Eject", store.offers("eject"), drive.medium.is_some()),
        ("insert", "Insert…", store.offers(CHANGE), true),
    ];
    let mut any = false;
    for (part, label, is_offered, fits) in buttons {
        let button = dom::part(row, part);
        let shown = drive.removable && is_offered;
        any |= shown;
        dom::show(&button, shown);
        let waits = store.actions.is_waiting(&key(part, &drive.handle.1));
        dom::enable(&button, store.is_live() && fits && !waits);
        dom::set_busy(&button, waits);
        dom::set_text(&button, label);
        dom::set_attribute(&button, "aria-label", &format!("{label} {}", drive.name));
    }
    dom::show(&dom::part(row, "buttons"), any);
}

/// Says beside the buttons what went wrong with one of them.
fn tell(row: &Element, said: Option<&Said>) {
    let id = row.get_attribute("data-drive").unwrap_or_default();
    let said = said.filter(|said| said.is_error() && is_of_drive(&said.key, &id));
    let error = dom::part(row, "error");
    let text = said.map_or_else(String::new, |said| format!("{}: {}", said.title, said.text));
    dom::set_text(&error, &text);
    dom::show(&error, said.is_some());
}

/// Whether an action is one of media.
pub(super) fn is_of_media(key: &str) -> bool {
    Act::ALL
        .iter()
        .any(|(act, _)| key.strip_prefix(act).is_some_and(|rest| rest.starts_with(' ')))
}

fn is_of_drive(key: &str, id: &str) -> bool {
    is_of_media(key) && key.split_once(' ').is_some_and(|(_, drive)| drive == id)
}

/// What the store knows the action by.
fn key(act: &str, drive: &str) -> String {
    [act, " ", drive].concat()
}

fn line(command: &str, arguments: String) -> Line {
    Line {
        name: command.to_owned(),
        arguments: Some(arguments),
        oob: false,
    }
}

/// The arguments, with `force` if it is meant.
fn with_force(mut arguments: String, force: bool) -> String {
    if force {
        arguments.truncate(arguments.len() - 1);
        arguments.push_str(r#","force":true}"#);
    }
    arguments
}

const CHANGE: &str = "blockdev-change-medium";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn force_is_a_member_like_others() {
        let arguments = json::object(&[("id", "cd0")]);
        assert_eq!(with_force(arguments.clone(), false), r#"{"id":"cd0"}"#);
        assert_eq!(with_force(arguments, true), r#"{"id":"cd0","force":true}"#);
    }

    #[test]
    fn an_error_is_told_at_its_drive() {
        assert!(is_of_drive(&key("eject", "a b"), "a b") && !is_of_drive(&key("eject", "cd0"), "cd1"));
        assert!(!is_of_media("send-key tray") && !is_of_media("stop"));
    }
}
