//! Short words for what is done with the page's elements. The markup is in `www/index.html`; what data goes in goes in
//! as text.

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{
    Blob, Document, Element, Event, EventTarget, HtmlAnchorElement, HtmlElement, HtmlTemplateElement, Url,
    Window,
};

pub(super) fn window() -> Window {
    web_sys::window().expect("the program runs in a page")
}

pub(super) fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The element of this id, which the page has.
pub(super) fn by_id<T: JsCast>(id: &str) -> T {
    document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into().ok())
        .unwrap_or_else(|| panic!("index.html has no fitting #{id}"))
}

/// All elements of the page that a selector of ours means.
pub(super) fn all(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    let elements = (0..found.length()).filter_map(|i| found.item(i)?.dyn_into().ok());
    elements.collect()
}

/// A copy of the one element in the template of this id.
pub(super) fn from_template(id: &str) -> Element {
    by_id::<HtmlTemplateElement>(id)
        .content()
        .first_element_child()
        .and_then(|element| element.clone_node_with_deep(true).ok())
        .and_then(|node| node.dyn_into().ok())
        .unwrap_or_else(|| panic!("the template {id} in index.html is empty"))
}

/// The part of this name in a copy of a template.
pub(super) fn part(element: &Element, name: &str) -> HtmlElement {
    element
        .query_selector(&format!("[data-part={name}]"))
        .ok()
        .flatten()
        .and_then(|part| part.dyn_into().ok())
        .unwrap_or_else(|| panic!("a template in index.html has no part {name}"))
}

/// Sets the text, if it is another: an unchanged one should not be read out again.
pub(super) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Sets an attribute whose name and value are ours.
pub(super) fn set_attribute(element: &Element, name: &str, value: &str) {
    element.set_attribute(name, value).expect("a valid name");
}

/// Says by colour what the text says in words.
pub(super) fn set_tone(element: &Element, tone: &str) {
    set_attribute(element, "data-tone", tone);
}

pub(super) fn show(element: &HtmlElement, shown: bool) {
    element.set_hidden(!shown);
}

/// Enables a button or not. Not by `disabled`, which would take the focus from somebody who uses the keyboard.
pub(super) fn enable(button: &Element, enabled: bool) {
    let disabled = if enabled { "false" } else { "true" };
    set_attribute(button, "aria-disabled", disabled);
}

/// Says that what a button began is not done yet.
pub(super) fn set_busy(button: &Element, is_busy: bool) {
    set_attribute(button, "aria-busy", if is_busy { "true" } else { "false" });
}

pub(super) fn is_enabled(button: &Element) -> bool {
    button.get_attribute("aria-disabled").as_deref() != Some("true")
}

/// Hands a text to the person as a file of this name.
pub(super) fn save(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let Some(url) = Blob::new_with_str_sequence(&parts)
        .and_then(|blob| Url::create_object_url_with_blob(&blob))
        .ok()
    else {
        return;
    };
    let link = document().create_element("a").expect("a valid name");
    if let Some(link) = link.dyn_ref::<HtmlAnchorElement>() {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // Not at once: a browser may begin to read it later.
    Timeout::new(60_000, move || drop(Url::revoke_object_url(&url))).forget();
}

/// Calls `listener` as long as the page lives.
pub(super) fn on(target: &EventTarget, event: &'static str, listener: impl FnMut(&Event) + 'static) {
    listen(target, event, Box::new(listener));
}

/// Boxed, so that there is one code for all listeners.
fn listen(target: &EventTarget, event: &'static str, listener: Box<dyn FnMut(&Event)>) {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(target, event, options, listener).forget();
}
