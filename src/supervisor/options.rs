//! How patient a supervisor is.

/// How patient a connection is. Durations are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Before try number n of a row it waits a random time of up to `base` · 2ⁿ⁻¹. Default 250.
    pub base: u32,
    /// The longest such time. Default 30,000.
    pub max: u32,
    /// How many tries are made in a row, until a connection lasts; `None` for any number, 0 for the very first one and
    /// no other. Default 30, which takes about six minutes: a host reboots in less, and a forgotten page does not knock
    /// for ever.
    pub tries: Option<u32>,
    /// How long a peer may say nothing before it is asked for a sign of life; at least 1,000. Default 15,000.
    pub silence: u32,
    /// How long it may leave that question unanswered before it is called unstable. Default 5,000.
    pub unstable: u32,
    /// How much longer before it is given up as dead. Default 10,000.
    pub dead: u32,
    /// Any random number, so that the clients of one bridge do not come back all at once.
    pub seed: u64,
}

impl Options {
    /// The defaults.
    pub const fn new(seed: u64) -> Self {
        Self {
            base: 250,
            max: 30_000,
            tries: Some(30),
            silence: 15_000,
            unstable: 5_000,
            dead: 10_000,
            seed,
        }
    }
}
