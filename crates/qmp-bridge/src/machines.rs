//! The machines that there are, by name. They may come and go while the bridge runs.

pub(crate) mod directories;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::endpoint::{Connector, Endpoint};
use crate::metrics::Metrics;
use crate::monitor::Monitor;
use crate::mux::MuxOptions;
use crate::screen::Screen;

/// All machines. Its clones are the same list.
#[derive(Clone, Debug)]
pub(crate) struct Machines {
    options: MachineOptions,
    metrics: Arc<Metrics>,
    /// It counts as changed too when what can be told of a machine changes.
    list: watch::Sender<Vec<Arc<Machine>>>,
    tasks: TaskTracker,
}

/// A machine, and what is seen of it.
#[derive(Debug)]
pub(crate) struct Machine {
    pub monitor: Arc<Monitor>,
    pub screen: Screen,
}

/// What holds for each machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MachineOptions {
    pub mux: MuxOptions,
    /// How often pictures are taken of the screen.
    pub screen_interval: Duration,
}

impl Machines {
    /// None yet.
    pub(crate) fn new(options: MachineOptions, metrics: Arc<Metrics>) -> Self {
        Self {
            options,
            metrics,
            list: watch::Sender::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Adds a machine and keeps the connection to it. Its name is free.
    pub(crate) fn add(&self, name: &str, endpoint: Endpoint, connector: Connector) {
        let MachineOptions { mux, screen_interval } = self.options;
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
        self.tasks.spawn(async {
            tokio::select! {
                _ = async { tokio::join!(task, tell) } => {}
                // It has no end of its own.
                () = pictures => {}
            }
        });
        let machine = Machine { monitor, screen };
        self.list.send_modify(|list| list.push(Arc::new(machine)));
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
