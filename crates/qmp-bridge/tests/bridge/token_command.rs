//! `qmp-bridge token`, and what the program makes of a token file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::oneshot;

use crate::common::{soon, subprotocols};
use crate::tokens::TokenFile;

/// Runs `qmp-bridge token` on a file.
pub(crate) async fn token(verb: &str, file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"));
    command.args(["token", verb, "--file"]).arg(file).args(arguments);
    soon("the program to end", command.kill_on_drop(true).output())
        .await
        .unwrap()
}

async fn failure(verb: &str, file: &Path, arguments: &[&str]) -> String {
    let output = token(verb, file, arguments).await;
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"");
    String::from_utf8(output.stderr).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn tokens_are_added_listed_and_revoked() {
    let file = TokenFile::new();
    let alice = file
        .add("alice", &["--role", "admin", "--expires", "2100-01-01T00:00:00Z"])
        .await;
    assert_eq!(alice.len(), 43);
    assert_eq!(mode(&file.path), 0o600);
    // What is there stays: comments, an end without a line end, the mode.
    let text = fs::read_to_string(&file.path).unwrap();
    assert!(
        text.starts_with("id=alice role=admin expires=2100-01-01T00:00:00Z sha256="),
        "{text}"
    );
    fs::write(&file.path, format!("# ours\n\n{text}a-token-of-old-times")).unwrap();
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o400)).unwrap();
    file.add("bob", &["--vm", "web1", "--vm", "web2"]).await;
    assert_eq!(mode(&file.path), 0o400);
    let listed = token("list", &file.path, &[]).await;
    let listed = String::from_utf8(listed.stdout).unwrap();
    let rows: Vec<Vec<&str>> = listed
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows,
        [
            ["ID", "ROLE", "MACHINES", "EXPIRES", "STATE"],
            ["alice", "admin", "all", "2100-01-01T00:00:00Z", "good"],
            ["line-4", "operator", "all", "never", "good"],
            ["bob", "viewer", "web1,web2", "never", "good"],
        ]
    );
    file.revoke("alice").await;
    file.revoke("line-3").await;
    let left = fs::read_to_string(&file.path).unwrap();
    assert!(
        left.starts_with("# ours\n\nid=bob role=viewer vm=web1,web2 sha256="),
        "{left}"
    );
    assert_eq!(left.lines().count(), 3);
    assert_eq!(fs::read_dir(file.path.parent().unwrap()).unwrap().count(), 1);

    let made = token("add", &file.path, &[]).await;
    assert!(made.status.success());
    assert!(fs::read_to_string(&file.path).unwrap().contains("\nid=t-"));
}

#[tokio::test]
async fn a_token_command_that_cannot_be_followed_changes_nothing() {
    let file = TokenFile::new();
    assert!(failure("revoke", &file.path, &["alice"]).await.contains("tokens"));
    assert!(failure("list", &file.path, &[]).await.contains("tokens"));
    file.add("alice", &[]).await;
    let before = fs::read(&file.path).unwrap();
    for (verb, arguments, said) in [
        ("add", &["--id", "alice"][..], "--id alice: there is such a token"),
        ("add", &["--id", "a b"], "an id begins"),
        ("add", &["--role", "root"], "root"),
        ("add", &["--vm", "../x"], "--vm ../x"),
        ("add", &["--expires", "soon"], "--expires soon"),
        ("add", &["--url", "http://a"], "--once"),
        ("add", &["--once", "--url", "ftp://a"], "--url ftp://a"),
        ("revoke", &["bob"], "no token bob"),
        ("revoke", &["line-1000"], "no token line-1000"),
    ] {
        let error = failure(verb, &file.path, arguments).await;
        assert!(error.contains(said), "{verb} {arguments:?}: {error}");
        assert_eq!(fs::read(&file.path).unwrap(), before);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
        .args(["token", "list"])
        .output();
    let error = String::from_utf8(output.await.unwrap().stderr).unwrap();
    assert!(error.contains("which file?"), "{error}");
}

#[tokio::test]
async fn of_many_who_add_at_once_none_is_lost() {
    let file = TokenFile::new();
    let ids: Vec<String> = (0..12).map(|number| format!("t{number}")).collect();
    let adding = ids.iter().map(|id| file.add(id, &[]));
    let mut tokens = futures_util::future::join_all(adding).await;
    let text = fs::read_to_string(&file.path).unwrap();
    assert_eq!(text.lines().count(), 12);
    assert!(ids.iter().all(|id| text.contains(&format!("id={id} "))), "{text}");
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 12);
}

