//! What was measured: by scenario and contender, a number for each round. Nothing is judged here.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

/// Numbers of rounds, by scenario and then by contender.
#[derive(Debug, Default)]
pub(crate) struct Samples(BTreeMap<String, BTreeMap<String, Vec<f64>>>);

impl Samples {
    /// Notes what one round of a scenario gave for a contender.
    pub(crate) fn add(&mut self, scenario: &str, contender: &str, value: f64) {
        self.0
            .entry(scenario.to_owned())
            .or_default()
            .entry(contender.to_owned())
            .or_default()
            .push(value);
    }

    /// Writes them as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        fs::write(path, serde_json::to_string_pretty(&self.0)?).with_context(|| path.display().to_string())
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (scenario, contenders) in &self.0 {
            for (contender, rounds) in contenders {
                write!(f, "{scenario}, {contender}:")?;
                for round in rounds {
                    write!(f, " {round:.0}")?;
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// How long something took, each time.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// So many percent took at most so many microseconds.
    pub(crate) fn percentile(&mut self, percent: usize) -> Result<f64> {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100);
        let time = self
            .0
            .get(rank.saturating_sub(1))
            .context("nothing was measured")?;
        Ok(time.as_secs_f64() * 1e6)
    }
}
