//! How a QEMU is started, with which arguments. What it does afterwards is in the parent module.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{Qemu, QemuError, version::QemuVersion};

/// How to start a [`Qemu`].
#[derive(Clone, Debug)]
pub struct QemuOptions {
    name: String,
    version: QemuVersion,
    args: Vec<OsString>,
    monitors: usize,
    pretty: bool,
}

impl QemuOptions {
    /// A machine called `name` that has nothing but its monitor: no board, no devices, no display.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: QemuVersion::Installed,
            args: BARE_MACHINE.iter().map(OsString::from).collect(),
            monitors: 1,
            pretty: false,
        }
    }

    /// Starts this QEMU. The installed one is the default.
    #[must_use]
    pub const fn version(mut self, version: QemuVersion) -> Self {
        self.version = version;
        self
    }

    /// Describes the machine by these arguments instead. The name and the monitor are added to them.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Adds an argument to those that describe the machine.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Gives it so many monitors, each with a socket of its own. One is the default; none is for a machine whose monitor is
    /// told by arguments.
    #[must_use]
    pub const fn monitors(mut self, monitors: usize) -> Self {
        self.monitors = monitors;
        self
    }

    /// Lets its monitors write each message over several lines.
    #[must_use]
    pub const fn pretty(mut self) -> Self {
        self.pretty = true;
        self
    }

    /// Starts QEMU and returns once its monitors listen.
    ///
    /// # Errors
    /// If QEMU is not installed, or ends or stays silent instead of opening its sockets.
    pub fn start(self) -> Result<Qemu, QemuError> {
        let program = self.version.program()?;
        let dir = tempfile::Builder::new().prefix("qmp-").tempdir()?;
        let sockets: Vec<PathBuf> = (0..self.monitors)
            .map(|number| dir.path().join(format!("qmp{number}.sock")))
            .collect();
        let log = dir.path().join("stderr");
        let mut command = Command::new(&program);
        command.args(&self.args).args(["-name", &self.name]);
        for socket in &sockets {
            if socket.as_os_str().len() > MAX_SOCKET_PATH {
                return Err(QemuError::SocketPathTooLong(socket.clone()));
            }
            let mut monitor = OsString::from("unix:");
            monitor.push(socket);
            monitor.push(",server=on,wait=off");
            command
                .arg(if self.pretty { "-qmp-pretty" } else { "-qmp" })
                .arg(monitor);
        }
        let child = command
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
            sockets,
            log,
            _dir: dir,
        };
        qemu.wait_until_listening()?;
        Ok(qemu)
    }

    /// [`start`](Self::start) for tests: `None`, with a printed reason, where there is no such QEMU.
    ///
    /// # Panics
    /// If QEMU does not start, and if there is none although `REQUIRE_QEMU=1` is set.
    #[must_use]
    pub fn start_or_skip(self) -> Option<Qemu> {
        let required = env::var_os("REQUIRE_QEMU").is_some_and(|value| value == "1");
        match self.start() {
            Ok(qemu) => Some(qemu),
            Err(error @ QemuError::LeftOut) => {
                eprintln!("skipped: {error}");
                None
            }
            Err(error @ (QemuError::NotInstalled(_) | QemuError::NotNamed(_))) if !required => {
                eprintln!("skipped: {error}");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }
}

const BARE_MACHINE: [&str; 5] = ["-nodefaults", "-machine", "none", "-display", "none"];
/// What `sun_path` holds on macOS, less the final zero. Linux allows 107.
pub(super) const MAX_SOCKET_PATH: usize = 103;
