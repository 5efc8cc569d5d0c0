//! How a QEMU is started, with which arguments. What it does afterwards is in the parent module.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{Qemu, QemuError};

/// How to start a [`Qemu`].
#[derive(Clone, Debug)]
pub struct QemuOptions {
    name: String,
    args: Vec<OsString>,
}

impl QemuOptions {
    /// A machine called `name` that has nothing but its monitor: no board, no devices, no display.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            args: BARE_MACHINE.iter().map(OsString::from).collect(),
        }
    }

    /// Describes the machine by these arguments instead. The name and the monitor are added to them.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Starts QEMU and returns once its monitor listens.
    ///
    /// # Errors
    /// If QEMU is not installed, or ends or stays silent instead of opening its socket.
    pub fn start(self) -> Result<Qemu, QemuError> {
        let dir = tempfile::Builder::new().prefix("qmp-").tempdir()?;
        let socket = dir.path().join("qmp.sock");
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(QemuError::SocketPathTooLong(socket));
        }
        let log = dir.path().join("stderr");
        let program = program();
        let mut monitor = OsString::from("unix:");
        monitor.push(&socket);
        monitor.push(",server=on,wait=off");
        let child = Command::new(&program)
            .args(&self.args)
            .args(["-name", &self.name])
            .arg("-qmp")
            .arg(monitor)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A file, because a pipe that nobody reads would stop a talkative QEMU.
            .stderr(fs::File::create(&log)?)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => QemuError::NotInstalled(program),
                _ => QemuError::Io(error),
            })?;
        let mut qemu = Qemu {
            child,
            socket,
            log,
            _dir: dir,
        };
        qemu.wait_until_listening()?;
        Ok(qemu)
    }

    /// [`start`](Self::start) for tests: `None`, with a printed reason, where QEMU is not installed.
    ///
    /// # Panics
    /// If QEMU does not start, and if it is not installed although `REQUIRE_QEMU=1` is set.
    #[must_use]
    pub fn start_or_skip(self) -> Option<Qemu> {
        let required = env::var_os("REQUIRE_QEMU").is_some_and(|value| value == "1");
        match self.start() {
            Ok(qemu) => Some(qemu),
            Err(error @ QemuError::NotInstalled(_)) if !required => {
                eprintln!("skipped: {error}");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn program() -> PathBuf {
    env::var_os("QMP_TEST_QEMU")
        .unwrap_or_else(|| "qemu-system-x86_64".into())
        .into()
}

const BARE_MACHINE: [&str; 5] = ["-nodefaults", "-machine", "none", "-display", "none"];
/// What `sun_path` holds on macOS, less the final zero. Linux allows 107.
pub(super) const MAX_SOCKET_PATH: usize = 103;
