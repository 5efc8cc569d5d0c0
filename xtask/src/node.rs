//! Node's packages, as the lock file of a folder names them. No script of theirs runs when they are installed.

use anyhow::Result;

use crate::{cmd, paths};

/// The folders that have packages.
pub(crate) const FOLDERS: [&str; 4] = ["benches/client", "npm", "tests/e2e", "tests/npm"];

/// Installs the packages of a folder of the project.
pub(crate) fn install(folder: &str) -> Result<()> {
    let npm = [
        "ci",
        "--prefer-offline",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ];
    cmd::run(
        cmd::program("npm")
            .args(npm)
            .current_dir(paths::root().join(folder)),
    )
}
