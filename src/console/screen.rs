//! Looks at the machine's screen as often as it is worth it: often while it changes, seldom while it does not, never
//! while nobody sees it. The bridge bounds how often a picture is really taken.

use super::executing::clock;
use super::picture::{self, Failure, Fetched};
use super::store::{Picture, pause};
use super::{Console, view};

/// When to look next, and what is to be cleaned up.
#[derive(Debug, Default)]
pub(super) struct Looking {
    /// In milliseconds since 1970.
    due: f64,
    /// How many times it was the same.
    unchanged: u32,
    /// The address of the picture before; it may still be on its way into the page.
    old: Option<String>,
}

/// Looks for as long as the page lives.
pub(super) fn watch(console: &Console) {
    let is_wanted = |console: &Console| {
        console.0.looking.borrow().due <= clock()
            && view::is_screen_seen()
            && console.read(|store| store.wants_picture())
    };
    console.poll(TICK, is_wanted, async |console| look(console).await);
}

impl Console {
    /// The screen may be about to change, or somebody looks closer.
    pub(super) fn look_soon(&self) {
        let mut looking = self.0.looking.borrow_mut();
        looking.unchanged = 0;
        looking.due = 0.0;
    }
}

async fn look(console: &Console) {
    let token = console.0.link.borrow().token.clone();
    let (name, etag) = console.read(|store| {
        let etag = store.screen.picture.as_ref().map(|picture| picture.etag.clone());
        (store.machine.as_ref().map(|machine| machine.name.clone()), etag)
    });
    let unchanged = console.0.looking.borrow().unchanged;
    console.0.looking.borrow_mut().due = f64::INFINITY;
    let fetched = picture::fetch(&name.unwrap_or_default(), token.as_deref(), etag.as_deref()).await;
    let (pause, unchanged) = match fetched {
        Ok(Fetched::Same) => {
            console.update(|store| store.screen.confirm(clock()));
            (
                pause(unchanged, view::is_screen_large()),
                unchanged.saturating_add(1),
            )
        }
        Ok(Fetched::New { blob, etag }) => {
            if let Some(url) = picture::address(&blob) {
                let seen = clock();
                let old = console.update(|store| {
                    let old = store.screen.picture.take();
                    store.screen.show(Picture { url, etag, seen });
                    old
                });
                let older =
                    std::mem::replace(&mut console.0.looking.borrow_mut().old, old.map(|old| old.url));
                if let Some(older) = older {
                    picture::revoke(&older);
                }
            }
            (pause(0, view::is_screen_large()), 0)
        }
        Err(failure) => {
            let (reason, pause) = words(failure);
            console.update(|store| store.screen.fail(&reason));
            (pause, 0)
        }
    };
    let mut looking = console.0.looking.borrow_mut();
    // Somebody may have asked to look soon meanwhile.
    if looking.due.is_infinite() {
        looking.unchanged = unchanged;
        looking.due = clock() + f64::from(pause);
    }
}

/// What to tell of it, and when to try again.
fn words(failure: Failure) -> (String, u32) {
    match failure {
        Failure::Refused(422, _) => ("This machine has no display.".to_owned(), SELDOM),
        Failure::Refused(501, _) => (
            "The bridge shows the screens of machines at unix sockets only.".to_owned(),
            u32::MAX,
        ),
        Failure::Refused(_, text) => (format!("No picture: {text}."), SOON),
        Failure::Unreachable => ("No picture: the bridge does not answer.".to_owned(), SOON),
    }
}

/// How often it is looked whether it is time to look, in milliseconds.
const TICK: u32 = 200;
const SOON: u32 = 5_000;
const SELDOM: u32 = 60_000;
