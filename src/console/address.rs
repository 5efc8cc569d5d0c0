//! Where the page is and what it keeps: the address bar and the storage of the tab. What a link means is not known here.

use gloo::events::EventListener;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Location, Storage};

use super::dom;
use super::link::{self, Link};

/// The link by which the page was opened. The token goes from the address bar, where it would be seen and shared, to
/// the storage of this tab, so that a reload finds it.
pub(super) fn take_link() -> Link {
    let mut link = Link::parse(&location().hash().unwrap_or_default());
    if let Some(token) = &link.token {
        keep_token(token);
        if let Ok(history) = dom::window().history() {
            let address = format!("{}{link}", location().pathname().unwrap_or_default());
            // It fails only for another origin's address.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        }
    } else {
        link.token = storage().and_then(|storage| storage.get_item(TOKEN).ok().flatten());
    }
    link
}

/// Keeps the token as long as the tab lives.
pub(super) fn keep_token(token: &str) {
    if let Some(storage) = storage() {
        // Without storage a reload asks for the token again.
        let _ = storage.set_item(TOKEN, token);
    }
}

/// Forgets a token that turned out to be wrong.
pub(super) fn forget_token() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(TOKEN);
    }
}

/// Names the machine in the address bar, so that it can be kept and shared.
pub(super) fn show_vm(name: &str) {
    if let Ok(history) = dom::window().history() {
        // It fails only for another origin's address. That of a hash does not load the page anew.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&Link::to_vm(name).to_string()));
    }
}

/// The link to a machine, without a token.
fn link_to(vm: &str) -> String {
    let (origin, path) = (location().origin(), location().pathname());
    format!(
        "{}{}{}",
        origin.unwrap_or_default(),
        path.unwrap_or_default(),
        Link::to_vm(vm)
    )
}

/// Puts the link to a machine into the clipboard; false where the browser does not allow that.
pub(super) async fn copy_link_to(vm: &str) -> bool {
    let navigator = dom::window().navigator();
    // A page that is not secure has none.
    let has_clipboard =
        js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    has_clipboard
        && JsFuture::from(navigator.clipboard().write_text(&link_to(vm)))
            .await
            .is_ok()
}

/// Where the bridge that served the page has a machine's monitor.
pub(super) fn socket_url(vm: &str) -> String {
    let secure = location().protocol().is_ok_and(|protocol| protocol == "https:");
    link::socket_url(secure, &location().host().unwrap_or_default(), vm)
}

/// Starts the page anew when it is sent to another link.
pub(super) fn follow_links() {
    EventListener::new(&dom::window(), "hashchange", |_| {
        // A page that cannot be reloaded is being left.
        let _ = location().reload();
    })
    .forget();
}

fn location() -> Location {
    dom::window().location()
}

/// `None` where the browser keeps nothing for this page.
fn storage() -> Option<Storage> {
    dom::window().session_storage().ok().flatten()
}

const TOKEN: &str = "qmp-token";
