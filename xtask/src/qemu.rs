//! A QEMU 10.0 for the tests, beside the installed one and not in its place: unpacked from Debian's backports into our
//! cache. Which tests need it, and what they do without it, is known to the testkit.

mod backports;

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};

use crate::{cmd, paths, plan::Plan, system};

/// Names a QEMU 10.0 to the tests. Empty, it says that there is none here and that what needs it is left out.
pub(crate) const VARIABLE: &str = "QMP_TEST_QEMU_10";

/// Adds its installation, unless it is there, is named, or cannot be had on this system.
pub(crate) fn add_to(plan: &mut Plan<'_>) -> Result<()> {
    let program = program()?;
    if env::var_os(VARIABLE).is_some() || is_ten(&program) {
        return Ok(());
    }
    match unavailable() {
        Some(reason) => println!("Not tested with QEMU 10.0 beside the installed one: {reason}."),
        None => plan.add("QEMU 10.0, beside the installed one", install),
    }
    Ok(())
}

/// The value of [`VARIABLE`] once the plan is performed.
pub(crate) fn value() -> Result<OsString> {
    if let Some(named) = env::var_os(VARIABLE) {
        return Ok(named);
    }
    let program = program()?;
    Ok(if is_ten(&program) {
        program.into()
    } else {
        OsString::new()
    })
}

/// Why it cannot be had here, if so.
fn unavailable() -> Option<String> {
    let installed = system::qemu().as_deref().and_then(version);
    if let Some(version) = installed.filter(|version| major(version) >= 10) {
        return Some(format!("that is {version}"));
    }
    (!backports::are_for_this_system()).then(|| {
        format!(
            "we know it only from Debian {}'s backports; {VARIABLE} can name one",
            backports::SUITE
        )
    })
}

/// Unpacks it where nothing else looks, and puts it into its place when it is whole.
fn install() -> Result<()> {
    let place = folder()?;
    let cache = paths::cache()?;
    fs::create_dir_all(&cache)?;
    let fresh = tempfile::Builder::new().prefix("qemu-").tempdir_in(cache)?;
    let root = fresh.path().join("root");
    for archive in backports::download("qemu-system-x86", &fresh.path().join("apt"))? {
        cmd::run(cmd::program("dpkg").arg("--extract").arg(archive).arg(&root))?;
    }
    write_launcher(&root)?;
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::rename(root, place)?;
    ensure!(
        is_ten(&program()?),
        "what was unpacked is no QEMU 10 that runs here"
    );
    Ok(())
}

/// Libraries that came along are not where the system looks for libraries. Where QEMU has its own files, it finds itself.
fn write_launcher(root: &Path) -> Result<()> {
    let launcher = root.join(LAUNCHER);
    let libraries = format!("{}-linux-gnu", env::consts::ARCH);
    let script = format!(
        "#!/bin/sh\nroot=${{0%/*}}\n\
         export LD_LIBRARY_PATH=\"$root/usr/lib/{libraries}:$root/lib/{libraries}\"\n\
         exec \"$root/usr/bin/qemu-system-x86_64\" \"$@\"\n"
    );
    fs::write(&launcher, script)?;
    cmd::run(cmd::program("chmod").arg("+x").arg(launcher))
}

fn is_ten(program: &Path) -> bool {
    version(program).is_some_and(|version| major(&version) == 10)
}

/// What a QEMU says of its version, such as `10.0.2`.
fn version(program: &Path) -> Option<String> {
    let answer = cmd::ask(Command::new(program).arg("--version")).ok()?;
    answer
        .strip_prefix("QEMU emulator version ")?
        .split_whitespace()
        .next()
        .map(str::to_owned)
}

fn major(version: &str) -> u32 {
    let major = version.split('.').next().map(str::parse);
    major.and_then(Result::ok).unwrap_or(0)
}

fn program() -> Result<PathBuf> {
    Ok(folder()?.join(LAUNCHER))
}

fn folder() -> Result<PathBuf> {
    Ok(paths::cache()?.join("qemu-10.0"))
}

const LAUNCHER: &str = "qemu";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_major_version_is_a_number() {
        assert_eq!((major("7.2.22"), major("10.0.2"), major("")), (7, 10, 0));
    }
}
