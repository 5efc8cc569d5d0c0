//! The bridge under load: its release build as a process of its own, clients over real sockets, a real QEMU wherever one
//! can do what is measured. Each scenario writes down what it saw; `cargo xtask bench bridge` runs this and judges it.
//!
//! `cargo bench -p qmp-bridge --bench load -- polls` runs the scenarios named so alone.

#![expect(clippy::print_stdout, reason = "this program talks to a terminal")]

mod alone;
mod bridge;
mod client;
mod crash;
mod decisions;
mod events;
mod floods;
mod idle;
mod link;
mod monitor;
mod polls;
mod process;
mod relay;
mod samples;

use std::env;
use std::os::unix::process::parent_id;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use self::samples::Samples;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // What is dropped on the way out ends: bridges, QEMUs, relays.
    tokio::select! {
        result = run() => result,
        result = stopped() => result.and_then(|()| bail!("stopped")),
    }
}

async fn run() -> Result<()> {
    // Cargo adds a flag of its own.
    let chosen: Vec<String> = env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    let mut samples = Samples::default();
    for name in ["alone", "polls", "idle", "events", "floods", "decisions", "crash"] {
        if !chosen.is_empty() && !chosen.iter().any(|chosen| chosen == name) {
            continue;
        }
        let measured = async {
            match name {
                "alone" => alone::measure(&mut samples).await,
                "polls" => polls::measure(&mut samples).await,
                "idle" => idle::measure(&mut samples).await,
                "events" => events::measure(&mut samples).await,
                "floods" => floods::measure(&mut samples).await,
                "decisions" => decisions::measure(&mut samples),
                _ => crash::measure(&mut samples).await,
            }
        };
        timeout(PATIENCE, measured)
            .await
            .unwrap_or_else(|_| bail!("not done within {} s", PATIENCE.as_secs()))
            .with_context(|| format!("scenario {name}"))?;
    }
    println!("{samples}");
    match env::var_os("QMP_BENCH_SAMPLES") {
        Some(path) => samples.write(path.as_ref()),
        None => Ok(()),
    }
}

/// Waits for a signal, or until nobody is left who wants to know.
async fn stopped() -> Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let parent = parent_id();
    let orphaned = async {
        while parent_id() == parent {
            sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = orphaned => {}
    }
    Ok(())
}

/// No scenario takes this long, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
