//! Something that is said once and heard by all who asked before or ask after.

use std::cell::RefCell;
use std::future::Future;

use futures_channel::oneshot;

pub(super) struct Signal<T> {
    value: RefCell<Option<T>>,
    waiting: RefCell<Vec<oneshot::Sender<T>>>,
}

impl<T> Default for Signal<T> {
    fn default() -> Self {
        Self {
            value: RefCell::default(),
            waiting: RefCell::default(),
        }
    }
}

impl<T: Clone> Signal<T> {
    /// Says it, unless it was said before.
    pub(super) fn set(&self, value: T) {
        if self.value.borrow().is_none() {
            self.value.replace(Some(value.clone()));
            for waiting in self.waiting.take() {
                drop(waiting.send(value.clone()));
            }
        }
    }

    pub(super) fn get(&self) -> Option<T> {
        self.value.borrow().clone()
    }

    /// Waits until it is said; `None` if it never will be.
    pub(super) fn wait(&self) -> impl Future<Output = Option<T>> + use<T> {
        let (sender, receiver) = oneshot::channel();
        match self.get() {
            Some(value) => drop(sender.send(value)),
            None => self.waiting.borrow_mut().push(sender),
        }
        async move { receiver.await.ok() }
    }
}
