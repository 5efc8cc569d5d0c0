//! The verb `build`: console, client library, npm package, bridge. What they weigh is measured elsewhere.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{cmd, package, paths, plan::Plan, size, system, tools::Tools};

/// Builds all that is delivered and measures it.
pub(crate) fn build() -> Result<()> {
    let tools = Tools::for_browsers()?;
    let missing = system::missing(&package::NEEDS);
    let mut plan = Plan::default();
    tools.install(&mut plan);
    if !missing.is_empty() {
        plan.add("system packages", || system::install(&missing));
    }
    add_pages(&mut plan, &tools);
    package::add_to(&mut plan, &tools);
    add_bridge(&mut plan);
    plan.perform()
}

/// Adds the console, what it weighs, and the client library.
pub(crate) fn add_pages<'a>(plan: &mut Plan<'a>, tools: &'a Tools) {
    plan.add("console", || console(tools));
    plan.add("what the console weighs", size::check_console);
    add_client(plan, tools);
}

/// Adds the bridge, which embeds the console and the client library as they are then.
pub(crate) fn add_bridge(plan: &mut Plan<'_>) {
    plan.add("bridge", || {
        cmd::run(cmd::cargo().args(["build", "--release", "-p", "qmp-bridge"]))
    });
}

/// Adds the client library.
pub(crate) fn add_client<'a>(plan: &mut Plan<'a>, tools: &'a Tools) {
    plan.add("client library", || client(tools));
}

fn console(tools: &Tools) -> Result<()> {
    // Trunk works offline, so that it cannot fetch tools of its own choice; then cargo cannot fetch either.
    cmd::run(cmd::cargo().args(["fetch", "--target", "wasm32-unknown-unknown"]))?;
    let fresh = paths::target_dir().join("console");
    let mut trunk = cmd::program("trunk");
    trunk.args(["build", "--dist"]).arg(&fresh);
    trunk
        .env("PATH", tools.path())
        .env("CARGO_TARGET_DIR", paths::target_dir());
    if std::env::var_os("NO_COLOR").is_some() {
        // Trunk reads it as a Boolean and rejects the usual 1.
        trunk.env("NO_COLOR", "true");
    }
    cmd::run(&mut trunk)?;
    // Again, because trunk does not pass on the wish for a module without names.
    bindgen(tools, "console", &fresh, &[])?;
    mirror(&fresh, &paths::console())
}

fn client(tools: &Tools) -> Result<()> {
    cargo_wasm("qmp-web")?;
    cargo_wasm("qmp-schema")?;
    let fresh = paths::target_dir().join("client");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    // Where the module is, is said in front of what wasm-bindgen makes.
    bindgen(tools, "qmp_web", &fresh, &["--omit-default-module-path"])?;
    bindgen(tools, "qmp_web_schema", &fresh, &["--omit-default-module-path"])?;
    tidy_scripts(&fresh)?;
    for file in FRONT {
        fs::copy(paths::root().join("npm").join(file), fresh.join(file))?;
    }
    mirror(&fresh, &paths::client())
}

/// Compiles a package as a WebAssembly module.
pub(crate) fn cargo_wasm(package: &str) -> Result<()> {
    // `cargo rustc` for its --crate-type: cargo optimizes a library across crates only if it is nothing but a cdylib.
    let crate_type = ["rustc", "--lib", "--crate-type", "cdylib"];
    let profile = ["--profile", "browser", "--target", "wasm32-unknown-unknown"];
    cmd::run(cmd::cargo().args(crate_type).args(profile).args(["-p", package]))
}

/// Gives our own scripts, which wasm-bindgen puts into a folder named by a hash, a place that stays.
fn tidy_scripts(library: &Path) -> Result<()> {
    let snippets = library.join("snippets");
    let crates = entries(&snippets)?;
    let [ours] = &crates[..] else {
        bail!("scripts of {} crates", crates.len());
    };
    let name = ours.file_name().context("a folder has a name")?.to_string_lossy();
    let glue = library.join("qmp_web.js");
    let text = fs::read_to_string(&glue)?;
    let lines = text.split_inclusive('\n').map(|line| {
        // Elsewhere it is the name that the module knows them by.
        if line.starts_with("import ") {
            line.replace(&format!("./snippets/{name}/src/js/"), "./js/")
        } else {
            line.to_owned()
        }
    });
    fs::write(&glue, lines.collect::<String>())?;
    fs::rename(ours.join("src/js"), library.join("js"))?;
    // It is written for where wasm-bindgen puts it.
    let schema = library.join("js/schema.js");
    let text = fs::read_to_string(&schema)?;
    fs::write(
        &schema,
        text.replace("../../../../qmp_web_schema.js", "../qmp_web_schema.js"),
    )?;
    Ok(fs::remove_dir_all(snippets)?)
}

/// Makes what a browser loads out of what cargo built. The names of functions, a fifth of it, stay out.
pub(crate) fn bindgen(tools: &Tools, module: &str, out: &Path, options: &[&str]) -> Result<()> {
    let built = paths::target_dir()
        .join("wasm32-unknown-unknown/browser")
        .join(module);
    let mut wasm_bindgen = cmd::program("wasm-bindgen");
    wasm_bindgen
        .args(["--target", "web", "--remove-name-section", "--no-typescript"])
        .args(options);
    wasm_bindgen
        .arg("--out-dir")
        .arg(out)
        .arg(built.with_extension("wasm"));
    cmd::run(wasm_bindgen.env("PATH", tools.path()))
}

/// Makes `to` equal to `from`, leaving alone what is equal already: a file that was written again, even with the same
/// bytes, would make cargo compile the bridge again.
pub(crate) fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for old in entries(to)? {
        let twin = from.join(old.file_name().context("an entry has a name")?);
        if !twin.exists() || twin.is_dir() != old.is_dir() {
            if old.is_dir() {
                fs::remove_dir_all(old)
            } else {
                fs::remove_file(old)
            }?;
        }
    }
    for new in entries(from)? {
        let twin = to.join(new.file_name().context("an entry has a name")?);
        if new.is_dir() {
            mirror(&new, &twin)?;
        } else if !twin.exists() || fs::read(&new)? != fs::read(&twin)? {
            fs::copy(&new, &twin)?;
        }
    }
    Ok(())
}

pub(crate) fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

/// The client's module.
pub(crate) const WASM: &str = "qmp_web_bg.wasm";
/// That which reads schemas, loaded when it is needed.
pub(crate) const SCHEMA_WASM: &str = "qmp_web_schema_bg.wasm";
/// What is in front of it in a page that loads its parts.
const FRONT: [&str; 3] = ["api.js", "index.js", "load.js"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_copies_what_differs_and_removes_what_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        fs::create_dir_all(from.join("snippets")).unwrap();
        fs::create_dir_all(to.join("gone")).unwrap();
        fs::write(from.join("same"), "same").unwrap();
        fs::write(from.join("snippets/new"), "new").unwrap();
        fs::write(to.join("same"), "same").unwrap();
        fs::write(to.join("gone/old"), "old").unwrap();
        let written = fs::metadata(to.join("same")).unwrap().modified().unwrap();

        mirror(&from, &to).unwrap();

        assert_eq!(fs::read(to.join("snippets/new")).unwrap(), b"new");
        assert_eq!(
            fs::metadata(to.join("same")).unwrap().modified().unwrap(),
            written
        );
        assert!(!to.join("gone").exists());
    }
}
