//! The bridge under test: its release build, as a process. What its clients do is not known here.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::process::Process;

/// A running bridge, with one machine. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Bridge {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    process: Process,
}

impl Bridge {
    /// Starts it in front of a monitor.
    pub(crate) fn start(monitor: &Path, flags: &[&str]) -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"));
        command
            // All its clients come with one token.
            .args(["--max-sessions", "100000", "--listen", "127.0.0.1:0", "--vm"])
            .arg(format!("vm={}", monitor.display()))
            .args(flags)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let mut line = String::new();
        let stdout = process.0.stdout.take().context("its output is piped")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let (address, token) = read_link(&line).with_context(|| format!("no link: {line}"))?;
        Ok(Self {
            address,
            token,
            process,
        })
    }

    /// What it has in memory, in KiB.
    pub(crate) fn memory(&self) -> Result<f64> {
        let pid = self.process.0.id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.context("the system does not say")?.parse()?)
    }
}

/// `console: http://ADDRESS/#token=TOKEN&vm=…`
fn read_link(line: &str) -> Option<(SocketAddr, String)> {
    let (address, fragment) = line.strip_prefix("console: http://")?.split_once("/#token=")?;
    let (token, _) = fragment.split_once('&')?;
    Some((address.parse().ok()?, token.to_owned()))
}
