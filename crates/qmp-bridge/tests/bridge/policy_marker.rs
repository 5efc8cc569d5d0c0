//! What real QEMUs tell of their host reaches no viewer: everything of theirs that is nobody's business is marked.

use std::fs;
use std::time::Duration;

use qmp_bridge::{PolicyOptions, Role};
use qmp_testkit::{QemuOptions, QemuVersion};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::common::{Client, soon};
use crate::policy_qemu::{Machine, VERSIONS, ask, is_forbidden};

/// In the paths, secrets and addresses of each QEMU here.
const MARKER: &str = "MARKER";

/// A QEMU with all that can name something of its host, and the directory in which that is.
async fn marked(version: QemuVersion) -> Option<(Machine, TempDir)> {
    let dir = tempfile::Builder::new().prefix(MARKER).tempdir().unwrap();
    let path = |name: &str| dir.path().join(format!("{MARKER}-{name}")).display().to_string();
    for name in ["disk", "memory"] {
        fs::write(path(name), vec![0; 1 << 20]).unwrap();
    }
    fs::create_dir(path("shared")).unwrap();
    fs::write(path("secret"), format!("{MARKER}-of-the-file")).unwrap();
    let named = [
        ("-object", "secret,id=s0,data=", format!("{MARKER}-in-clear")),
        ("-object", "secret,id=s1,file=", path("secret")),
        (
            "-object",
            "memory-backend-file,id=m0,size=1M,share=on,mem-path=",
            path("memory"),
        ),
        (
            "-chardev",
            "socket,id=c0,server=on,wait=off,path=",
            path("chardev"),
        ),
        ("-chardev", "file,id=c1,path=", path("chardev-file")),
        ("-drive", "format=raw,if=none,id=d0,file=", path("disk")),
        ("-fsdev", "local,id=f0,security_model=none,path=", path("shared")),
        ("-vnc", "unix:", path("vnc")),
        ("-audiodev", "wav,id=a0,path=", path("wav")),
        ("-pidfile", "", path("pid")),
    ];
    let named = named
        .into_iter()
        .flat_map(|(flag, what, name)| [flag.to_owned(), format!("{what}{name}")]);
    let plain = ["-nodefaults", "-m", "64", "-serial", "chardev:c1"];
    let devices = [
        "-device",
        "virtio-blk-pci,drive=d0",
        "-device",
        "virtio-9p-pci,fsdev=f0,mount_tag=tag",
    ];
    let arguments: Vec<String> = plain
        .map(str::to_owned)
        .into_iter()
        .chain(named)
        .chain(devices.map(str::to_owned))
        .collect();
    let qemu = QemuOptions::new("marked")
        .args(arguments)
        .version(version)
        .start_or_skip()?;
    let machine = Machine::of(qemu, |options| options.policy.allow_admin = true).await;
    Some((machine, dir))
}

/// What a viewer may execute of all that this QEMU has.
async fn viewers_commands(client: &mut Client) -> Vec<String> {
    let text = qmp_bridge::show_policy(&PolicyOptions::default(), Some(Role::Viewer)).unwrap();
    let allowed: Vec<&str> = text.lines().filter_map(|line| line.split('\t').next()).collect();
    let all = client.execute("query-commands").await;
    let names = all
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command["name"].as_str().unwrap().to_owned());
    names.filter(|name| allowed.contains(&name.as_str())).collect()
}

