//! The machines that there are, by name. They may come and go while the bridge runs.

pub(crate) mod directories;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use crate::clients::Clients;
use crate::endpoint::{Connector, Endpoint};
use crate::guard::Rules;
use crate::metrics::Metrics;
use crate::monitor::Monitor;
use crate::mux::MuxOptions;
use crate::run_state::{self, Followers, RunState};
use crate::screen::Screen;
use crate::unix_socket::MachineSocket;

/// All machines. Its clones are the same list.
#[derive(Clone, Debug)]
pub(crate) struct Machines {
    options: MachineOptions,
    metrics: Arc<Metrics>,
    clients: Arc<Clients>,
    /// It counts as changed too when what can be told of a machine changes.
    list: watch::Sender<Vec<Arc<Machine>>>,
    /// Who follows the run states.
    pub(crate) followers: Followers,
    tasks: TaskTracker,
}

/// A machine, and what is seen of it.
#[derive(Debug)]
pub(crate) struct Machine {
    pub monitor: Arc<Monitor>,
    pub screen: Screen,
    /// As long as anybody follows it.
    pub run_state: RunState,
}

/// What holds for each machine.
#[derive(Clone, Debug)]
pub(crate) struct MachineOptions {
    pub mux: MuxOptions,
    /// How often pictures are taken of the screen.
    pub screen_interval: Duration,
    /// Where each machine has a unix socket for clients.
    pub listen_unix: Option<PathBuf>,
    /// What its clients go by.
    pub rules: Rules,
}

impl Machines {
    /// None yet.
    pub(crate) fn new(options: MachineOptions, metrics: Arc<Metrics>, clients: Arc<Clients>) -> Self {
        Self {
            options,
            metrics,
            clients,
            list: watch::Sender::default(),
            followers: Followers::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Adds a machine and keeps the connection to it. Its name is free. `socket` is for its clients; without it one is made,
    /// if there are to be any.
    pub(crate) fn add(
        &self,
        name: &str,
        endpoint: Endpoint,
        connector: Connector,
        socket: Option<MachineSocket>,
    ) {
        let MachineOptions {
            mux, screen_interval, ..
        } = self.options;
        let metrics = self.metrics.machine(name);
        let (monitor, task) = Monitor::new(name.to_owned(), endpoint, connector, mux, metrics);
        let (mut status, list) = (monitor.watch_status(), self.list.clone());
        let tell = async move {
            while status.changed().await.is_ok() {
                list.send_modify(|_| {});
            }
        };
        let monitor = Arc::new(monitor);
        let (screen, pictures) = Screen::new(monitor.clone(), screen_interval);
        let list = self.list.clone();
        let tell_too = move || list.send_modify(|_| {});
        let (run_state, run_states) = run_state::of(monitor.clone(), &self.followers, tell_too);
        let sockets = self.serve_on_socket(socket, monitor.clone());
        self.tasks.spawn(async {
            tokio::select! {
                _ = async { tokio::join!(task, tell) } => {}
                // These have no end of their own.
                _ = async { tokio::join!(pictures, run_states, sockets) } => {}
            }
        });
        let machine = Machine {
            monitor,
            screen,
            run_state,
        };
        self.list.send_modify(|list| list.push(Arc::new(machine)));
    }

    /// Serves a machine on its unix socket, where each has one.
    fn serve_on_socket(
        &self,
        socket: Option<MachineSocket>,
        monitor: Arc<Monitor>,
    ) -> impl Future<Output = ()> + use<> {
        let (directory, rules) = (self.options.listen_unix.clone(), self.options.rules.clone());
        let clients = self.clients.clone();
        async move {
            let socket = match (socket, directory) {
                (Some(socket), _) => socket,
                (None, Some(directory)) => bind(&directory, &monitor.name).await,
                (None, None) => return,
            };
            let stop = clients.stopping();
            socket.serve(monitor, rules, clients, stop).await;
        }
    }

    /// Removes a machine: the connection to it ends, its clients are told, its name is free.
    pub(crate) fn remove(&self, name: &str) {
        self.list.send_modify(|list| {
            list.retain(|machine| {
                let monitor = &machine.monitor;
                let stays = monitor.name != name;
                if !stays {
                    monitor.remove();
                }
                stays
            });
        });
        self.metrics.forget(name);
    }

    /// Removes all machines, and waits until all connections have ended.
    pub(crate) async fn end(&self) {
        for machine in self.list.send_replace(Vec::new()) {
            machine.monitor.remove();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The machine of a name.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Machine>> {
        let list = self.list.borrow();
        list.iter().find(|machine| machine.monitor.name == name).cloned()
    }

    /// The list, and its changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Vec<Arc<Machine>>> {
        self.list.subscribe()
    }
}

/// A machine's socket for clients, as soon as it can be made: an earlier machine of this name may still have it.
async fn bind(directory: &Path, name: &str) -> MachineSocket {
    let mut wait = BIND_PAUSE;
    loop {
        match MachineSocket::bind(directory, name).await {
            Ok(socket) => return socket,
            // Once, when that can be no reason any more.
            Err(error) if wait == MAX_BIND_PAUSE / 2 => {
                tracing::warn!(vm = %name, %error, "no unix socket for clients yet");
            }
            Err(_) => {}
        }
        sleep(wait).await;
        wait = (wait * 2).min(MAX_BIND_PAUSE);
    }
}

/// How long to wait before a socket is tried to be made again, at first and in the end.
const BIND_PAUSE: Duration = Duration::from_millis(20);
const MAX_BIND_PAUSE: Duration = Duration::from_millis(20 << 8);
