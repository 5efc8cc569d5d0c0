//! What the reader of a WebSocket's messages (`reader.js`) has of its client. Its methods are called once a message.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::waiter::Promised;
use crate::client::{Client, WeakClient};

/// A client to be given what comes in.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Incoming {
    client: WeakClient<Promised>,
}

impl Incoming {
    pub(super) fn new(client: &Client<Promised>) -> Self {
        Self {
            client: client.downgrade(),
        }
    }

    /// Gives it what the reader did not take. True if the next message may be read there.
    fn receive(&self, bytes: &[u8]) -> bool {
        let Some(client) = self.client.upgrade() else {
            return false;
        };
        client.receive(bytes);
        client.is_between_messages()
    }
}

#[wasm_bindgen]
impl Incoming {
    /// The command of this number has returned something: what to call with that.
    pub fn reply(&self, number: f64) -> Option<Function> {
        // It is a safe integer.
        let waiter = self.client.upgrade()?.take_reply(number as u64)?;
        Some(waiter.resolve)
    }

    /// A frame of text.
    pub fn text(&self, text: &str) -> bool {
        self.receive(text.as_bytes())
    }

    /// Bytes, cut anywhere.
    pub fn bytes(&self, bytes: &[u8]) -> bool {
        self.receive(bytes)
    }
}
