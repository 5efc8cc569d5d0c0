//! The screen of a machine, over HTTP: what is there, who may have it, and what it costs QEMU.

use qmp_bridge::Endpoint;
use qmp_testkit::{Qemu, QemuOptions, QemuVersion};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{Client, TestBridge, soon};
use crate::program::Program;

/// A machine with a display, in which nothing runs.
fn with_display(version: QemuVersion) -> Option<Qemu> {
    let machine = QemuOptions::new("screen").args(["-nodefaults", "-display", "none", "-vga", "std"]);
    machine.version(version).start_or_skip()
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn ask(bridge: &TestBridge, vm: &str, further: &[&str]) -> TcpStream {
    let mut stream = TcpStream::connect(bridge.address).await.unwrap();
    let head = format!("GET /vm/{vm}/screen.png HTTP/1.1\r\nHost: {}\r\n", bridge.address);
    let request = format!("{head}{}\r\nConnection: close\r\n\r\n", further.join("\r\n"));
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

pub(crate) async fn get(bridge: &TestBridge, vm: &str, further: &[&str]) -> Answer {
    let authorization = format!("Authorization: Bearer {}", bridge.token);
    let mut stream = ask(bridge, vm, &[&[authorization.as_str()], further].concat()).await;
    let mut bytes = Vec::new();
    soon("an answer", stream.read_to_end(&mut bytes)).await.unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: bytes[end + 4..].to_vec(),
    }
}

async fn shows_its_screen(version: QemuVersion) {
    let Some(qemu) = with_display(version) else { return };
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    // What is on the screen does not change any more.
    client.execute("stop").await;
    let first = get(&bridge, "vm", &[]).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.header("content-type"), Some("image/png"));
    assert_eq!(first.header("cache-control"), Some("no-store"));
    assert_eq!(first.body[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(first.body[first.body.len() - 8..first.body.len() - 4], *b"IEND");
    let known = format!("If-None-Match: \"x\", {}", first.header("etag").unwrap());
    let same = get(&bridge, "vm", &[&known]).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(same.header("etag"), first.header("etag"));
    let other = get(&bridge, "vm", &["If-None-Match: \"x\""]).await;
    assert_eq!((other.status, other.body), (200, first.body));
}

#[tokio::test]
async fn p6_a_machine_shows_its_screen() {
    shows_its_screen(QemuVersion::Installed).await;
}

#[tokio::test]
async fn p6_a_machine_of_qemu_10_shows_its_screen() {
    shows_its_screen(QemuVersion::Ten).await;
}

#[tokio::test]
async fn why_there_is_no_picture_is_told() {
    let bridge = TestBridge::demo().await;
    assert_eq!(get(&bridge, "demo", &[]).await.status, 501);
    assert_eq!(get(&bridge, "other", &[]).await.status, 404);
    assert_eq!(
        get(&bridge, "demo", &["Origin: https://evil.example"])
            .await
            .status,
        403
    );
    let mut answer = String::new();
    let mut refused = ask(&bridge, "demo", &["X: y"]).await;
    soon("an answer", refused.read_to_string(&mut answer))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");

    let gone = TestBridge::start(&[("vm", Endpoint::Unix("/nonexistent/qmp.sock".into()))]).await;
    let answer = get(&gone, "vm", &[]).await;
    assert_eq!(
        (answer.status, answer.text()),
        (503, "no connection to the machine\n")
    );

    let Some(qemu) = QemuOptions::new("blind").start_or_skip() else {
        return;
    };
    let bridge = TestBridge::over(&qemu).await;
    let mut client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    let answer = get(&bridge, "vm", &[]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains("There is no console"), "{}", answer.text());
}

/// What the descriptors of a bridge are. It shows them to nobody but root.
fn descriptors(program: &Program) -> Option<Vec<String>> {
    let folder = format!("/proc/{}/fd", program.id());
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            eprintln!("skipped: to count another program's descriptors needs root");
            return None;
        }
        entries => entries.unwrap(),
    };
    let targets = entries.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let targets = targets.map(|target| target.to_string_lossy().into_owned());
    Some(targets.collect())
}

fn has_memories(program: &Program, due: usize) -> bool {
    descriptors(program).is_none_or(|targets| {
        let memories = targets.iter().filter(|target| target.contains("qmp-screen"));
        memories.count() == due
    })
}

async fn leaks_nothing(version: QemuVersion, paused: bool) {
    let Some(qemu) = with_display(version) else { return };
    let vm = format!("vm={}", qemu.socket().display());
    // Nobody listens to the client while the pictures are taken, and that may take longer than it may be silent.
    let arguments = ["--screen-interval", "0", "--ping", "600", "--vm", &vm];
    let program = Program::start(&arguments.map(AsRef::as_ref)).await;
    let bridge = &program.bridge;
    let mut client: Client = bridge.client("vm").await;
    client.negotiate(&["async"]).await;
    if paused {
        client.execute("stop").await;
    }
    assert_eq!(get(bridge, "vm", &[]).await.status, 200);
    let before = descriptors(&program).map(|targets| targets.len());
    let authorization = format!("Authorization: Bearer {}", bridge.token);
    for _ in 0..100 {
        let leaves = ask(bridge, "vm", &[&authorization]).await;
        drop(leaves);
        assert_eq!(get(bridge, "vm", &[]).await.status, 200);
    }
    let sets = client.execute("query-fdsets").await;
    assert_eq!(sets.as_array().unwrap().len(), 1, "{sets}");
    assert_eq!(sets[0]["fds"].as_array().unwrap().len(), 1, "{sets}");
    // The memory, and the descriptor for its writing.
    assert!(has_memories(&program, 2));
    soon("the connections of those who left to be closed", async {
        while descriptors(&program).map(|targets| targets.len()) > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Nobody looks: QEMU gets to keep nothing, unless it is 7.2 and the machine does not run.
    if !paused {
        soon("the canvas is taken back", async {
            while client.execute("query-fdsets").await != json!([]) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        })
        .await;
        assert!(has_memories(&program, 0));
    }
}

#[tokio::test]
async fn a_hundred_dumps_leave_nothing_behind() {
    leaks_nothing(QemuVersion::Installed, false).await;
}

#[tokio::test]
async fn a_hundred_dumps_of_a_paused_machine_leave_one_canvas() {
    leaks_nothing(QemuVersion::Installed, true).await;
}

#[tokio::test]
async fn a_hundred_dumps_leave_nothing_behind_in_qemu_10() {
    leaks_nothing(QemuVersion::Ten, false).await;
}
