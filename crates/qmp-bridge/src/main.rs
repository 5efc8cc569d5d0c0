//! The program: command line in, bridge up, link printed, until a signal comes.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use qmp_bridge::{Bridge, Options, OptionsError};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).init();
    let options = match Options::parse(std::env::args()) {
        Ok(options) => options,
        Err(OptionsError::Flags(error)) => error.exit(),
        Err(error) => return fail(2, &error.into()),
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error),
    }
}

async fn run(options: Options) -> anyhow::Result<()> {
    let bridge = Bridge::bind(options).await?;
    // The one line on the standard output: programs that start a bridge read it.
    writeln!(std::io::stdout(), "console: {}", bridge.link()).context("cannot print the link")?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let stop = async {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    Ok(bridge.serve(stop).await?)
}

fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    // Nothing can be done where even this cannot be written.
    let _ = writeln!(std::io::stderr(), "qmp-bridge: {error:#}");
    ExitCode::from(code)
}
