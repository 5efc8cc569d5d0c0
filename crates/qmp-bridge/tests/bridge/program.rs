//! The bridge as a program of its own, for what only a process shows: signals, umask, memory.

use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::tungstenite::Error;

use crate::common::{Client, TestBridge, soon, subprotocols};

/// A bridge that runs.
pub(crate) struct Program {
    child: Child,
    pub(crate) bridge: TestBridge,
}

impl Program {
    /// The demo machine, with further arguments, and nothing masked.
    pub(crate) async fn start(arguments: &[&OsStr]) -> Self {
        Self::with("000", arguments, Stdio::inherit()).await
    }

    /// The same, with its umask and its log.
    pub(crate) async fn with(umask: &str, arguments: &[&OsStr], log: Stdio) -> Self {
        Self::after(&format!("umask {umask}"), arguments, log).await
    }

    /// The same, after a command of the shell.
    pub(crate) async fn after(command: &str, arguments: &[&OsStr], log: Stdio) -> Self {
        // It has an admin, who takes an audit log.
        let has_audit = arguments.contains(&OsStr::new("--audit-log"));
        let audit: &[&str] = if has_audit { &[] } else { &["--audit-log", "-"] };
        let mut child = Command::new("sh")
            .args([
                "-c",
                &format!("{command}; exec \"$0\" \"$@\""),
                env!("CARGO_BIN_EXE_qmp-bridge"),
            ])
            .args(["--demo", "--allow-admin", "--listen", "127.0.0.1:0"])
            // All who come have one token.
            .args(["--max-sessions", "2000"])
            .args(audit)
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        soon("the link", stdout.read_line(&mut line)).await.unwrap();
        let bridge = TestBridge::at(line.trim_end().strip_prefix("console: ").unwrap());
        Self { child, bridge }
    }

    pub(crate) async fn client(&self) -> Client {
        self.client_of("demo").await
    }

    pub(crate) async fn client_of(&self, vm: &str) -> Client {
        self.bridge.client(vm).await
    }

    /// A client over a stream that leads to the bridge.
    pub(crate) async fn client_over(&self, stream: TcpStream, vm: &str) -> Result<Client, Error> {
        Client::over(stream, self.address(), vm, &[&subprotocols(&self.bridge.token)]).await
    }

    /// A line of its `/proc/…/status`, in KiB: `VmRSS`, the memory that it has, or `VmHWM`, the most that it had.
    pub(crate) fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// The processor time that it has had, in hundredths of a second.
    pub(crate) fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        // Behind the name, which may have spaces.
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let fields = fields.split(' ').skip(11).take(2);
        fields.map(|field| field.parse::<u64>().unwrap()).sum()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.bridge.address
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
