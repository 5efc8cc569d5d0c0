//! One client and one QEMU: what the way between them costs. Rounds alternate, so that what else the machine does slows
//! all contenders.

use std::env;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use qmp_testkit::QemuOptions;

use crate::link::Link;
use crate::samples::{Samples, Times};

pub(crate) async fn measure(samples: &mut Samples) -> Result<()> {
    let qemu = QemuOptions::new("alone").monitors(4).start()?;
    let [socket, with_oob, bridged, websockified] = qemu.sockets() else {
        unreachable!("it has four monitors");
    };
    let mut links = vec![
        Link::socket(socket).await?,
        Link::socket_with_oob(with_oob).await?,
        Link::bridge(bridged).await?,
    ];
    if let Some(program) = env::var_os("QMP_WEBSOCKIFY") {
        links.push(Link::websockify(&program, websockified).await?);
    }
    for round in 0..ROUNDS {
        links.rotate_left(round % 2);
        for link in &mut links {
            samples.add("commands, 8 in flight", link.name(), throughput(link).await?);
        }
        let mut times = Vec::new();
        for link in &mut links {
            let mut replies = latency(link).await?;
            times.push((link.name(), replies.percentile(50)?, replies.percentile(99)?));
        }
        let socket = times.iter().find(|(name, ..)| *name == "socket").copied();
        let (_, socket_p50, socket_p99) = socket.context("the socket is among them")?;
        for (name, p50, p99) in times {
            samples.add("a reply, p50", name, p50);
            samples.add("a reply, p99", name, p99);
            samples.add("added to a reply, p50", name, p50 - socket_p50);
            samples.add("added to a reply, p99", name, p99 - socket_p99);
        }
    }
    Ok(())
}

/// Commands a second, while a certain number is in flight.
async fn throughput(link: &mut Link) -> Result<f64> {
    let begin = Instant::now();
    let mut replies = 0;
    link.send(IN_FLIGHT).await?;
    while begin.elapsed() < ROUND {
        let count = link.replies().await?;
        link.send(count).await?;
        replies += count;
    }
    let rate = replies as f64 / begin.elapsed().as_secs_f64();
    let mut left = IN_FLIGHT;
    while left > 0 {
        left -= link.replies().await?;
    }
    Ok(rate)
}

/// How long replies take, one after another.
async fn latency(link: &mut Link) -> Result<Times> {
    let mut times = Times::default();
    for _ in 0..REPLIES {
        let begin = Instant::now();
        link.send(1).await?;
        link.replies().await?;
        times.push(begin.elapsed());
    }
    Ok(times)
}

const ROUNDS: usize = 40;
const ROUND: Duration = Duration::from_millis(150);
const IN_FLIGHT: usize = 8;
/// Of one round of latency.
const REPLIES: usize = 200;
