//! The tests that use the console as a person does, and the client as a web page does: Node drives Chromium, and each
//! test starts its own bridge and QEMU.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{cmd, node, paths, plan::Plan, python, qemu, system};

/// Adds those of the console and the client.
pub(crate) fn add_console(plan: &mut Plan<'_>) {
    plan.add("Node packages", || node::install(CONSOLE));
    plan.add("tests of the console and the client", || test(CONSOLE));
}

/// Adds those of the npm package in the apps of others. They use what the others are made of.
pub(crate) fn add_package(plan: &mut Plan<'_>) {
    plan.add("Node packages", || node::install(CONSOLE));
    plan.add("Node packages of others", || node::install(PACKAGE));
    plan.add("tests of the npm package", || test(PACKAGE));
}

/// Adds the pictures that the console is compared with: they become what it looks like now.
pub(crate) fn add_pictures(plan: &mut Plan<'_>) {
    plan.add("Node packages", || node::install(CONSOLE));
    plan.add("pictures of the console", || {
        let mut node = cmd::program("node");
        node.args(["--test", "--test-reporter=spec"]);
        node.arg(format!("{CONSOLE}/console-pictures.test.mjs"));
        cmd::run(programs(&mut node)?.env("QMP_PICTURES", "anew"))
    });
}

fn test(folder: &str) -> Result<()> {
    // By name, because versions of Node disagree on what a folder means to --test.
    let mut files = Vec::new();
    for entry in fs::read_dir(paths::root().join(folder))? {
        let name = entry?.file_name();
        if name.to_string_lossy().ends_with(".test.mjs") {
            files.push(PathBuf::from(folder).join(name));
        }
    }
    ensure!(!files.is_empty(), "there are no tests in {folder}");
    files.sort();
    let mut node = cmd::program("node");
    node.args(["--test", "--test-reporter=spec"]).args(files);
    programs(&mut node)?.env(qemu::VARIABLE, qemu::value()?);
    cmd::run(node.env("QMP_WEBSOCKIFY", python::bin("websockify")))
}

/// Tells a program of Node's where those are that it starts.
pub(crate) fn programs(node: &mut Command) -> Result<&mut Command> {
    node.env("QMP_BRIDGE", paths::bridge())
        .env("QMP_CONSOLE", paths::console())
        .env("QMP_CLIENT", paths::package());
    node.env(
        "QMP_CHROMIUM",
        system::chromium().context("there is no Chromium")?,
    );
    Ok(node.env("QMP_QEMU", system::qemu().context("there is no QEMU")?))
}

/// The folder of the tests of the console, and of what starts things for them.
pub(crate) const CONSOLE: &str = "tests/e2e";
const PACKAGE: &str = "tests/npm";
