//! Text in small letters. The browser knows those of all languages; Rust's tables of them would be 10 KB to download.

/// The text in small letters.
pub(super) fn lowercase(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    other(text)
}

#[cfg(target_arch = "wasm32")]
fn other(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(not(target_arch = "wasm32"))]
fn other(text: &str) -> String {
    text.to_lowercase()
}
