//! Ends the waiting for commands whose time is up, with one timer for all of them.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use crate::client::{Client, Waiter, WeakClient};

/// The timer of one client.
#[derive(Debug)]
pub(crate) struct Expiry<W: Waiter>(Rc<Inner<W>>);

#[derive(Debug)]
struct Inner<W: Waiter> {
    client: WeakClient<W>,
    /// When it is looked next; infinite if nothing is waited for.
    next: Cell<f64>,
    timer: RefCell<Option<Timeout>>,
}

impl<W: Waiter> Expiry<W> {
    pub(crate) fn new(client: &Client<W>) -> Self {
        Self(Rc::new(Inner {
            client: client.downgrade(),
            next: Cell::new(f64::INFINITY),
            timer: RefCell::default(),
        }))
    }

    /// A command has this deadline.
    pub(crate) fn watch(&self, deadline: f64) {
        if deadline < self.0.next.get() {
            self.0.look_at(deadline);
        }
    }
}

impl<W: Waiter> Inner<W> {
    fn look_at(self: &Rc<Self>, deadline: f64) {
        self.next.set(deadline);
        let this = Rc::downgrade(self);
        // Up to a millisecond late rather than early. A browser counts in 31 bits.
        let wait = (deadline - now()).clamp(0.0, f64::from(i32::MAX - 1)) as u32 + 1;
        self.timer
            .replace(Some(Timeout::new(wait, move || Self::look(&this))));
    }

    fn look(this: &Weak<Self>) {
        let Some(this) = this.upgrade() else {
            return;
        };
        this.next.set(f64::INFINITY);
        let next = this.client.upgrade().and_then(|client| client.expire(now()));
        // Whoever was told may have executed another command meanwhile.
        if let Some(next) = next.filter(|next| *next < this.next.get()) {
            this.look_at(next);
        }
    }
}

impl<W: Waiter> Clone for Expiry<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since some time; it does not go back.
    #[wasm_bindgen(js_namespace = performance)]
    pub(crate) fn now() -> f64;
}
