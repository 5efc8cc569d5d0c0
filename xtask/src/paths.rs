//! Where things are. Nothing is created here.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the project")
}

/// Where cargo builds.
pub(crate) fn target_dir() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The console as a browser downloads it; the bridge embeds this folder.
pub(crate) fn console() -> PathBuf {
    root().join("dist/console")
}

/// The client library as its parts, which a browser can load too; the bridge embeds this folder.
pub(crate) fn client() -> PathBuf {
    root().join("dist/client")
}

/// The client library as npm delivers it.
pub(crate) fn package() -> PathBuf {
    root().join("dist/npm")
}

/// The bridge, once it is built.
pub(crate) fn bridge() -> PathBuf {
    target_dir()
        .join("release")
        .join("qmp-bridge")
        .with_extension(env::consts::EXE_EXTENSION)
}

/// What outlives a clone: compiled tools.
pub(crate) fn cache() -> Result<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("LOCALAPPDATA"))
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    Ok(base
        .context("neither XDG_CACHE_HOME nor HOME is set")?
        .join("qmp-web"))
}

/// The first program of this name on `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
        .find(|path| path.is_file())
}
