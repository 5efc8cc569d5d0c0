//! The console, and the client library for its page `lite.html`, embedded in the program. What the files do is not known
//! here.

use axum::body::Body;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../dist/console"]
#[allow_missing = true]
struct Console;

#[derive(RustEmbed)]
#[folder = "../../dist/client"]
#[prefix = "client/"]
#[allow_missing = true]
struct Client;

/// A file of the console; `/` is its page.
pub(crate) async fn serve(uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => INDEX,
        path => path,
    };
    match Console::get(path).or_else(|| Client::get(path)) {
        Some(file) => {
            let mime = file.metadata.mimetype().to_owned();
            let is_page = mime.starts_with("text/html");
            let caching = if is_page { "no-store" } else { "no-cache" };
            (
                [
                    (header::CONTENT_TYPE, mime),
                    (header::CACHE_CONTROL, caching.to_owned()),
                ],
                Body::from(file.data),
            )
                .into_response()
        }
        None if path == INDEX => (
            StatusCode::NOT_FOUND,
            "This qmp-bridge was built without the console.\n",
        )
            .into_response(),
        None => (StatusCode::NOT_FOUND, "Not found.\n").into_response(),
    }
}

const INDEX: &str = "index.html";
