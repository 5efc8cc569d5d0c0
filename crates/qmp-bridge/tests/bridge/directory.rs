//! Machines of a directory, which come and go.

use std::error::Error as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use qmp_bridge::{Bridge, CloseCode, Endpoint, Options};
use qmp_testkit::QemuVersion;
use serde_json::json;
use tokio::net::{UnixListener, UnixStream};
use tokio_tungstenite::tungstenite::Error;

use crate::common::{TestBridge, soon, subprotocols};
use crate::machines::qemu_at;

fn options(dirs: &[&Path]) -> Options {
    let mut options = Options::default();
    options.vm_dirs = dirs.iter().map(|dir| (*dir).to_owned()).collect();
    options
}

#[tokio::test]
async fn sockets_that_come_and_go_are_machines_that_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one.qmp.sock"), dir.path().join("two.monitor"));
    let Some(first) = qemu_at(&one, QemuVersion::Installed) else {
        return;
    };
    let bridge = TestBridge::with_options(options(&[dir.path()])).await;
    bridge.until(&[("one", "up")]).await;
    let second = qemu_at(&two, QemuVersion::Installed).unwrap();
    bridge.until(&[("one", "up"), ("two", "up")]).await;
    let mut client = bridge.client("two").await;
    client.negotiate(&["async"]).await;
    // A crash leaves the file behind.
    drop(second);
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    bridge.until(&[("one", "up"), ("two", "down")]).await;
    let second = qemu_at(&two, QemuVersion::Installed).unwrap();
    bridge.until(&[("one", "up"), ("two", "up")]).await;
    // `quit` takes it along.
    let mut client = bridge.client("one").await;
    client.negotiate(&["async"]).await;
    client.send(json!({ "execute": "quit", "id": 1 })).await;
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    bridge.until(&[("two", "up")]).await;
    match bridge.request("one", &[&subprotocols(&bridge.token)]).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 404),
        other => panic!("{:?}", other.map(|_| "let in")),
    }
    drop((first, second));
}

#[tokio::test]
async fn a_machine_whose_socket_is_taken_away_ends_and_its_name_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vm.sock");
    let Some(_qemu) = qemu_at(&path, QemuVersion::Installed) else {
        return;
    };
    let bridge = TestBridge::with_options(options(&[dir.path()])).await;
    bridge.until(&[("vm", "up")]).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    let elsewhere = tempfile::tempdir().unwrap();
    fs::rename(&path, elsewhere.path().join("vm")).unwrap();
    // The machine runs on; here it is none any more.
    assert_eq!(client.close_code().await, CloseCode::MonitorGone.code());
    bridge.until(&[]).await;
    fs::rename(elsewhere.path().join("vm"), &path).unwrap();
    bridge.until(&[("vm", "up")]).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    assert_eq!(client.execute("query-name").await, json!({ "name": "vm" }));
}

#[tokio::test]
async fn a_directory_that_goes_and_comes_back_is_looked_into_again() {
    let parent = tempfile::tempdir().unwrap();
    let (dir, away) = (parent.path().join("dir"), parent.path().join("away"));
    fs::create_dir(&dir).unwrap();
    let socket = UnixListener::bind(dir.join("old.sock")).unwrap();
    let bridge = TestBridge::with_options(options(&[&dir])).await;
    // It does not greet.
    bridge.until(&[("old", "busy")]).await;
    fs::rename(&dir, &away).unwrap();
    bridge.until(&[]).await;
    fs::create_dir(&dir).unwrap();
    let Some(_qemu) = qemu_at(&dir.join("new.sock"), QemuVersion::Installed) else {
        return;
    };
    bridge.until(&[("new", "up")]).await;
    drop(socket);
}

