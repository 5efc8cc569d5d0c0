//! The picture of the machine's screen: small at the side, and large in a dialog, with zoom. How it comes here is
//! `console/screen.rs`'s business.

use js_sys::Date;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlImageElement, HtmlInputElement};

use super::dialog;
use crate::console::store::{Picture, ScreenState, Store};
use crate::console::{Console, dom};

pub(super) struct View {
    open: HtmlElement,
    small: HtmlImageElement,
    large: HtmlImageElement,
    empty: HtmlElement,
    foot: HtmlElement,
    times: [HtmlElement; 2],
    saves: [HtmlElement; 2],
    title: HtmlElement,
    shown: Option<(u64, bool, Option<&'static str>)>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            open: dom::by_id("screen-open"),
            small: dom::by_id("screen-small"),
            large: dom::by_id("screen-large"),
            empty: dom::by_id("screen-empty"),
            foot: dom::by_id("screen-foot"),
            times: ["screen-time", "screen-dialog-time"].map(dom::by_id),
            saves: ["screen-save", "screen-dialog-save"].map(dom::by_id),
            title: dom::by_id("screen-dialog-title"),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let live = store.is_live();
        let obstacle = store.screen_obstacle();
        let now = Some((store.screen.revision, live, obstacle));
        if std::mem::replace(&mut self.shown, now) == now {
            return;
        }
        let name = store.machine.as_ref().map_or("", |machine| &machine.name);
        let screen = &store.screen;
        let picture = screen.picture.as_ref().filter(|_| obstacle.is_none());
        // The place of a picture that is to come is kept, so that nothing moves under the pointer when it does.
        let is_awaited =
            picture.is_none() && obstacle.is_none() && live && screen.state == ScreenState::Loading;
        dom::show(&self.open, picture.is_some());
        dom::show(&self.foot, picture.is_some() || is_awaited);
        dom::show(&self.saves[0], picture.is_some());
        dom::show(&self.empty, picture.is_none());
        dom::set_attribute(&self.empty, "data-awaited", if is_awaited { "yes" } else { "no" });
        let Some(picture) = picture else {
            let reason = match (obstacle, &screen.state) {
                (Some(obstacle), _) => obstacle,
                (None, _) if !live => "Not connected.",
                (None, ScreenState::None(reason)) => reason,
                (None, _) => "Waiting for a picture…",
            };
            dom::set_text(&self.empty, reason);
            return;
        };
        for image in [&self.small, &self.large] {
            if image.src() != picture.url {
                image.set_src(&picture.url);
            }
        }
        dom::set_text(&self.title, &format!("Screen of {name}"));
        let why_old = match &screen.state {
            _ if !live => Some("not connected"),
            ScreenState::Old(reason) => Some(reason.as_str()),
            _ => None,
        };
        dom::set_tone(&self.open, if why_old.is_some() { "warn" } else { "idle" });
        let text = match why_old {
            Some(reason) => format!("{}, {reason}", time_of(picture)),
            None => time_of(picture),
        };
        for time in &self.times {
            dom::set_text(time, &text);
            dom::set_tone(time, if why_old.is_some() { "warn" } else { "idle" });
        }
        for save in &self.saves {
            dom::set_attribute(save, "href", &picture.url);
            dom::set_attribute(save, "download", &file_name(name, picture));
        }
    }
}

pub(super) fn listen(console: &Console) {
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("screen-open"), "click", move |_| {
        dialog::open(&dom::by_id(DIALOG));
        this.look_soon();
    });
    dialog::close_by_button("screen-close", DIALOG);
    // What is closed is not looked at, and what is opened should not be of long ago.
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("screen"), "toggle", move |_| {
        this.look_soon()
    });
    let this = console.clone();
    dom::on(&dom::document(), "visibilitychange", move |_| this.look_soon());
    for id in ["screen-small", "screen-large"] {
        let image: HtmlImageElement = dom::by_id(id);
        let console = console.clone();
        dom::on(&image.clone(), "load", move |_| {
            let (width, height) = (image.natural_width(), image.natural_height());
            let name = console.machine_name();
            let alt = format!("Screen of {name}, {width} by {height} pixels");
            if image.alt() != alt {
                image.set_alt(&alt);
            }
            zoom();
        });
    }
    dom::on(&dom::by_id::<Element>("screen-zoom"), "change", |_| zoom());
}

/// Whether the picture is on the page, as far as the page knows.
pub(in crate::console) fn is_screen_seen() -> bool {
    dom::by_id::<Element>("screen").has_attribute("open") || is_screen_large()
}

/// Whether somebody looks at it closely.
pub(in crate::console) fn is_screen_large() -> bool {
    dom::by_id::<HtmlDialogElement>(DIALOG).open()
}

/// Makes the large picture as large as is chosen.
fn zoom() {
    let image: HtmlImageElement = dom::by_id("screen-large");
    let chosen = dom::all("#screen-zoom input").into_iter().find_map(|input| {
        let input: HtmlInputElement = input.dyn_into().ok()?;
        input.checked().then(|| input.value())
    });
    let factor: Option<u32> = chosen.and_then(|chosen| chosen.parse().ok());
    dom::set_attribute(
        &image,
        "data-zoom",
        if factor.is_some() { "fixed" } else { "fit" },
    );
    let width = factor.map_or_else(String::new, |factor| {
        format!("{}px", image.natural_width().saturating_mul(factor))
    });
    // It fails only for a name that is no property's.
    let _ = image.style().set_property("width", &width);
}

fn date(picture: &Picture) -> Date {
    Date::new(&JsValue::from_f64(picture.seen))
}

fn time_of(picture: &Picture) -> String {
    let date = date(picture);
    format!(
        "as of {:02}:{:02}:{:02}",
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    )
}

/// Such as `web1-2027-01-31-235959.png`, by the clock of whoever looks.
fn file_name(machine: &str, picture: &Picture) -> String {
    let date = date(picture);
    let name = file_stem(machine);
    format!(
        "{name}-{:04}-{:02}-{:02}-{:02}{:02}{:02}.png",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    )
}

/// The name with nothing in it that file systems mind.
fn file_stem(machine: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let stem: String = machine.chars().map(safe).take(64).collect();
    let stem = stem.trim_start_matches('.');
    if stem.is_empty() {
        "machine".to_owned()
    } else {
        stem.to_owned()
    }
}

const DIALOG: &str = "screen-dialog";

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn any_machine_can_be_the_name_of_a_file() {
        for (machine, want) in [
            ("web1", "web1"),
            ("../a b/é", "_a_b_é"),
            ("", "machine"),
            ("..", "machine"),
        ] {
            assert_eq!(file_stem(machine), want);
        }
    }
}
