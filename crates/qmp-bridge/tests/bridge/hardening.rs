//! What the bridge takes from its host, and what it gives to nobody: files of others, its memory, its sockets.

use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use qmp_bridge::{Asked, Bridge, CloseCode, Endpoint, Options};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixListener;

use crate::common::{Client, TestBridge, soon};
use crate::program::Program;
use crate::token_command::token;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Why a bridge does not start; `None` where it does.
async fn refusal(set: impl FnOnce(&mut Options)) -> Option<String> {
    let mut options = Options::default();
    options.listen.set_port(0);
    options.vms = vec![("demo".to_owned(), Endpoint::Demo)];
    set(&mut options);
    let error = Bridge::bind(options).await.err()?;
    let source = std::error::Error::source(&error).unwrap().to_string();
    Some(format!("{error}: {source}"))
}

/// Whether the tests can become somebody else.
fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("skipped: this needs another user, and so root");
    }
    is_root
}

/// A program as a user who is neither root nor the bridge's.
fn as_nobody(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
    command
}

/// A directory that others can look into.
fn open_dir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    chmod(dir.path(), 0o755);
    dir
}

#[tokio::test]
async fn u2_a_machine_whose_socket_others_can_replace_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (far, near) = (dir.path().join("far"), dir.path().join("near"));
    fs::create_dir(&far).unwrap();
    fs::create_dir(&near).unwrap();
    let _socket = UnixListener::bind(far.join("qmp.sock")).unwrap();
    std::os::unix::fs::symlink(far.join("qmp.sock"), near.join("link")).unwrap();
    for (mode, good) in [
        (0o755, true),
        (0o1777, true),
        (0o777, false),
        (0o775, false),
        (0o757, false),
    ] {
        chmod(&far, mode);
        let paths = [far.join("qmp.sock"), far.join("later.sock"), near.join("link")];
        let endpoints = paths.map(Endpoint::Unix);
        for endpoint in endpoints
            .into_iter()
            .chain([Endpoint::ListenUnix(far.join("dialled.sock"))])
        {
            let refusal = refusal(|options| options.vms = vec![("vm".to_owned(), endpoint.clone())]).await;
            match refusal {
                None => assert!(good, "{mode:o} {endpoint}"),
                Some(why) => assert!(!good && why.contains("chmod go-w"), "{mode:o} {endpoint}: {why}"),
            }
        }
    }
}

#[tokio::test]
async fn u2_a_configuration_that_others_can_write_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bridge.toml");
    fs::write(&path, "demo = true\n").unwrap();
    let parse = || {
        let line = ["qmp-bridge", "--config", path.to_str().unwrap()];
        Asked::parse(line.map(str::to_owned))
            .map_err(|error| std::error::Error::source(&error).unwrap().to_string())
    };
    for mode in [0o600, 0o644, 0o444] {
        chmod(&path, mode);
        assert!(parse().is_ok(), "{mode:o}");
    }
    for mode in [0o660, 0o646] {
        chmod(&path, mode);
        assert!(parse().unwrap_err().contains("chmod go-w"), "{mode:o}");
    }
    chmod(&path, 0o644);
    chmod(dir.path(), 0o777);
    assert!(parse().unwrap_err().contains("put files into"));
    chmod(dir.path(), 0o1777);
    assert!(parse().is_ok());
    if is_root() {
        std::os::unix::fs::chown(&path, Some(65534), None).unwrap();
        assert!(parse().unwrap_err().contains("another user"));
    }
}

#[tokio::test]
async fn u4_a_token_file_that_others_can_read_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tokens");
    fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
    for (mode, good) in [
        (0o600, true),
        (0o400, true),
        (0o640, false),
        (0o604, false),
        (0o620, false),
        (0o602, false),
    ] {
        chmod(&path, mode);
        match refusal(|options| options.token_file = Some(path.clone())).await {
            None => assert!(good, "{mode:o}"),
            Some(why) => assert!(!good && why.contains("chmod go-rw"), "{mode:o}: {why}"),
        }
    }
    chmod(&path, 0o600);
    chmod(dir.path(), 0o777);
    let why = refusal(|options| options.token_file = Some(path.clone())).await;
    assert!(why.unwrap().contains("put files into"));
}

#[tokio::test]
async fn u4_what_systemd_hands_over_may_have_a_reader_in_its_access_control_list() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (tokens, good) in [
        (dir.path().join("tokens"), true),
        (other.path().join("tokens"), false),
    ] {
        fs::write(&tokens, "0123456789abcdef0123456789abcdef\n").unwrap();
        chmod(&tokens, 0o440);
        let mut program = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
            .args(["--demo", "--listen", "127.0.0.1:0", "--token-file"])
            .arg(&tokens)
            .env("CREDENTIALS_DIRECTORY", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = [0; 8];
        let started = program.stdout.take().unwrap().read_exact(&mut said).is_ok();
        program.kill().unwrap();
        program.wait().unwrap();
        assert_eq!(started, good, "{}", tokens.display());
    }
}

