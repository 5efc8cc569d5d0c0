//! The built-in demo machine: a simulated VM for where no QEMU is. It is a QMP server like any other, so it is reached
//! in the same way as a real one, but nothing runs in it.

use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::stream::{FuturesUnordered, StreamExt};
use qmp_proto::{
    ErrorClass, ErrorResponse, Event, Greeting, Json, Limits, Request, ServerInput, ServerOptions,
    ServerOutput, ServerSession, Ticket, Timestamp, Version,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Serves one QMP client on a stream until it leaves or says `quit`. Each client finds a machine that was just started.
pub async fn serve(stream: impl AsyncRead + AsyncWrite) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut demo = Demo::new();
    let mut buffer = vec![0; 4096];
    loop {
        let text = demo.take_output();
        // Whoever does not read any more has left.
        if writer.write_all(text.as_bytes()).await.is_err() || demo.quit {
            return;
        }
        tokio::select! {
            read = reader.read(&mut buffer) => match read {
                Ok(length) if length > 0 => {
                    if demo.session.handle_input(ServerInput::Bytes(&buffer[..length])).is_err() {
                        demo.quit = true;
                    }
                }
                _ => return,
            },
            Some(ticket) = demo.sleeping.next() => demo.session.respond(ticket, Ok(raw(&json!({})))),
        }
    }
}

struct Demo {
    session: ServerSession,
    running: bool,
    quit: bool,
    sleeping: FuturesUnordered<Pin<Box<dyn Future<Output = Ticket> + Send>>>,
}

impl Demo {
    fn new() -> Self {
        // The session answers out of order, so it may offer `async`. Nothing here runs out of band.
        let greeting = Greeting {
            version: version(),
            capabilities: vec!["async".to_owned()],
        };
        let session = ServerSession::new(ServerOptions {
            greeting,
            // How much a client may send is the bridge's business.
            limits: Limits::SERVER,
        });
        Self {
            session,
            running: true,
            quit: false,
            sleeping: FuturesUnordered::new(),
        }
    }

    /// Executes what there is to execute; gives what there is to write.
    fn take_output(&mut self) -> String {
        let mut text = String::new();
        while let Some(output) = self.session.poll_output() {
            match output {
                ServerOutput::Execute(request) => self.execute(&request),
                ServerOutput::Ready(_) => {}
                ServerOutput::Transmit(message) => text.extend([&message, "\r\n"]),
            }
        }
        text
    }

    fn execute(&mut self, request: &Request) {
        let empty = "{}".to_owned();
        let arguments = request.arguments.as_ref().unwrap_or(&empty);
        let takes_arguments = request.name == SLEEP || !COMMANDS.contains(&request.name.as_str());
        let reply = match request.name.as_str() {
            _ if !takes_arguments && arguments != "{}" => {
                Err(ErrorResponse::generic("this command takes no arguments"))
            }
            SLEEP => match serde_json::from_str(arguments) {
                Ok(Sleep { ms }) => return self.sleep(request.ticket, ms),
                Err(error) => Err(ErrorResponse::generic(error.to_string())),
            },
            "cont" => Ok(self.run(true, "RESUME")),
            "query-commands" => Ok(COMMANDS.iter().map(|name| json!({ "name": name })).collect()),
            "query-name" => Ok(json!({ "name": "demo machine" })),
            "query-status" => {
                let status = if self.running { "running" } else { "paused" };
                Ok(json!({ "status": status, "running": self.running }))
            }
            "query-version" => {
                let Version {
                    major,
                    minor,
                    micro,
                    package,
                } = version();
                Ok(json!({ "qemu": { "major": major, "minor": minor, "micro": micro }, "package": package }))
            }
            "quit" => {
                self.quit = true;
                Ok(self.tell(
                    "SHUTDOWN",
                    Some(json!({ "guest": false, "reason": "host-qmp-quit" })),
                ))
            }
            "stop" => Ok(self.run(false, "STOP")),
            "system_powerdown" => Ok(self.tell("POWERDOWN", None)),
            "system_reset" => Ok(self.tell(
                "RESET",
                Some(json!({ "guest": false, "reason": "host-qmp-system-reset" })),
            )),
            name => Err(ErrorResponse::new(
                ErrorClass::CommandNotFound,
                format!("the demo machine has no command {name}; see query-commands"),
            )),
        };
        self.session
            .respond(request.ticket, reply.map(|value| raw(&value)));
    }

    fn run(&mut self, running: bool, event: &str) -> Value {
        if self.running == running {
            return json!({});
        }
        self.running = running;
        self.tell(event, None)
    }

    fn tell(&mut self, name: &str, data: Option<Value>) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let timestamp = now.map(|now| Timestamp {
            seconds: now.as_secs().try_into().unwrap_or(i64::MAX),
            microseconds: now.subsec_micros().into(),
        });
        self.session.emit(&Event {
            timestamp,
            name: name.to_owned(),
            data: data.map(|data| raw(&data)),
        });
        json!({})
    }

    fn sleep(&self, ticket: Ticket, ms: u32) {
        self.sleeping.push(Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(ms.into())).await;
            ticket
        }));
    }
}

/// The slow command: it replies after so many milliseconds, and others overtake it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sleep {
    ms: u32,
}

fn version() -> Version {
    Version {
        major: 0,
        minor: 1,
        micro: 0,
        package: "qmp-bridge demo machine, simulated".to_owned(),
    }
}

fn raw(value: &Value) -> Json {
    Json::parse(&value.to_string()).expect("a JSON value is JSON")
}

const SLEEP: &str = "x-async-sleep";

const COMMANDS: [&str; 11] = [
    "cont",
    "qmp_capabilities",
    "query-commands",
    "query-name",
    "query-status",
    "query-version",
    "quit",
    "stop",
    "system_powerdown",
    "system_reset",
    SLEEP,
];
