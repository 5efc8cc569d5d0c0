//! What is known of the machine's screen. The picture itself is the browser's; the page has an address for it.

use super::Store;

/// The last picture, and whether there will be another.
#[derive(Debug, Default)]
pub(in crate::console) struct Screen {
    /// Changes with every change.
    pub(in crate::console) revision: u64,
    pub(in crate::console) picture: Option<Picture>,
    pub(in crate::console) state: State,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::console) struct Picture {
    /// Where this page, and no other, finds it.
    pub(in crate::console) url: String,
    /// What the bridge calls it.
    pub(in crate::console) etag: String,
    /// When the screen was seen to be so, in milliseconds since 1970.
    pub(in crate::console) seen: f64,
}

/// What becomes of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::console) enum State {
    /// The first picture is awaited.
    #[default]
    Loading,
    Shown,
    /// There is none, and why.
    None(String),
    /// There was one, and why there is no newer one.
    Old(String),
}

impl Screen {
    /// A picture came.
    pub(in crate::console) fn show(&mut self, picture: Picture) {
        self.revision += 1;
        self.picture = Some(picture);
        self.state = State::Shown;
    }

    /// The screen is still as it was.
    pub(in crate::console) fn confirm(&mut self, now: f64) {
        self.revision += 1;
        self.state = State::Shown;
        if let Some(picture) = &mut self.picture {
            picture.seen = now;
        }
    }

    /// There is no picture, or no newer one.
    pub(in crate::console) fn fail(&mut self, reason: &str) {
        let state = match self.picture {
            Some(_) => State::Old(reason.to_owned()),
            None => State::None(reason.to_owned()),
        };
        if self.state != state {
            self.revision += 1;
            self.state = state;
        }
    }
}

impl Store {
    /// Why there can be no picture of the screen; `None` if it is worth asking for one.
    pub(in crate::console) fn screen_obstacle(&self) -> Option<&'static str> {
        if self.machine.as_ref().is_some_and(|machine| machine.demo) {
            return Some("The demo machine has no screen.");
        }
        if self.recorded.is_some() {
            return Some("A record has no pictures of the screen.");
        }
        if self.session.is_none() {
            return Some("Screens are shown by qmp-bridge, and this page is connected by something else.");
        }
        if !self.may("screendump") {
            return Some("The screen is for operators to see.");
        }
        // What does not even say what it can do is no QEMU that could show its screen.
        let is_silent = self.facts.has_devices() && !self.facts.has_commands() && self.may("query-commands");
        if is_silent || !self.facts.knows("screendump") || self.facts.has_screen() == Some(false) {
            return Some("This machine has no display.");
        }
        None
    }

    /// Whether to ask for a picture now.
    pub(in crate::console) fn wants_picture(&self) -> bool {
        // Without knowing the devices one would ask in vain for what is not there.
        let knows_devices = self.facts.has_devices() || !self.offers("qom-list");
        self.is_live() && knows_devices && self.screen_obstacle().is_none()
    }
}

/// After how many milliseconds a picture is asked for again, if the screen has been the same for so many times.
pub(in crate::console) fn pause(unchanged: u32, is_large: bool) -> u32 {
    let (shortest, longest) = if is_large { (250, 2_000) } else { (1_000, 5_000) };
    // The first few times it may only be the guest that thinks.
    let slower = unchanged.saturating_sub(3).min(8);
    (shortest << slower).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_that_stays_the_same_is_looked_at_less_often() {
        let pauses = |is_large| [0, 3, 4, 5, 6, 99, u32::MAX].map(|unchanged| pause(unchanged, is_large));
        assert_eq!(pauses(false), [1000, 1000, 2000, 4000, 5000, 5000, 5000]);
        assert_eq!(pauses(true), [250, 250, 500, 1000, 2000, 2000, 2000]);
    }

    #[test]
    fn what_was_seen_stays_when_there_is_no_newer_picture() {
        let mut screen = Screen::default();
        screen.fail("no display");
        assert_eq!(screen.state, State::None("no display".to_owned()));
        let picture = Picture {
            url: "blob:1".to_owned(),
            etag: "\"1\"".to_owned(),
            seen: 1.0,
        };
        screen.show(picture);
        assert_eq!(screen.state, State::Shown);
        screen.fail("no connection");
        assert_eq!(screen.state, State::Old("no connection".to_owned()));
        let revision = screen.revision;
        screen.fail("no connection");
        assert_eq!(screen.revision, revision);
        screen.confirm(7.0);
        assert_eq!(
            (screen.state.clone(), screen.picture.as_ref().map(|p| p.seen)),
            (State::Shown, Some(7.0))
        );
    }
}
