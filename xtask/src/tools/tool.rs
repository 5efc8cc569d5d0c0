//! One tool: its version, how to recognize it, how to compile it. Where it stands among the others is not known here.

use std::{
    ffi::OsStr,
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{cmd, paths};

/// A program, or several of one package, that cargo can install.
pub(super) struct Tool {
    name: &'static str,
    programs: &'static [&'static str],
    version: String,
    /// What makes `cargo install` take the right package.
    package: &'static [&'static str],
    minutes: &'static str,
}

impl Tool {
    /// wasm-bindgen and its runner of tests, which must be of the version that is compiled in.
    pub(super) fn wasm_bindgen() -> Result<Self> {
        let lock = fs::read_to_string(paths::root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
        let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?;
        Ok(Self {
            name: "wasm-bindgen",
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            version: version.to_owned(),
            // Without --locked: its lock file has asked for versions that the index did not have yet.
            package: &["wasm-bindgen-cli"],
            minutes: "2 to 4",
        })
    }

    /// Trunk, which makes a page out of a program.
    pub(super) fn trunk() -> Self {
        Self {
            name: "trunk",
            programs: &["trunk"],
            version: TRUNK_VERSION.to_owned(),
            package: &["trunk", "--locked", "--no-default-features", "--features=rustls"],
            minutes: "3 to 9",
        }
    }

    /// What runs the fuzz targets.
    pub(super) fn cargo_fuzz() -> Self {
        Self {
            name: "cargo-fuzz",
            programs: &["cargo-fuzz"],
            version: CARGO_FUZZ_VERSION.to_owned(),
            package: &["cargo-fuzz", "--locked"],
            minutes: "1 to 2",
        }
    }

    /// What looks at where crates come from, and under which licence.
    pub(super) fn cargo_deny() -> Self {
        Self {
            name: "cargo-deny",
            programs: &["cargo-deny"],
            version: CARGO_DENY_VERSION.to_owned(),
            package: &["cargo-deny", "--locked"],
            minutes: "4 to 8",
        }
    }

    /// What its installation is announced with.
    pub(super) fn announcement(&self) -> String {
        let Self {
            name,
            version,
            minutes,
            ..
        } = self;
        format!("{name} {version}: compiling from source, {minutes} minutes, once on this machine")
    }

    /// The folder of its programs, if we install it.
    pub(super) fn bin(&self) -> Result<PathBuf> {
        Ok(self.root()?.join("bin"))
    }

    /// Whether it is there in the right version, in a folder or else on `PATH`.
    pub(super) fn works(&self, folder: Option<&Path>) -> bool {
        self.programs.iter().all(|program| {
            let program = folder.map_or_else(|| program.into(), |folder| folder.join(program));
            cmd::ask(Command::new(program).arg("--version"))
                .is_ok_and(|answer| answer.split_whitespace().nth(1) == Some(&self.version))
        })
    }

    /// Compiles it. Without its folder on `path`, cargo would ask the user to put it there.
    pub(super) fn install(&self, path: &OsStr) -> Result<()> {
        let mut cargo = cmd::cargo();
        cargo
            .args(["install", "--force"])
            .args(self.package)
            .args(["--version", &self.version]);
        cargo
            .arg("--root")
            .arg(self.root()?)
            .env("CARGO_TARGET_DIR", build_folder()?)
            .env("PATH", path);
        // The defaults take about twice as long, and these programs run for seconds.
        let profile = [
            ("LTO", "off"),
            ("CODEGEN_UNITS", "16"),
            ("OPT_LEVEL", "1"),
            ("DEBUG", "0"),
        ];
        for (setting, value) in profile {
            cargo.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        if !io::stderr().is_terminal() {
            // Cargo would be silent about how far it is, for minutes.
            cargo
                .env("CARGO_TERM_PROGRESS_WHEN", "always")
                .env("CARGO_TERM_PROGRESS_WIDTH", "100");
        }
        cmd::run(&mut cargo)
    }

    fn root(&self) -> Result<PathBuf> {
        Ok(paths::cache()?
            .join("tools")
            .join(format!("{}-{}", self.name, self.version)))
    }
}

/// Where tools are compiled: one folder, because they have many dependencies in common.
pub(super) fn build_folder() -> Result<PathBuf> {
    Ok(paths::cache()?.join("build"))
}

/// The version of a package that the lock file, always written in cargo's own form, has settled on.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

/// Not 0.22, which needs a newer rustc than the project's.
const TRUNK_VERSION: &str = "0.21.14";
const CARGO_DENY_VERSION: &str = "0.20.2";
const CARGO_FUZZ_VERSION: &str = "0.13.2";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_package_itself() {
        let lock = "[[package]]\nname = \"wasm-bindgen-test\"\nversion = \"0.3.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"elsewhere\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
