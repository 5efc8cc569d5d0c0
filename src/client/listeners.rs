//! Who wants to hear of events. Which events there are is not known here.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use qmp_proto::Event;

/// The listeners of one client, in the order in which they came.
#[derive(Default)]
pub(super) struct Listeners(Rc<Registry>);

#[derive(Default)]
struct Registry {
    next: Cell<u64>,
    entries: RefCell<Vec<(u64, Listener)>>,
}

type Listener = Rc<dyn Fn(&Event)>;

impl Listeners {
    pub(super) fn add(&self, listener: impl Fn(&Event) + 'static) -> Subscription {
        let key = self.0.next.get();
        self.0.next.set(key + 1);
        self.0.entries.borrow_mut().push((key, Rc::new(listener)));
        Subscription {
            registry: Rc::downgrade(&self.0),
            key,
        }
    }

    /// Calls everyone who listens now. A listener may add and remove listeners, itself included.
    pub(super) fn call(&self, event: &Event) {
        let listeners: Vec<Listener> = self
            .0
            .entries
            .borrow()
            .iter()
            .map(|(_, listener)| listener.clone())
            .collect();
        for listener in listeners {
            listener(event);
        }
    }
}

/// Somebody listens as long as this lives.
#[derive(Debug)]
#[must_use = "to drop a subscription is to end it"]
pub struct Subscription {
    registry: Weak<Registry>,
    key: u64,
}

impl Subscription {
    /// Lets the listener live as long as the client.
    pub fn forever(self) {
        std::mem::forget(self);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.entries.borrow_mut().retain(|(key, _)| *key != self.key);
        }
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("listeners", &self.entries.borrow().len())
            .finish()
    }
}
