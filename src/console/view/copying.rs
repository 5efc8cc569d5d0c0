//! The menu of forms in which something can be copied, and what tells that it was.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::tree::closest;
use crate::console::line::Line;
use crate::console::{dom, forms};

/// The menu. Clones are the same.
#[derive(Clone)]
pub(super) struct Menu(Rc<Inner>);

struct Inner {
    element: HtmlElement,
    toast: HtmlElement,
    write: RefCell<Box<dyn Fn(Form) -> String>>,
    /// Takes away what the toast says.
    fading: RefCell<Option<Timeout>>,
}

/// What is written to the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A value.
    Json,
    /// How a program comes to a value.
    Path,
    /// What a string means, or an error says.
    Text,
    /// A command.
    Message,
    Shorthand,
    JavaScript,
}

impl Form {
    /// Those of a command.
    pub(super) const OF_COMMANDS: [Self; 3] = [Self::Shorthand, Self::Message, Self::JavaScript];

    const ALL: [Self; 6] = [
        Self::Json,
        Self::Path,
        Self::Text,
        Self::Message,
        Self::Shorthand,
        Self::JavaScript,
    ];

    pub(super) fn of_command(self, line: &Line) -> String {
        match self {
            Self::Shorthand => line.to_string(),
            Self::JavaScript => forms::javascript(line),
            _ => forms::message(line),
        }
    }

    /// In the page, and what is said when it was copied.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("json", "JSON"),
            Self::Path => ("path", "path"),
            Self::Text => ("text", "text"),
            Self::Message => ("message", "command as JSON"),
            Self::Shorthand => ("shorthand", "command as shorthand"),
            Self::JavaScript => ("javascript", "command as JavaScript"),
        }
    }
}

impl Menu {
    pub(super) fn find() -> Self {
        let this = Self(Rc::new(Inner {
            element: dom::by_id("copy-menu"),
            toast: dom::by_id("copied"),
            write: RefCell::new(Box::new(|_| String::new())),
            fading: RefCell::default(),
        }));
        let menu = this.clone();
        dom::on(&this.0.element, "click", move |event| {
            let Some(item) = closest(event, "[data-copy]") else {
                return;
            };
            let name = item.get_attribute("data-copy");
            let form = Form::ALL
                .into_iter()
                .find(|form| Some(form.names().0) == name.as_deref());
            menu.close();
            if let Some(form) = form {
                let text = (menu.0.write.borrow())(form);
                menu.copy(form, text);
            }
        });
        let menu = this.clone();
        dom::on(&this.0.element, "keydown", move |event| {
            let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key);
            let items = menu.items();
            let last = items.len().saturating_sub(1);
            let active = dom::document().active_element();
            let at = items.iter().position(|item| active.as_deref() == Some(item));
            let next = match (key.as_deref(), at) {
                (Some("ArrowDown"), Some(at)) if at < last => at + 1,
                (Some("ArrowDown" | "Home"), _) => 0,
                (Some("ArrowUp"), Some(at)) if at > 0 => at - 1,
                (Some("ArrowUp" | "End"), _) => last,
                (Some("Tab"), _) => {
                    menu.close();
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            focus(items.get(next));
        });
        this
    }

    /// Opens the menu at an element; `write` is asked for what is copied.
    pub(super) fn open(&self, anchor: &Element, offered: &[Form], write: impl Fn(Form) -> String + 'static) {
        *self.0.write.borrow_mut() = Box::new(write);
        for form in Form::ALL {
            if let Some(item) = self.item(form) {
                dom::show(&item, offered.contains(&form));
            }
        }
        // It closes what was open before.
        self.close();
        // A browser that has no such thing shows nothing, and the page works otherwise.
        let _ = self.0.element.show_popover();
        let place = anchor.get_bounding_client_rect();
        let size = self.0.element.get_bounding_client_rect();
        let root = dom::document().document_element();
        let (width, height) = root.map_or((0, 0), |root| (root.client_width(), root.client_height()));
        let left = place
            .left()
            .min(f64::from(width) - size.width() - MARGIN)
            .max(MARGIN);
        let below = place.bottom();
        let top = if below + size.height() > f64::from(height) {
            place.top() - size.height()
        } else {
            below
        };
        for (name, value) in [("left", left), ("top", top.max(MARGIN))] {
            let _ = self
                .0
                .element
                .style()
                .set_property(name, &format!("{}px", whole(value)));
        }
        focus(self.items().first());
    }

    /// Writes to the clipboard, and says so.
    pub(super) fn copy(&self, form: Form, text: String) {
        let clipboard = dom::window().navigator().clipboard();
        let this = self.clone();
        spawn_local(async move {
            // Without TLS, and elsewhere than on this computer, there is none.
            let has_one = !clipboard.is_undefined();
            let copied = has_one && JsFuture::from(clipboard.write_text(&text)).await.is_ok();
            if copied {
                this.say(&format!("Copied: {}", form.names().1), "good");
            } else {
                this.say("The browser does not let the page write to the clipboard.", "bad");
            }
        });
    }

    /// Says something for a short time.
    pub(super) fn say(&self, text: &str, tone: &str) {
        let toast = self.0.toast.clone();
        dom::set_tone(&toast, tone);
        toast.set_text_content(Some(text));
        // What was there before would take it away too early.
        self.0.fading.replace(Some(Timeout::new(SHOWN_FOR, move || {
            toast.set_text_content(None)
        })));
    }

    fn close(&self) {
        // It may be closed already.
        let _ = self.0.element.hide_popover();
    }

    /// Those that are offered.
    fn items(&self) -> Vec<HtmlElement> {
        Form::ALL
            .into_iter()
            .filter_map(|form| self.item(form))
            .filter(|item| !item.hidden())
            .collect()
    }

    fn item(&self, form: Form) -> Option<HtmlElement> {
        self.0
            .element
            .query_selector(&format!("[data-copy={}]", form.names().0))
            .ok()??
            .dyn_into()
            .ok()
    }
}

fn focus(item: Option<&HtmlElement>) {
    if let Some(item) = item {
        // A browser may refuse to move the focus.
        let _ = item.focus();
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
const fn whole(pixels: f64) -> i32 {
    pixels as i32
}

/// From the edge of the window, in pixels.
const MARGIN: f64 = 8.0;
/// In milliseconds.
const SHOWN_FOR: u32 = 4000;
