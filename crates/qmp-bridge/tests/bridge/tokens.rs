//! Tokens: what each is good for, and for how long.

use std::fs::{self, File};
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use qmp_bridge::{CloseCode, Endpoint, Options};
use rustix::fs::{CWD, Mode, mkfifoat};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Error;

use crate::access::{offer, raw, status, upgrade};
use crate::common::{Client, TestBridge, soon, subprotocols};
use crate::token_command::token;

/// A token file, and the program that changes it.
pub(crate) struct TokenFile {
    _dir: TempDir,
    pub(crate) path: PathBuf,
}

impl TokenFile {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens");
        Self { _dir: dir, path }
    }

    /// A new token, or the link with it.
    pub(crate) async fn add(&self, id: &str, further: &[&str]) -> String {
        self.run("add", &[&["--id", id], further].concat()).await
    }

    pub(crate) async fn revoke(&self, id: &str) {
        self.run("revoke", &[id]).await;
    }

    /// Makes the file anew.
    fn restore(&self, text: &str) {
        let mut options = File::options();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    async fn run(&self, verb: &str, arguments: &[&str]) -> String {
        let output = token(verb, &self.path, arguments).await;
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// A bridge with two demo machines, `a` and `b`, and these tokens.
    pub(crate) async fn bridge(&self, set: impl FnOnce(&mut Options)) -> TestBridge {
        TestBridge::with(&[("a", Endpoint::Demo), ("b", Endpoint::Demo)], |options| {
            options.token_file = Some(self.path.clone());
            set(options);
        })
        .await
    }
}

async fn ask(bridge: &TestBridge, line: &str) -> (u16, String) {
    let host = format!("Host: {}", bridge.address);
    let authorization = format!("Authorization: Bearer {}", bridge.token);
    let line = format!("{line} HTTP/1.1");
    let answer = raw(bridge, &[&line, &host, &authorization, "Content-Length: 0"]).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status(&answer), body.to_owned())
}

pub(crate) async fn ask_json(bridge: &TestBridge, line: &str) -> Value {
    let (status, body) = ask(bridge, line).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

async fn client(bridge: &TestBridge, vm: &str) -> Client {
    let mut client = bridge.client(vm).await;
    client.negotiate(&["async"]).await;
    client
}

/// The status with which a WebSocket is refused.
async fn refused(bridge: &TestBridge, vm: &str) -> u16 {
    match bridge.request(vm, &[&subprotocols(&bridge.token)]).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{:?}", other.map(|_| "let in")),
    }
}

