//! What benchmarks say, for people and as a file. What is measured is not known here.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::paths;

/// One comparison, or one number of ours alone.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) ours: f64,
    pub(super) peer: Option<f64>,
    /// Ours by the peer's.
    pub(super) ratio: Option<f64>,
    pub(super) bound: Bound,
}

/// What is asked of a row.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    /// Of our own number.
    AtMost(f64),
    /// Of our own number.
    AtLeast(f64),
    RatioAtMost(f64),
    RatioAtLeast(f64),
}

impl Row {
    fn is_ok(&self) -> bool {
        match self.bound {
            Bound::AtMost(bound) => self.ours <= bound,
            Bound::AtLeast(bound) => self.ours >= bound,
            Bound::RatioAtMost(bound) => self.ratio.is_some_and(|ratio| ratio <= bound),
            Bound::RatioAtLeast(bound) => self.ratio.is_some_and(|ratio| ratio >= bound),
        }
    }
}

/// Prints the rows and writes them to `target/bench`.
pub(super) fn write(subject: &str, rows: &[Row]) -> Result<()> {
    println!(
        "{:<62} {:>10} {:>10} {:>6} {:>8}",
        "", "ours", "peer", "ratio", "bound"
    );
    for row in rows {
        let Row {
            name,
            unit,
            ours,
            peer,
            ratio,
            bound,
        } = row;
        let peer = peer.map(|peer| format!("{peer:.0}")).unwrap_or_default();
        let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let bound = match bound {
            Bound::AtMost(bound) => format!("<={bound}"),
            Bound::AtLeast(bound) => format!(">={bound}"),
            Bound::RatioAtMost(bound) => format!("<={bound:.2}"),
            Bound::RatioAtLeast(bound) => format!(">={bound:.2}"),
        };
        let verdict = if row.is_ok() { "ok" } else { "MISSED" };
        println!("{name:<62} {ours:>10.0} {peer:>10} {ratio:>6} {bound:>8}  {unit}, {verdict}");
    }
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let Row { name, unit, ours, peer, ratio, bound } = row;
            let (Bound::AtMost(bound) | Bound::AtLeast(bound) | Bound::RatioAtMost(bound) | Bound::RatioAtLeast(bound)) =
                bound;
            json!({ "name": name, "unit": unit, "ours": ours, "peer": peer, "ratio": ratio, "bound": bound, "ok": row.is_ok() })
        })
        .collect();
    let folder = paths::target_dir().join("bench");
    fs::create_dir_all(&folder)?;
    Ok(fs::write(
        folder.join(format!("{subject}.json")),
        serde_json::to_string_pretty(&rows)?,
    )?)
}

/// The sample in the middle.
pub(super) fn median(samples: impl Iterator<Item = f64>) -> Result<f64> {
    let mut sorted: Vec<f64> = samples.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2);
    middle.copied().context("nothing was measured")
}

/// The ratio round by round, because what else the machine does slows a whole round.
pub(super) fn median_ratio(ours: &[f64], theirs: &[f64]) -> Result<f64> {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_one_of_the_samples() {
        assert_eq!(median([9.0, 1.0, 2.0].into_iter()).unwrap(), 2.0);
        assert!(median(std::iter::empty()).is_err());
    }

    #[test]
    fn a_bound_is_of_our_number_or_of_the_ratio() {
        let is_ok = |bound| {
            let (ours, peer, ratio) = (4.0, Some(2.0), Some(2.0));
            let (name, unit) = (String::new(), "");
            Row {
                name,
                unit,
                ours,
                peer,
                ratio,
                bound,
            }
            .is_ok()
        };
        assert!(is_ok(Bound::AtMost(4.0)) && !is_ok(Bound::AtMost(3.0)));
        assert!(is_ok(Bound::AtLeast(4.0)) && !is_ok(Bound::AtLeast(5.0)));
        assert!(is_ok(Bound::RatioAtMost(2.0)) && !is_ok(Bound::RatioAtMost(1.0)));
        assert!(is_ok(Bound::RatioAtLeast(2.0)) && !is_ok(Bound::RatioAtLeast(3.0)));
    }
}
