//! The verb `check`: formatting, lints and documentation, for the host and for the browser. It runs no test.

use std::fs;

use anyhow::Result;

use crate::{cmd, paths, plan::Plan, tools};

/// Checks without testing.
pub(crate) fn check() -> Result<()> {
    let mut plan = Plan::default();
    tools::install_wasm_target(&mut plan);
    add_to(&mut plan);
    plan.perform()
}

/// Adds the checks.
pub(crate) fn add_to(plan: &mut Plan<'_>) {
    plan.add("format", || {
        cmd::run(cmd::cargo().args(["fmt", "--all", "--check"]))
    });
    plan.add("lints", || {
        // The bridge embeds this folder, and whether it compiles must not depend on the console having been built.
        fs::create_dir_all(paths::console())?;
        cmd::run(cmd::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    plan.add("lints for the browser", || {
        cmd::run(
            cmd::cargo()
                .arg("clippy")
                .args(BROWSER)
                .args(["--all-targets", "--", "-D", "warnings"]),
        )
    });
    plan.add("documentation", || document(&["--workspace"]));
    plan.add("documentation for the browser", || document(&BROWSER));
}

fn document(what: &[&str]) -> Result<()> {
    cmd::run(
        cmd::cargo()
            .args(["doc", "--no-deps"])
            .args(what)
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

const BROWSER: [&str; 6] = [
    "-p",
    "qmp-web",
    "-p",
    "qmp-schema",
    "--target",
    "wasm32-unknown-unknown",
];
