//! How often one client may ask: a bucket that fills with time.

use std::time::{Duration, Instant};

use qmp_proto::ErrorResponse;

use super::own;

/// So many commands a second, and twice as many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit(pub std::num::NonZeroU32);

impl RateLimit {
    /// What refills it by one command.
    fn interval(self) -> Duration {
        Duration::from_secs(1) / self.0.get()
    }

    fn burst(self) -> Duration {
        Duration::from_secs(2)
    }
}

/// One client's bucket: kept as the time at which it is full, so that nothing has to be counted meanwhile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    full_at: Option<Instant>,
}

impl Bucket {
    pub(super) const fn new(limit: RateLimit) -> Self {
        Self { limit, full_at: None }
    }

    /// Takes one command out; if there is none, says in what time there is.
    pub(super) fn take(&mut self, now: Instant) -> Option<Duration> {
        let full_at = self.full_at.unwrap_or(now).max(now) + self.limit.interval();
        let beyond = (full_at - now)
            .checked_sub(self.limit.burst())
            .filter(|beyond| !beyond.is_zero());
        if beyond.is_none() {
            self.full_at = Some(full_at);
        }
        beyond
    }

    /// Takes out what a reply of the bridge's own was worth, which has been given.
    pub(super) fn charge(&mut self, now: Instant, reply: usize) {
        let time = OWN_REPLY_TIME * (reply / OWN_REPLY_BYTES) as u32;
        self.full_at = Some(self.full_at.unwrap_or(now).max(now) + time);
    }
}

/// Whether that is what a client was told.
pub(crate) fn is_rate_limited(error: &ErrorResponse) -> bool {
    let class = error.class.as_str().strip_prefix(own::PREFIX);
    class == Some(CLASS)
}

/// What a client is told that asks too often.
pub(super) fn refusal(wait: Duration) -> ErrorResponse {
    let wait = wait.as_millis().max(1);
    own::error(
        CLASS,
        format!("too many commands; not executed; try again in {wait} ms"),
    )
}

/// So long does it take until a reply of so many bytes may be asked for again. To make one takes a fiftieth of that, and
/// nobody else is served meanwhile.
const OWN_REPLY_TIME: Duration = Duration::from_millis(1);
const OWN_REPLY_BYTES: usize = 16 << 10;
const CLASS: &str = "RateLimited";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RateLimit(200.try_into().unwrap()));
        for _ in 0..400 {
            assert_eq!(bucket.take(start), None);
        }
        assert_eq!(bucket.take(start), Some(Duration::from_millis(5)));
        let later = start + Duration::from_millis(10);
        assert_eq!([bucket.take(later), bucket.take(later)], [None, None]);
        assert!(bucket.take(later).is_some());
        let much_later = start + Duration::from_secs(60);
        assert_eq!(
            (0..500).filter(|_| bucket.take(much_later).is_none()).count(),
            400
        );
    }
}
