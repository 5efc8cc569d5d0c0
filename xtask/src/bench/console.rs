//! The console in a browser, in front of a real bridge: how soon it is of use, and what a flood of events does to it. Node
//! drives Chromium, and writes down what each took.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};

use super::table::{self, Bound, Row, median, median_ratio};
use crate::{cmd, e2e, node, paths, pictures, plan::Plan, tools::Tools};

/// Builds the console and measures it.
pub(super) fn bench() -> Result<()> {
    let tools = Tools::for_browsers()?;
    let mut plan = Plan::default();
    pictures::add_console(&mut plan, &tools);
    plan.add("Node packages", || node::install(e2e::CONSOLE));
    plan.add("benchmarks of the console", measure);
    plan.add("what they say", || table::write("console", &rows()?));
    plan.perform()
}

fn measure() -> Result<()> {
    fs::create_dir_all(paths::target_dir().join("bench"))?;
    let mut node = cmd::program("node");
    node.arg("benches/console/bench.mjs");
    cmd::run(e2e::programs(&mut node)?.env("QMP_BENCH_SAMPLES", samples()))
}

fn rows() -> Result<Vec<Row>> {
    let text = fs::read_to_string(samples())?;
    let samples: BTreeMap<String, Vec<f64>> = serde_json::from_str(&text)?;
    let of = |what: &str| {
        let samples = samples.get(what).filter(|samples| !samples.is_empty());
        samples.with_context(|| format!("nothing was measured of {what}"))
    };
    let mut rows = Vec::new();
    for (what, name, peer, bound) in OPENED {
        let ours = of(what)?;
        let theirs = (!peer.is_empty()).then(|| of(peer)).transpose()?;
        let row = |name: String, ours, peer, ratio| Row {
            name,
            unit: "ms",
            ours,
            peer,
            ratio,
            bound,
        };
        let ratio = theirs.map(|theirs| median_ratio(ours, theirs)).transpose()?;
        let peer = theirs.map(|theirs| median(theirs.iter().copied())).transpose()?;
        rows.push(row(name.to_owned(), median(ours.iter().copied())?, peer, ratio));
        let ratios = theirs.map(|theirs| ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs));
        let worst = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
        rows.push(row(
            format!("{name}, the worst"),
            worst(ours),
            theirs.map(|theirs| worst(theirs)),
            ratios.map(|ratios| ratios.fold(0.0, f64::max)),
        ));
    }
    for (what, name, unit, bound) in FLOODED {
        rows.push(Row {
            name: name.to_owned(),
            unit,
            ours: median(of(what)?.iter().copied())?,
            peer: None,
            ratio: None,
            bound,
        });
    }
    Ok(rows)
}

/// Where Node writes what it measured.
fn samples() -> PathBuf {
    paths::target_dir().join("bench/console-samples.json")
}

/// What was measured since the link was followed, by a browser that has never been there; beside what; and what is asked.
const OPENED: [(&str, &str, &str, Bound); 4] = [
    (
        "paint",
        "first paint, beside the start of the program",
        "program",
        Bound::RatioAtMost(1.0),
    ),
    ("program", "the program runs", "", Bound::AtMost(1000.0)),
    ("live", "connected to the machine", "", Bound::AtMost(1000.0)),
    // The bytes have to come at least.
    (
        "answer",
        "a typed command is answered, beside fetching the bytes",
        "bytes",
        Bound::AtMost(1000.0),
    ),
];
/// What was measured while 5,000 events a second came for a minute.
const FLOODED: [(&str, &str, &str, Bound); 5] = [
    ("rate", "events a second", "to the last", Bound::AtLeast(4900.0)),
    (
        "task",
        "longest task in a flood of events",
        "ms",
        Bound::AtMost(200.0),
    ),
    (
        "command",
        "a command in a flood of events",
        "ms",
        Bound::AtMost(1000.0),
    ),
    ("heap", "growth of JavaScript's heap", "MiB", Bound::AtMost(16.0)),
    (
        "memory",
        "growth of the program's memory",
        "MiB",
        Bound::AtMost(16.0),
    ),
];
