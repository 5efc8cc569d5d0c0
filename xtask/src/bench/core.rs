//! The protocol core beside serde_json: criterion measures, natively.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use super::table::{self, Bound, Row};
use crate::{cmd, paths, plan::Plan, system};

/// Measures the core.
pub(super) fn bench() -> Result<()> {
    let missing = system::missing(&[system::QEMU]);
    let mut plan = Plan::default();
    if !missing.is_empty() {
        plan.add("system packages", || system::install(&missing));
    }
    plan.add("benchmarks of the core", || {
        cmd::run(cmd::cargo().args(["bench", "-p", "qmp-proto", "--bench", "core", "--", "--noplot"]))
    });
    plan.add("what they say", || table::write("core", &rows()?));
    plan.perform()
}

fn rows() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (size, bytes, bound) in [
        ("82B", 82.0, 1.0),
        ("4KB", 4096.0, 5.0),
        ("207KB", 207_000.0, 5.0),
    ] {
        let value = nanoseconds(&format!("decode/value_{size}"))?;
        for (way, how) in [("whole", "whole"), ("chunks", "in chunks of 64 KiB")] {
            let ours = nanoseconds(&format!("decode/{way}_{size}"))?;
            for (unit, amount) in [("MB/s", bytes / 1e6), ("messages/s", 1.0)] {
                rows.push(Row {
                    name: format!("reply of {size}, {how}, beside serde_json's Value"),
                    unit,
                    ours: amount * 1e9 / ours,
                    peer: Some(amount * 1e9 / value),
                    ratio: Some(value / ours),
                    bound: Bound::RatioAtLeast(bound),
                });
            }
        }
    }
    let (few, many) = (nanoseconds("in_flight/100")?, nanoseconds("in_flight/100000")?);
    rows.push(Row {
        name: "a reply with 100,000 commands in flight, beside one with 100".to_owned(),
        unit: "ns",
        ours: many,
        peer: Some(few),
        ratio: Some(many / few),
        bound: Bound::RatioAtMost(2.0),
    });
    Ok(rows)
}

/// The median time of one iteration: other work on the machine moves it less than the mean.
fn nanoseconds(benchmark: &str) -> Result<f64> {
    let path = paths::target_dir()
        .join("criterion")
        .join(benchmark)
        .join("new/estimates.json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let estimates: BTreeMap<String, Value> = serde_json::from_str(&text)?;
    estimates["median"]["point_estimate"]
        .as_f64()
        .context("the estimate is no number")
}