/// As the packaged service is: the tokens are its user's, and root changes them.
#[tokio::test]
async fn a8_what_root_revokes_the_user_of_the_service_hears_of() {
    if !is_root() {
        return;
    }
    let dir = open_dir();
    let path = dir.path().join("tokens");
    let added = token("add", &path, &["--id", "alice"]).await;
    let alice = String::from_utf8(added.stdout).unwrap();
    std::os::unix::fs::chown(&path, Some(65534), Some(65534)).unwrap();
    let mut program = as_nobody(env!("CARGO_BIN_EXE_qmp-bridge"));
    program
        .args(["--demo", "--listen", "127.0.0.1:0", "--token-file"])
        .arg(&path);
    let mut program = tokio::process::Command::from(program)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut link = String::new();
    let mut stdout = BufReader::new(program.stdout.take().unwrap());
    soon("the link", stdout.read_line(&mut link)).await.unwrap();
    let bridge = TestBridge::at(link.trim_end()).with_token(alice.trim_end());
    let mut client = bridge.client("demo").await;
    client.negotiate(&[]).await;
    assert!(token("revoke", &path, &["alice"]).await.status.success());
    assert_eq!(client.close_code().await, CloseCode::Revoked.code());
    let (uid, mode) = (
        fs::metadata(&path).unwrap().uid(),
        fs::metadata(&path).unwrap().mode(),
    );
    assert_eq!((uid, mode & 0o7777), (65534, 0o600));
    program.kill().await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn u4_a_crash_writes_no_memory_and_nobody_looks_into_it() {
    let bridge = Program::start(&[]).await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", bridge.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let core: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "{limits}");
    if !is_root() {
        return;
    }
    // What a process that can be dumped has in `/proc` is its user's, and of one that cannot, root's.
    let mut program = as_nobody(env!("CARGO_BIN_EXE_qmp-bridge"))
        .args(["--demo", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = [0; 8];
    program.stdout.take().unwrap().read_exact(&mut said).unwrap();
    let (own, memory) = ["status", "mem"]
        .map(|file| {
            fs::metadata(format!("/proc/{}/{file}", program.id()))
                .unwrap()
                .uid()
        })
        .into();
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!((own, memory), (0, 0));
}

#[tokio::test]
async fn u5_who_is_another_user_is_refused_on_a_unix_socket() {
    if !is_root() {
        return;
    }
    let dir = open_dir();
    let listen = |options: &mut Options| options.listen_unix = Some(dir.path().to_owned());
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], listen).await;
    let path = dir.path().join("demo.sock");
    // As somebody may do who thinks that the group should be let in.
    chmod(&path, 0o666);
    let heard = |mut program: Command| {
        let script = "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!; \
                      sysread $s, my $said, 8192; print $said";
        program.args(["-e", script]).arg(&path).stdin(Stdio::null());
        tokio::process::Command::from(program).output()
    };
    let own = soon("root", heard(Command::new("perl"))).await.unwrap();
    assert!(own.stdout.starts_with(b"{\"QMP\""), "{own:?}");
    let other = soon("nobody", heard(as_nobody("perl"))).await.unwrap();
    assert!(other.status.success() && other.stdout.is_empty(), "{other:?}");
    Client::unix(&path).await.negotiate(&[]).await;
    bridge.stop().await;
}

/// Of 10, as systemd counts what a service could do to its host.
#[test]
fn u3_the_service_is_exposed_by_no_more_than_3() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/qmp-bridge.service");
    let looked = Command::new("systemd-analyze")
        .args(["security", "--no-pager", "--offline=true", "--threshold=30", unit])
        .output();
    let Ok(looked) = looked else {
        eprintln!("skipped: there is no systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&looked.stdout);
    assert!(
        looked.status.success() && said.contains("Overall exposure level"),
        "{looked:?}"
    );
}

#[tokio::test]
async fn u3_who_runs_it_as_root_is_warned() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stderr");
    let bridge = Program::with("000", &[], Stdio::from(fs::File::create(&path).unwrap())).await;
    bridge.signal("TERM").await;
    assert!(bridge.exit().await.success());
    let said = fs::read_to_string(&path).unwrap();
    assert_eq!(
        said.contains("runs as root"),
        rustix::process::geteuid().is_root(),
        "{said}"
    );
}

#[test]
fn s3_no_code_of_ours_is_unsafe() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| -> toml::Table { fs::read_to_string(root.join(path)).unwrap().parse().unwrap() };
    let (workspace, bridge) = (read("../../Cargo.toml"), read("Cargo.toml"));
    // What is forbidden, as opposed to denied, no attribute in the code allows again.
    assert_eq!(
        workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid")
    );
    assert_eq!(json!(bridge["lints"]), json!({ "workspace": true }));
}
