//! The bridge as a program of its own, for what only a process shows: signals, umask, memory.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::common::{Client, soon, token};

/// A bridge that runs.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    token: String,
}

impl Program {
    /// The demo machine, with further arguments, and nothing masked.
    pub(crate) async fn start(arguments: &[&OsStr]) -> Self {
        let mut child = Command::new("sh")
            .args([
                "-c",
                "umask 000; exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_qmp-bridge"),
            ])
            .args(["--demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        soon("the link", stdout.read_line(&mut line)).await.unwrap();
        let (address, _) = line
            .strip_prefix("console: http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        Self {
            child,
            address: address.parse().unwrap(),
            token: token(line.trim_end()),
        }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::web_socket(self.address, &self.token, "demo")
            .await
            .unwrap()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Sends a signal.
    pub(crate) async fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args(["-s", name, &self.id().to_string()])
            .status();
        assert!(kill.await.unwrap().success());
    }

    pub(crate) async fn exit(mut self) -> ExitStatus {
        soon("the bridge to end", self.child.wait()).await.unwrap()
    }
}
