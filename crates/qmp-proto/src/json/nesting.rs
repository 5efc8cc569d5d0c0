//! Which of the lists around a place are objects: a bit each.

/// The lists around a place, the innermost last.
#[derive(Debug)]
pub(super) struct Nesting {
    bits: [u64; Self::MAX / 64],
    depth: usize,
}

impl Nesting {
    /// What QEMU reads and writes at most.
    pub(super) const MAX: usize = 1024;

    pub(super) const fn new() -> Self {
        Self {
            bits: [0; Self::MAX / 64],
            depth: 0,
        }
    }

    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    pub(super) const fn clear(&mut self) {
        self.depth = 0;
    }

    /// Goes into a list; there must be room.
    pub(super) const fn push(&mut self, object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        self.bits[word] = self.bits[word] & !(1 << bit) | (object as u64) << bit;
        self.depth += 1;
    }

    pub(super) const fn pop(&mut self) {
        self.depth -= 1;
    }

    /// Whether the innermost list is an object.
    pub(super) const fn in_object(&self) -> bool {
        let (word, bit) = ((self.depth - 1) / 64, (self.depth - 1) % 64);
        self.bits[word] >> bit & 1 == 1
    }
}
