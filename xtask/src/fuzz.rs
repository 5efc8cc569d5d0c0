//! Fuzzing of the core for as long as one waits for tests. What is fuzzed is in the folder `fuzz`.

use std::fs;

use anyhow::{Result, bail};

use crate::{cmd, paths, plan::Plan, tools::Tools};

/// What it takes; `None` where there is no nightly Rust of our version or later, which alone can build the targets.
///
/// # Errors
/// There is none although it is `required`.
pub(crate) fn tools(required: bool) -> Result<Option<Tools>> {
    let found = cmd::ask(nightly().arg("--version")).unwrap_or_default();
    if minor(found.trim_start_matches("cargo ")) >= minor(env!("CARGO_PKG_RUST_VERSION")) {
        return Tools::for_fuzzing().map(Some);
    }
    let wanted = "a nightly Rust as new as the stable one: rustup toolchain install nightly";
    if required {
        bail!("fuzzing needs {wanted}");
    }
    println!("Not fuzzed. It needs {wanted}");
    Ok(None)
}

/// Adds a minute of fuzzing.
pub(crate) fn add_to<'a>(plan: &mut Plan<'a>, tools: &'a Tools) {
    tools.install(plan);
    plan.add("fuzzing of the core", || fuzz(tools));
}

fn fuzz(tools: &Tools) -> Result<()> {
    let cargo_fuzz = |args: &[&str]| {
        let mut command = nightly();
        command.arg("fuzz").args(args).env("PATH", tools.path());
        command
    };
    let targets = cmd::ask(&mut cargo_fuzz(&["list"]))?;
    let targets: Vec<&str> = targets.lines().collect();
    if targets.is_empty() {
        bail!("there is nothing to fuzz");
    }
    cmd::run(&mut cargo_fuzz(&["build"]))?;
    for target in &targets {
        let found = paths::target_dir().join("fuzz").join(target);
        fs::create_dir_all(&found)?;
        let seconds = format!("-max_total_time={}", SECONDS / targets.len());
        cmd::run(
            cargo_fuzz(&["run", target])
                .arg(found)
                .arg(format!("fuzz/corpus/{target}"))
                .args(["--", &seconds, "-print_final_stats=1", "-verbosity=0"]),
        )?;
    }
    Ok(())
}

/// The second number of Rust's version, which is the one that counts; 0 if it is none.
fn minor(version: &str) -> u32 {
    let minor = version.split('.').nth(1).map(str::parse);
    minor.and_then(Result::ok).unwrap_or(0)
}

/// Cargo of a nightly Rust.
fn nightly() -> std::process::Command {
    let mut command = cmd::program("rustup");
    command
        .args(["run", "nightly", "cargo"])
        .env("CARGO_TARGET_DIR", paths::target_dir());
    command
}

/// For all targets together.
const SECONDS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minor_version_is_the_second_number() {
        assert_eq!(
            (
                minor("1.95"),
                minor("1.97.0-nightly (4d1f98451 2026-05-15)"),
                minor("")
            ),
            (95, 97, 0)
        );
    }
}
