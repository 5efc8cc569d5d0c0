//! The testkit's QEMU against the real one. What QEMU says in QMP is the business of other tests.

#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::{net::UnixStream, process::ExitStatusExt},
};

use qmp_testkit::{QemuError, QemuOptions};

#[test]
fn greets_on_its_socket_and_dies_when_killed() {
    let Some(mut qemu) = QemuOptions::new("alpha").start_or_skip() else {
        return;
    };
    let mut lines = BufReader::new(UnixStream::connect(qemu.socket()).unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.starts_with(r#"{"QMP": {"version""#), "{line}");
    assert_eq!(qemu.try_wait().unwrap(), None);

    assert_eq!(qemu.kill().unwrap().signal(), Some(9));
    line.clear();
    assert_eq!(lines.read_line(&mut line).unwrap(), 0);
}

#[test]
fn ends_by_itself_after_quit() {
    let Some(mut qemu) = QemuOptions::new("alpha").start_or_skip() else {
        return;
    };
    let mut monitor = UnixStream::connect(qemu.socket()).unwrap();
    monitor
        .write_all(br#"{"execute":"qmp_capabilities"}{"execute":"quit"}"#)
        .unwrap();
    assert!(qemu.wait().unwrap().success());
}

#[test]
fn dropping_it_leaves_no_process_and_no_files() {
    let Some(qemu) = QemuOptions::new("alpha").start_or_skip() else {
        return;
    };
    let (socket, monitor) = (
        qemu.socket().to_owned(),
        UnixStream::connect(qemu.socket()).unwrap(),
    );
    drop(qemu);
    assert!(!socket.parent().unwrap().exists());
    assert_eq!(BufReader::new(monitor).lines().skip(1).count(), 0);
}

#[test]
fn says_what_qemu_said_when_it_does_not_start() {
    let error = QemuOptions::new("alpha")
        .args(["-no-such-option"])
        .start()
        .unwrap_err();
    match error {
        QemuError::Ended { stderr, .. } => assert!(stderr.contains("no-such-option"), "{stderr}"),
        QemuError::NotInstalled(_) => {}
        other => panic!("{other:?}"),
    }
}
