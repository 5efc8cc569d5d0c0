//! What a browser downloads, as it travels: gzipped, against fixed bounds. 1 KB is 1000 bytes.

use std::{fs, io::Write, path::Path};

use anyhow::{Result, ensure};
use flate2::{Compression, write::GzEncoder};

use crate::{
    build::{SCHEMA_WASM, WASM},
    paths,
};

/// Prints the size of the console, and fails if its wasm is past its bound.
pub(crate) fn check_console() -> Result<()> {
    let (wasm, js) = weigh(&paths::console())?;
    ensure!(wasm > 0, "the console has no wasm");
    judge("console", wasm, js, wasm, CONSOLE)
}

/// Prints what these scripts of the npm package weigh, in one file as a bundler puts them, together with the wasm that they
/// load, and fails if that is past its bound.
pub(crate) fn check_package(scripts: &[String]) -> Result<()> {
    let package = paths::package();
    let wasm = gzipped(&fs::read(package.join(WASM))?)?;
    let mut bundle = Vec::new();
    for script in scripts {
        bundle.extend(fs::read(package.join(script))?);
    }
    let js = gzipped(&bundle)?;
    judge("qmp-web", wasm, js, wasm + js, PACKAGE)?;
    let schema = gzipped(&fs::read(package.join(SCHEMA_WASM))?)?;
    judge("qmp-web, once a schema is read", schema, 0, schema, SCHEMA)
}

fn judge(name: &str, wasm: usize, js: usize, counted: usize, kilobytes: usize) -> Result<()> {
    println!(
        "{name}: {:.1} KB of wasm and {:.1} KB of JavaScript, gzipped; {:.1} of {kilobytes} KB allowed",
        in_kilobytes(wasm),
        in_kilobytes(js),
        in_kilobytes(counted)
    );
    ensure!(counted <= kilobytes * BYTES_PER_KILOBYTE, "{name} is too large");
    Ok(())
}

/// The wasm and the JavaScript of a folder.
fn weigh(folder: &Path) -> Result<(usize, usize)> {
    let (mut wasm, mut js) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let (more_wasm, more_js) = weigh(&path)?;
            (wasm, js) = (wasm + more_wasm, js + more_js);
        } else if path.extension().is_some_and(|found| found == "wasm") {
            wasm += gzipped(&fs::read(path)?)?;
        } else if path.extension().is_some_and(|found| found == "js") {
            js += gzipped(&fs::read(path)?)?;
        }
    }
    Ok((wasm, js))
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[expect(clippy::cast_precision_loss, reason = "a size to be read by people")]
fn in_kilobytes(bytes: usize) -> f64 {
    bytes as f64 / BYTES_PER_KILOBYTE as f64
}

/// The wasm of the console, in KB. It is loaded once, from the bridge, mostly over loopback or a LAN, and compiled while it
/// comes; nothing of it is in the npm package.
const CONSOLE: usize = 220;
/// What a page loads of the npm package, wasm and JavaScript, in KB.
const PACKAGE: usize = 60;
/// The module that reads schemas, in KB.
const SCHEMA: usize = 30;
const BYTES_PER_KILOBYTE: usize = 1000;
