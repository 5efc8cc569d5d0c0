//! Programs of the operating system that cargo cannot provide. Where apt-get and root are at hand they are installed;
//! everywhere else the error is the one line to type.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{cmd, paths};

/// Something that the system has to provide.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    /// Its Debian package.
    package: &'static str,
    is_there: fn() -> bool,
}

pub(crate) const QEMU: Need = Need {
    package: "qemu-system-x86",
    is_there: || qemu().is_some(),
};
pub(crate) const CHROMIUM: Need = Need {
    package: "chromium",
    is_there: || chromium().is_some(),
};
pub(crate) const CHROMEDRIVER: Need = Need {
    package: "chromium-driver",
    is_there: || has("chromedriver"),
};
pub(crate) const NODE: Need = Need {
    package: "nodejs",
    is_there: || has("node"),
};
pub(crate) const NPM: Need = Need {
    package: "npm",
    is_there: || has("npm"),
};
/// It issues the certificate of a test.
pub(crate) const OPENSSL: Need = Need {
    package: "openssl",
    is_there: || has("openssl"),
};
pub(crate) const PYTHON: Need = Need {
    package: "python3",
    is_there: || has("python3"),
};
/// Debian takes `python3 -m venv` apart: without this package it exists and fails.
pub(crate) const PYTHON_VENV: Need = Need {
    package: "python3-venv",
    is_there: || cmd::ask(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok(),
};

/// The emulator, which `QMP_TEST_QEMU` may name.
pub(crate) fn qemu() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("QMP_TEST_QEMU").map(Into::into);
    named.or_else(|| paths::find_program("qemu-system-x86_64"))
}

/// A browser of Chromium's family.
pub(crate) fn chromium() -> Option<std::path::PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(paths::find_program)
}

/// The packages of what is not there.
pub(crate) fn missing(needs: &[Need]) -> Vec<&'static str> {
    needs
        .iter()
        .filter(|need| !(need.is_there)())
        .map(|need| need.package)
        .collect()
}

/// Installs packages.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let is_root = cmd::ask(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !has("apt-get") {
        bail!("please install what Debian calls {}", packages.join(", "));
    }
    if !is_root {
        bail!(
            "please type this, then try again: sudo apt-get install -y {}",
            packages.join(" ")
        );
    }
    let apt_get = || {
        let mut command = cmd::program("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    cmd::run(apt_get().arg("update"))?;
    cmd::run(
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )
}

fn has(program: &str) -> bool {
    paths::find_program(program).is_some()
}
