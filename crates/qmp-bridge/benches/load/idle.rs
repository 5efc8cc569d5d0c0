//! Many clients that do nothing: how fast they get in, and what they take in the bridge's memory.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use qmp_testkit::QemuOptions;
use tokio::task::JoinSet;

use crate::bridge::Bridge;
use crate::client::{Client, QUERY_STATUS};
use crate::samples::Samples;

pub(crate) async fn measure(samples: &mut Samples) -> Result<()> {
    let qemu = QemuOptions::new("idle").start()?;
    let bridge = Arc::new(Bridge::start(qemu.socket(), &["--max-clients", "1001"])?);
    // What only the first client takes is not counted.
    let mut first = Client::start(&bridge).await?;
    first.execute(QUERY_STATUS).await?;
    let before = bridge.memory()?;

    let begin = Instant::now();
    let mut upgrading = JoinSet::new();
    for _ in 0..AT_ONCE {
        let bridge = bridge.clone();
        upgrading.spawn(async move {
            let mut clients = Vec::new();
            for _ in 0..CLIENTS / AT_ONCE {
                clients.push(Client::upgrade(&bridge).await?);
            }
            anyhow::Ok(clients)
        });
    }
    let mut clients = Vec::new();
    while let Some(upgraded) = upgrading.join_next().await {
        clients.extend(upgraded??);
    }
    samples.add("1,000 upgrades", "bridge", begin.elapsed().as_secs_f64() * 1000.0);
    for client in &mut clients {
        client.negotiate().await?;
    }
    samples.add("1,000 idle clients", "bridge", bridge.memory()? - before);
    // They are there, all of them.
    for client in &mut clients {
        client.sync().await?;
    }
    Ok(())
}

const CLIENTS: usize = 1000;
const AT_ONCE: usize = 20;
