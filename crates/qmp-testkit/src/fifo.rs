//! A pipe that whoever reads it waits for: QEMU, told to read a file that is one, executes that command until the test
//! lets it go on. The command itself is the test's.

use std::{
    fs::{self, DirEntry, OpenOptions},
    io,
    path::PathBuf,
    process::Command,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::Qemu;

/// A named pipe without anybody at its ends.
#[derive(Debug)]
pub struct Fifo {
    dir: TempDir,
}

impl Fifo {
    /// Makes one.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn new() -> io::Result<Self> {
        let fifo = Self {
            dir: tempfile::Builder::new().prefix("qmp-").tempdir()?,
        };
        let status = Command::new("mkfifo").arg(fifo.path()).status()?;
        if status.success() {
            Ok(fifo)
        } else {
            Err(io::Error::other("mkfifo failed"))
        }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("fifo")
    }

    /// Lets a reader go on: it finds an empty file. A reader that is not there yet is waited for.
    ///
    /// # Panics
    /// No reader comes.
    pub fn release(&self) {
        let path = self.path();
        let (sender, opened) = mpsc::channel();
        // Opening waits for the reader, without end if there is none.
        thread::spawn(move || sender.send(OpenOptions::new().write(true).open(path).map(drop)));
        match opened.recv_timeout(PATIENCE) {
            Ok(Ok(())) => {}
            other => panic!("nobody reads the pipe: {other:?}"),
        }
    }

    /// Waits until QEMU waits for the pipe's other end.
    ///
    /// # Panics
    /// It does not come to that.
    pub fn wait_until_awaited(&self, qemu: &Qemu) {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_awaited(qemu) {
            assert!(Instant::now() < deadline, "QEMU does not read the pipe");
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Whether some thread of QEMU waits in the kernel for a pipe's other end.
    pub fn is_awaited(&self, qemu: &Qemu) -> bool {
        let opens = |task: DirEntry| {
            let waits_in = fs::read_to_string(task.path().join("wchan")).unwrap_or_default();
            waits_in.contains("fifo") || waits_in.contains("wait_for_partner")
        };
        let tasks = fs::read_dir(format!("/proc/{}/task", qemu.pid()));
        tasks.is_ok_and(|mut tasks| tasks.any(|task| task.is_ok_and(opens)))
    }
}

/// Generous: nothing takes this long on the slowest machine, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(5);
