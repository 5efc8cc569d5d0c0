//! What there is to know of the connection: who is on the other side, what was negotiated, what the token is good for, and
//! how long a command takes.

use js_sys::Date;
use web_sys::{Element, HtmlDialogElement, HtmlElement};

use super::machines;
use crate::console::executing::clock;
use crate::console::store::{Session, Store};
use crate::console::{Console, dom, session};

pub(super) struct View {
    dialog: HtmlDialogElement,
    facts: [HtmlElement; 10],
    machine: HtmlElement,
    token: HtmlElement,
    link: HtmlElement,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            dialog: dialog(),
            facts: FACTS.map(|id| dom::by_id(&format!("about-{id}"))),
            machine: dom::by_id("about-server"),
            token: dom::by_id("about-token"),
            link: dom::by_id("about-link"),
        }
    }

    pub(super) fn render(&self, store: &Store) {
        if !self.dialog.open() {
            return;
        }
        let server = store.server.clone().unwrap_or_default();
        let list = |names: &[&str]| match names.join(", ") {
            none if none.is_empty() => "nothing".to_owned(),
            some => some,
        };
        let has = |name: &str| server.capabilities.contains(&name);
        let order = match (has("async"), has("oob")) {
            (true, _) => "Replies come in any order: what is quick overtakes what takes long.",
            (false, true) => "Replies come in order; what is sent out of band overtakes.",
            (false, false) => "Replies come in order, one command after the other.",
        };
        let offered: Vec<&str> = server.offered.iter().map(String::as_str).collect();
        let round_trip = match store.round_trip() {
            Some(round_trip) => tenths(round_trip),
            None if store.is_live() => "measuring…".to_owned(),
            None => "not connected".to_owned(),
        };
        let session = store.session.as_ref();
        let texts = [
            store
                .machine
                .as_ref()
                .map_or_else(String::new, |machine| machine.name.clone()),
            [server.version.as_str(), server.package.as_str()].join(" "),
            list(&offered),
            list(&server.capabilities),
            order.to_owned(),
            round_trip,
            session.map_or_else(String::new, |session| session.id.clone()),
            session.map_or_else(String::new, |session| session.role.name().to_owned()),
            session.map_or_else(String::new, machines_of),
            session.map_or_else(String::new, expiry),
        ];
        for (fact, text) in self.facts.iter().zip(texts) {
            dom::set_text(fact, &text);
        }
        dom::show(&self.machine, store.server.is_some());
        dom::show(&self.link, store.machine.is_some());
        dom::show(&self.token, session.is_some());
    }
}

pub(super) fn listen(console: &Console) {
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("about-open"), "click", move |_| {
        dom::set_text(&dom::by_id("about-address"), &session::url(&this));
        // It fails only if it is open.
        let _ = dialog().show_modal();
        this.update(|_| {});
    });
    dom::on(&dom::by_id::<Element>("about-close"), "click", |_| {
        dialog().close()
    });
    // What is beside the dialog counts as the dialog itself.
    dom::on(&dialog(), "click", |event| {
        let dialog = dialog();
        if event.target().is_some_and(|target| &target == dialog.as_ref()) {
            dialog.close();
        }
    });
    let this = console.clone();
    dom::on(&dom::by_id::<Element>("about-copy"), "click", move |_| {
        let name = this.read(|store| store.machine.as_ref().map(|machine| machine.name.clone()));
        if let Some(name) = name {
            machines::copy_link(dom::by_id("about-copy"), name);
        }
    });
    console.poll(
        INTERVAL,
        |_| dialog().open(),
        async |console: &Console| {
            let sent = clock();
            if console.ask("query-version", None).await.is_some() {
                let took = clock() - sent;
                console.update(|store| store.came_back(took));
            }
        },
    );
}

fn dialog() -> HtmlDialogElement {
    dom::by_id("about")
}

fn machines_of(session: &Session) -> String {
    session
        .vms
        .as_ref()
        .map_or_else(|| "all".to_owned(), |names| names.join(", "))
}

fn expiry(session: &Session) -> String {
    let Some(expires) = &session.expires else {
        return "never".to_owned();
    };
    let date = Date::new(&expires.as_str().into());
    if date.get_time().is_nan() {
        return expires.clone();
    }
    String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED))
}

/// A duration in milliseconds, to the tenth.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations fit, and are rounded anyway"
)]
fn tenths(milliseconds: f64) -> String {
    // As an integer, as other durations are.
    let tenths = (milliseconds * 10.0).round() as u64;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

/// Milliseconds between two measurements.
const INTERVAL: u32 = 1_000;
/// What follows from the store, in the order of the page.
const FACTS: [&str; 10] = [
    "machine",
    "version",
    "offered",
    "negotiated",
    "order",
    "round-trip",
    "id",
    "role",
    "vms",
    "expires",
];

#[cfg(test)]
mod tests {
    use super::tenths;

    #[test]
    fn round_trips_are_told_to_the_tenth() {
        for (milliseconds, want) in [
            (0.0, "0.0 ms"),
            (0.84, "0.8 ms"),
            (1.96, "2.0 ms"),
            (120.04, "120.0 ms"),
        ] {
            assert_eq!(tenths(milliseconds), want);
        }
    }
}
