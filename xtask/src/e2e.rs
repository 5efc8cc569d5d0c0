//! The tests that use the console as a person does, and the client as a web page does: Node drives Chromium, and each
//! test starts its own bridge and QEMU.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{cmd, node, paths, plan::Plan, python, system};

/// Adds them.
pub(crate) fn add_to(plan: &mut Plan<'_>) {
    plan.add("Node packages", || node::install(FOLDER));
    plan.add("tests of the console and the client", test);
}

fn test() -> Result<()> {
    // By name, because versions of Node disagree on what a folder means to --test.
    let mut files = Vec::new();
    for entry in fs::read_dir(paths::root().join(FOLDER))? {
        let name = entry?.file_name();
        if name.to_string_lossy().ends_with(".test.mjs") {
            files.push(PathBuf::from(FOLDER).join(name));
        }
    }
    ensure!(!files.is_empty(), "there are no tests in {FOLDER}");
    files.sort();
    let mut node = cmd::program("node");
    node.args(["--test", "--test-reporter=spec"]).args(files);
    node.env("QMP_BRIDGE", paths::bridge())
        .env("QMP_CONSOLE", paths::console())
        .env("QMP_CLIENT", paths::package());
    node.env(
        "QMP_CHROMIUM",
        system::chromium().context("there is no Chromium")?,
    );
    node.env("QMP_QEMU", system::qemu().context("there is no QEMU")?);
    cmd::run(node.env("QMP_WEBSOCKIFY", python::bin("websockify")))
}

const FOLDER: &str = "tests/e2e";
