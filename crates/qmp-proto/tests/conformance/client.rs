//! Our client session on a monitor's socket, and what it tells as short texts, so that a test reads like an exchange.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, Event, Greeting, Input, Json, Output, SessionTag,
};
use serde_json::Value;

/// Nothing takes this long on the slowest machine, unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A client. Each of its commands has a label, by which its outcome is told.
pub(crate) struct Client {
    session: ClientSession<String>,
    stream: UnixStream,
}

impl Client {
    /// Connects. Nothing is heard yet.
    pub(crate) fn connect(socket: &Path, wanted: CapabilitySet) -> Self {
        static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let tag = SessionTag::new(CONNECTIONS.fetch_add(1, Ordering::Relaxed));
        let session = ClientSession::new(ClientOptions {
            wanted,
            ..ClientOptions::new(tag)
        });
        Self { session, stream }
    }

    /// Connects, and is in command mode with those of these capabilities that are offered.
    pub(crate) fn negotiated(socket: &Path, wanted: CapabilitySet) -> Self {
        let mut client = Self::connect(socket, wanted);
        let enabled = client.greeting().offered().and(wanted);
        client.expect(&[&format!("ready {enabled:?}")]);
        client
    }

    /// The greeting, which is the first thing to be heard.
    pub(crate) fn greeting(&mut self) -> Greeting {
        match self.next() {
            Some(Output::Greeting(greeting)) => greeting,
            other => panic!("no greeting: {other:?}"),
        }
    }

    /// Sends a command, or lets it wait in the session where the server could not take it.
    pub(crate) fn send(&mut self, label: &str, command: Command<'_>) {
        self.session.execute(command, label.to_owned()).unwrap();
        self.transmit();
    }

    /// Executes a command: what it returns, or the class of the error. Only events may come before that; they are not told.
    pub(crate) fn execute(&mut self, command: Command<'_>) -> Result<Value, String> {
        self.send("", command);
        loop {
            match self.next() {
                Some(Output::Event(_)) => {}
                Some(Output::Response { result, waiter, .. }) if waiter.is_empty() => {
                    let value = result.map(|value| serde_json::from_str(value.as_str()).unwrap());
                    return value.map_err(|error| error.class.to_string());
                }
                other => panic!("{} came of {other:?}", command.name),
            }
        }
    }

    /// Hears these things and nothing between them.
    pub(crate) fn expect(&mut self, wanted: &[&str]) {
        for (place, wanted) in wanted.iter().enumerate() {
            assert_eq!(self.hear(), *wanted, "at place {place}");
        }
    }

    /// The next thing that the session tells, in short.
    pub(crate) fn hear(&mut self) -> String {
        match self.next() {
            None => "the end".to_owned(),
            Some(Output::Event(event)) => event.name,
            Some(Output::Greeting(_)) => "greeting".to_owned(),
            Some(Output::Interrupted { sent, waiter, .. }) => {
                format!(
                    "{waiter}: interrupted{}",
                    if sent { "" } else { " before it was sent" }
                )
            }
            Some(Output::Ready(enabled)) => format!("ready {enabled:?}"),
            Some(Output::Response { result, waiter, .. }) => match result {
                Ok(value) => format!("{waiter}: {}", in_short(&value)),
                Err(error) => format!("{waiter}: {}", error.class),
            },
            Some(Output::Transmit(_)) => unreachable!("written already"),
            Some(Output::Unroutable { id }) => format!("unroutable: {id:?}"),
        }
    }

    /// The next event. Nothing else may come before it.
    pub(crate) fn event(&mut self) -> Event {
        match self.next() {
            Some(Output::Event(event)) => event,
            other => panic!("no event: {other:?}"),
        }
    }

    /// The next thing that the session tells; `None` once the connection has ended and all of that is told.
    pub(crate) fn next(&mut self) -> Option<Output<String>> {
        let mut ended = false;
        loop {
            match self.session.poll_output() {
                Some(Output::Transmit(message)) => self.write(&message),
                Some(output) => return Some(output),
                None if ended => return None,
                None => ended = !self.read(),
            }
        }
    }

    /// Takes this for something that the server has written.
    pub(crate) fn pretend(&mut self, bytes: &[u8]) {
        self.session.handle_input(Input::Bytes(bytes)).unwrap();
    }

    /// The next line as it comes, past the session.
    pub(crate) fn line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            line.extend(byte);
        }
        String::from_utf8(line).unwrap()
    }

    /// Writes no more. It still reads.
    pub(crate) fn shut_down(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    fn transmit(&mut self) {
        // What it tells meanwhile would be lost: commands are sent when all of that is heard.
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Transmit(message) => self.write(&message),
                other => panic!("not heard yet: {other:?}"),
            }
        }
    }

    fn write(&mut self, message: &str) {
        // Where the server has gone, that is read next.
        let _ = self.stream.write_all(message.as_bytes());
    }

    /// Hands over what comes; false at the end.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let input = match self.stream.read(&mut buffer) {
            Ok(0) => Input::Eof,
            Ok(length) => Input::Bytes(&buffer[..length]),
            // A QEMU that ends with something unread resets the connection.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Input::Eof,
            Err(error) => panic!("QEMU said nothing for {PATIENCE:?}: {error}"),
        };
        self.session.handle_input(input).unwrap();
        !matches!(input, Input::Eof)
    }
}

/// What most commands return, or that it is something else.
fn in_short(value: &Json) -> &'static str {
    match serde_json::from_str(value.as_str()) {
        Ok(Value::Object(members)) if members.is_empty() => "{}",
        _ => "a value",
    }
}
