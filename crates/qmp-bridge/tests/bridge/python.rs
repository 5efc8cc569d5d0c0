//! A stranger's programs as clients of the bridge: Python's qemu.qmp and its qmp-shell, on the machine's unix socket.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::common::{TestBridge, soon};

#[tokio::test]
async fn c2_qemu_qmp_connects_executes_and_listens_beside_a_browser() {
    let Some(python) = python() else { return };
    let (dir, bridge) = TestBridge::on_unix().await;
    let mut browser = bridge.client("demo").await;
    browser.negotiate(&["async"]).await;
    let (one, two) = tokio::join!(
        run(&python, &["-c", include_str!("python/client.py")], dir.path(), ""),
        run(
            &python,
            &["-c", include_str!("python/commands.py")],
            dir.path(),
            ""
        )
    );
    assert_eq!((one.trim(), two.trim()), ("done", "done"));
    // It saw what the first did to the machine.
    for event in ["STOP", "RESUME"] {
        assert_eq!(browser.next().await["event"], event);
    }
}

/// `qmp-shell` is what people type into, and scripts too. An empty line prints the events that have come.
#[tokio::test]
async fn c2_qmp_shell_executes_what_is_typed() {
    let typed = "query-status\nstop\n\nquery-status\nx-async-sleep ms=1\nstop when=now\nno-such-command\n";
    let Some(python) = python() else { return };
    let (dir, _bridge) = TestBridge::on_unix().await;
    let output = run(&python, &["-m", "qemu.qmp.qmp_shell"], dir.path(), typed).await;
    let mut lines = output.lines().map(|line| line.trim_start_matches("(QEMU) "));
    let mut next = || lines.next().unwrap_or_else(|| panic!("too little: {output}"));
    assert_eq!(next(), "Welcome to the QMP low-level shell!");
    assert_eq!(next(), "Connected to QEMU 0.1.0");
    assert_eq!(next(), "");
    let running = json!({ "return": { "status": "running", "running": true } });
    let paused = json!({ "return": { "status": "paused", "running": false } });
    let done = json!({ "return": {} });
    let printed = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    assert_eq!(printed(next()), running);
    assert_eq!(printed(next()), done);
    let event = next();
    assert!(event.contains("'event': 'STOP'"), "{event}");
    assert_eq!(printed(next()), paused);
    assert_eq!(printed(next()), done);
    assert_eq!(printed(next())["error"]["class"], "GenericError");
    assert_eq!(printed(next())["error"]["class"], "CommandNotFound");
    assert_eq!((next(), lines.next()), ("", None));
}

/// A Python that has qemu.qmp, if there is one.
fn python() -> Option<String> {
    let python = std::env::var("QMP_TEST_PYTHON").ok();
    if python.is_none() {
        assert!(
            std::env::var("REQUIRE_QEMU").is_err(),
            "QMP_TEST_PYTHON names no Python that has qemu.qmp"
        );
        eprintln!("skipped: QMP_TEST_PYTHON names no Python that has qemu.qmp");
    }
    python
}

/// What Python writes when it is given the path of the demo machine's socket.
async fn run(python: &str, program: &[&str], dir: &Path, typed: &str) -> String {
    let mut client = Command::new(python)
        .args(program)
        .arg(dir.join("demo.sock"))
        // The shell keeps its history there.
        .env("HOME", dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = client.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).await.unwrap();
    drop(stdin);
    let output = soon("the end", client.wait_with_output()).await.unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}: {written}", output.status);
    written
}
