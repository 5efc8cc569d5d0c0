//! How often one source may come with a token that is none. Pure: who asked and the time in, decisions out.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// When which source has failed, of late.
#[derive(Debug)]
pub(crate) struct Limiter {
    /// `None` for any number.
    max: Option<NonZeroU32>,
    failures: HashMap<IpAddr, VecDeque<Instant>>,
}

impl Limiter {
    pub(crate) fn new(max: Option<NonZeroU32>) -> Self {
        Self {
            max,
            failures: HashMap::new(),
        }
    }

    /// Whether somebody may try; else how long it has to wait.
    ///
    /// # Errors
    /// It has failed too often in the last minute.
    pub(crate) fn check(&mut self, source: IpAddr, now: Instant) -> Result<(), Duration> {
        let (Some(max), Some(failures)) = (self.max, self.failures.get_mut(&network(source))) else {
            return Ok(());
        };
        while failures.front().is_some_and(|first| is_over(*first, now)) {
            failures.pop_front();
        }
        match failures.front() {
            Some(first) if failures.len() >= max.get() as usize => {
                Err((*first + WINDOW).saturating_duration_since(now))
            }
            _ => Ok(()),
        }
    }

    /// Somebody has failed.
    pub(crate) fn failed(&mut self, source: IpAddr, now: Instant) {
        let Some(max) = self.max else {
            return;
        };
        let source = network(source);
        if self.failures.len() >= MAX_SOURCES && !self.failures.contains_key(&source) {
            self.make_room(now);
        }
        let failures = self.failures.entry(source).or_default();
        if failures.len() >= max.get() as usize {
            failures.pop_front();
        }
        failures.push_back(now);
    }

    /// Forgets those whose failures are over, or else who has not failed for longest.
    fn make_room(&mut self, now: Instant) {
        let last = |failures: &VecDeque<Instant>| failures.back().copied();
        self.failures
            .retain(|_, failures| last(failures).is_some_and(|last| !is_over(last, now)));
        if self.failures.len() >= MAX_SOURCES {
            let oldest = self.failures.iter().min_by_key(|(_, failures)| last(failures));
            if let Some(oldest) = oldest.map(|(source, _)| *source) {
                self.failures.remove(&oldest);
            }
        }
    }
}

fn is_over(failure: Instant, now: Instant) -> bool {
    now.saturating_duration_since(failure) >= WINDOW
}

/// Whoever has an IPv6 address mostly has 2^64 of them.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()
        }
        address => address,
    }
}

const WINDOW: Duration = Duration::from_secs(60);
/// Sources that are remembered, each with as many times as it may fail.
const MAX_SOURCES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn ten() -> Limiter {
        Limiter::new(NonZeroU32::new(10))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a7_ten_failures_a_minute_and_no_more() {
        let (mut limiter, start) = (ten(), Instant::now());
        let (guesser, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 0..10 {
            assert_eq!(limiter.check(guesser, at(second)), Ok(()));
            limiter.failed(guesser, at(second));
        }
        assert_eq!(limiter.check(guesser, at(10)), Err(Duration::from_secs(50)));
        assert_eq!(limiter.check(guesser, at(59)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.check(other, at(10)), Ok(()));
        // The first failure is over, the second is not.
        assert_eq!(limiter.check(guesser, at(60)), Ok(()));
        limiter.failed(guesser, at(60));
        assert_eq!(limiter.check(guesser, at(60)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.check(guesser, at(1000)), Ok(()));
    }

    #[test]
    fn a7_a_source_is_an_address_or_a_network_of_ipv6() {
        let (mut limiter, now) = (ten(), Instant::now());
        for host in 0..10 {
            limiter.failed(address(&format!("2001:db8::{host}")), now);
            limiter.failed(address("192.0.2.1"), now);
        }
        for blocked in ["2001:db8::ffff:1", "192.0.2.1", "::ffff:192.0.2.1"] {
            assert!(limiter.check(address(blocked), now).is_err(), "{blocked}");
        }
        for free in ["2001:db8:0:1::1", "192.0.2.2", "::1"] {
            assert_eq!(limiter.check(address(free), now), Ok(()), "{free}");
        }
    }

    #[test]
    fn a7_so_many_sources_are_remembered_and_no_more() {
        let (mut limiter, start) = (ten(), Instant::now());
        let guesser = address("192.0.2.1");
        for number in 0..20_000_u32 {
            let now = start + Duration::from_micros(number.into());
            limiter.failed(IpAddr::from(number.to_be_bytes()), now);
            limiter.failed(guesser, now);
            assert!(limiter.failures.len() <= MAX_SOURCES);
            assert!(number % 1000 != 0 || limiter.failures.values().all(|failures| failures.len() <= 10));
        }
        let later = start + Duration::from_secs(1);
        assert!(limiter.check(guesser, later).is_err());
        limiter.failed(address("192.0.2.9"), start + Duration::from_secs(100));
        assert_eq!(limiter.failures.len(), 1);
    }

    #[test]
    fn any_number_is_an_option() {
        let (mut limiter, now) = (Limiter::new(None), Instant::now());
        for _ in 0..100 {
            limiter.failed(address("::1"), now);
        }
        assert_eq!(limiter.check(address("::1"), now), Ok(()));
        assert!(limiter.failures.is_empty());
    }
}
