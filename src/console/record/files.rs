//! Files: what is saved is downloaded, what is looked at comes from the person's disk or from where the page came from.

use gloo::timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Response, Url};

use crate::console::dom;

/// Lets the browser save a text as a file of this name.
pub(in crate::console) fn download(name: &str, text: &str) {
    // Nothing of it fails in a page, and there would be nobody who could do anything about it.
    let _ = try_download(name, text);
}

fn try_download(name: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/x-ndjson");
    let parts = Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = dom::document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Some browsers begin the download later.
    Timeout::new(60_000, move || drop(Url::revoke_object_url(&url))).forget();
    Ok(())
}

/// The text of a file, or why there is none.
pub(in crate::console) async fn text_of(file: &File) -> Result<String, String> {
    if file.size() > MAX_BYTES {
        return Err("The file has more than 64 MB; that is too much for this page.".to_owned());
    }
    let text = JsFuture::from(file.text()).await;
    let text = text.map_err(|_| "The browser cannot read this file.".to_owned())?;
    Ok(text.as_string().unwrap_or_default())
}

/// The text of a file that lies beside the page, or why there is none.
pub(in crate::console) async fn fetch(name: &str) -> Result<String, String> {
    // Nothing but a name: an address could lead elsewhere.
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !name.chars().all(is_name) || !name.ends_with(".ndjson") {
        return Err(format!(
            "{name} is not the name of a recorded session beside this page."
        ));
    }
    let missing = || format!("There is no {name} beside this page.");
    let response = JsFuture::from(dom::window().fetch_with_str(name)).await;
    let response: Response = response
        .map_err(|_| missing())?
        .dyn_into()
        .map_err(|_| missing())?;
    if !response.ok() {
        return Err(missing());
    }
    let text = response.text().map_err(|_| missing())?;
    let text = JsFuture::from(text).await.map_err(|_| missing())?;
    Ok(text.as_string().unwrap_or_default())
}

const MAX_BYTES: f64 = 67_108_864.0;
