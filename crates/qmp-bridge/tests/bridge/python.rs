//! A stranger's programs against our server side: Python's qemu.qmp, on a unix socket that the demo machine serves.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixListener;
use tokio::process::Command;

use crate::common::soon;

#[tokio::test]
async fn qemu_qmp_connects_executes_and_listens() {
    let output = with_demo(&["-c", include_str!("python/client.py")], "").await;
    assert!(output.is_none_or(|output| output.trim() == "done"));
}

/// `qmp-shell` is what people type into, and scripts too. An empty line prints the events that have come.
#[tokio::test]
async fn qmp_shell_executes_what_is_typed() {
    let typed = "query-status\nstop\n\nquery-status\nx-async-sleep ms=1\nstop when=now\nno-such-command\n";
    let Some(output) = with_demo(&["-m", "qemu.qmp.qmp_shell"], typed).await else {
        return;
    };
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

/// What Python writes when it is given the path of a socket that the demo machine serves; `None` where there is no Python.
async fn with_demo(program: &[&str], typed: &str) -> Option<String> {
    let Ok(python) = std::env::var("QMP_TEST_PYTHON") else {
        assert!(
            std::env::var("REQUIRE_QEMU").is_err(),
            "QMP_TEST_PYTHON names no Python that has qemu.qmp"
        );
        eprintln!("skipped: QMP_TEST_PYTHON names no Python that has qemu.qmp");
        return None;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qmp.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let mut client = Command::new(python)
        .args(program)
        .arg(&path)
        // The shell keeps its history there.
        .env("HOME", dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = client.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).await.unwrap();
    drop(stdin);
    let (stream, _) = soon("a connection", listener.accept()).await.unwrap();
    let (output, ()) = tokio::join!(
        soon("the end", client.wait_with_output()),
        qmp_bridge::demo::serve(stream)
    );
    let output = output.unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}: {written}", output.status);
    Some(written)
}
