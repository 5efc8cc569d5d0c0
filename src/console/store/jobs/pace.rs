//! How fast something goes, of how far it was.

use std::collections::VecDeque;

use crate::console::store::series::lossy;

/// How far something was lately.
#[derive(Debug, Default)]
pub(super) struct Pace {
    points: VecDeque<(f64, u64)>,
}

impl Pace {
    /// So much was done at this time, in milliseconds.
    pub(super) fn saw(&mut self, time: f64, done: u64) {
        // It goes on with other work, or starts anew.
        if self.points.back().is_some_and(|(_, before)| *before > done) {
            self.stop();
        }
        self.points.push_back((time, done));
        while self.points.len() > 2 && self.points[1].0 < time - WINDOW {
            self.points.pop_front();
        }
    }

    /// It does not go on as before.
    pub(super) fn stop(&mut self) {
        self.points.clear();
    }

    /// How much is done a second. `None` if that cannot be told yet.
    pub(super) fn per_second(&self) -> Option<f64> {
        let ((start, from), (end, to)) = (self.points.front()?, self.points.back()?);
        let seconds = (end - start) / 1e3;
        (seconds >= 0.5).then(|| lossy(to - from) / seconds)
    }
}

/// In milliseconds. Jobs with a limit go by fits and starts.
const WINDOW: f64 = 8_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        assert_eq!(pace.per_second(), None);
        pace.saw(0.0, 0);
        pace.saw(100.0, 1000);
        assert_eq!(pace.per_second(), None);
        for second in 1..=30 {
            pace.saw(f64::from(second) * 1e3, 1000);
        }
        assert_eq!(pace.per_second(), Some(0.0));
        pace.saw(31e3, 19_000);
        assert_eq!(pace.per_second(), Some(2000.0));
    }

    #[test]
    fn what_starts_anew_is_measured_anew() {
        let mut pace = Pace::default();
        pace.saw(0.0, 500);
        pace.saw(1e3, 600);
        pace.saw(2e3, 0);
        assert_eq!(pace.per_second(), None);
        pace.saw(3e3, 7);
        assert_eq!(pace.per_second(), Some(7.0));
        pace.stop();
        assert_eq!(pace.per_second(), None);
    }
}
