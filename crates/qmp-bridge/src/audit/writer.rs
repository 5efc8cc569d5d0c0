//! The file, and the thread that writes it: one line at a time, in the order in which they were said. A thread, because a
//! disk that hangs must hold up nobody but those who wait for it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::line::Line;
use crate::options::AuditLog;
use crate::permissions::{WRITABLE, refuse_bits, refuse_owner};

/// What is to be done, in this order.
#[derive(Debug)]
pub(super) enum Entry {
    /// Write a line.
    Line(String),
    /// Write a line, and tell whether it is written.
    First(String, oneshot::Sender<bool>),
    /// Open the file anew: it was moved away.
    Reopen,
    /// Tell that all before this is done.
    Flush(oneshot::Sender<()>),
}

/// Opens the file and starts the thread, which ends with the last sender.
pub(super) fn start(target: &AuditLog, lost: Arc<AtomicU64>) -> io::Result<mpsc::Sender<Entry>> {
    let (sender, entries) = mpsc::channel(QUEUE);
    let mut writer = Writer {
        target: target.clone(),
        to: open(target)?,
        lost,
        is_torn: false,
        is_failing: false,
    };
    std::thread::Builder::new()
        .name("audit".to_owned())
        .spawn(move || writer.work(entries))?;
    Ok(sender)
}

struct Writer {
    target: AuditLog,
    to: Box<dyn Write + Send>,
    /// Lines that came to nothing since this was told last.
    lost: Arc<AtomicU64>,
    /// A line was written in part: the next one must not continue it.
    is_torn: bool,
    is_failing: bool,
}

impl Writer {
    fn work(&mut self, mut entries: mpsc::Receiver<Entry>) {
        while let Some(entry) = entries.blocking_recv() {
            match entry {
                Entry::Line(line) => self.write(&line),
                // Who does not listen any more was told that it failed.
                Entry::First(line, written) => drop(written.send(self.write_counted(&line))),
                Entry::Reopen => match open(&self.target) {
                    Ok(to) => {
                        self.to = to;
                        self.is_torn = false;
                    }
                    Err(error) => tracing::error!(%error, "the audit log stays where it was"),
                },
                Entry::Flush(done) => {
                    self.tell_lost();
                    let _ = done.send(());
                }
            }
        }
    }

    fn write(&mut self, line: &str) {
        if !self.write_counted(line) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes a line, behind one that says what was lost before it; false if that failed.
    fn write_counted(&mut self, line: &str) -> bool {
        self.tell_lost();
        let put = self.put(line);
        match &put {
            Err(error) if !self.is_failing => tracing::error!(%error, "the audit log cannot be written"),
            Ok(()) if self.is_failing => tracing::info!("the audit log can be written again"),
            _ => {}
        }
        self.is_failing = put.is_err();
        put.is_ok()
    }

    fn tell_lost(&mut self) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost == 0 {
            return;
        }
        let line = Line {
            count: Some(lost),
            ..Line::new("lost")
        };
        if self.put(&line.to_json()).is_err() {
            self.lost.fetch_add(lost, Ordering::Relaxed);
        }
    }

    /// In one write, so that nothing comes between the parts of a line.
    fn put(&mut self, line: &str) -> io::Result<()> {
        let ended;
        let mut rest = if self.is_torn {
            ended = format!("\n{line}");
            ended.as_bytes()
        } else {
            line.as_bytes()
        };
        while !rest.is_empty() {
            match self.to.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => {
                    rest = &rest[length..];
                    self.is_torn = !rest.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn open(target: &AuditLog) -> io::Result<Box<dyn Write + Send>> {
    Ok(match target {
        AuditLog::StandardError => Box::new(io::stderr()),
        AuditLog::File(path) => Box::new(open_file(path)?),
    })
}

/// Opens a file, or makes one that is for its owner only. What is there already must be nobody else's to write.
fn open_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    let found = file.metadata()?;
    // A device or a pipe keeps nothing that could be changed.
    if found.is_file() {
        refuse_bits(&found, WRITABLE, "write to it", "go-w")?;
        refuse_owner(&found)?;
    }
    Ok(file)
}

/// Lines that wait to be written.
const QUEUE: usize = 1024;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::*;

    /// Takes so many bytes at a time; none where the disk is full.
    struct Disk {
        room: VecDeque<usize>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.room.pop_front().unwrap_or(usize::MAX) {
                0 => Err(io::ErrorKind::StorageFull.into()),
                room => {
                    let taken = &bytes[..room.min(bytes.len())];
                    self.written.lock().unwrap().extend(taken);
                    Ok(taken.len())
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn g5_after_a_full_disk_lines_are_whole_again_and_what_was_lost_is_said() {
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let disk = Disk {
            // One line whole, one in two parts, one cut off, one that finds no room, and neither does what is lost.
            room: [9, 4, 5, 4, 0, 0, 0].into(),
            written: written.clone(),
        };
        let mut writer = Writer {
            target: AuditLog::StandardError,
            to: Box::new(disk),
            lost: Arc::default(),
            is_torn: false,
            is_failing: false,
        };
        for n in 1..=3 {
            writer.write(&format!("{{\"n\": {n}}}\n"));
        }
        assert!(!writer.write_counted("{\"n\": 4}\n"), "an administrator's");
        assert!(writer.write_counted("{\"n\": 5}\n"));
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..3], ["{\"n\": 1}", "{\"n\": 2}", "{\"n\""], "{text}");
        let lost: serde_json::Value = serde_json::from_str(lines[3]).unwrap();
        assert_eq!((&lost["what"], &lost["count"]), (&"lost".into(), &1.into()));
        assert_eq!(lines[4..], ["{\"n\": 5}"]);
    }
}
