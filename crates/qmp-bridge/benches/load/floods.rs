//! A client that sends as much as it may: what another one notices of it.

use std::time::{Duration, Instant};

use anyhow::Result;
use qmp_testkit::QemuOptions;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::bridge::Bridge;
use crate::client::{Client, QUERY_STATUS};
use crate::samples::{Samples, Times};

pub(crate) async fn measure(samples: &mut Samples) -> Result<()> {
    // Others ask no such thing, so nobody waits for them.
    let small = "{\"execute\":\"query-name\",\"id\":1}".to_owned();
    // QEMU reads all of it before it says that it knows no such argument.
    let frame =
        |filler| format!("{{\"execute\":\"query-name\",\"arguments\":{{\"x\":\"{filler}\"}},\"id\":1}}");
    let big = frame("x".repeat(MAX_MESSAGE - frame(String::new()).len()));
    for (scenario, command, unanswered, time) in [
        ("beside small commands, p99", small, 4000, Duration::from_secs(6)),
        ("beside big commands, p99", big, 8, Duration::from_secs(15)),
    ] {
        let (alone, p99) = beside(command.into(), unanswered, time).await?;
        samples.add(scenario, "bridge", p99 / 1000.0);
        samples.add(scenario, "one of them", alone.as_secs_f64() * 1000.0);
    }
    Ok(())
}

/// How long one such command takes, and the 99th percentile of a client's replies while another has so many of them
/// unanswered, all the time.
async fn beside(command: Utf8Bytes, unanswered: usize, time: Duration) -> Result<(Duration, f64)> {
    let qemu = QemuOptions::new("flooded").start()?;
    // With a limit, QEMU would not be flooded.
    let bridge = Bridge::start(qemu.socket(), &["--rate-limit", "0"])?;
    let mut flooder = Client::start(&bridge).await?;
    let mut client = Client::start(&bridge).await?;
    let begin = Instant::now();
    flooder.feed(command.clone()).await?;
    flooder.flush().await?;
    flooder.next().await?;
    let alone = begin.elapsed();
    let asking = async {
        let (mut times, begin) = (Times::default(), Instant::now());
        while begin.elapsed() < time {
            times.push(client.execute(QUERY_STATUS).await?);
        }
        times.percentile(99)
    };
    tokio::select! {
        result = flood(flooder, command, unanswered) => result.map(|never| match never {}),
        p99 = asking => Ok((alone, p99?)),
    }
}

async fn flood(
    mut client: Client,
    command: Utf8Bytes,
    unanswered: usize,
) -> Result<std::convert::Infallible> {
    for _ in 0..unanswered {
        client.feed(command.clone()).await?;
    }
    client.flush().await?;
    loop {
        client.next().await?;
        client.feed(command.clone()).await?;
        client.flush().await?;
    }
}

/// What the bridge takes of one client.
const MAX_MESSAGE: usize = 64 << 10;
