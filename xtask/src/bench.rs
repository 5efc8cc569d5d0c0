//! The verb `bench`: runs benchmarks and writes what they say as ratios, which hold on other machines too.

mod bridge;
mod client;
mod console;
mod core;
mod table;

use anyhow::Result;
use clap::ValueEnum;

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Subject {
    /// The bridge under load, beside QEMU's own socket and websockify
    Bridge,
    /// The client in a browser, beside one written by hand and two for JSON-RPC
    Client,
    /// The console in a browser: how soon it is of use, and a flood of events
    Console,
    /// The protocol core, beside serde_json
    Core,
}

/// Measures, prints a table and writes it to `target/bench`.
pub(crate) fn bench(subject: Subject) -> Result<()> {
    match subject {
        Subject::Bridge => bridge::bench(),
        Subject::Client => client::bench(),
        Subject::Console => console::bench(),
        Subject::Core => core::bench(),
    }
}
