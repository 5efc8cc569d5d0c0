//! Clients on unix sockets, beside those by WebSocket.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use qmp_bridge::{Bridge, Endpoint, Options};
use qmp_testkit::QemuOptions;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::common::{Client, TestBridge, soon};
use crate::program::Program;
use crate::qemu::{Slow, qemu};

#[tokio::test]
async fn c2_oob_overtakes_a_command_that_blocks_qemu_and_browsers_share_the_machine() {
    let qemu = qemu!();
    let dir = tempfile::tempdir().unwrap();
    let machine = Endpoint::Unix(qemu.socket().to_owned());
    let bridge = TestBridge::with(&[("vm", machine)], |options| {
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    let (mut script, mut browser) = (
        Client::unix(&dir.path().join("vm.sock")).await,
        bridge.client("vm").await,
    );
    let greeting = script.negotiate(&["oob"]).await;
    assert_eq!(greeting, browser.negotiate(&["async"]).await);
    assert_eq!(greeting["QMP"]["capabilities"], json!(["async", "oob"]));
    let slow = Slow::new();
    script.send(slow.command(1)).await;
    script.send(json!({ "execute": "query-name", "id": 2 })).await;
    script.send(json!({ "exec-oob": "query-yank", "id": 3 })).await;
    assert_eq!(script.next().await["id"], 3);
    slow.release();
    assert_eq!(script.next().await, json!({ "return": {}, "id": 1 }));
    assert_eq!(script.next().await["id"], 2);
    // Of events both hear.
    script.send(json!({ "execute": "stop", "id": 4 })).await;
    let (reply, events) = script.reply().await;
    assert_eq!(reply, json!({ "return": {}, "id": 4 }));
    assert_eq!(events[0]["event"], "STOP");
    assert_eq!(browser.next().await, events[0]);
}

#[tokio::test]
async fn j10_ids_come_back_byte_for_byte_and_are_each_clients_own() {
    let (dir, bridge) = TestBridge::on_unix().await;
    let mut script = Client::unix(&dir.path().join("demo.sock")).await;
    script.negotiate(&["async"]).await;
    let long = format!("\"{}\"", "x".repeat(10_240));
    for id in [
        "1.0",
        "1e999",
        "18446744073709551616",
        "null",
        "{\"b\": 1, \"a\" : [ ]}",
        &long,
    ] {
        script
            .send_text(&format!("{{\"execute\":\"query-name\",\"id\":{id}}}"))
            .await;
        assert_eq!(
            script.next_text().await,
            format!("{{\"return\":{{\"name\":\"demo machine\"}},\"id\":{id}}}")
        );
    }
    let mut browser = bridge.client("demo").await;
    browser.negotiate(&["async"]).await;
    for _ in 0..50 {
        script.send(json!({ "execute": "query-name", "id": 1 })).await;
        browser.send(json!({ "execute": "query-status", "id": 1 })).await;
    }
    let named = json!({ "return": { "name": "demo machine" }, "id": 1 });
    let running = json!({ "return": { "status": "running", "running": true }, "id": 1 });
    for _ in 0..50 {
        assert_eq!(script.next().await, named);
        assert_eq!(browser.next().await, running);
    }
}

/// As `printf … | nc -N -U demo.sock` does.
#[tokio::test]
async fn who_has_said_all_still_gets_the_answers() {
    let (dir, _bridge) = TestBridge::on_unix().await;
    let mut stream = UnixStream::connect(dir.path().join("demo.sock")).await.unwrap();
    let mut said = String::from("{\"execute\":\"qmp_capabilities\"}\n");
    for id in 0..1000 {
        said += &format!("{{\"execute\":\"query-name\",\"id\":{id}}}\n");
    }
    stream.write_all(said.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut heard = String::new();
    soon("the end", stream.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard.lines().count(), 1002);
    assert!(heard.ends_with("\"id\":999}\r\n"), "{heard}");
}

#[tokio::test]
async fn a_machine_that_is_not_there_ends_the_stream() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = Endpoint::Unix("/nonexistent/qmp.sock".into());
    let _bridge = TestBridge::with(&[("off", nowhere)], |options| {
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    let mut stream = UnixStream::connect(dir.path().join("off.sock")).await.unwrap();
    let mut heard = String::new();
    soon("the end", stream.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "");
}

#[tokio::test]
async fn u1_nobody_but_the_owner_may_open_the_socket_whatever_the_umask() {
    let dir = tempfile::tempdir().unwrap();
    let bridge = Program::start(&["--listen-unix".as_ref(), dir.path().as_os_str()]).await;
    let path = dir.path().join("demo.sock");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    Client::unix(&path).await.negotiate(&[]).await;
    bridge.signal("TERM").await;
    bridge.exit().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn u2_only_a_directory_of_the_owners_own_will_do() {
    let dir = tempfile::tempdir().unwrap();
    for mode in [0o777, 0o1777, 0o775, 0o757] {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        let error = refused(dir.path().to_str().unwrap()).await;
        assert!(error.contains("others than its owner"), "{mode:o}: {error}");
    }
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [&file, &dir.path().join("missing")] {
        let error = refused(path.to_str().unwrap()).await;
        assert!(error.contains("director"), "{error}");
    }
}

#[tokio::test]
async fn what_nobody_answers_on_is_replaced_and_nothing_else() {
    let (dir, bridge) = TestBridge::on_unix().await;
    let (path, other) = (dir.path().join("demo.sock"), dir.path().join("other"));
    assert!(
        refused(dir.path().to_str().unwrap())
            .await
            .contains("somebody listens")
    );
    assert!(path.exists());
    bridge.stop().await;
    assert!(!path.exists());

    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "stale");
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    Client::unix(&path).await.negotiate(&[]).await;
    // What is another's by now stays.
    fs::remove_file(&path).unwrap();
    fs::write(&path, "precious").unwrap();
    bridge.stop().await;
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");

    assert!(refused(dir.path().to_str().unwrap()).await.contains("no socket"));
    fs::rename(&path, &other).unwrap();
    symlink(&other, &path).unwrap();
    assert!(refused(dir.path().to_str().unwrap()).await.contains("no socket"));
    assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
}

/// Why a bridge does not start.
async fn refused(directory: &str) -> String {
    let mut options = Options::default();
    options.listen.set_port(0);
    options.vms = vec![("demo".to_owned(), Endpoint::Demo)];
    options.listen_unix = Some(directory.into());
    let error = Bridge::bind(options).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    format!("{error}: {source}")
}

#[tokio::test]
async fn sockets_for_clients_and_monitors_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.listen.set_port(0);
    options.listen_unix = Some(dir.path().join("."));
    options.vms = vec![
        ("one".to_owned(), Endpoint::Unix(dir.path().join("two.sock"))),
        ("two".to_owned(), Endpoint::Demo),
    ];
    let error = Bridge::bind(options.clone()).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("monitor of one"), "{error}: {source}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    // A monitor that has another name may be there.
    options.vms[0].1 = Endpoint::Unix(dir.path().join("two.qmp"));
    drop(Bridge::bind(options.clone()).await.unwrap());

    // Each socket for clients would be another machine.
    options.vm_dirs = vec![dir.path().to_owned()];
    let error = Bridge::bind(options).await.unwrap_err();
    assert!(error.to_string().contains("--vm-dir"), "{error}");
}
