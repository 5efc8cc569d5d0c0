//! The client in a browser beside others that do the same there: Node serves them all to one page of one Chromium, and
//! writes down what each took.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};

use super::table::{self, Bound, Row, median, median_ratio};
use crate::{build, cmd, node, package, paths, plan::Plan, system, tools::Tools};

/// Builds the client and measures it.
pub(super) fn bench() -> Result<()> {
    let tools = Tools::for_browsers()?;
    let missing = system::missing(&[system::QEMU, system::CHROMIUM, system::NODE, system::NPM]);
    let mut plan = Plan::default();
    tools.install(&mut plan);
    if !missing.is_empty() {
        plan.add("system packages", || system::install(&missing));
    }
    build::add_client(&mut plan, &tools);
    package::add_to(&mut plan, &tools);
    plan.add("Node packages", || node::install(FOLDER));
    plan.add("benchmarks of the client", measure);
    plan.add("what they say", || table::write("client", &rows()?));
    plan.perform()
}

fn measure() -> Result<()> {
    fs::create_dir_all(paths::target_dir().join("bench"))?;
    let mut node = cmd::program("node");
    node.arg(format!("{FOLDER}/bench.mjs"));
    node.env("QMP_CLIENT", paths::package())
        .env("QMP_BENCH_SAMPLES", samples());
    node.env(
        "QMP_CHROMIUM",
        system::chromium().context("there is no Chromium")?,
    );
    cmd::run(node.env("QMP_QEMU", system::qemu().context("there is no QEMU")?))
}

fn rows() -> Result<Vec<Row>> {
    let text = fs::read_to_string(samples())?;
    let scenarios: Vec<(String, Samples)> = serde_json::from_str(&text)?;
    let mut rows = Vec::new();
    for (ours, peer, bound) in PAIRS {
        for (scenario, samples) in &scenarios {
            let (Some(ours), Some(theirs)) = (samples.get(ours), samples.get(peer)) else {
                continue;
            };
            let (what, unit, bound) = match scenario.as_str() {
                "event" => ("event that nobody hears".to_owned(), "ns", 0.5),
                "integers" => ("integers past 2^53 rounded".to_owned(), "of 3", 0.0),
                reply => (format!("reply of {reply}"), "ns", bound),
            };
            rows.push(Row {
                name: format!("{what}, beside {peer}"),
                unit,
                ours: median(ours.iter().copied())?,
                peer: Some(median(theirs.iter().copied())?),
                ratio: Some(median_ratio(ours, theirs)?),
                bound: Bound::RatioAtMost(bound),
            });
        }
    }
    Ok(rows)
}

/// Where Node writes what it measured.
fn samples() -> PathBuf {
    paths::target_dir().join("bench/client-samples.json")
}

/// By contender, what each round took.
type Samples = BTreeMap<String, Vec<f64>>;

/// Who is compared, and how much of the other's time ours may take for a reply. The clients for JSON-RPC know text alone, and
/// round integers: to look for those that must not be costs a tenth of the engine's parsing.
const PAIRS: [(&str, &str, f64); 4] = [
    ("ours, text", "hand-written, text", 1.1),
    ("ours, binary", "hand-written, binary", 1.1),
    ("ours, rounding integers", "rpc-websockets", 1.0),
    ("ours, rounding integers", "vscode-jsonrpc", 1.0),
];
const FOLDER: &str = "benches/client";