#[tokio::test]
async fn a_directory_that_cannot_be_looked_into_keeps_its_machines_and_holds_up_no_other() {
    let (bad, good) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // Nobody listens any more.
    let put = |dir: &Path, name: &str| drop(UnixListener::bind(dir.join(name)).unwrap());
    let allow = |mode| fs::set_permissions(bad.path(), Permissions::from_mode(mode)).unwrap();
    put(bad.path(), "old");
    let bridge = TestBridge::with_options(options(&[bad.path(), good.path()])).await;
    bridge.until(&[("old", "down")]).await;
    allow(0o777);
    put(bad.path(), "anybodys");
    put(good.path(), "new");
    // The name is another machine's, still.
    put(good.path(), "old");
    bridge.until(&[("old", "down"), ("new", "down")]).await;
    fs::remove_file(good.path().join("new")).unwrap();
    bridge.until(&[("old", "down")]).await;
    allow(0o700);
    bridge.until(&[("old", "down"), ("anybodys", "down")]).await;
    fs::remove_dir_all(bad.path()).unwrap();
    bridge.until(&[("old", "down")]).await;
}

#[tokio::test]
async fn flags_go_before_directories_and_what_cannot_be_a_machine_is_left_out() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bind = |dir: &Path, name: &str| UnixListener::bind(dir.join(name)).unwrap();
    let named = bind(dir.path(), "named-by-a-flag.sock");
    let sockets = [
        bind(dir.path(), "a.qmp"),
        // Another machine has the name of these.
        bind(dir.path(), "a.sock"),
        bind(other.path(), "a"),
        bind(dir.path(), "flag"),
        // No names.
        bind(dir.path(), "a b"),
        bind(dir.path(), ".hidden"),
        bind(dir.path(), "-x"),
    ];
    fs::write(dir.path().join("file.sock"), "").unwrap();
    fs::create_dir(dir.path().join("dir.sock")).unwrap();
    symlink("nowhere", dir.path().join("broken")).unwrap();
    let far = bind(other.path(), ".far");
    symlink(other.path().join(".far"), dir.path().join("link")).unwrap();
    let mut options = options(&[dir.path(), other.path()]);
    options.vms = vec![(
        "flag".to_owned(),
        Endpoint::Unix(dir.path().join("named-by-a-flag.sock")),
    )];
    let bridge = TestBridge::with_options(options).await;
    let list = bridge.machines().await.next().await.unwrap();
    let names: Vec<&str> = list["vms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|vm| vm["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["flag", "a", "link"]);
    drop((named, sockets, far));
}

#[tokio::test]
async fn a_machine_whose_socket_gets_another_name_keeps_its_own_socket_for_clients() {
    let (dir, served) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (old, new) = (dir.path().join("vm.qmp"), dir.path().join("vm.monitor"));
    let _socket = UnixListener::bind(&old).unwrap();
    let mut options = options(&[dir.path()]);
    options.listen_unix = Some(served.path().to_owned());
    let _bridge = TestBridge::with_options(options).await;
    let path = served.path().join("vm.sock");
    let which = || {
        let file = fs::metadata(&path).ok()?;
        Some((file.ino(), file.ctime_nsec()))
    };
    let until = async |is_right: &dyn Fn() -> bool| {
        soon("a socket for clients", async {
            while !is_right() || UnixStream::connect(&path).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
    };
    until(&|| true).await;
    for (from, to) in [(&old, &new), (&new, &old), (&old, &new)] {
        let before = which();
        fs::rename(from, to).unwrap();
        until(&|| which() != before).await;
    }
}

#[tokio::test]
async fn u2_a_directory_that_others_can_write_to_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (mode, refused) in [
        (0o777, true),
        (0o1777, true),
        (0o770, true),
        (0o720, true),
        (0o755, false),
        (0o700, false),
    ] {
        fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
        let mut options = options(&[dir.path()]);
        options.listen.set_port(0);
        match Bridge::bind(options).await {
            Ok(_) => assert!(!refused, "{mode:o}"),
            Err(error) => {
                let why = error.source().unwrap().to_string();
                assert!(
                    refused && why.contains("others than its owner"),
                    "{mode:o}: {why}"
                );
                assert!(
                    error.to_string().contains(dir.path().to_str().unwrap()),
                    "{error}"
                );
            }
        }
    }
    for missing in [dir.path().join("missing"), "/dev/null".into()] {
        let mut options = options(&[&missing]);
        options.listen.set_port(0);
        assert!(Bridge::bind(options).await.is_err(), "{}", missing.display());
    }
}
