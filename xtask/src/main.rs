//! Everything that is done to this project, as one program: `cargo xtask VERB`. Each verb has its module; this file
//! only reads the command line and turns the outcome into an exit code.

#![expect(clippy::print_stdout, reason = "this program talks to a terminal")]

mod bench;
mod bridge;
mod build;
mod check;
mod cmd;
mod e2e;
mod fuzz;
mod node;
mod package;
mod paths;
mod pictures;
mod plan;
mod python;
mod qemu;
mod run;
mod size;
mod stop;
mod supply;
mod system;
mod test;
mod tools;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, runs and tests qmp-web. What it needs and cannot find, it installs.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measure, and write the ratios to target/bench
    Bench {
        /// What to measure
        #[arg(value_enum)]
        subject: bench::Subject,
    },
    /// Build the console, the client library and the bridge, and measure what a browser downloads
    Build,
    /// Formatting, lints and documentation, all of them without a warning
    Check,
    /// Take the pictures anew that the tests compare the console with
    Pictures,
    /// Start the console with a small virtual machine. Ctrl-C ends everything, with exit code 0
    Run(run::Options),
    /// Run the checks and the tests
    Test {
        /// Which tests
        #[arg(value_enum, default_value_t)]
        part: test::Part,
    },
}

fn main() -> ExitCode {
    let verb = Cli::parse().verb;
    match stop::on_signals().and_then(|()| perform(verb)) {
        Ok(()) => ExitCode::SUCCESS,
        // A child that got the same Ctrl-C may have failed before our own handler ran.
        Err(_) if stop::wait(stop::SAME_KEY_PRESS) => {
            eprintln!("stopped");
            ExitCode::from(EXIT_STOPPED)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(verb: Verb) -> Result<()> {
    match verb {
        Verb::Bench { subject } => bench::bench(subject),
        Verb::Build => build::build(),
        Verb::Check => check::check(),
        Verb::Pictures => pictures::pictures(),
        Verb::Run(options) => run::run(&options),
        Verb::Test { part } => test::test(part),
    }
}

/// What a shell reports for a program that Ctrl-C has ended.
const EXIT_STOPPED: u8 = 130;
