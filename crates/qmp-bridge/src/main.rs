//! The program: command line in, bridge up, link printed, until a signal comes. Where systemd has started it, systemd is
//! told.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use qmp_bridge::{Bridge, LogFormat, Options, OptionsError, PolicyOptions, Role};
#[cfg(target_os = "linux")]
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let kept = keep_memory();
    let options = match Options::parse(std::env::args()) {
        Ok(options) => options,
        Err(OptionsError::Flags(error)) => error.exit(),
        Err(error) => return fail(2, &error.into()),
    };
    if let Some(role) = options.policy.show {
        return match show(&options.policy, role) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(1, &error),
        };
    }
    start_log(options.log_format);
    if let Err(error) = kept {
        tracing::warn!(%error, "a crash may write tokens to the disk");
    }
    if geteuid().is_root() {
        tracing::warn!(
            "runs as root: give the bridge a user of its own, who may open QEMU's sockets and nothing else"
        );
    }
    allow_descriptors();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error),
    }
}

fn show(policy: &PolicyOptions, role: Option<Role>) -> anyhow::Result<()> {
    let table = qmp_bridge::show_policy(policy, role)?;
    std::io::stdout()
        .write_all(table.as_bytes())
        .context("cannot print the policy")
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.init(),
    }
}

/// No core dumps, which would have the tokens in them; and no other process of this user may look into this one.
fn keep_memory() -> std::io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    // The limit is not asked where a program takes the dump.
    #[cfg(target_os = "linux")]
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// As many descriptors as the system lets us have: by default it is 1024, and each client is one.
fn allow_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        tracing::warn!(%error, "no more descriptors than the usual number");
    }
}

async fn run(options: Options) -> anyhow::Result<()> {
    let bridge = Bridge::bind(options).await?;
    // Before the link is there: whoever reads it may end the bridge at once.
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    // The one line on the standard output: programs that start a bridge read it.
    writeln!(std::io::stdout(), "console: {}", bridge.link()).context("cannot print the link")?;
    let status = format!("Listening on {}", bridge.address());
    tell_systemd(&[NotifyState::Ready, NotifyState::Status(&status)]);
    let stop = async {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            () = watch() => {}
        }
        tell_systemd(&[NotifyState::Stopping]);
    };
    Ok(bridge.serve(stop).await?)
}

/// Shows systemd that this task still gets its turns, twice in the time that is asked for. Does not end.
async fn watch() {
    let Some(time) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut ticks = interval(time / 2);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell_systemd(&[NotifyState::Watchdog]);
    }
}

/// Does nothing where systemd did not start this program.
fn tell_systemd(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "cannot tell systemd");
    }
}

fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    // Nothing can be done where even this cannot be written.
    let _ = writeln!(std::io::stderr(), "qmp-bridge: {error:#}");
    ExitCode::from(code)
}
