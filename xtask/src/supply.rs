//! What others have made and we deliver or build with: where it comes from, under which licence, and whether holes are known
//! in it. The rules are in `deny.toml`.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cmd, node, paths, plan::Plan, tools::Tools};

/// What it takes.
pub(crate) fn tools() -> Result<Tools> {
    Tools::for_supply()
}

/// Adds the checks.
pub(crate) fn add_to<'a>(plan: &mut Plan<'a>, tools: &'a Tools) {
    tools.install(plan);
    plan.add("what comes from crates.io", || crates(tools));
    plan.add("what comes from npm", packages);
}

fn crates(tools: &Tools) -> Result<()> {
    let deny = |args: &[&str]| {
        let mut command = cmd::cargo();
        command.arg("deny").args(args).env("PATH", tools.path());
        command
    };
    // Those of other systems too, which no build here has brought.
    cmd::run(cmd::cargo().args(["fetch", "--locked"]))?;
    cmd::run(&mut deny(&[
        "--workspace",
        "--offline",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    // The list of known holes is elsewhere than the crates, and may be out of reach where they are not.
    if cmd::ask(&mut deny(&["fetch", "db"])).is_err() {
        println!("Known holes: not looked for, because the list of RustSec cannot be reached from here");
        return Ok(());
    }
    cmd::run(&mut deny(&["--workspace", "--offline", "check", "advisories"]))
}

fn packages() -> Result<()> {
    for folder in node::FOLDERS {
        let mut npm = cmd::program("npm");
        npm.args(["audit", "--package-lock-only", "--json"])
            .current_dir(paths::root().join(folder));
        println!("$ {}", cmd::shown(&npm));
        match holes(&mut npm)? {
            Some(0) => {}
            Some(holes) => bail!("{folder}: {holes} known holes; `npm audit` there names them"),
            None => {
                println!("Known holes: not looked for, because the registry does not answer the question")
            }
        }
    }
    Ok(())
}

/// How many are known; `None` where nobody tells. npm fails in both cases.
fn holes(npm: &mut Command) -> Result<Option<u64>> {
    let output = npm.output().context("cannot run npm")?;
    Ok(count(&String::from_utf8_lossy(&output.stdout)))
}

fn count(report: &str) -> Option<u64> {
    let report: serde_json::Value = serde_json::from_str(report).ok()?;
    report.pointer("/metadata/vulnerabilities/total")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_no_answer_is_not_taken_for_no_holes() {
        assert_eq!(
            count(r#"{"metadata":{"vulnerabilities":{"high":1,"total":1}}}"#),
            Some(1)
        );
        assert_eq!(count(r#"{"metadata":{"vulnerabilities":{"total":0}}}"#), Some(0));
        assert_eq!(
            count(r#"{"message":"405 Method Not Allowed","error":{"code":null}}"#),
            None
        );
        assert_eq!(count(""), None);
    }
}
