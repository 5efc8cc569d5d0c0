//! The verb `test`: the checks, then every kind of test, with everything that they need. CI runs nothing else.

use anyhow::Result;
use clap::ValueEnum;

use crate::{
    build, check, cmd, e2e, fuzz, package, plan::Plan, python, qemu, supply, system, tools::Tools, web,
};

/// Which tests to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// The checks and all of these tests
    #[default]
    All,
    /// The console as a person uses it, and the client as a page does
    E2e,
    /// A minute of fuzzing, with what the core was fuzzed with before. It needs a nightly Rust
    Fuzz,
    /// What comes from others: sources, licences, known holes
    Supply,
    /// The npm package in the apps of others
    Npm,
    /// Everything that runs natively
    Unit,
    /// The client library inside a browser
    Web,
}

/// Runs tests.
pub(crate) fn test(part: Part) -> Result<()> {
    let wants = |other| part == Part::All || part == other;
    let tools = Tools::for_browsers()?;
    let fuzzer = wants(Part::Fuzz).then(|| fuzz::tools(part == Part::Fuzz));
    let fuzzer = fuzzer.transpose()?.flatten();
    let supply = wants(Part::Supply).then(supply::tools).transpose()?;
    let missing = system::missing(&needs(part));
    let mut plan = Plan::default();
    if !matches!(part, Part::Fuzz | Part::Supply) {
        tools.install(&mut plan);
    }
    if !missing.is_empty() {
        plan.add("system packages", || system::install(&missing));
    }
    if wants(Part::Unit) || wants(Part::E2e) {
        python::add_to(&mut plan)?;
    }
    if wants(Part::Unit) || wants(Part::Npm) {
        qemu::add_to(&mut plan)?;
    }
    if part == Part::All {
        check::add_to(&mut plan);
    }
    if let Some(tools) = &supply {
        supply::add_to(&mut plan, tools);
    }
    if !matches!(part, Part::Fuzz | Part::Supply) {
        build::add_pages(&mut plan, &tools);
    }
    if wants(Part::E2e) || wants(Part::Npm) {
        package::add_to(&mut plan, &tools);
    }
    if wants(Part::Unit) {
        plan.add("native tests", || {
            let mut cargo = cmd::cargo();
            cargo.args(["test", "--workspace"]).env("REQUIRE_QEMU", "1");
            cargo.env(qemu::VARIABLE, qemu::value()?);
            cmd::run(cargo.env("QMP_TEST_PYTHON", python::bin("python")))
        });
    }
    if wants(Part::E2e) || wants(Part::Npm) || wants(Part::Web) {
        build::add_bridge(&mut plan);
    }
    if wants(Part::Web) {
        plan.add("tests inside a browser", || web::test(&tools));
    }
    if wants(Part::E2e) {
        e2e::add_console(&mut plan);
    }
    if wants(Part::Npm) {
        e2e::add_package(&mut plan);
    }
    if let Some(fuzzer) = &fuzzer {
        fuzz::add_to(&mut plan, fuzzer);
    }
    plan.perform()
}

fn needs(part: Part) -> Vec<system::Need> {
    let unit = [system::QEMU, system::PYTHON, system::PYTHON_VENV];
    let web = [system::QEMU, system::CHROMIUM, system::CHROMEDRIVER];
    let e2e = [system::CHROMIUM, system::NODE, system::NPM, system::OPENSSL];
    match part {
        Part::All => [&unit[..], &web[1..], &e2e[1..]].concat(),
        Part::E2e => [&unit[..], &e2e[..]].concat(),
        Part::Fuzz => vec![],
        Part::Npm => [&[system::QEMU], &e2e[..]].concat(),
        Part::Supply => vec![system::NODE, system::NPM],
        Part::Unit => unit.to_vec(),
        Part::Web => web.to_vec(),
    }
}
