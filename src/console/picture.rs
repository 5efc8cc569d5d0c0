//! A picture of a machine's screen, from the bridge that served the page. How often it is worth asking, and where the
//! picture is shown, is not known here.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, Headers, RequestInit, Response, Url};

use super::{dom, link};

/// What the bridge gave.
#[derive(Debug)]
pub(super) enum Fetched {
    /// The picture is the one that was named.
    Same,
    New {
        blob: Blob,
        etag: String,
    },
}

/// Why there is no picture.
#[derive(Debug)]
pub(super) enum Failure {
    /// What the bridge answered: an HTTP status, and words for people.
    Refused(u16, String),
    /// It did not answer.
    Unreachable,
}

/// Asks for the screen of a machine. `etag` names the picture that is there already.
pub(super) async fn fetch(name: &str, token: Option<&str>, etag: Option<&str>) -> Result<Fetched, Failure> {
    ask(name, token, etag).await.unwrap_or(Err(Failure::Unreachable))
}

/// An address for the picture, which the page has to [`revoke`].
pub(super) fn address(blob: &Blob) -> Option<String> {
    Url::create_object_url_with_blob(blob).ok()
}

/// Lets the browser forget the picture.
pub(super) fn revoke(address: &str) {
    // There is nothing to do about one that is forgotten.
    let _ = Url::revoke_object_url(address);
}

async fn ask(
    name: &str,
    token: Option<&str>,
    etag: Option<&str>,
) -> Result<Result<Fetched, Failure>, JsValue> {
    let headers = Headers::new()?;
    if let Some(token) = token {
        headers.set("Authorization", &["Bearer ", token].concat())?;
    }
    if let Some(etag) = etag {
        headers.set("If-None-Match", etag)?;
    }
    let request = RequestInit::new();
    request.set_headers(&headers);
    request.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT)));
    let path = link::screen_path(name);
    let response = JsFuture::from(dom::window().fetch_with_str_and_init(&path, &request)).await?;
    let response: Response = response.dyn_into()?;
    Ok(match response.status() {
        304 => Ok(Fetched::Same),
        200 => Ok(Fetched::New {
            blob: JsFuture::from(response.blob()?).await?.dyn_into()?,
            etag: response.headers().get("ETag")?.unwrap_or_default(),
        }),
        status => {
            let text = JsFuture::from(response.text()?)
                .await?
                .as_string()
                .unwrap_or_default();
            Err(Failure::Refused(status, text.trim_end().to_owned()))
        }
    })
}

/// In milliseconds; the bridge itself waits for QEMU for 10 s.
const TIMEOUT: u32 = 12_000;
