//! How long to wait before a try: exponential backoff with full jitter. When to wait at all is the supervisor's business.

/// Draws waiting times.
#[derive(Debug)]
pub(super) struct Backoff {
    base: f64,
    max: f64,
    random: u64,
}

impl Backoff {
    pub(super) fn new(base: u32, max: u32, seed: u64) -> Self {
        Self {
            base: base.into(),
            max: max.into(),
            random: seed,
        }
    }

    /// The time to wait after so many tries, in milliseconds: anything up to `base` · 2^`tries` and up to `max`, but not
    /// less than [`SHORTEST`].
    pub(super) fn delay(&mut self, tries: u32) -> f64 {
        let doubled = (1_u64 << tries.min(32)) as f64;
        let ceiling = self.max.min(self.base * doubled);
        SHORTEST.max(ceiling * self.fraction())
    }

    /// Of [0, 1): splitmix64. Nothing here is secret.
    fn fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Full jitter may draw next to nothing, again and again.
pub(super) const SHORTEST: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r5_delays_are_spread_over_all_that_is_allowed() {
        for (tries, ceiling) in [
            (0, 250.0),
            (1, 500.0),
            (6, 16_000.0),
            (7, 30_000.0),
            (u32::MAX, 30_000.0),
        ] {
            let mut backoff = Backoff::new(250, 30_000, 5);
            let delays: Vec<_> = (0..2_000).map(|_| backoff.delay(tries)).collect();
            assert!(delays.iter().all(|delay| (SHORTEST..ceiling).contains(delay)));
            assert!(delays.iter().any(|&delay| delay > 0.95 * ceiling));
            assert!(delays.iter().any(|&delay| delay <= SHORTEST.max(0.05 * ceiling)));
            let mean = delays.iter().sum::<f64>() / 2_000.0;
            assert!(tries < 6 || (mean / ceiling - 0.5).abs() < 0.05, "{mean}");
        }
    }

    #[test]
    fn other_seeds_draw_other_delays() {
        let draw = |seed| Backoff::new(250, 30_000, seed).delay(7);
        assert_ne!(draw(1), draw(2));
        assert_eq!(draw(1), draw(1));
    }

    #[test]
    fn no_bounds_are_too_odd() {
        for (base, max) in [(0, 0), (u32::MAX, 0), (0, u32::MAX), (u32::MAX, u32::MAX)] {
            let delay = Backoff::new(base, max, 0).delay(u32::MAX);
            assert!((SHORTEST..=f64::from(u32::MAX)).contains(&delay));
        }
    }
}
