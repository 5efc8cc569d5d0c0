//! A bridge that runs while we do. What it does is told by its command line; here it is only started, heard and ended.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{cmd, paths, stop};

/// A running bridge. Dropping it ends it.
pub(crate) struct Bridge {
    child: Child,
    link: String,
}

impl Bridge {
    /// The command that starts a bridge; arguments are still to be added.
    pub(crate) fn command() -> Command {
        cmd::program(paths::bridge())
    }

    /// Starts it, passes on what it prints, and returns once it serves the console.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        println!("$ {}", cmd::shown(command));
        let child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run the bridge")?;
        let mut bridge = Self {
            child,
            link: String::new(),
        };
        let stdout = bridge
            .child
            .stdout
            .take()
            .context("the bridge's output is piped")?;
        let (sender, links) = mpsc::channel();
        // Ends with the bridge.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                println!("{line}");
                if let Some(link) = line.strip_prefix("console: ") {
                    let _ = sender.send(link.to_owned());
                }
            }
        });
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            match links.recv_timeout(POLL_INTERVAL) {
                Ok(link) => bridge.link = link,
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("the bridge did not start ({})", bridge.child.wait()?)
                }
                Err(RecvTimeoutError::Timeout) if stop::wait(Duration::ZERO) => bail!("stopped"),
                Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => continue,
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the bridge does not say where it serves the console")
                }
            }
            return Ok(bridge);
        }
    }

    /// Where the console is, with the token that lets one in.
    pub(crate) fn link(&self) -> &str {
        &self.link
    }

    /// How the bridge ended, or `None` while it runs.
    pub(crate) fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address, or the same with another port if that one is taken. Port 0 stands for any.
pub(crate) fn free_address(mut wanted: SocketAddr) -> Result<SocketAddr> {
    let listener = TcpListener::bind(wanted).or_else(|_| {
        wanted.set_port(0);
        TcpListener::bind(wanted)
    });
    Ok(listener.context("there is no free port")?.local_addr()?)
}

const POLL_INTERVAL: Duration = Duration::from_millis(50);
const START_TIMEOUT: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_exchanged_for_a_free_one() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let taken_address = taken.local_addr().unwrap();
        let other = free_address(taken_address).unwrap();
        assert!(other.port() != taken_address.port() && other.port() != 0);
        assert_eq!(free_address(other).unwrap(), other);
    }
}
