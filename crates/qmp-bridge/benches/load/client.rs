//! A client of the bridge. It looks at messages only as closely as it must, so that it is not what is measured.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::bridge::Bridge;

/// A client.
#[derive(Debug)]
pub(crate) struct Client(WebSocketStream<TcpStream>);

impl Client {
    /// A client in command mode.
    pub(crate) async fn start(bridge: &Bridge) -> Result<Self> {
        let mut client = Self::upgrade(bridge).await?;
        client.negotiate().await?;
        Ok(client)
    }

    /// A client that has its WebSocket and nothing else.
    pub(crate) async fn upgrade(bridge: &Bridge) -> Result<Self> {
        let token = BASE64_URL_SAFE_NO_PAD.encode(&bridge.token);
        let url = format!("ws://{}/vm/vm/qmp", bridge.address);
        web_socket(&url, &format!("qmp.v1, qmp.bearer.{token}"))
            .await
            .map(Self)
    }

    /// Greeting and negotiation.
    pub(crate) async fn negotiate(&mut self) -> Result<()> {
        let greeting = self.next().await?;
        ensure!(greeting.starts_with("{\"QMP\""), "no greeting: {greeting}");
        let enable = "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"async\"]},\"id\":0}";
        self.execute(enable).await.map(drop)
    }

    /// A command, given as it is sent, and how long its reply took.
    pub(crate) async fn execute(&mut self, command: &'static str) -> Result<Duration> {
        let begin = Instant::now();
        self.feed(command).await?;
        self.flush().await?;
        self.returned().await?;
        Ok(begin.elapsed())
    }

    /// The next message, which has to be a `return`.
    pub(crate) async fn returned(&mut self) -> Result<()> {
        let reply = self.next().await?;
        ensure!(reply.starts_with("{\"return\""), "no success: {reply}");
        Ok(())
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.0.next().await.context("the bridge is gone")?? {
                Message::Text(text) => return Ok(text),
                Message::Close(frame) => bail!("the bridge closed the connection: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Waits until all that was sent has been read: a pong comes after everything before its ping.
    pub(crate) async fn sync(&mut self) -> Result<()> {
        self.0.send(Message::Ping(Vec::new().into())).await?;
        while !matches!(
            self.0.next().await.context("the bridge is gone")??,
            Message::Pong(_)
        ) {}
        Ok(())
    }

    /// Waits for the end of the connection.
    pub(crate) async fn ended(&mut self) {
        while let Some(Ok(message)) = self.0.next().await
            && !message.is_close()
        {}
    }

    /// Takes a message to be sent with the next [`flush`](Self::flush).
    pub(crate) async fn feed(&mut self, message: impl Into<Utf8Bytes>) -> Result<()> {
        Ok(self.0.feed(Message::Text(message.into())).await?)
    }

    pub(crate) async fn flush(&mut self) -> Result<()> {
        Ok(self.0.flush().await?)
    }
}

/// A WebSocket that asks for these subprotocols.
pub(crate) async fn web_socket(url: &str, subprotocols: &str) -> Result<WebSocketStream<TcpStream>> {
    let mut request = url.into_client_request()?;
    let address = request.uri().authority().context("an address")?.to_string();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", subprotocols.parse()?);
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // A thousand of them are in this process.
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    Ok(socket)
}

/// A command that reads and costs QEMU little.
pub(crate) const QUERY_STATUS: &str = "{\"execute\":\"query-status\",\"id\":1}";
const READ_BUFFER: usize = 16 << 10;
