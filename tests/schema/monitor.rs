//! A client of a real monitor, one command at a time.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use qmp_proto::{ClientOptions, ClientSession, Command, ErrorResponse, Input, Json, Output, SessionTag};

pub(crate) struct Monitor {
    session: ClientSession<()>,
    stream: UnixStream,
}

impl Monitor {
    pub(crate) fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let session = ClientSession::new(ClientOptions::new(SessionTag::new(1)));
        let mut monitor = Self { session, stream };
        monitor.wait(|output| matches!(output, Output::Ready(_)).then_some(()));
        monitor
    }

    /// Executes a command, whatever happens meanwhile.
    pub(crate) fn execute(&mut self, command: Command<'_>) -> Result<Json, ErrorResponse> {
        self.session.execute(command, ()).unwrap();
        self.wait(|output| match output {
            Output::Response { result, .. } => Some(result),
            Output::Interrupted { .. } => panic!("QEMU has ended"),
            _ => None,
        })
    }

    fn wait<T>(&mut self, wanted: impl Fn(Output<()>) -> Option<T>) -> T {
        let mut bytes = [0; 65536];
        loop {
            while let Some(output) = self.session.poll_output() {
                if let Output::Transmit(message) = output {
                    self.stream.write_all(message.as_bytes()).unwrap();
                } else if let Some(found) = wanted(output) {
                    return found;
                }
            }
            let read = self.stream.read(&mut bytes).unwrap();
            let input = if read == 0 {
                Input::Eof
            } else {
                Input::Bytes(&bytes[..read])
            };
            self.session.handle_input(input).unwrap();
        }
    }
}

/// Nothing takes this long on the slowest machine, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
