//! HTTP by hand: slow, long and malformed requests, and too many connections.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::num::NonZeroU32;
use std::process::Stdio;
use std::time::{Duration, Instant};

use qmp_bridge::{Endpoint, Options};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, sleep};
use tokio_tungstenite::tungstenite::Error;

use crate::access::{ask, offer, raw, status, upgrade};
use crate::common::{TestBridge, soon};
use crate::program::Program;
use crate::random::Random;

/// A bridge that waits for no more than a second.
async fn impatient() -> TestBridge {
    TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.limits.header_timeout = Duration::from_secs(1);
    })
    .await
}

#[test]
fn l1_l3_limits_are_safe_by_default() {
    let limits = Options::default().limits;
    assert_eq!(limits.header_timeout, Duration::from_secs(10));
    assert_eq!(limits.handshake_timeout, Duration::from_secs(10));
    assert_eq!(limits.max_header, 16 << 10);
}

#[tokio::test]
async fn l1_a_connection_on_which_nothing_is_asked_is_closed() {
    let bridge = impatient().await;
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    assert_eq!(ask(stream, b"").await, "");
    // After an answer too.
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", bridge.address);
    assert!(ask(stream, request.as_bytes()).await.ends_with("\r\n\r\nok\n"));
}

#[tokio::test]
async fn l2_headers_that_come_byte_by_byte_are_not_waited_for() {
    let bridge = impatient().await;
    let stream = TcpStream::connect(bridge.address).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    writer.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let drip = async {
        let mut time = interval(Duration::from_millis(50));
        loop {
            time.tick().await;
            // Where nobody listens any more it cannot be written, and the other half ends.
            let _ = writer.write_all(b"x").await;
        }
    };
    let mut answer = Vec::new();
    soon("the end", async {
        tokio::select! {
            _ = reader.read_to_end(&mut answer) => {}
            () = drip => {}
        }
    })
    .await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
}

#[tokio::test]
async fn l3_l4_headers_are_few_and_short() {
    let bridge = TestBridge::demo().await;
    let host = format!("Host: {}", bridge.address);
    let line = "GET /healthz HTTP/1.1";
    for (length, due) in [(15 << 10, 200), (16 << 10, 431), (500 << 10, 431)] {
        let long = format!("X: {}", "x".repeat(length));
        let mut stream = TcpStream::connect(bridge.address).await.unwrap();
        let request = [line, &host, &long, "Connection: close", "", ""].join("\r\n");
        // The end of it may find nobody any more.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut head = [0; 12];
        soon("a status", stream.read_exact(&mut head)).await.unwrap();
        assert_eq!(status(std::str::from_utf8(&head).unwrap()), due, "{length}");
    }
    for (number, due) in [(98, 200), (99, 431)] {
        let mut lines = vec![line, &host];
        lines.resize(2 + number, "X: x");
        assert_eq!(status(&raw(&bridge, &lines).await), due, "{number}");
    }
}

