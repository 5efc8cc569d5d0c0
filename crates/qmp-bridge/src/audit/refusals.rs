//! Which refusals are written: in a flood of them a few a second for each reason, and how many more there were. Pure: the
//! time comes in.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What was refused lately, by reason.
#[derive(Debug, Default)]
pub(crate) struct Refusals(BTreeMap<&'static str, Window>);

#[derive(Debug)]
struct Window {
    since: Instant,
    written: u32,
    more: u64,
}

/// How many refusals were not written, by reason.
type More = Vec<(&'static str, u64)>;

impl Refusals {
    /// One refusal: whether it is written, and what is to be said before.
    pub(crate) fn count(&mut self, reason: &'static str, now: Instant) -> (bool, More) {
        let more = self.ended(now);
        let window = self.0.entry(reason).or_insert(Window {
            since: now,
            written: 0,
            more: 0,
        });
        let write = window.written < MOST;
        if write {
            window.written += 1;
        } else {
            window.more += 1;
        }
        (write, more)
    }

    /// What was not written of the seconds that are over.
    pub(super) fn ended(&mut self, now: Instant) -> More {
        self.take(|window| now.duration_since(window.since) >= WINDOW)
    }

    /// What was not written up to now.
    pub(super) fn all(&mut self) -> More {
        self.take(|_| true)
    }

    fn take(&mut self, is_over: impl Fn(&Window) -> bool) -> More {
        let over = self.0.extract_if(.., |_, window| is_over(window));
        over.filter(|(_, window)| window.more > 0)
            .map(|(reason, window)| (reason, window.more))
            .collect()
    }
}

/// For so long the refusals of a reason are counted together.
pub(super) const WINDOW: Duration = Duration::from_secs(1);
/// Lines for one reason in that time.
const MOST: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g6_of_ten_thousand_a_second_ten_are_written_and_all_are_counted() {
        let mut refusals = Refusals::default();
        let start = Instant::now();
        let (mut written, mut more) = (0_u64, 0);
        for n in 0..100_000_u32 {
            let (write, ended) = refusals.count("token", start + n * Duration::from_micros(100));
            written += u64::from(write);
            more += ended.iter().map(|(_, more)| more).sum::<u64>();
        }
        assert_eq!(written, 100);
        // Another reason has lines of its own.
        assert!(refusals.count("host", start).0);
        more += refusals.all().iter().map(|(_, more)| more).sum::<u64>();
        assert_eq!(written + more, 100_000);
        assert_eq!(refusals.all(), []);
    }
}
