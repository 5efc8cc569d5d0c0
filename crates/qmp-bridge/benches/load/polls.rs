//! Many clients that poll the same: how much of it QEMU executes, and how long the slowest of them waits.

use std::time::Duration;

use anyhow::Result;
use qmp_testkit::QemuOptions;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::bridge::Bridge;
use crate::client::{Client, QUERY_STATUS};
use crate::relay::Relay;
use crate::samples::{Samples, Times};

pub(crate) async fn measure(samples: &mut Samples) -> Result<()> {
    let qemu = QemuOptions::new("polled").start()?;
    let relay = Relay::start(qemu.socket())?;
    let bridge = Bridge::start(&relay.path(), &[])?;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::start(&bridge).await?);
    }
    let before = relay.commands();
    let mut polling = JoinSet::new();
    for (place, client) in (0..).zip(clients) {
        // Not all at the same moment: nobody tells browsers when to ask.
        let begin = Instant::now() + INTERVAL * place / CLIENTS;
        polling.spawn(poll(client, begin));
    }
    let mut slowest = f64::default();
    while let Some(times) = polling.join_next().await {
        slowest = slowest.max(times??.percentile(99)?);
    }
    let asked = f64::from(CLIENTS * POLLS) * QUERIES.len() as f64;
    samples.add("polls executed", "bridge", (relay.commands() - before) as f64);
    samples.add("polls executed", "asked", asked);
    samples.add("polls, p99 of the slowest", "bridge", slowest / 1000.0);
    Ok(())
}

/// How long each reply took from the time when its poll was due.
async fn poll(mut client: Client, begin: Instant) -> Result<Times> {
    let mut times = Times::default();
    let mut interval = interval_at(begin, INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..POLLS {
        let due = interval.tick().await;
        for query in QUERIES {
            client.feed(query).await?;
        }
        client.flush().await?;
        for _ in QUERIES {
            client.returned().await?;
            times.push(due.elapsed());
        }
    }
    Ok(times)
}

const CLIENTS: u32 = 200;
const POLLS: u32 = 80;
const INTERVAL: Duration = Duration::from_millis(100);
const QUERIES: [&str; 3] = [
    QUERY_STATUS,
    "{\"execute\":\"query-block\",\"id\":2}",
    "{\"execute\":\"query-cpus-fast\",\"id\":3}",
];