#[tokio::test]
async fn l5_of_1100_clients_1000_are_served_and_the_others_are_told() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, all).unwrap();
    let bridge = Program::with("000", &[], Stdio::null()).await;
    let (mut clients, mut refused) = (vec![], 0);
    for _ in 0..1100 {
        let stream = TcpStream::connect(bridge.address()).await.unwrap();
        match bridge.client_over(stream, "demo").await {
            Ok(client) => clients.push(client),
            Err(Error::Http(response)) => {
                assert_eq!(response.status(), 503);
                refused += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((clients.len(), refused), (1000, 100));
    for client in &mut clients {
        client.negotiate(&["async"]).await;
        assert_eq!(client.execute("query-status").await["running"], true);
    }
    clients.truncate(999);
    soon("a place", async {
        loop {
            let stream = TcpStream::connect(bridge.address()).await.unwrap();
            match bridge.client_over(stream, "demo").await {
                Ok(mut client) => return drop(client.negotiate(&["async"]).await),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await;
}

#[tokio::test]
async fn l5_connections_that_never_become_clients_are_bounded_and_make_room() {
    let bridge = TestBridge::with(&[("demo", Endpoint::Demo)], |options| {
        options.limits.max_clients = NonZeroU32::MIN;
        // Nothing ends because it took too long.
        options.limits.header_timeout = Duration::from_secs(600);
    })
    .await;
    let mut client = bridge.client("demo").await;
    client.negotiate(&["async"]).await;
    let mut list = bridge.machines().await;
    assert!(list.next().await.is_some());
    let mut idle = VecDeque::new();
    for _ in 0..255 {
        idle.push_back(TcpStream::connect(bridge.address).await.unwrap());
    }
    let host = format!("Host: {}", bridge.address);
    for _ in 0..300 {
        let answer = raw(&bridge, &["GET /healthz HTTP/1.1", &host]).await;
        assert!(answer.ends_with("\r\n\r\nok\n"), "{answer}");
        // Who came first has made room.
        let mut first = idle.pop_front().unwrap();
        assert_eq!(soon("the end", first.read(&mut [0])).await.unwrap(), 0);
        idle.push_back(TcpStream::connect(bridge.address).await.unwrap());
    }
    // Whoever is let in stays.
    assert_eq!(client.execute("query-status").await["running"], true);
    assert!(list.is_open().await);
}

#[tokio::test]
async fn l6_without_descriptors_the_bridge_waits_for_some() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let patient = ["--header-timeout", "60"].map(OsStr::new);
    let bridge = Program::after("ulimit -n 256", &patient, File::create(&log).unwrap().into()).await;
    let mut client = bridge.client().await;
    client.negotiate(&["async"]).await;
    let mut idle = vec![];
    for _ in 0..300 {
        idle.push(TcpStream::connect(bridge.address()).await.unwrap());
    }
    soon("it is short of descriptors", async {
        while !fs::read_to_string(&log).unwrap().contains("cannot accept") {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let before = bridge.ticks();
    sleep(Duration::from_secs(2)).await;
    let cost = bridge.ticks() - before;
    assert!(cost < 40, "{cost} hundredths of a second in two seconds");
    assert_eq!(client.execute("query-status").await["running"], true);
    drop(idle);
    let mut next = bridge.client().await;
    next.negotiate(&["async"]).await;
    let complaints = fs::read_to_string(&log).unwrap();
    assert!(complaints.matches("cannot accept").count() < 10, "{complaints}");
}

#[tokio::test]
async fn g6_of_a_flood_of_refusals_the_log_has_a_few() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let bridge = Program::with("000", &[], File::create(&log).unwrap().into()).await;
    let (begin, mut sent) = (Instant::now(), 0_u64);
    let mut stream = TcpStream::connect(bridge.address()).await.unwrap();
    let log = soon("how many there were", async {
        loop {
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: elsewhere\r\n\r\n")
                .await
                .unwrap();
            sent += 1;
            let mut answer = Vec::new();
            while !answer.ends_with(b"not allowed\n") {
                answer.push(stream.read_u8().await.unwrap());
            }
            if sent.is_multiple_of(100) {
                let log = fs::read_to_string(&log).unwrap();
                if log.contains("more requests refused") {
                    return log;
                }
            }
        }
    })
    .await;
    let lines = log.matches("request refused").count() as u64;
    assert!(lines <= 10 * (begin.elapsed().as_secs() + 1), "{lines} of {sent}");
    let more = log
        .split("count=")
        .skip(1)
        .map(|rest| rest.split_whitespace().next().unwrap());
    let more: u64 = more.map(|count| count.parse::<u64>().unwrap()).sum();
    assert!(
        sent > 100 && lines + more <= sent && more > lines,
        "{lines} and {more} of {sent}"
    );
}

#[tokio::test]
async fn h5_a_thousand_malformed_hosts_and_origins_are_refused() {
    let bridge = TestBridge::demo().await;
    let own = bridge.address.to_string();
    let mut random = Random::new(5);
    let seeds = [
        "[::1",
        "::::",
        "localhost:",
        "%00",
        "x@",
        "\u{ff}",
        "\0",
        "\u{1}",
        " ",
        "http://",
        "null",
        "[",
        "]",
        ":",
        "a b",
        "\u{fffd}",
        "//",
        "\\",
        "-1",
        "99999",
        ",",
        "\t",
        "file:",
        "data:,",
        &own,
    ];
    for round in 0..1000 {
        let mut value = Vec::new();
        for _ in 0..1 + random.below(4) {
            value.extend_from_slice(seeds[random.below(seeds.len())].as_bytes());
            value.extend(
                (0..random.below(3))
                    .map(|_| random.below(256) as u8)
                    .filter(|byte| !b"\r\n".contains(byte)),
            );
        }
        if round % 100 == 0 {
            value = vec![value.first().copied().unwrap_or(b'x'); 10_240];
        }
        // What it is around must not be all there is.
        value.extend_from_slice(b"!");
        let mut request = b"GET /api/vms HTTP/1.1\r\nConnection: close\r\n".to_vec();
        let (name, other) = if round % 2 == 0 {
            ("Host", format!("Origin: http://{own}"))
        } else {
            ("Origin", format!("Host: {own}"))
        };
        request.extend_from_slice(
            format!("Authorization: Bearer {}\r\n{other}\r\n{name}: ", bridge.token).as_bytes(),
        );
        request.extend_from_slice(&value);
        request.extend_from_slice(b"\r\n\r\n");
        let stream = TcpStream::connect(bridge.address).await.unwrap();
        let answer = ask(stream, &request).await;
        assert!(
            (400..500).contains(&status(&answer)),
            "{name}: {value:?}: {answer}"
        );
    }
    assert_eq!(upgrade(&bridge, &[offer(&bridge.token)]).await, 101);
}

#[tokio::test]
async fn o8_what_another_site_has_a_browser_ask_is_refused() {
    let bridge = TestBridge::demo().await;
    let host = format!("Host: {}", bridge.address);
    let authorization = format!("Authorization: Bearer {}", bridge.token);
    for site in ["cross-site", "same-site"] {
        let site = format!("Sec-Fetch-Site: {site}");
        for path in [
            "/api/vms",
            "/api/vms/events",
            "/metrics",
            "/healthz",
            "/vm/demo/screen.png",
            "/vm/demo/qmp",
        ] {
            let line = format!("GET {path} HTTP/1.1");
            let answer = raw(&bridge, &[&line, &host, &site, &authorization]).await;
            assert_eq!(status(&answer), 403, "{path} {site}");
        }
        // To follow a link to the console is no harm.
        let answer = raw(&bridge, &["GET / HTTP/1.1", &host, &site]).await;
        assert_ne!(status(&answer), 403);
        assert_eq!(upgrade(&bridge, &[offer(&bridge.token), site.clone()]).await, 403);
        let own = format!("Origin: http://{}", bridge.address);
        assert_eq!(upgrade(&bridge, &[offer(&bridge.token), site, own]).await, 101);
    }
    let site = "Sec-Fetch-Site: same-origin";
    let answer = raw(&bridge, &["GET /api/vms HTTP/1.1", &host, site, &authorization]).await;
    assert_eq!(status(&answer), 200);
}

/// A bridge stops at once for those who have asked nothing yet.
#[tokio::test]
async fn who_has_asked_nothing_is_not_waited_for() {
    let bridge = TestBridge::demo().await;
    let mut idle = TcpStream::connect(bridge.address).await.unwrap();
    raw(
        &bridge,
        &["GET /healthz HTTP/1.1", &format!("Host: {}", bridge.address)],
    )
    .await;
    let mut rest = Vec::new();
    let ((), end) = tokio::join!(bridge.stop(), soon("the end", idle.read_to_end(&mut rest)));
    assert_eq!((end.unwrap(), rest.len()), (0, 0));
}
