//! Events to many readers: whether each gets them all, and how soon.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::bridge::Bridge;
use crate::client::Client;
use crate::monitor::Monitor;
use crate::samples::{Samples, Times};

pub(crate) async fn measure(samples: &mut Samples) -> Result<()> {
    let monitor = Monitor::listen()?;
    let bridge = Bridge::start(monitor.path(), &[])?;
    let mut emitter = monitor.accept().await?;
    let begin = Instant::now();
    let mut reading = JoinSet::new();
    for _ in 0..READERS {
        let client = Client::start(&bridge).await?;
        reading.spawn(async move { read(client, begin).await });
    }
    let emitted = emitter.emit(begin, EVENTS, PER_SECOND).await?;
    let (mut received, mut slowest) = (0, f64::default());
    while let Some(read) = reading.join_next().await {
        let (count, mut times) = read??;
        received += count;
        slowest = slowest.max(times.percentile(99)?);
    }
    samples.add("events received", "bridge", received as f64);
    samples.add("events received", "emitted", (EVENTS * READERS) as f64);
    samples.add("events a second", "bridge", EVENTS as f64 / emitted.as_secs_f64());
    samples.add("events, p99 of the slowest", "bridge", slowest / 1000.0);
    Ok(())
}

/// Reads until the last event: how many there were, and how long each took.
async fn read(mut client: Client, begin: Instant) -> Result<(u64, Times)> {
    let (mut received, mut times) = (0, Times::default());
    while received < EVENTS {
        let Ok(message) = timeout(SILENCE, client.next()).await else {
            break;
        };
        let event = message?;
        if event.contains("LAGGED") {
            continue;
        }
        let (at, number) = members(&event).with_context(|| format!("no such event: {event}"))?;
        ensure!(number > received, "event {number} came late or twice");
        times.push(begin.elapsed().saturating_sub(Duration::from_micros(at)));
        received += 1;
    }
    Ok((received, times))
}

/// When it was emitted, in microseconds, and the number that the bridge gave it, which is the last member.
fn members(event: &str) -> Option<(u64, u64)> {
    let (_, at) = event.split_once("\"at\":")?;
    let (at, _) = at.split_once('}')?;
    let (_, number) = event.trim_end_matches('}').rsplit_once(':')?;
    Some((at.parse().ok()?, number.parse().ok()?))
}

const READERS: u64 = 50;
const PER_SECOND: u64 = 5000;
/// Five seconds of them.
const EVENTS: u64 = 5 * PER_SECOND;
/// After so long nothing more comes.
const SILENCE: Duration = Duration::from_secs(10);
