//! Machines of directories: each unix socket in one is a machine, as long as it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::Machines;
use crate::endpoint::{Connector, Endpoint};
use crate::options::is_name;
use crate::permissions::refuse_shared_directory;
use crate::socket_file::SocketId;

/// The directories, and what was found in them.
#[derive(Debug)]
pub(crate) struct Directories {
    paths: Vec<PathBuf>,
    /// The machines that are there in any case. They keep their names and their sockets.
    fixed: Vec<(String, Endpoint)>,
    found: BTreeMap<String, Socket>,
    /// The sockets and directories that were left out, and why; each is told once.
    left_out: BTreeMap<PathBuf, String>,
    watcher: Option<RecommendedWatcher>,
    changed: Arc<Notify>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Socket {
    path: PathBuf,
    id: SocketId,
}

impl Directories {
    /// Begins to watch.
    ///
    /// # Errors
    /// The first directory that is not there, or in which others than its owner can put sockets.
    pub(crate) fn open(
        paths: Vec<PathBuf>,
        fixed: Vec<(String, Endpoint)>,
    ) -> Result<Self, (PathBuf, io::Error)> {
        for path in &paths {
            refuse_shared_directory(path).map_err(|error| (path.clone(), error))?;
        }
        let changed = Arc::<Notify>::default();
        let tell = changed.clone();
        let handler = move |event: notify::Result<notify::Event>| {
            // To look into a directory is an event too, but no change.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                tell.notify_one();
            }
        };
        let watcher = match notify::recommended_watcher(handler) {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                tracing::warn!(%error, "directories are looked into now and then only");
                None
            }
        };
        let mut directories = Self {
            paths,
            fixed,
            found: BTreeMap::new(),
            left_out: BTreeMap::new(),
            watcher,
            changed,
        };
        directories.watch();
        Ok(directories)
    }

    /// Adds and removes machines as sockets come and go. Does not end.
    pub(crate) async fn follow(mut self, machines: &Machines) {
        loop {
            if timeout(RESCAN_INTERVAL, self.changed.notified()).await.is_ok() {
                // Much may change at once.
                sleep(SETTLE_TIME).await;
            } else {
                // A directory may be another by now, and of that nobody tells.
                self.watch();
            }
            self.scan(machines);
        }
    }

    /// Adds and removes machines by what is there now.
    pub(crate) fn scan(&mut self, machines: &Machines) {
        let found = self.look();
        let before = std::mem::replace(&mut self.found, found);
        for (name, socket) in &before {
            if self.found.get(name).is_none_or(|now| now.path != socket.path) {
                tracing::info!(vm = %name, path = %socket.path.display(), "the machine's socket is gone");
                machines.remove(name);
            }
        }
        for (name, socket) in &self.found {
            let Some(before) = before.get(name).filter(|before| before.path == socket.path) else {
                tracing::info!(vm = %name, path = %socket.path.display(), "a machine's socket is there");
                let connector = Connector::to_file(socket.path.clone());
                machines.add(name, Endpoint::Unix(socket.path.clone()), connector, None);
                continue;
            };
            if let Some(machine) = machines.find(name).filter(|_| before != socket) {
                machine.monitor.look_again();
            }
        }
    }

    /// The sockets that are there now, by the names of their machines.
    fn look(&mut self) -> BTreeMap<String, Socket> {
        let names: BTreeSet<&str> = self.fixed.iter().map(|(name, _)| name.as_str()).collect();
        let files = self.fixed.iter().filter_map(|(_, endpoint)| endpoint.file());
        let sockets: Vec<SocketId> = files.filter_map(SocketId::of).collect();
        let (mut found, mut left_out) = (BTreeMap::new(), BTreeMap::new());
        for dir in &self.paths {
            let sockets_here = read(dir).unwrap_or_else(|error| {
                left_out.insert(dir.clone(), error.to_string());
                // What was found before stays: nothing is known of its end.
                let before = self.found.values();
                let here = before.filter(|socket| socket.path.parent() == Some(dir));
                here.cloned().collect()
            });
            for socket in sockets_here {
                match name(&socket.path) {
                    // It is a machine already, or where one is to dial.
                    _ if sockets.contains(&socket.id) => {}
                    None => drop(left_out.insert(socket.path, "no name for a machine".to_owned())),
                    Some(name) if names.contains(name) || found.contains_key(name) => {
                        left_out.insert(socket.path, "another machine has this name".to_owned());
                    }
                    Some(name) => drop(found.insert(name.to_owned(), socket)),
                }
            }
        }
        for (path, reason) in &left_out {
            if self.left_out.get(path) != Some(reason) {
                tracing::warn!(path = %path.display(), reason, "left out");
            }
        }
        self.left_out = left_out;
        found
    }

    fn watch(&mut self) {
        for path in &self.paths {
            if let Some(watcher) = &mut self.watcher
                && let Err(error) = watcher.watch(path, RecursiveMode::NonRecursive)
            {
                tracing::debug!(path = %path.display(), %error, "cannot watch");
            }
        }
    }
}

/// The sockets of a directory, in the order of their names; none where there is no directory any more.
fn read(dir: &Path) -> io::Result<Vec<Socket>> {
    let entries = match refuse_shared_directory(dir).and_then(|()| fs::read_dir(dir)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort_unstable();
    let sockets = paths.into_iter().filter_map(|path| {
        let id = SocketId::of(&path)?;
        Some(Socket { path, id })
    });
    Ok(sockets.collect())
}

/// The name of a machine: that of its socket, without the endings that say that it is one.
fn name(socket: &Path) -> Option<&str> {
    let mut name = socket.file_name()?.to_str()?;
    while let Some(shorter) = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)) {
        name = shorter;
    }
    is_name(name).then_some(name)
}

const ENDINGS: [&str; 3] = [".sock", ".qmp", ".monitor"];
/// How often to look without having been told to.
const RESCAN_INTERVAL: Duration = Duration::from_secs(10);
/// How long to wait for further changes.
const SETTLE_TIME: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_sockets() {
        for (file, machine) in [
            ("web1", Some("web1")),
            ("web1.sock", Some("web1")),
            ("100.qmp", Some("100")),
            ("web.1.qmp.sock", Some("web.1")),
            ("web1.monitor", Some("web1")),
            ("sock", Some("sock")),
            (".sock", None),
            (".hidden.sock", None),
            ("a b.sock", None),
            ("é.sock", None),
        ] {
            assert_eq!(name(&Path::new("/run/qemu").join(file)), machine, "{file}");
        }
    }
}
