//! The file that says otherwise than the built-in table: what it may say, and when the bridge does not start with it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use qmp_bridge::Role;
use serde_json::json;

use crate::policy::{Recorded, forbidden, program, show_policy};

#[tokio::test]
async fn p14_a_policy_that_cannot_be_followed_is_no_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.tsv");
    let demo = [
        "--demo",
        "--listen",
        "127.0.0.1:0",
        "--policy",
        path.to_str().unwrap(),
    ];
    for (text, said) in [
        (
            "stop\tviewer\nmade-up\tviewer\n",
            "policy.tsv: line 2: the table knows no command \"made-up\"",
        ),
        ("stop\troot\n", "policy.tsv: line 1: \"root\" is none of"),
        ("human-monitor-command\tadmin\n", "--allow-hmp"),
    ] {
        write(&path, text, 0o600);
        refused(&demo, said).await;
    }
    for mode in [0o620, 0o602, 0o666] {
        write(&path, "stop\tviewer\n", mode);
        refused(&demo, "chmod go-w").await;
    }
    fs::remove_file(&path).unwrap();
    refused(&demo, "No such file").await;
}

async fn refused(arguments: &[&str], said: &str) {
    let output = program(arguments).await;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && error.contains(said),
        "{said}: {error}"
    );
    assert!(output.stdout.is_empty());
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_policy_file_raises_and_lowers_and_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.tsv");
    write(&path, "stop\tviewer\nquit\tadmin\nquery-pci\tnever\n", 0o644);
    let recorded = Recorded::start(|options| options.policy.file = Some(path.clone())).await;
    let mut viewer = recorded.client(Role::Viewer).await;
    assert_eq!(forbidden(&mut viewer, json!({ "execute": "stop" })).await, None);
    assert!(
        forbidden(&mut viewer, json!({ "execute": "cont" }))
            .await
            .is_some()
    );
    let mut operator = recorded.client(Role::Operator).await;
    assert!(
        forbidden(&mut operator, json!({ "execute": "quit" }))
            .await
            .unwrap()
            .contains("needs the role admin")
    );
    let mut admin = recorded.client(Role::Admin).await;
    assert!(
        forbidden(&mut admin, json!({ "execute": "query-pci" }))
            .await
            .unwrap()
            .contains("for nobody")
    );
    assert_eq!(recorded.heard().await.len(), 1);

    let file = path.to_str().unwrap();
    let shown = show_policy(&["--policy", file]).await;
    let of = |name: &str| shown.iter().find(|row| row[0] == name).unwrap()[1].clone();
    assert_eq!(
        [of("stop"), of("quit"), of("query-pci"), of("*")],
        ["viewer", "admin", "never", "admin"]
    );
    // What is printed can be read again.
    let again: String = shown.iter().map(|row| row.join("\t") + "\n").collect();
    write(&path, &format!("command\trole\tclass\treason\n{again}"), 0o600);
    let read = show_policy(&["--policy", file]).await;
    assert!(read.iter().zip(&shown).all(|(a, b)| a[..3] == b[..3]) && read.len() == shown.len());
    // Without admins one is shown what an operator may.
    let (admin, operator) = (show_policy(&["admin"]).await, show_policy(&["operator"]).await);
    assert!(admin == operator && admin.iter().all(|row| row[1] != "admin"));
}