/// Waits until the token is good, or until it is not.
async fn until_status(bridge: &TestBridge, due: u16) {
    soon("another status", async {
        while ask(bridge, "GET /api/session").await.0 != due {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a8_what_was_opened_with_a_token_ends_when_it_is_revoked() {
    let file = TokenFile::new();
    let (alice, bob) = (file.add("alice", &[]).await, file.add("bob", &[]).await);
    let bridge = file.bridge(|_| ()).await;
    let (alice, bob) = (bridge.with_token(&alice), bridge.with_token(&bob));
    let (hers, mut his) = (client(&alice, "a").await, client(&bob, "a").await);
    let (mut her_list, mut his_list) = (alice.machines().await, bob.machines().await);
    assert!(her_list.next().await.is_some() && his_list.next().await.is_some());

    file.revoke("alice").await;
    let begin = Instant::now();
    assert_eq!(hers.close_code().await, CloseCode::Revoked.code());
    while her_list.next().await.is_some() {}
    // The file is looked at every ten seconds too, but that is not why.
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert_eq!(refused(&alice, "a").await, 401);
    assert_eq!(ask(&alice, "GET /api/vms").await.0, 401);

    // Whose token is still there was not disturbed.
    assert_eq!(his.execute("query-status").await["running"], true);
    assert_eq!(ask(&bob, "GET /api/vms").await.0, 200);

    // What a token stands for does not change under a session: it ends.
    let text = fs::read_to_string(&file.path).unwrap();
    fs::write(&file.path, text.replace("role=viewer", "role=operator vm=b")).unwrap();
    assert_eq!(his.close_code().await, CloseCode::Revoked.code());
    while his_list.next().await.is_some() {}
    until_status(&bob, 200).await;
    assert_eq!(ask_json(&bob, "GET /api/session").await["role"], "operator");
    assert_eq!(refused(&bob, "a").await, 404);
}

#[tokio::test]
async fn a8_lines_that_became_bad_let_nobody_in_and_a_file_that_is_gone_neither() {
    let file = TokenFile::new();
    let (alice, bob) = (file.add("alice", &[]).await, file.add("bob", &[]).await);
    let bridge = file.bridge(|_| ()).await;
    let (alice, bob) = (bridge.with_token(&alice), bridge.with_token(&bob));
    let (hers, mut his) = (client(&alice, "a").await, client(&bob, "a").await);
    let text = fs::read_to_string(&file.path).unwrap();
    fs::write(
        &file.path,
        text.replace("id=alice role=viewer", "id=alice role=king"),
    )
    .unwrap();
    assert_eq!(hers.close_code().await, CloseCode::Revoked.code());
    assert_eq!(ask(&alice, "GET /api/vms").await.0, 401);
    assert_eq!(his.execute("query-status").await["running"], true);

    fs::remove_file(&file.path).unwrap();
    assert_eq!(his.close_code().await, CloseCode::Revoked.code());
    assert_eq!(ask(&bob, "GET /api/vms").await.0, 401);

    file.restore(&text);
    until_status(&bob, 200).await;
    until_status(&alice, 200).await;
}

#[tokio::test]
async fn a8_a_pipe_in_the_place_of_the_file_lets_nobody_in_and_holds_up_nothing() {
    let file = TokenFile::new();
    let alice = file.add("alice", &[]).await;
    let bridge = file.bridge(|options| options.limits.max_failures = None).await;
    let alice = bridge.with_token(&alice);
    let hers = client(&alice, "a").await;
    let text = fs::read_to_string(&file.path).unwrap();
    let pipe = file.path.with_file_name("pipe");
    mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
    fs::rename(&pipe, &file.path).unwrap();
    assert_eq!(hers.close_code().await, CloseCode::Revoked.code());
    assert_eq!(ask(&alice, "GET /api/vms").await.0, 401);

    // Nor does one that is so long that nobody has written it.
    fs::remove_file(&file.path).unwrap();
    file.restore(&text);
    until_status(&alice, 200).await;
    let long = File::options().write(true).open(&file.path).unwrap();
    long.set_len(1 << 40).unwrap();
    until_status(&alice, 401).await;
    fs::write(&file.path, &text).unwrap();
    until_status(&alice, 200).await;
}

#[tokio::test]
async fn a9_a_session_ends_when_its_token_expires() {
    let file = TokenFile::new();
    let (short, long) = (
        file.add("short", &["--expires", "3s"]).await,
        file.add("long", &["--expires", "1h"]).await,
    );
    let bridge = file.bridge(|_| ()).await;
    let (short, long) = (bridge.with_token(&short), bridge.with_token(&long));
    let (mut stays, goes) = (client(&long, "a").await, client(&short, "a").await);
    let mut list = short.machines().await;
    assert!(list.next().await.is_some());
    assert_eq!(goes.close_code().await, CloseCode::Revoked.code());
    while list.next().await.is_some() {}
    assert_eq!(refused(&short, "a").await, 401);
    assert_eq!(ask(&short, "GET /api/session").await.0, 401);
    assert_eq!(stays.execute("query-status").await["running"], true);
}

#[tokio::test]
async fn a10_the_seventeenth_session_of_a_token_is_refused() {
    let file = TokenFile::new();
    let (alice, bob) = (file.add("alice", &[]).await, file.add("bob", &[]).await);
    let bridge = file.bridge(|_| ()).await;
    let (alice, bob) = (bridge.with_token(&alice), bridge.with_token(&bob));
    let mut clients = Vec::new();
    for _ in 0..16 {
        clients.push(client(&alice, "a").await);
    }
    assert_eq!(refused(&alice, "b").await, 429);
    // What is no session needs no place.
    assert_eq!(ask(&alice, "GET /api/vms").await.0, 200);
    assert!(alice.machines().await.next().await.is_some());
    client(&bob, "a").await;
    clients.pop();
    soon("a place", async {
        while alice.request("a", &[&subprotocols(&alice.token)]).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    for client in &mut clients {
        assert_eq!(client.execute("query-status").await["running"], true);
    }
}

/// The head of the answer to a question from this address.
#[tokio::test]
async fn a10_one_token_cannot_take_all_connections_for_lists() {
    let file = TokenFile::new();
    let (alice, bob) = (file.add("alice", &[]).await, file.add("bob", &[]).await);
    let bridge = file.bridge(|_| ()).await;
    let (alice, bob) = (bridge.with_token(&alice), bridge.with_token(&bob));
    let mut lists = Vec::new();
    for _ in 0..16 {
        lists.push(alice.machines().await);
    }
    for list in &mut lists {
        assert!(list.next().await.is_some());
    }
    assert_eq!(ask(&alice, "GET /api/vms/events").await.0, 429);
    assert!(bob.machines().await.next().await.is_some());
    client(&alice, "a").await;
    lists.pop();
    let ask_for_one = async || {
        let mut stream = TcpStream::connect(alice.address).await?;
        let lines = [
            "GET /api/vms/events HTTP/1.1",
            &format!("Host: {}", alice.address),
        ]
        .join("\r\n");
        let authorization = format!("Authorization: Bearer {}", alice.token);
        stream
            .write_all(format!("{lines}\r\n{authorization}\r\n\r\n").as_bytes())
            .await?;
        let mut begin = [0; "HTTP/1.1 200".len()];
        stream.read_exact(&mut begin).await?;
        io::Result::Ok(begin.ends_with(b"200"))
    };
    soon("a place", async {
        while !ask_for_one().await.unwrap() {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

async fn from(bridge: &TestBridge, address: &str, token: &str, further: &str) -> io::Result<String> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(format!("{address}:0").parse().unwrap())?;
    let mut stream = socket.connect(bridge.address).await?;
    let request = format!(
        "GET /api/vms HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n{further}Connection: close\r\n\r\n",
        bridge.address
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer)).await?;
    Ok(answer)
}

#[tokio::test]
async fn a7_who_guesses_is_not_listened_to_for_a_while() {
    let bridge = TestBridge::demo().await;
    let mut there = client(&bridge, "demo").await;
    for number in 0..10 {
        let wrong = format!("wrong-wrong-wrong-{number}");
        match number % 2 {
            0 => assert_eq!(upgrade(&bridge, &[offer(&wrong)]).await, 401),
            _ => assert_eq!(ask(&bridge.with_token(&wrong), "POST /api/session").await.0, 401),
        }
    }
    // Now the right one is refused as well: who comes next is not told which it was.
    let answer = from(&bridge, "127.0.0.1", &bridge.token, "").await.unwrap();
    assert_eq!(status(&answer), 429);
    let wait = answer.lines().find_map(|line| line.strip_prefix("retry-after: "));
    let wait: u32 = wait.unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{answer}");
    assert_eq!(upgrade(&bridge, &[offer(&bridge.token)]).await, 429);
    assert_eq!(ask(&bridge, "POST /api/session").await.0, 429);
    // Who is there stays, and who comes from elsewhere comes in.
    assert_eq!(there.execute("query-status").await["running"], true);
    let answer = from(&bridge, "127.0.0.2", &bridge.token, "").await.unwrap();
    assert_eq!(status(&answer), 200);
}

#[tokio::test]
async fn h6_a_source_cannot_be_made_up_unless_a_proxy_is_trusted() {
    let guess = async |bridge: &TestBridge, address: &str, number: u32| {
        let forwarded = format!("X-Forwarded-For: 198.51.100.1, 192.0.2.{number}\r\n");
        status(
            &from(bridge, address, "wrong-wrong-wrong", &forwarded)
                .await
                .unwrap(),
        )
    };
    let set = |options: &mut Options| options.limits.max_failures = NonZeroU32::new(2);
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], set).await;
    for (number, due) in [(1, 401), (2, 401), (3, 429)] {
        assert_eq!(guess(&bridge, "127.0.0.1", number).await, due, "{number}");
    }
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        set(options);
        options.limits.trusted_proxies = vec!["127.0.0.2".parse().unwrap()];
    })
    .await;
    for (number, due) in [(1, 401), (1, 401), (1, 429), (2, 401), (2, 401), (2, 429)] {
        assert_eq!(guess(&bridge, "127.0.0.2", number).await, due, "{number}");
    }
    // It is one proxy that is trusted, not the header.
    for (number, due) in [(3, 401), (4, 401), (5, 429)] {
        assert_eq!(guess(&bridge, "127.0.0.1", number).await, due, "{number}");
    }
}

#[tokio::test]
async fn p10_what_a_session_may_do_was_fixed_when_it_began() {
    let file = TokenFile::new();
    let token = file.add("alice", &[]).await;
    let whole = file.bridge(|_| ()).await;
    let bridge = whole.with_token(&token);
    let mut client = client(&bridge, "a").await;
    for command in ["become-admin", "set-role", "__io.github.qmp-web_role"] {
        client
            .send(json!({ "execute": command, "arguments": { "role": "admin" }, "id": command }))
            .await;
        let reply = client.reply().await.0;
        assert!(
            reply["error"]["class"].is_string() && reply["id"] == command,
            "{reply}"
        );
    }
    client
        .send(json!({ "execute": "query-status", "role": "admin", "id": 1 }))
        .await;
    assert!(client.reply().await.0["error"]["class"].is_string());
    for path in ["/api/session", "/api/session?role=admin"] {
        assert_eq!(ask_json(&bridge, &format!("GET {path}")).await["role"], "viewer");
        assert_eq!(ask_json(&bridge, &format!("POST {path}")).await["role"], "viewer");
    }
}

#[tokio::test]
async fn p11_a_token_for_a_machine_is_for_no_other() {
    let file = TokenFile::new();
    let token = file.add("alice", &["--vm", "a", "--vm", "gone"]).await;
    let all = file.add("bob", &[]).await;
    let whole = file.bridge(|_| ()).await;
    let bridge = whole.with_token(&token);
    client(&bridge, "a").await;
    for vm in ["b", "gone", "nothing"] {
        assert_eq!(refused(&bridge, vm).await, 404, "{vm}");
        assert_eq!(ask(&bridge, &format!("GET /vm/{vm}/screen.png")).await.0, 404);
    }
    for path in [
        "/vm/../vm/b/qmp",
        "/vm/a/../b/qmp",
        "/vm/a%2f..%2fb/qmp",
        "/vm/%2e%2e/b/qmp",
        "/vm/a/%2e%2e/b/qmp",
        "/vm/%2e%2e%2fvm%2fb/qmp",
        "//vm/b/qmp",
        "/vm//b/qmp",
        "/vm/%62/qmp",
        "/vm/a,b/qmp",
        "/vm/b%00/qmp",
    ] {
        let head = raw(
            &bridge,
            &[
                &format!("GET {path} HTTP/1.1"),
                &format!("Host: {}", bridge.address),
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                &offer(&bridge.token),
            ],
        )
        .await;
        assert!([400, 404].contains(&status(&head)), "{path}: {head}");
    }
    let names = |list: &Value| -> Vec<String> {
        let vms = list["vms"].as_array().unwrap().iter();
        vms.map(|vm| vm["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&ask_json(&bridge, "GET /api/vms").await), ["a"]);
    assert_eq!(names(&bridge.machines().await.next().await.unwrap()), ["a"]);
    assert_eq!(
        ask_json(&bridge, "GET /api/session").await["vms"],
        json!(["a", "gone"])
    );
    // They tell of all machines.
    assert_eq!(ask(&bridge, "GET /metrics").await.0, 403);

    let bob = bridge.with_token(&all);
    assert_eq!(names(&ask_json(&bob, "GET /api/vms").await), ["a", "b"]);
    assert_eq!(ask_json(&bob, "GET /api/session").await["vms"], Value::Null);
    assert_eq!(ask(&bob, "GET /metrics").await.0, 200);
}

#[tokio::test]
async fn a_link_is_good_for_one_session() {
    let file = TokenFile::new();
    let further = [
        "--once",
        "--role",
        "operator",
        "--vm",
        "a",
        "--url",
        "http://vms.example",
    ];
    let link = file.add("link", &further).await;
    let token = link.strip_prefix("http://vms.example/#token=").unwrap();
    let token = token.strip_suffix("&vm=a").unwrap();
    let whole = file.bridge(|_| ()).await;
    let bridge = whole.with_token(token);
    for line in [
        "GET /api/session",
        "GET /api/vms",
        "GET /vm/a/screen.png",
        "GET /metrics",
    ] {
        assert_eq!(ask(&bridge, line).await.0, 401, "{line}");
    }
    assert_eq!(refused(&bridge, "a").await, 401);

    let session = ask_json(&bridge, "POST /api/session").await;
    assert_eq!(
        (&session["id"], &session["role"]),
        (&json!("link"), &json!("operator"))
    );
    assert_eq!(session["vms"], json!(["a"]));
    let (second, said) = ask(&bridge, "POST /api/session").await;
    assert_eq!(second, 401);
    assert!(said.contains("used already"), "{said}");

    let given = bridge.with_token(session["token"].as_str().unwrap());
    let mut there = client(&given, "a").await;
    assert_eq!(there.execute("query-status").await["running"], true);
    let again = ask_json(&given, "POST /api/session").await;
    assert_eq!(
        (&again["token"], &again["expires"]),
        (&Value::Null, &session["expires"])
    );

    // Nobody keeps it but the bridge.
    let text = fs::read_to_string(&file.path).unwrap();
    assert!(!text.contains(token) && !text.contains(&given.token) && text.lines().count() == 1);
    file.revoke("link").await;
    assert_eq!(there.close_code().await, CloseCode::Revoked.code());
    assert_eq!(refused(&given, "a").await, 401);
}
