//! How machines are, and how that is told.

use std::fs;
use std::path::Path;

use qmp_bridge::{CloseCode, Endpoint};
use qmp_testkit::{Qemu, QemuOptions, QemuVersion};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::common::{MachineList, TestBridge, soon};

/// A QEMU whose monitor is at a path that the test chooses.
pub(crate) fn qemu_at(socket: &Path, version: QemuVersion) -> Option<Qemu> {
    let monitor = format!("unix:{},server=on,wait=off", socket.display());
    let name = socket.file_stem().unwrap().to_str().unwrap();
    QemuOptions::new(name)
        .version(version)
        .monitors(0)
        .arg("-qmp")
        .arg(monitor)
        .start_or_skip()
}

/// What a client that is new finds: the machine's version and name.
async fn greeted(bridge: &TestBridge, vm: &str) -> (Value, Value) {
    let mut client = bridge.client(vm).await;
    let greeting = client.negotiate(&["async"]).await;
    (
        greeting["QMP"]["version"]["qemu"]["major"].clone(),
        client.execute("query-name").await["name"].take(),
    )
}

#[tokio::test]
async fn q1_who_does_not_greet_within_5_s_is_busy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qmp.sock");
    let Some(_qemu) = qemu_at(&path, QemuVersion::Installed) else {
        return;
    };
    let mut holder = soon("QEMU to listen", async {
        loop {
            if let Ok(stream) = UnixStream::connect(&path).await {
                break stream;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut byte = [0];
    soon("a greeting", holder.read_exact(&mut byte)).await.unwrap();
    let bridge = TestBridge::start(&[("vm", Endpoint::Unix(path.clone()))]).await;
    bridge.until(&[("vm", "busy")]).await;
    assert_eq!(
        bridge.client("vm").await.close_code().await,
        CloseCode::TryLater.code()
    );
    // The holder leaves, and the bridge is next.
    drop(holder);
    bridge.until(&[("vm", "up")]).await;
    bridge.stop().await;
    // Where so many wait that the bridge cannot even wait, it is no other.
    let mut waiting = Vec::new();
    while let Ok(stream) = UnixStream::connect(&path).await {
        waiting.push(stream);
    }
    let bridge = TestBridge::start(&[("vm", Endpoint::Unix(path))]).await;
    bridge.until(&[("vm", "busy")]).await;
    drop(waiting);
    bridge.until(&[("vm", "up")]).await;
}

#[tokio::test]
async fn q2_what_is_no_qmp_is_told_apart_from_what_is_busy() {
    let dir = tempfile::tempdir().unwrap();
    let human = dir.path().join("hmp.sock");
    let monitor = format!("unix:{},server=on,wait=off", human.display());
    let Some(_qemu) = QemuOptions::new("human")
        .arg("-monitor")
        .arg(monitor)
        .start_or_skip()
    else {
        return;
    };
    for said in [
        "HTTP/1.1 408 Request Timeout\r\n\r\n",
        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"QGA\"}}\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::Tcp(listener.local_addr().unwrap().to_string());
        let bridge =
            TestBridge::start(&[("human", Endpoint::Unix(human.clone())), ("other", endpoint)]).await;
        let (mut stream, _) = soon("the bridge to dial", listener.accept()).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        bridge.until(&[("human", "not-qmp"), ("other", "not-qmp")]).await;
        bridge.stop().await;
    }
}

#[tokio::test]
async fn r8_r9_a_socket_that_is_replaced_is_dialled_again_and_greets_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vm.sock");
    let Some(first) = qemu_at(&path, QemuVersion::Installed) else {
        return;
    };
    let bridge = TestBridge::start(&[("vm", Endpoint::Unix(path.clone()))]).await;
    assert_eq!(greeted(&bridge, "vm").await, (json!(7), json!("vm")));
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    // A file that nobody listens on changes nothing.
    let kept = dir.path().join("kept.sock");
    fs::rename(&path, &kept).unwrap();
    drop(UnixListener::bind(&path).unwrap());
    client.execute("query-status").await;
    // The first still runs. Another that has taken its place is the machine now.
    let version = if QemuOptions::new("probe")
        .version(QemuVersion::Ten)
        .start()
        .is_ok()
    {
        QemuVersion::Ten
    } else {
        QemuVersion::Installed
    };
    fs::remove_file(&path).unwrap();
    let second_path = dir.path().join("second.sock");
    let Some(_second) = qemu_at(&second_path, version) else {
        return;
    };
    soon("QEMU to listen", async {
        while !second_path.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    fs::rename(&second_path, &path).unwrap();
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    bridge.until(&[("vm", "up")]).await;
    let major = if version == QemuVersion::Ten { 10 } else { 7 };
    assert_eq!(greeted(&bridge, "vm").await, (json!(major), json!("second")));
    drop(first);
}

#[tokio::test]
async fn the_list_of_machines_is_told_as_it_changes_until_the_bridge_stops() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vm.sock");
    let bridge = TestBridge::start(&[("vm", Endpoint::Unix(path.clone())), ("demo", Endpoint::Demo)]).await;
    bridge.client("demo").await.negotiate(&["async"]).await;
    let list = |state: &str| {
        json!({ "vms": [
            { "name": "vm", "demo": false, "state": state },
            { "name": "demo", "demo": true, "state": "up" },
        ] })
    };
    let (mut one, mut other) = (bridge.machines().await, bridge.machines().await);
    assert_eq!(one.next().await, Some(list("down")));
    assert_eq!(other.next().await, Some(list("down")));
    let Some(qemu) = qemu_at(&path, QemuVersion::Installed) else {
        return;
    };
    assert_eq!(one.next().await, Some(list("up")));
    drop(other);
    drop(qemu);
    assert_eq!(one.next().await, Some(list("down")));
    bridge.stop().await;
    assert_eq!(one.next().await, None);
}

#[tokio::test]
async fn the_list_says_the_run_states_to_who_asks_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vm.sock");
    let bridge = TestBridge::start(&[("vm", Endpoint::Unix(path.clone()))]).await;
    let mut list = bridge.machines_by("/api/vms/events?run-state").await;
    let told = |run_state: &str| json!({ "name": "vm", "demo": false, "state": "up", "runState": run_state });
    for _ in 0..2 {
        let Some(qemu) = qemu_at(&path, QemuVersion::Installed) else {
            return;
        };
        until(&mut list, &told("running")).await;
        let mut client = bridge.client("vm").await;
        client.negotiate(&["async"]).await;
        client.execute("stop").await;
        until(&mut list, &told("paused")).await;
        client.execute("cont").await;
        until(&mut list, &told("running")).await;
        // Who follows later is told what is so now, and who does not ask is not told.
        until(
            &mut bridge.machines_by("/api/vms/events?run-state").await,
            &told("running"),
        )
        .await;
        bridge.until(&[("vm", "up")]).await;
        // The last state of a migration comes without an event.
        client
            .send(json!({ "execute": "migrate", "arguments": { "uri": "exec:cat >/dev/null" }, "id": 1 }))
            .await;
        until(&mut list, &told("postmigrate")).await;
        drop(qemu);
        until(
            &mut list,
            &json!({ "name": "vm", "demo": false, "state": "down" }),
        )
        .await;
    }
}

/// Waits until this is told of the only machine.
async fn until(list: &mut MachineList, due: &Value) {
    loop {
        let told = soon(&due.to_string(), list.next()).await.unwrap();
        if told["vms"] == json!([due]) {
            return;
        }
    }
}

#[tokio::test]
async fn the_live_list_is_for_those_who_may_have_the_list() {
    let bridge = TestBridge::demo().await;
    let own = format!("http://{}", bridge.address);
    for (host, header, status) in [
        ("evil.example", "X-Nothing: 1".to_owned(), "403"),
        ("", "Origin: http://evil.example".to_owned(), "403"),
        ("", "X-Nothing: 1".to_owned(), "401"),
        ("", format!("Origin: {own}"), "401"),
        ("", "Authorization: Bearer x".to_owned(), "401"),
        ("", format!("Authorization: Bearer {}", bridge.token), "200"),
    ] {
        let host = if host.is_empty() {
            bridge.address.to_string()
        } else {
            host.to_owned()
        };
        let mut stream = TcpStream::connect(bridge.address).await.unwrap();
        let request = format!("GET /api/vms/events HTTP/1.1\r\nHost: {host}\r\n{header}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = String::new();
        let mut stream = BufReader::new(stream);
        while !head.ends_with("\r\n\r\n") {
            soon("a header", stream.read_line(&mut head)).await.unwrap();
        }
        assert_eq!(&head[9..12], status, "{header}");
        let page = head.contains(&format!("access-control-allow-origin: {own}\r\n"));
        assert_eq!(page, header.contains(&own), "{head}");
    }
}
