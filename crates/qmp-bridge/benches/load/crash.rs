//! QEMU dies while commands are pending: how soon the last of its clients knows.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::join_all;
use qmp_testkit::QemuOptions;

use crate::bridge::Bridge;
use crate::client::{Client, QUERY_STATUS};
use crate::samples::Samples;

pub(crate) async fn measure(samples: &mut Samples) -> Result<()> {
    for _ in 0..ROUNDS {
        let known = round().await?;
        samples.add("QEMU killed", "bridge", known.as_secs_f64() * 1000.0);
    }
    Ok(())
}

async fn round() -> Result<Duration> {
    let mut qemu = QemuOptions::new("killed").start()?;
    let bridge = Bridge::start(qemu.socket(), &[])?;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::start(&bridge).await?);
    }
    // So that it answers none of them.
    let pid = qemu.pid().to_string();
    let stopped = Command::new("kill").args(["-STOP", &pid]).status()?;
    ensure!(stopped.success(), "QEMU cannot be stopped");
    for client in &mut clients {
        for _ in 0..COMMANDS / CLIENTS {
            client.feed(QUERY_STATUS).await?;
        }
        client.flush().await?;
        client.sync().await?;
    }
    let begin = Instant::now();
    qemu.kill()?;
    join_all(clients.iter_mut().map(Client::ended)).await;
    Ok(begin.elapsed())
}

const ROUNDS: usize = 3;
const CLIENTS: usize = 8;
const COMMANDS: usize = 1000;