#[tokio::test]
async fn who_is_revoked_is_revoked_by_each_of_its_lines() {
    let file = TokenFile::new();
    file.add("alice", &[]).await;
    file.add("bob", &[]).await;
    let text = fs::read_to_string(&file.path)
        .unwrap()
        .replace("id=bob", "id=alice");
    fs::write(&file.path, &text).unwrap();
    let error = failure("add", &file.path, &[]).await;
    assert!(error.contains("line 2: the id of an earlier line"), "{error}");
    file.revoke("alice").await;
    assert_eq!(fs::read_to_string(&file.path).unwrap(), "");
}

#[tokio::test]
async fn the_file_and_the_address_may_come_from_the_configuration() {
    let file = TokenFile::new();
    let config = file.path.with_file_name("bridge.toml");
    let text = format!("listen = \"127.0.0.1:7000\"\ntoken-file = {:?}\n", file.path);
    fs::write(&config, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
        .args(["token", "add", "--once", "--config"])
        .arg(&config)
        .output();
    let link = String::from_utf8(output.await.unwrap().stdout).unwrap();
    assert!(link.starts_with("http://127.0.0.1:7000/#token="), "{link}");
    assert!(fs::read_to_string(&file.path).unwrap().contains(" use=once "));
}

#[tokio::test]
async fn a_bridge_does_not_start_with_a_bad_line_and_does_not_tell_it() {
    for bad in [
        "secret-secret-secret=secret-secret",
        "id=secret-secret role=root sha256=00",
        "a secret-secret",
        "short-secret",
    ] {
        let file = TokenFile::new();
        file.add("alice", &[]).await;
        let text = format!("{}# next\n{bad}\n", fs::read_to_string(&file.path).unwrap());
        fs::write(&file.path, text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
            .args(["--demo", "--listen", "127.0.0.1:0", "--token-file"])
            .arg(&file.path)
            .kill_on_drop(true)
            .output();
        let output = soon("the end", output).await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains("line 3: "), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

/// Sends a request and waits for the answer, or for as much of it as there is.
async fn send(address: &str, request: String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A bridge that does not like it may reset the connection.
    let _ = soon("an answer", stream.read_to_end(&mut answer)).await;
}

#[tokio::test]
async fn a4_a5_a_token_is_in_no_log_however_it_is_used() {
    let file = TokenFile::new();
    let secret = file.add("alice", &["--role", "admin"]).await;
    let link = file.add("link", &["--once"]).await;
    let once = link.split_once("#token=").unwrap().1.to_owned();
    let bare = "a-token-that-was-written-by-hand";
    let text = fs::read_to_string(&file.path).unwrap();
    fs::write(&file.path, format!("{text}{bare}\n")).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_qmp-bridge"))
        .args([
            "--demo",
            "--listen",
            "127.0.0.1:0",
            "--max-failures",
            "0",
            "--allow-admin",
            "--audit-log",
            "-",
            "--token-file",
        ])
        .arg(&file.path)
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(program.stderr.take().unwrap());
    let (tell, told) = oneshot::channel();
    let reading = tokio::spawn(async move {
        let (mut text, mut tell) = (String::new(), Some(tell));
        while log.read_line(&mut text).await.unwrap() > 0 {
            if text.ends_with("nobody is let in by this line line=4\n") {
                tell.take().map(|tell| tell.send(()));
            }
        }
        text
    });
    let mut stdout = BufReader::new(program.stdout.take().unwrap());
    let mut printed = String::new();
    soon("the link", stdout.read_line(&mut printed)).await.unwrap();
    let (_, address) = printed.trim_end().split_once("http://").unwrap();
    let address = address.split('/').next().unwrap().to_owned();

    let mut secrets = Vec::new();
    for token in [&*secret, &*once, bare] {
        let offered = subprotocols(token);
        let (_, encoded) = offered.rsplit_once('.').unwrap();
        secrets.extend([token.to_owned(), encoded.to_owned()]);
        let wrong = format!("{token}x");
        let authorized = |token: &str| format!("Authorization: Bearer {token}");
        for (line, header) in [
            ("POST /api/session".to_owned(), authorized(token)),
            ("POST /api/session".to_owned(), authorized(token)),
            ("GET /api/vms".to_owned(), authorized(token)),
            ("GET /api/vms".to_owned(), authorized(&wrong)),
            (
                "GET /api/vms".to_owned(),
                format!("{0}\r\n{0}", authorized(token)),
            ),
            ("GET /api/vms".to_owned(), format!("Authorization: Basic {token}")),
            ("GET /api/vms".to_owned(), format!("Authorization: {token}")),
            ("GET /api/vms".to_owned(), format!("Cookie: token={token}")),
            ("GET /api/vms".to_owned(), format!("X-Token: {token}")),
            ("GET /metrics".to_owned(), authorized(token)),
            (format!("GET /api/vms?token={token}"), "Accept: */*".to_owned()),
            (
                format!("GET /vm/demo/qmp?token={token}"),
                "Accept: */*".to_owned(),
            ),
            (format!("GET /{token}"), "Accept: */*".to_owned()),
            (format!("GET /vm/{token}/screen.png"), authorized(token)),
            (format!("PUT /api/session?token={token}"), authorized(token)),
            (token.to_owned(), authorized(token)),
        ] {
            let head = format!("{line} HTTP/1.1\r\nHost: {address}\r\n{header}\r\n");
            send(
                &address,
                format!("{head}Connection: close\r\nContent-Length: 0\r\n\r\n"),
            )
            .await;
        }
        for (vm, offered) in [
            ("demo", offered.clone()),
            ("none", offered.clone()),
            ("demo", subprotocols(&wrong)),
            ("demo", offered.replace("qmp.v1, ", "")),
            ("demo", format!("{offered}, {offered}")),
            ("demo", format!("{offered}=")),
        ] {
            let head = format!(
                "GET /vm/{vm}/qmp HTTP/1.1\r\nHost: {address}\r\nSec-WebSocket-Protocol: {offered}\r\n"
            );
            let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
            let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream
                .write_all(format!("{head}{key}{upgrade}\r\n").as_bytes())
                .await
                .unwrap();
            let mut start = [0; 12];
            soon("a status", stream.read_exact(&mut start)).await.unwrap();
        }
    }
    // What becomes bad is told by its number.
    let text = fs::read_to_string(&file.path).unwrap();
    fs::write(&file.path, format!("{text}oops {bare}\n")).unwrap();

    let id = program.id().unwrap();
    for name in ["cmdline", "environ"] {
        let bytes = fs::read(format!("/proc/{id}/{name}")).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            !text.is_empty() && secrets.iter().all(|secret| !text.contains(secret.as_str())),
            "{name}"
        );
    }
    soon("the bad line is told", told).await.unwrap();
    program.start_kill().unwrap();
    program.wait().await.unwrap();
    let log = soon("the log", reading).await.unwrap();
    assert!(
        log.contains("request refused") && log.contains("\"what\":\"refusal\""),
        "{log}"
    );
    let lines = log.lines().chain(printed.lines());
    let told: Vec<&str> = lines
        .filter(|line| secrets.iter().any(|secret| line.contains(secret.as_str())))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}
