//! The bridge under load: its release build, real clients and a real QEMU, beside the socket that it connects to and
//! beside websockify.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};

use super::table::{self, Bound, Row, median, median_ratio};
use crate::{cmd, paths, plan::Plan, python, system};

/// Measures the bridge.
pub(super) fn bench() -> Result<()> {
    let missing = system::missing(&[system::QEMU, system::PYTHON, system::PYTHON_VENV]);
    let mut plan = Plan::default();
    if !missing.is_empty() {
        plan.add("system packages", || system::install(&missing));
    }
    python::add_to(&mut plan)?;
    plan.add("benchmarks of the bridge", measure);
    plan.add("what they say", || table::write("bridge", &rows()?));
    plan.perform()
}

fn measure() -> Result<()> {
    fs::create_dir_all(paths::target_dir().join("bench"))?;
    // The bridge is built with it.
    let mut load = cmd::cargo();
    load.args(["bench", "-p", "qmp-bridge", "--bench", "load"])
        .env("QMP_BENCH_SAMPLES", samples());
    cmd::run(load.env("QMP_WEBSOCKIFY", python::bin("websockify")))
}

fn rows() -> Result<Vec<Row>> {
    let text = fs::read_to_string(samples())?;
    let samples: BTreeMap<String, BTreeMap<String, Vec<f64>>> = serde_json::from_str(&text)?;
    let rounds = |scenario: &str, contender: &str| {
        let rounds = samples
            .get(scenario)
            .and_then(|contenders| contenders.get(contender));
        rounds.with_context(|| format!("{scenario}: nothing was measured of {contender}"))
    };
    let judged = JUDGED.iter().map(|&(scenario, unit, peer, bound)| {
        let ours = rounds(scenario, "bridge")?;
        let (name, theirs) = match peer {
            "" => (scenario.to_owned(), None),
            peer => (
                format!("{scenario}, beside {peer}"),
                Some(rounds(scenario, peer)?),
            ),
        };
        Ok(Row {
            name,
            unit,
            ours: median(ours.iter().copied())?,
            peer: theirs.map(|theirs| median(theirs.iter().copied())).transpose()?,
            ratio: theirs.map(|theirs| median_ratio(ours, theirs)).transpose()?,
            bound,
        })
    });
    judged.collect()
}

/// Where the load writes what it measured.
fn samples() -> PathBuf {
    paths::target_dir().join("bench/bridge-samples.json")
}

/// What was measured, its unit, who is compared, and what is asked.
const JUDGED: [(&str, &str, &str, Bound); 20] = [
    (
        "commands, 8 in flight",
        "a second",
        "socket",
        Bound::RatioAtLeast(0.9),
    ),
    (
        "commands, 8 in flight",
        "a second",
        "socket with oob",
        Bound::RatioAtLeast(0.9),
    ),
    (
        "commands, 8 in flight",
        "a second",
        "websockify",
        Bound::RatioAtLeast(1.0),
    ),
    ("added to a reply, p50", "us", "", Bound::AtMost(200.0)),
    // It passes bytes on and looks at none.
    ("a reply, p50", "us", "websockify", Bound::RatioAtMost(1.2)),
    ("added to a reply, p99", "us", "", Bound::AtMost(1000.0)),
    ("a reply, p99", "us", "websockify", Bound::RatioAtMost(1.0)),
    ("polls executed", "commands", "asked", Bound::RatioAtMost(0.05)),
    ("polls, p99 of the slowest", "ms", "", Bound::AtMost(100.0)),
    ("1,000 idle clients", "KiB", "", Bound::AtMost(24.0 * 1024.0)),
    ("1,000 upgrades", "ms", "", Bound::AtMost(2000.0)),
    ("events a second", "from the machine", "", Bound::AtLeast(4900.0)),
    (
        "events received",
        "by 50 readers",
        "emitted",
        Bound::RatioAtLeast(1.0),
    ),
    ("events, p99 of the slowest", "ms", "", Bound::AtMost(100.0)),
    ("beside small commands, p99", "ms", "", Bound::AtMost(50.0)),
    (
        "beside big commands, p99",
        "ms",
        "one of them",
        Bound::AtMost(500.0),
    ),
    ("a decision, query-status", "ns", "", Bound::AtMost(5000.0)),
    ("a decision, an unknown command", "ns", "", Bound::AtMost(5000.0)),
    ("a decision, a transaction of 50", "ns", "", Bound::AtMost(5000.0)),
    ("QEMU killed", "ms", "", Bound::AtMost(100.0)),
];
