//! Tools of Rust's that cargo can compile. One on `PATH` is taken if it has exactly the right version;
//! else it is compiled into a cache that all clones share. The user's own ~/.cargo/bin is left alone.

mod tool;

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::Path,
};

use anyhow::{Context, Result};

use self::tool::Tool;
use crate::{cmd, plan::Plan};

/// Where the tools are, and which are still to be installed.
pub(crate) struct Tools {
    path: OsString,
    missing: Vec<Tool>,
    for_browsers: bool,
}

impl Tools {
    /// Those that turn Rust into something for browsers.
    pub(crate) fn for_browsers() -> Result<Self> {
        Self::locate([Tool::wasm_bindgen()?, Tool::trunk()], true)
    }

    /// That which fuzzes.
    pub(crate) fn for_fuzzing() -> Result<Self> {
        Self::locate([Tool::cargo_fuzz()], false)
    }

    /// That which looks at where crates come from.
    pub(crate) fn for_supply() -> Result<Self> {
        Self::locate([Tool::cargo_deny()], false)
    }

    fn locate(tools: impl IntoIterator<Item = Tool>, for_browsers: bool) -> Result<Self> {
        let mut folders = Vec::new();
        let mut missing = Vec::new();
        for tool in tools {
            if tool.works(None) {
                continue;
            }
            let bin = tool.bin()?;
            if !tool.works(Some(&bin)) {
                missing.push(tool);
            }
            folders.push(bin);
        }
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        Ok(Self {
            path: env::join_paths(folders)?,
            missing,
            for_browsers,
        })
    }

    /// `PATH` with the tools on it.
    pub(crate) fn path(&self) -> &OsStr {
        &self.path
    }

    /// Adds the installation of what is missing.
    pub(crate) fn install<'a>(&'a self, plan: &mut Plan<'a>) {
        if self.for_browsers {
            install_wasm_target(plan);
        }
        for tool in &self.missing {
            plan.add(tool.announcement(), || tool.install(&self.path));
        }
        if !self.missing.is_empty() {
            plan.add("removal of what the compilation left", || {
                Ok(fs::remove_dir_all(tool::build_folder()?)?)
            });
        }
    }
}

/// Adds the standard library for browsers, unless it is there.
pub(crate) fn install_wasm_target(plan: &mut Plan<'_>) {
    let question = ["--print", "target-libdir", "--target", WASM_TARGET];
    let folder = cmd::ask(cmd::program("rustc").args(question));
    if folder.is_ok_and(|folder| Path::new(folder.trim()).is_dir()) {
        return;
    }
    plan.add(
        format!("{WASM_TARGET}: Rust's standard library for browsers"),
        || {
            cmd::run(cmd::program("rustup").args(["target", "add", WASM_TARGET]))
                .with_context(|| format!("your Rust needs the target {WASM_TARGET}"))
        },
    );
}

const WASM_TARGET: &str = "wasm32-unknown-unknown";
