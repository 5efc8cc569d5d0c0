//! Something that is said once and heard by all who asked before or ask after.

use std::cell::{Cell, RefCell};
use std::future::Future;

use futures_channel::oneshot;

pub(super) struct Signal<T> {
    value: RefCell<Option<T>>,
    waiting: Cell<Vec<Waiting<T>>>,
}

type Waiting<T> = Box<dyn FnOnce(T)>;

impl<T> Default for Signal<T> {
    fn default() -> Self {
        Self {
            value: RefCell::default(),
            waiting: Cell::default(),
        }
    }
}

impl<T: Clone + 'static> Signal<T> {
    /// Says it, unless it was said before. Nobody hears it before [`tell`](Self::tell).
    pub(super) fn set(&self, value: T) {
        self.value.borrow_mut().get_or_insert(value);
    }

    pub(super) fn get(&self) -> Option<T> {
        self.value.borrow().clone()
    }

    /// Tells it to all who asked, if it was said.
    pub(super) fn tell(&self) {
        if let Some(value) = self.get() {
            for waiting in self.waiting.take() {
                waiting(value.clone());
            }
        }
    }

    /// Calls `listener` when it is said, at once if it was.
    pub(super) fn then(&self, listener: impl FnOnce(T) + 'static) {
        let mut waiting = self.waiting.take();
        waiting.push(Box::new(listener));
        self.waiting.set(waiting);
        self.tell();
    }

    /// Waits until it is said; `None` if it never will be.
    pub(super) fn wait(&self) -> impl Future<Output = Option<T>> + use<T> {
        let (sender, receiver) = oneshot::channel();
        self.then(move |value| drop(sender.send(value)));
        async move { receiver.await.ok() }
    }
}
