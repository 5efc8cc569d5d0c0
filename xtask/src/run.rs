//! The verb `run`: the console in front of a small virtual machine, from nothing. It ends what it has started, and
//! nothing else.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use anyhow::{Result, bail};
use clap::Args;
use qmp_testkit::{Qemu, QemuOptions};

use crate::{
    bridge::{self, Bridge},
    build, cmd,
    plan::Plan,
    stop, system,
    tools::Tools,
};

/// What `run` can be told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Open the console in the browser
    #[arg(long)]
    open: bool,
    /// Use the bridge's made-up machine even where QEMU is installed
    #[arg(long)]
    demo: bool,
    /// Address of the console [default: 127.0.0.1:8090, or a free port if that is taken]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Runs the console until Ctrl-C.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tools = Tools::for_browsers()?;
    let missing = if options.demo {
        Vec::new()
    } else {
        system::missing(&[system::QEMU])
    };
    let mut plan = Plan::default();
    tools.install(&mut plan);
    if !missing.is_empty() {
        plan.add("QEMU", || {
            if let Err(error) = system::install(&missing) {
                println!("No QEMU: {error:#}");
            }
            Ok(())
        });
    }
    build::add_pages(&mut plan, &tools);
    build::add_bridge(&mut plan);
    plan.perform()?;

    let listen = options
        .listen
        .map_or_else(|| bridge::free_address(DEFAULT_ADDRESS.into()), Ok)?;
    let mut command = Bridge::command();
    command.args(["--listen", &listen.to_string()]);
    let qemu = if options.demo || system::qemu().is_none() {
        let why = if options.demo {
            "as asked"
        } else {
            "because there is no QEMU"
        };
        println!("The machine is simulated by the bridge, {why}.");
        command.arg("--demo");
        None
    } else {
        let qemu = QemuOptions::new(NAME).args(MACHINE).start()?;
        command
            .arg("--vm")
            .arg(format!("{NAME}={}", qemu.socket().display()));
        Some(qemu)
    };
    let bridge = Bridge::start(&mut command)?;
    if options.open {
        open(bridge.link());
    }
    println!("Ctrl-C ends it.");
    watch(bridge, qemu)
}

fn watch(mut bridge: Bridge, mut qemu: Option<Qemu>) -> Result<()> {
    while !stop::wait(POLL_INTERVAL) {
        let bridge_ended = bridge.try_wait()?;
        let qemu_ended = qemu.as_mut().map(Qemu::try_wait).transpose()?.flatten();
        if bridge_ended.is_none() && qemu_ended.is_none() {
            continue;
        }
        if stop::wait(stop::SAME_KEY_PRESS) {
            break;
        }
        if let Some(status) = bridge_ended {
            bail!("the bridge has ended ({status})");
        }
        if let (Some(status), Some(qemu)) = (qemu_ended, qemu.take()) {
            print!("{}", qemu.stderr());
            println!("QEMU has ended ({status}). The console runs on without it; Ctrl-C ends that too.");
        }
    }
    // Before QEMU, whose end it would report as trouble.
    drop(bridge);
    Ok(())
}

fn open(link: &str) {
    let opener: &[&str] = match std::env::consts::OS {
        "macos" => &["open"],
        "windows" => &["cmd", "/c", "start", ""],
        _ => &["xdg-open"],
    };
    let mut command = cmd::program(opener[0]);
    command
        .args(&opener[1..])
        .arg(link)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Err(error) = command.spawn() {
        println!(
            "No browser could be opened ({}: {error}). Please open the link above.",
            opener[0]
        );
    }
}

const NAME: &str = "vm1";
/// A PC that finds nothing to start from: enough to look at, stop, reset and question.
const MACHINE: [&str; 10] = [
    "-machine", "pc", "-accel", "tcg", "-m", "64", "-vga", "std", "-display", "none",
];
const DEFAULT_ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 8090);
const POLL_INTERVAL: Duration = Duration::from_millis(200);