/// Asks until the answer is the one that is due.
async fn until(client: &mut Client, command: &str, is_due: impl Fn(&Value) -> bool) -> Value {
    let asking = async {
        loop {
            let reply = ask(client, command, json!({})).await;
            if is_due(&reply["return"]) {
                return reply;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    soon(command, asking).await
}

#[tokio::test]
async fn p8_no_reply_to_a_viewer_tells_of_the_host() {
    for version in VERSIONS {
        let Some((machine, dir)) = marked(version).await else {
            continue;
        };
        let mut admin = machine.client(Role::Admin).await;
        // A job that fails, and says where.
        let lost = dir.path().join("none").join("image");
        let create =
            json!({ "job-id": "failing", "options": { "driver": "file", "filename": lost, "size": 4096 } });
        assert_eq!(
            ask(&mut admin, "blockdev-create", create).await["return"],
            json!({})
        );
        let jobs = until(&mut admin, "query-jobs", |jobs| jobs[0]["status"] == "concluded").await;
        assert!(jobs.to_string().contains(MARKER), "{jobs}");
        // Who may know is told: else nothing is tested.
        let mut operator = machine.client(Role::Operator).await;
        for name in [
            "query-block",
            "query-named-block-nodes",
            "query-chardev",
            "query-vnc",
        ] {
            let reply = ask(&mut operator, name, json!({})).await;
            assert!(reply.to_string().contains(MARKER), "{name}: {reply}");
        }
        let secret = json!({ "path": "/objects/s0", "property": "data" });
        assert!(is_forbidden(&ask(&mut operator, "qom-get", secret.clone()).await));
        assert!(
            ask(&mut admin, "qom-get", secret)
                .await
                .to_string()
                .contains(MARKER)
        );

        let mut viewer = machine.client(Role::Viewer).await;
        let names = viewers_commands(&mut viewer).await;
        assert!(names.len() > 25, "{names:?}");
        for name in names {
            let reply = ask(&mut viewer, &name, json!({})).await;
            assert!(
                !is_forbidden(&reply) && !reply.to_string().contains(MARKER),
                "{name}: {reply}"
            );
        }
        let jobs = ask(&mut viewer, "query-jobs", json!({})).await;
        assert_eq!(jobs["return"][0]["id"], "failing", "{jobs}");
    }
}

#[tokio::test]
async fn p8_where_a_machine_comes_from_or_failed_to_go_to_is_not_told_to_viewers() {
    for version in VERSIONS {
        let dir = tempfile::Builder::new().prefix(MARKER).tempdir().unwrap();
        let path = dir.path().join("s").display().to_string();
        let plain = |name: &str| {
            QemuOptions::new(name)
                .args(["-nodefaults", "-display", "none"])
                .version(version)
        };
        let incoming = plain("incoming").arg("-incoming").arg(format!("unix:{path}"));
        let (Some(incoming), Some(outgoing)) = (incoming.start_or_skip(), plain("outgoing").start_or_skip())
        else {
            continue;
        };
        for (qemu, member) in [(incoming, "socket-address"), (outgoing, "error-desc")] {
            let machine = Machine::of(qemu, |options| options.policy.allow_admin = true).await;
            let mut admin = machine.client(Role::Admin).await;
            if member == "error-desc" {
                ask(
                    &mut admin,
                    "migrate",
                    json!({ "uri": format!("unix:{path}/nowhere") }),
                )
                .await;
            }
            let known = until(&mut admin, "query-migrate", |migration| {
                !migration[member].is_null()
            })
            .await;
            let mut viewer = machine.client(Role::Viewer).await;
            let told = ask(&mut viewer, "query-migrate", json!({})).await;
            assert!(
                known.to_string().contains(MARKER) && !told.to_string().contains(MARKER),
                "{known}\n{told}"
            );
            assert_eq!(told["return"]["status"], known["return"]["status"]);
        }
    }
}

#[tokio::test]
async fn p9_who_looks_over_vnc_is_not_told_to_viewers() {
    for version in VERSIONS {
        let machine =
            QemuOptions::new("watched").args(["-nodefaults", "-vga", "std", "-vnc", "127.0.0.1:1,to=999"]);
        let Some(qemu) = machine.version(version).start_or_skip() else {
            continue;
        };
        let machine = Machine::of(qemu, |_| ()).await;
        let (mut viewer, mut operator) = (
            machine.client(Role::Viewer).await,
            machine.client(Role::Operator).await,
        );
        let server = operator.execute("query-vnc").await;
        let port: u16 = server["service"].as_str().unwrap().parse().unwrap();
        let _looker = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let event = operator.next().await;
        assert!(
            event["event"] == "VNC_CONNECTED" && event["data"]["client"]["host"] == "127.0.0.1",
            "{event}"
        );
        operator.execute("stop").await;
        let event = viewer.next().await;
        assert_eq!(event["event"], "STOP");
        let start = viewer.execute("__io.github.qmp-web_query-events").await;
        let all = json!({ "epoch": start["epoch"], "after": 0 });
        let told = ask(&mut viewer, "__io.github.qmp-web_query-events", all)
            .await
            .to_string();
        assert!(!told.contains("VNC") && told.contains("STOP"), "{told}");
    }
}
