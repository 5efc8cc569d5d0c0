//! The machines that there are, by name. They may come and go while the bridge runs.

pub(crate) mod directories;

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::endpoint::{Connector, Endpoint};
use crate::monitor::Monitor;
use crate::mux::MuxOptions;

/// All machines. Its clones are the same list.
#[derive(Clone, Debug)]
pub(crate) struct Machines {
    options: MuxOptions,
    /// It counts as changed too when what can be told of a machine changes.
    list: watch::Sender<Vec<Arc<Monitor>>>,
    tasks: TaskTracker,
}

impl Machines {
    /// None yet. The options are those of each.
    pub(crate) fn new(options: MuxOptions) -> Self {
        Self {
            options,
            list: watch::Sender::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Adds a machine and keeps the connection to it. Its name is free.
    pub(crate) fn add(&self, name: &str, endpoint: Endpoint, connector: Connector) {
        let (monitor, task) = Monitor::new(name.to_owned(), endpoint, connector, self.options);
        let (mut status, list) = (monitor.watch_status(), self.list.clone());
        let tell = async move {
            while status.changed().await.is_ok() {
                list.send_modify(|_| {});
            }
        };
        self.tasks.spawn(async { tokio::join!(task, tell) });
        self.list.send_modify(|list| list.push(Arc::new(monitor)));
    }

    /// Removes a machine: the connection to it ends, its clients are told, its name is free.
    pub(crate) fn remove(&self, name: &str) {
        self.list.send_modify(|list| {
            list.retain(|monitor| {
                let stays = monitor.name != name;
                if !stays {
                    monitor.remove();
                }
                stays
            });
        });
    }

    /// Removes all machines, and waits until all connections have ended.
    pub(crate) async fn end(&self) {
        for monitor in self.list.send_replace(Vec::new()) {
            monitor.remove();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The machine of a name.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Monitor>> {
        let list = self.list.borrow();
        list.iter().find(|monitor| monitor.name == name).cloned()
    }

    /// The list, and its changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Vec<Arc<Monitor>>> {
        self.list.subscribe()
    }
}
