//! The npm package: the client library with its own front, bundled and made small. What is in front is in `npm/`.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use crate::{
    build::{self, SCHEMA_WASM, WASM},
    cmd, node, paths,
    plan::Plan,
    size, system,
    tools::Tools,
};

/// Adds it. The client library is there by then.
pub(crate) fn add_to<'a>(plan: &mut Plan<'a>, tools: &'a Tools) {
    plan.add("Node packages of the build", || node::install(SOURCES));
    plan.add("npm package", || package(tools));
}

/// What it needs.
pub(crate) const NEEDS: [system::Need; 2] = [system::NODE, system::NPM];

fn package(tools: &Tools) -> Result<()> {
    let (stage, fresh) = (
        paths::target_dir().join("npm"),
        paths::target_dir().join("npm-fresh"),
    );
    fs::create_dir_all(&stage)?;
    build::mirror(&paths::client(), &stage)?;
    for source in build::entries(&paths::root().join(SOURCES))? {
        if source.is_file() {
            fs::copy(
                &source,
                stage.join(source.file_name().context("a file has a name")?),
            )?;
        }
    }
    // A program of the package, which no page loads.
    build::cargo_wasm("qmp-types")?;
    build::bindgen(tools, "qmp_web_types", &stage, &["--omit-default-module-path"])?;
    for wasm in [WASM, SCHEMA_WASM, TYPES_WASM].map(|module| stage.join(module)) {
        cmd::run(
            tool("binaryen/bin/wasm-opt")
                .args(OPTIMIZED)
                .arg(&wasm)
                .arg("-o")
                .arg(&wasm),
        )?;
        compress(&wasm)?;
    }

    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let facts = paths::target_dir().join("npm.json");
    let bundle = || {
        let mut esbuild = tool("esbuild/bin/esbuild");
        esbuild.args(ESBUILD).arg(format!("--outdir={}", fresh.display()));
        esbuild
    };
    let mut client = bundle();
    client.args(SPLIT).args(ENTRIES.map(|entry| stage.join(entry)));
    cmd::run(client.arg(format!("--metafile={}", facts.display())))?;
    // By itself, so that the client is not cut where the two have something in common.
    cmd::run(bundle().arg(stage.join(MOCK)))?;
    for copied in build::entries(&stage)? {
        let name = copied.file_name().context("a file has a name")?.to_string_lossy();
        if COPIED.iter().any(|end| name.ends_with(end)) && name != "package-lock.json" {
            fs::copy(&copied, fresh.join(&*name))?;
        }
    }
    let mut types = String::new();
    for part in TYPES {
        types += &fs::read_to_string(paths::root().join(part))?;
    }
    fs::write(fresh.join("qmp_web.d.ts"), types)?;
    for licence in LICENCES {
        fs::copy(paths::root().join(licence), fresh.join(licence))?;
    }
    build::mirror(&paths::root().join(SOURCES).join(SCHEMAS), &fresh.join(SCHEMAS))?;
    check_version(&fresh)?;
    build::mirror(&fresh, &paths::package())?;
    let facts = serde_json::from_slice(&fs::read(facts)?)?;
    size::check_package(&loaded_with(&facts, "index.js")?)
}

/// A program out of a package, which Node runs.
fn tool(path: &str) -> Command {
    let mut node = cmd::program("node");
    node.arg(Path::new(SOURCES).join("node_modules").join(path));
    node
}

/// Puts the module beside itself as it is inside of scripts.
fn compress(wasm: &Path) -> Result<()> {
    let mut encoder = GzEncoder::new(File::create(wasm.with_extension("wasm.gz"))?, Compression::best());
    encoder.write_all(&fs::read(wasm)?)?;
    encoder.finish()?;
    Ok(())
}

/// The version is written in two places, which have to agree.
fn check_version(package: &Path) -> Result<()> {
    let package: Value = serde_json::from_slice(&fs::read(package.join("package.json"))?)?;
    ensure!(
        package["version"] == env!("CARGO_PKG_VERSION"),
        "the version in {SOURCES}/package.json is not {}",
        env!("CARGO_PKG_VERSION")
    );
    Ok(())
}

/// The files that come with an entry before anything is called, as esbuild tells of them.
fn loaded_with(facts: &Value, entry: &str) -> Result<Vec<String>> {
    let outputs = facts["outputs"].as_object().context("esbuild tells of outputs")?;
    let named = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let mut files = vec![entry.to_owned()];
    let mut at = 0;
    while let Some(file) = files.get(at) {
        let (_, output) = outputs
            .iter()
            .find(|(path, _)| named(path) == *file)
            .with_context(|| format!("esbuild has not made {file}"))?;
        for import in output["imports"].as_array().into_iter().flatten() {
            let path = named(import["path"].as_str().unwrap_or_default());
            if import["kind"] == "import-statement" && !files.contains(&path) {
                files.push(path);
            }
        }
        at += 1;
    }
    Ok(files)
}

const SOURCES: &str = "npm";
/// What is made of the schemas of some QEMUs; the tests see that it still is.
const SCHEMAS: &str = "schema";
/// The module that makes such files.
const TYPES_WASM: &str = "qmp_web_types_bg.wasm";
const ENTRIES: [&str; 6] = [
    "index.js",
    "inline.js",
    "node.js",
    "qmp-web-types.js",
    "shared.js",
    "shared-worker.js",
];
const MOCK: &str = "mock.js";
/// The names of files that are copied as they are end so.
const COPIED: [&str; 4] = [".d.ts", ".md", ".wasm", "package.json"];
/// The declarations of the client, which are one file there.
const TYPES: [&str; 2] = ["src/js/types.d.ts", "src/js/client.d.ts"];
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
/// As small as it gets, without words for other tools. Below address 1024 is but the far end of the stack: no pointer wraps
/// around to it by a small offset.
const OPTIMIZED: [&str; 5] = [
    "--low-memory-unused",
    "-Oz",
    "--converge",
    "--strip-producers",
    "--strip-target-features",
];
/// Entries that are loaded together share their classes.
const SPLIT: [&str; 2] = ["--splitting", "--chunk-names=chunk-[hash]"];
const ESBUILD: [&str; 10] = [
    "--bundle",
    "--format=esm",
    "--target=es2022",
    "--platform=neutral",
    "--external:node:*",
    "--loader:.gz=binary",
    "--minify",
    "--sourcemap",
    "--log-level=warning",
    // wasm-bindgen names a script once for each block of imports.
    "--log-override:duplicate-object-key=silent",
];
