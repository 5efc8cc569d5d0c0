//! One direction of a connection: messages on their way, as bytes that may arrive in parts.

use std::collections::VecDeque;

/// Messages in flight, the first of them perhaps in part delivered.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    messages: VecDeque<Vec<u8>>,
    /// Bytes behind the brace that ends a message.
    line_end: &'static str,
    /// Bytes of the first message that have been delivered.
    delivered: usize,
}

impl Pipe {
    pub(super) fn with_line_end(line_end: &'static str) -> Self {
        Self {
            line_end,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.messages
            .push_back(format!("{text}{}", self.line_end).into_bytes());
    }

    /// Takes whole messages and, in 256ths, a part of the next one that is never all of it.
    pub(super) fn take(&mut self, messages: usize, part: u8) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.messages.drain(..messages).flatten().collect();
        bytes.drain(..self.delivered.min(bytes.len()));
        if messages > 0 {
            self.delivered = 0;
        }
        if let Some(next) = self.messages.front() {
            let rest = &next[self.delivered..next.len() - self.line_end.len()];
            let part = &rest[..(rest.len() - 1) * usize::from(part) / 256];
            bytes.extend_from_slice(part);
            self.delivered += part.len();
        }
        bytes
    }

    pub(super) fn clear(&mut self) {
        self.messages.clear();
        self.delivered = 0;
    }

    /// How many messages have not arrived as a whole.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}
