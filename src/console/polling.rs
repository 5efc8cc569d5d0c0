//! Questions that are asked again and again, as long as somebody looks at the answers.

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use super::{Console, dom};

impl Console {
    /// Does this again and again for as long as the page lives, with so many milliseconds between the end of one time and the
    /// start of the next. While the page is hidden, the connection is not live or `wanted` says no, it is not done.
    pub(super) fn poll(
        &self,
        interval: u32,
        wanted: impl Fn(&Self) -> bool + 'static,
        ask: impl AsyncFn(&Self) + 'static,
    ) {
        let console = self.clone();
        spawn_local(async move {
            loop {
                if !dom::document().hidden() && console.read(|store| store.is_live()) && wanted(&console) {
                    ask(&console).await;
                }
                TimeoutFuture::new(interval).await;
            }
        });
    }
}
