//! The program as a service: what it tells systemd, and its log.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::UnixDatagram;
use tokio::process::Command;

use crate::common::soon;

/// Waits for a message of which this is a line.
async fn told(systemd: &UnixDatagram, line: &str) -> String {
    let mut bytes = [0; 4096];
    loop {
        let length = soon(line, systemd.recv(&mut bytes)).await.unwrap();
        let text = std::str::from_utf8(&bytes[..length]).unwrap();
        if text.lines().any(|told| told == line) {
            return text.to_owned();
        }
    }
}

#[tokio::test]
async fn systemd_is_told_and_the_log_is_json() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
        .args(["--demo", "--listen", "127.0.0.1:0", "--log-format", "json"])
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "100000")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ready = told(&systemd, "READY=1").await;
    assert!(ready.contains("STATUS=Listening on 127.0.0.1:"), "{ready}");
    told(&systemd, "WATCHDOG=1").await;
    told(&systemd, "WATCHDOG=1").await;
    let pid = program.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    told(&systemd, "STOPPING=1").await;
    assert!(soon("the end", program.wait()).await.unwrap().success());
    let mut log = String::new();
    program
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .await
        .unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.iter().any(|line| line["fields"]["vm"] == "demo"), "{log}");
}
