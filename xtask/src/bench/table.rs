//! What benchmarks say, for people and as a file. What is measured is not known here.

use std::fs;

use anyhow::Result;
use serde_json::{Value, json};

use crate::paths;

/// One comparison.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) ours: f64,
    pub(super) peer: f64,
    pub(super) ratio: f64,
    pub(super) bound: f64,
    pub(super) ok: bool,
}

/// Prints the rows and writes them to `target/bench`.
pub(super) fn write(subject: &str, rows: &[Row]) -> Result<()> {
    println!(
        "{:<62} {:>10} {:>10} {:>6} {:>6}",
        "", "ours", "peer", "ratio", "bound"
    );
    for Row {
        name,
        unit,
        ours,
        peer,
        ratio,
        bound,
        ok,
    } in rows
    {
        let verdict = if *ok { "ok" } else { "MISSED" };
        println!("{name:<62} {ours:>10.0} {peer:>10.0} {ratio:>6.2} {bound:>6.2}  {unit}, {verdict}");
    }
    let rows: Vec<Value> = rows
        .iter()
        .map(|Row { name, unit, ours, peer, ratio, bound, ok }| {
            json!({ "name": name, "unit": unit, "ours": ours, "peer": peer, "ratio": ratio, "bound": bound, "ok": ok })
        })
        .collect();
    let folder = paths::target_dir().join("bench");
    fs::create_dir_all(&folder)?;
    Ok(fs::write(
        folder.join(format!("{subject}.json")),
        serde_json::to_string_pretty(&rows)?,
    )?)
}
