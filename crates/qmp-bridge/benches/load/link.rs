//! The ways to one QEMU that are compared: its socket, the bridge, websockify. Commands go out and replies are counted.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::sleep;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::bridge::Bridge;
use crate::client::{Client, QUERY_STATUS, web_socket};
use crate::process::Process;

/// A way to QEMU, in command mode.
#[derive(Debug)]
pub(crate) enum Link {
    Bridge {
        client: Client,
        _bridge: Bridge,
    },
    Socket {
        stream: UnixStream,
        name: &'static str,
        command: &'static str,
    },
    Websockify {
        socket: WebSocketStream<TcpStream>,
        _process: Process,
    },
}

impl Link {
    /// Through a bridge of its own.
    pub(crate) async fn bridge(monitor: &Path) -> Result<Self> {
        // One client's rate is not what is measured.
        let bridge = Bridge::start(monitor, &["--rate-limit", "0"])?;
        Ok(Self::Bridge {
            client: Client::start(&bridge).await?,
            _bridge: bridge,
        })
    }

    /// Straight to the socket.
    pub(crate) async fn socket(monitor: &Path) -> Result<Self> {
        Self::to_socket(monitor, "socket", "", QUERY_STATUS).await
    }

    /// The same with `oob`, for which QEMU reads in a thread of its own, and with ids, by which alone one knows a reply then.
    /// The bridge has both as well, and QEMU reads an id as slowly as everything.
    pub(crate) async fn socket_with_oob(monitor: &Path) -> Result<Self> {
        Self::to_socket(monitor, "socket with oob", "\"oob\"", WITH_ID).await
    }

    async fn to_socket(
        monitor: &Path,
        name: &'static str,
        capabilities: &str,
        command: &'static str,
    ) -> Result<Self> {
        let stream = UnixStream::connect(monitor).await?;
        let mut link = Self::Socket {
            stream,
            name,
            command,
        };
        link.negotiate(capabilities).await?;
        Ok(link)
    }

    /// Through a websockify of its own.
    pub(crate) async fn websockify(program: &OsStr, monitor: &Path) -> Result<Self> {
        // It cannot be told to take a free port.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(program);
        command
            .arg(&address)
            .arg(format!("--unix-target={}", monitor.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Process::start(&mut command)?;
        let deadline = Instant::now() + START_TIMEOUT;
        let socket = loop {
            match web_socket(&format!("ws://{address}/"), "binary").await {
                Ok(socket) => break socket,
                Err(error) if Instant::now() > deadline => return Err(error.context("websockify")),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        };
        let mut link = Self::Websockify {
            socket,
            _process: process,
        };
        link.negotiate("").await?;
        Ok(link)
    }

    /// Its name among the contenders.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Bridge { .. } => "bridge",
            Self::Socket { name, .. } => name,
            Self::Websockify { .. } => "websockify",
        }
    }

    /// Sends so many commands.
    pub(crate) async fn send(&mut self, commands: usize) -> Result<()> {
        match self {
            Self::Bridge { client, .. } => {
                for _ in 0..commands {
                    client.feed(QUERY_STATUS).await?;
                }
                client.flush().await
            }
            Self::Socket { command, .. } => {
                let text = format!("{command}\n").repeat(commands);
                self.write(text).await
            }
            Self::Websockify { .. } => self.write(format!("{QUERY_STATUS}\n").repeat(commands)).await,
        }
    }

    /// Waits for replies: how many have come.
    pub(crate) async fn replies(&mut self) -> Result<usize> {
        match self {
            Self::Bridge { client, .. } => {
                client.returned().await?;
                let mut replies = 1;
                while let Some(returned) = client.returned().now_or_never() {
                    returned?;
                    replies += 1;
                }
                Ok(replies)
            }
            Self::Socket { .. } | Self::Websockify { .. } => self.read().await,
        }
    }

    /// Greeting and negotiation, where bytes are passed on as they are.
    async fn negotiate(&mut self, capabilities: &str) -> Result<()> {
        self.read().await?;
        let arguments = format!("{{\"enable\":[{capabilities}]}}");
        self.write(format!(
            "{{\"execute\":\"qmp_capabilities\",\"arguments\":{arguments}}}\n"
        ))
        .await?;
        self.read().await.map(drop)
    }

    async fn write(&mut self, text: String) -> Result<()> {
        match self {
            Self::Bridge { .. } => bail!("the bridge takes messages"),
            Self::Socket { stream, .. } => Ok(stream.write_all(text.as_bytes()).await?),
            Self::Websockify { socket, .. } => Ok(socket.send(Message::Binary(text.into())).await?),
        }
    }

    /// Reads whole messages, at least one: how many.
    async fn read(&mut self) -> Result<usize> {
        let mut buffer = [0; 4096];
        let mut messages = 0;
        loop {
            let frame: Bytes;
            let bytes = match self {
                Self::Bridge { .. } => bail!("the bridge gives messages"),
                Self::Socket { stream, .. } => {
                    let length = stream.read(&mut buffer).await?;
                    &buffer[..length]
                }
                Self::Websockify { socket, .. } => {
                    frame = socket.next().await.context("websockify is gone")??.into_data();
                    &frame
                }
            };
            ensure!(!bytes.is_empty(), "QEMU is gone");
            messages += bytes.iter().filter(|&&byte| byte == b'\n').count();
            if bytes.ends_with(b"\n") {
                return Ok(messages);
            }
        }
    }
}

/// As long an id as ours: one that no other client of this monitor has had.
const WITH_ID: &str = r#"{"execute":"query-status","id":"0a1b2c3d-12345"}"#;
/// Python takes its time.
const START_TIMEOUT: Duration = Duration::from_secs(10);
