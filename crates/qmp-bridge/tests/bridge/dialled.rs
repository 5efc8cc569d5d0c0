//! Endpoints that QEMU dials.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::process::Stdio;

use qmp_bridge::{Bridge, CloseCode, Endpoint, Options};
use qmp_testkit::{Qemu, QemuOptions, QemuVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::common::{TestBridge, soon};
use crate::program::Program;

/// A QEMU that dials, again and again.
fn dialling(name: &str, version: QemuVersion, address: &str) -> Option<Qemu> {
    let again = match version {
        QemuVersion::Installed => "reconnect=1",
        QemuVersion::Ten => "reconnect-ms=200",
    };
    QemuOptions::new(name)
        .version(version)
        .monitors(0)
        .arg("-chardev")
        .arg(format!("socket,id=qmp,{address},{again}"))
        .arg("-mon")
        .arg("chardev=qmp,mode=control")
        .start_or_skip()
}

async fn name(bridge: &TestBridge) -> String {
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    client.execute("query-name").await["name"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn comes_and_goes(version: QemuVersion, endpoint: Endpoint, address: &str) {
    // Before the bridge.
    let Some(first) = dialling("first", version, address) else {
        return;
    };
    let bridge = TestBridge::start(&[("vm", endpoint)]).await;
    bridge.until(&[("vm", "up")]).await;
    assert_eq!(name(&bridge).await, "first");
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    drop(first);
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    bridge.until(&[("vm", "down")]).await;
    // After the bridge.
    let second = dialling("second", version, address);
    bridge.until(&[("vm", "up")]).await;
    assert_eq!(name(&bridge).await, "second");
    bridge.stop().await;
    drop(second);
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[tokio::test]
async fn qemu_may_dial_a_unix_socket_before_and_after_the_bridge_starts() {
    for version in [QemuVersion::Installed, QemuVersion::Ten] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("listen.sock");
        let address = format!("path={}", path.display());
        comes_and_goes(version, Endpoint::ListenUnix(path.clone()), &address).await;
        assert!(!path.exists());
    }
}

#[tokio::test]
async fn qemu_may_dial_a_port_before_and_after_the_bridge_starts() {
    for version in [QemuVersion::Installed, QemuVersion::Ten] {
        let port = free_port();
        let endpoint = Endpoint::ListenTcp(([127, 0, 0, 1], port).into());
        comes_and_goes(version, endpoint, &format!("host=127.0.0.1,port={port}")).await;
    }
}

#[tokio::test]
async fn on_a_unix_socket_the_first_stays_and_the_second_waits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("listen.sock");
    let address = format!("path={}", path.display());
    let bridge = TestBridge::start(&[("vm", Endpoint::ListenUnix(path))]).await;
    let Some(first) = dialling("first", QemuVersion::Installed, &address) else {
        return;
    };
    bridge.until(&[("vm", "up")]).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    let _second = dialling("second", QemuVersion::Installed, &address);
    client.execute("query-status").await;
    drop(first);
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    bridge.until(&[("vm", "up")]).await;
    assert_eq!(name(&bridge).await, "second");
}

/// A connection of which one half stays when QEMU has gone, as through a tunnel.
#[tokio::test]
async fn on_a_port_the_newest_that_greets_wins() {
    let port = free_port();
    let bridge = TestBridge::start(&[("vm", Endpoint::ListenTcp(([127, 0, 0, 1], port).into()))]).await;
    let tunnel = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let far = tunnel.local_addr().unwrap().port();
    let Some(first) = dialling(
        "first",
        QemuVersion::Installed,
        &format!("host=127.0.0.1,port={far}"),
    ) else {
        return;
    };
    let (mut far, _) = soon("QEMU dials", tunnel.accept()).await.unwrap();
    let mut near = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    drop(tunnel);
    let tunnelled = tokio::spawn(async move {
        let ((mut from_far, mut to_far), (mut from_near, mut to_near)) = (far.split(), near.split());
        // The end of one half is not told to the other.
        tokio::join!(
            tokio::io::copy(&mut from_far, &mut to_near),
            tokio::io::copy(&mut from_near, &mut to_far)
        )
    });
    bridge.until(&[("vm", "up")]).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    // Strangers that say nothing, or something else, do not take its place.
    let mut strangers = Vec::new();
    for said in ["", "GET / HTTP/1.1\r\n\r\n", "{\"return\": {}}"] {
        let mut stranger = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stranger.write_all(said.as_bytes()).await.unwrap();
        strangers.push(stranger);
    }
    for stranger in &mut strangers[1..] {
        assert_eq!(soon("the end", stranger.read(&mut [0])).await.unwrap_or(0), 0);
    }
    client.execute("query-status").await;
    drop(first);
    assert_eq!(
        bridge.machines().await.next().await.unwrap()["vms"][0]["state"],
        "up"
    );
    let _second = dialling(
        "second",
        QemuVersion::Installed,
        &format!("host=127.0.0.1,port={port}"),
    );
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    bridge.until(&[("vm", "up")]).await;
    assert_eq!(name(&bridge).await, "second");
    tunnelled.abort();
}

#[tokio::test]
async fn u1_a_socket_for_qemu_is_for_nobody_else_whatever_the_umask() {
    for umask in ["000", "022", "777"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("listen.sock");
        let vm = format!("vm=listen:{}", path.display());
        let _bridge = Program::with(umask, &["--vm".as_ref(), vm.as_ref()], Stdio::inherit()).await;
        let file = fs::metadata(&path).unwrap();
        assert!(file.file_type().is_socket());
        assert_eq!(file.permissions().mode() & 0o7777, 0o600, "umask {umask}");
        // What it was made in is gone.
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_one_in_use_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("listen.sock");
    let bind = || async {
        let mut options = Options::default();
        options.listen.set_port(0);
        options.vms = vec![("vm".to_owned(), Endpoint::ListenUnix(path.clone()))];
        Bridge::bind(options).await
    };
    fs::write(&path, "not a socket").unwrap();
    assert!(bind().await.is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "not a socket");
    fs::remove_file(&path).unwrap();

    let used = UnixListener::bind(&path).unwrap();
    assert!(bind().await.is_err());
    assert!(UnixStream::connect(&path).await.is_ok());
    drop(used);

    let bridge = bind().await.unwrap();
    assert!(bind().await.is_err(), "two bridges on one socket");
    assert!(UnixStream::connect(&path).await.is_ok());
    // What is somebody else's by now is not removed.
    fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&path).unwrap();
    drop(bridge);
    assert!(UnixStream::connect(&path).await.is_ok());
    drop(other);
}
