//! The file of the audit log: when it cannot be written, when it is moved away, and whose it is.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;

use qmp_bridge::{AuditLog, Bridge, Endpoint, Options};
use serde_json::json;
use tokio::process::Command;
use tokio::task::{spawn_blocking, yield_now};

use super::{Place, lines, of, operator, parsed, sleep};
use crate::common::{TestBridge, soon};
use crate::fake::Fake;
use crate::program::Program;

#[tokio::test]
async fn g3_g5_where_nothing_can_be_written_administrators_are_refused_and_others_go_on() {
    let place = Place::new();
    let (bridge, mut machine) = Fake::with(|options| {
        place.set(options);
        options.audit_log = Some(AuditLog::File("/dev/full".into()));
    })
    .await;
    let (mut admin, mut client) = (place.admin("vm").await, operator(&bridge, "vm").await);
    for n in 0..3 {
        admin.send(json!({ "execute": "device_del", "id": n })).await;
        let (reply, _) = admin.reply().await;
        assert_eq!(
            reply["error"]["class"], "__io.github.qmp-web_AuditFailed",
            "{reply}"
        );
        assert_eq!(reply["id"], n);
        // The machine hears the next one only, and the connection goes on.
        for (name, who) in [("query-status", &mut admin), ("cont", &mut client)] {
            who.send(json!({ "execute": name, "id": name })).await;
            let heard = machine.hear().await;
            assert_eq!(heard["execute"], name);
            machine.answer(&heard, json!({})).await;
            assert_eq!(who.reply().await.0, json!({ "return": {}, "id": name }));
        }
    }
    bridge.stop().await;
}

#[tokio::test]
async fn g3_while_an_administrator_waits_for_the_log_others_do_not() {
    let place = Place::new();
    let path = place.path("audit");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .await
            .unwrap()
            .success()
    );
    // So that neither end waits for the other.
    let both = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        place.set(options);
        options.rate_limit = None;
    })
    .await;
    let mut log = File::open(&path).unwrap();
    drop(both);
    // Nobody reads the log, and soon neither the pipe nor the queue has room.
    let (mut client, mut admin) = (operator(&bridge, "demo").await, place.admin("demo").await);
    for _ in 0..COMMANDS {
        client.execute("query-status").await;
    }
    let sleep = tokio::spawn(async move { sleep(&mut admin).await });
    for _ in 0..100 {
        client.execute("query-status").await;
    }
    let read = spawn_blocking(move || {
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        text
    });
    soon("the administrator's turn", sleep).await.unwrap();
    drop(client);
    bridge.stop().await;
    let lines = parsed(&soon("the end of the log", read).await.unwrap());
    assert_eq!(of(&lines, "decision")[0]["command"], "x-async-sleep");
    let lost: u64 = of(&lines, "lost")
        .iter()
        .map(|line| line["count"].as_u64().unwrap())
        .sum();
    assert!(lost > 0);
    // Two lines that a client came, two that it went, and two for what the administrator did.
    let written = lines.len() - of(&lines, "lost").len();
    assert_eq!(written as u64 + lost, COMMANDS + 100 + 6);
}

/// More than fit into a pipe and the queue of lines.
const COMMANDS: u64 = 2500;

#[tokio::test]
async fn the_file_is_the_owners_and_is_opened_anew_when_it_was_moved_away() {
    let place = Place::new();
    let (path, moved) = (place.path("audit"), place.path("audit.1"));
    let bridge = Program::start(&["--audit-log".as_ref(), path.as_os_str()]).await;
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    let mut first = bridge.client().await;
    first.negotiate(&["async"]).await;
    first.execute("query-name").await;
    fs::rename(&path, &moved).unwrap();
    bridge.signal("HUP").await;
    soon("a new file", async {
        while !path.exists() {
            yield_now().await;
        }
    })
    .await;
    first.execute("query-status").await;
    drop(first);
    bridge.signal("TERM").await;
    assert!(bridge.exit().await.success());
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    let commands = |path| {
        of(&lines(path), "command")
            .iter()
            .map(|line| line["command"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(commands(&moved), ["query-name"]);
    assert_eq!(commands(&path), ["query-status"]);
}

#[tokio::test]
async fn what_is_there_is_added_to_unless_others_can_write_to_it() {
    let place = Place::new();
    let path = place.path("audit");
    fs::write(&path, "{\"what\":\"before\"}\n").unwrap();
    for (mode, good) in [(0o600, true), (0o640, true), (0o660, false), (0o602, false)] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let mut options = Options::default();
        options.listen.set_port(0);
        options.vms = vec![("demo".to_owned(), Endpoint::Demo)];
        options.audit_log = Some(AuditLog::File(path.clone()));
        match Bridge::bind(options).await {
            Ok(_) => assert!(good, "{mode:o}"),
            Err(error) => {
                let source = std::error::Error::source(&error).unwrap().to_string();
                assert!(
                    !good && source.contains("chmod go-w"),
                    "{mode:o}: {error}: {source}"
                );
            }
        }
    }
    assert_eq!(of(&place.lines(), "before").len(), 1);
}

#[tokio::test]
async fn the_log_may_go_to_the_standard_error() {
    let place = Place::new();
    let stderr = File::create(place.path("stderr")).unwrap();
    let bridge = Program::with(
        "000",
        &["--audit-log".as_ref(), "-".as_ref()],
        Stdio::from(stderr),
    )
    .await;
    let mut client = bridge.client().await;
    client.negotiate(&["async"]).await;
    client.execute("query-name").await;
    drop(client);
    bridge.signal("TERM").await;
    assert!(bridge.exit().await.success());
    let said = fs::read_to_string(place.path("stderr")).unwrap();
    let audit: String = said
        .split_inclusive('\n')
        .filter(|line| line.starts_with('{'))
        .collect();
    let lines = parsed(&audit);
    assert_eq!(of(&lines, "command")[0]["command"], "query-name", "{said}");
    assert_eq!(of(&lines, "disconnect").len(), 1);
}
