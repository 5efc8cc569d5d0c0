//! What a browser downloads, as it travels: gzipped wasm, against fixed bounds, and the JavaScript beside it. 1 KB is 1000
//! bytes.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use flate2::{Compression, write::GzEncoder};

use crate::paths;

/// Prints the sizes and fails if one is past its bound.
pub(crate) fn check() -> Result<()> {
    let mut too_large = Vec::new();
    for Bound {
        name,
        folder,
        wasm,
        kilobytes,
    } in BOUNDS
    {
        let wasm = gzipped(&folder(), wasm)?;
        let js = gzipped(&folder(), ".js")?;
        ensure!(wasm > 0, "{} has no wasm", folder().display());
        println!(
            "{name}: {:.1} KB of wasm, of {kilobytes} KB allowed, and {:.1} KB of JavaScript, gzipped",
            in_kilobytes(wasm),
            in_kilobytes(js)
        );
        if wasm > kilobytes * BYTES_PER_KILOBYTE {
            too_large.push(name);
        }
    }
    ensure!(too_large.is_empty(), "too large: {}", too_large.join(", "));
    Ok(())
}

struct Bound {
    name: &'static str,
    folder: fn() -> PathBuf,
    /// How the names of its modules end.
    wasm: &'static str,
    kilobytes: usize,
}

fn gzipped(folder: &Path, end: &str) -> Result<usize> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sum += gzipped(&path, end)?;
        } else if path.to_string_lossy().ends_with(end) {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&fs::read(path)?)?;
            sum += encoder.finish()?.len();
        }
    }
    Ok(sum)
}

#[expect(clippy::cast_precision_loss, reason = "a size to be read by people")]
fn in_kilobytes(bytes: usize) -> f64 {
    bytes as f64 / BYTES_PER_KILOBYTE as f64
}

const BOUNDS: [Bound; 3] = [
    Bound {
        name: "console",
        folder: paths::console,
        wasm: ".wasm",
        kilobytes: 150,
    },
    Bound {
        name: "client library",
        folder: paths::client,
        wasm: "/qmp_web_bg.wasm",
        kilobytes: 46,
    },
    Bound {
        name: "what the client library loads to read schemas",
        folder: paths::client,
        wasm: "/qmp_web_schema_bg.wasm",
        kilobytes: 30,
    },
];
const BYTES_PER_KILOBYTE: usize = 1000;
