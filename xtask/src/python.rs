//! Other people's QMP programs, which the bridge is tested with, in a Python environment of their own.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::{cmd, paths, plan::Plan};

/// Adds the environment, unless it is there with what the requirements ask for.
pub(crate) fn add_to(plan: &mut Plan<'_>) -> Result<()> {
    let wanted = fs::read(paths::root().join(REQUIREMENTS))?;
    let installed = venv().join("installed.txt");
    // An environment breaks when the Python that made it goes away.
    let works = cmd::ask(cmd::program(bin("python")).arg("--version")).is_ok();
    if works && fs::read(&installed).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    plan.add("Python packages", move || {
        cmd::run(
            cmd::program("python3")
                .args(["-m", "venv", "--clear"])
                .arg(venv()),
        )?;
        let pip = [
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--requirement",
            REQUIREMENTS,
        ];
        cmd::run(cmd::program(bin("python")).args(pip))?;
        Ok(fs::write(installed, wanted)?)
    });
    Ok(())
}

/// A program of the environment.
pub(crate) fn bin(name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    venv()
        .join(folder)
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION)
}

fn venv() -> PathBuf {
    paths::target_dir().join("venv")
}

const REQUIREMENTS: &str = "tests/python-requirements.txt";
