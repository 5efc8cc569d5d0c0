//! A QEMU of one's own: started in an empty directory, ended when dropped. It does not speak QMP; it only waits until
//! the sockets of its monitors take connections.

mod error;
mod options;
mod version;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

pub use self::{error::QemuError, options::QemuOptions, version::QemuVersion};

/// A running QEMU. Dropping it kills it and removes its directory.
#[derive(Debug)]
pub struct Qemu {
    child: Child,
    sockets: Vec<PathBuf>,
    log: PathBuf,
    _dir: TempDir,
}

impl Qemu {
    /// Kills QEMU, as a crash would, and waits until it is gone.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        self.child.kill()?;
        self.child.wait()
    }

    /// Waits until QEMU ends by itself, for example after `quit`.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    /// How QEMU ended, or `None` while it runs.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The socket of the monitor, which serves one client at a time.
    pub fn socket(&self) -> &Path {
        &self.sockets[0]
    }

    /// The sockets of all its monitors.
    pub fn sockets(&self) -> &[PathBuf] {
        &self.sockets
    }

    /// What QEMU has written to its standard error so far.
    pub fn stderr(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn wait_until_listening(&mut self) -> Result<(), QemuError> {
        let deadline = Instant::now() + START_TIMEOUT;
        while !self.sockets.iter().all(|socket| is_listening(socket)) {
            if let Some(status) = self.child.try_wait()? {
                return Err(QemuError::Ended {
                    status,
                    stderr: self.stderr(),
                });
            }
            if Instant::now() > deadline {
                return Err(QemuError::Silent {
                    stderr: self.stderr(),
                });
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Whether a server listens at `socket`, found out without connecting: the monitor would take that for its one client.
fn is_listening(socket: &Path) -> bool {
    // Between bind and listen the file exists, but refuses connections. Linux tells the two apart.
    match fs::read_to_string("/proc/net/unix") {
        Ok(table) => table.lines().any(|line| {
            let mut fields = line.split_ascii_whitespace();
            fields.nth(3) == Some(ACCEPTS_CONNECTIONS)
                && line.ends_with(&*socket.as_os_str().to_string_lossy())
        }),
        Err(_) => socket.exists(),
    }
}

/// Generous: a loaded machine without KVM may take seconds.
const START_TIMEOUT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// `__SO_ACCEPTCON` as the table of Unix sockets prints it.
const ACCEPTS_CONNECTIONS: &str = "00010000";
