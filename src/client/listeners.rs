//! Who wants to hear of something. What there is to be heard is not known here.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// The listeners, in the order in which they came.
pub(crate) struct Listeners<T>(Rc<Registry<T>>);

struct Registry<T> {
    next: Cell<u64>,
    entries: RefCell<Vec<(u64, Listener<T>)>>,
}

type Listener<T> = Rc<dyn Fn(&T)>;

impl<T: 'static> Listeners<T> {
    pub(crate) fn add(&self, listener: impl Fn(&T) + 'static) -> Subscription {
        let key = self.0.next.get();
        self.0.next.set(key + 1);
        self.0.entries.borrow_mut().push((key, Rc::new(listener)));
        Subscription {
            registry: Rc::downgrade(&self.0) as Weak<dyn Forget>,
            key,
        }
    }

    /// Calls everyone who listens now. A listener may add and remove listeners, itself included.
    pub(crate) fn call(&self, told: &T) {
        let listeners: Vec<Listener<T>> = self
            .0
            .entries
            .borrow()
            .iter()
            .map(|(_, listener)| listener.clone())
            .collect();
        for listener in listeners {
            listener(told);
        }
    }
}

/// Somebody listens as long as this lives.
#[must_use = "to drop a subscription is to end it"]
pub struct Subscription {
    registry: Weak<dyn Forget>,
    key: u64,
}

impl Subscription {
    /// Lets the listener live as long as the client.
    pub fn forever(mut self) {
        self.registry = Weak::<Registry<()>>::new();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.forget(self.key);
        }
    }
}

/// What a subscription has to do with its registry.
trait Forget {
    fn forget(&self, key: u64);
}

impl<T> Forget for Registry<T> {
    fn forget(&self, key: u64) {
        self.entries.borrow_mut().retain(|(other, _)| *other != key);
    }
}

impl<T> Default for Listeners<T> {
    fn default() -> Self {
        Self(Rc::new(Registry {
            next: Cell::default(),
            entries: RefCell::default(),
        }))
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
