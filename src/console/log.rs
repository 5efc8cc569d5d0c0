//! A list that forgets its oldest entries, so that a page may stay open for weeks. What the entries are is not known
//! here.

use std::collections::VecDeque;

/// What a [`Log`] holds.
pub(super) trait Entry {
    /// About how many bytes of text it holds.
    fn size(&self) -> usize;

    /// Whether it will not change any more. An entry that still waits is not forgotten.
    fn is_settled(&self) -> bool;

    /// Whether it has not begun yet.
    fn is_waiting(&self) -> bool {
        false
    }
}

/// Numbered entries, within bounds.
#[derive(Debug)]
pub(super) struct Log<T> {
    entries: VecDeque<(u64, T)>,
    pushed: u64,
    changes: u64,
    /// The sizes of all.
    bytes: usize,
    max_entries: usize,
}

impl<T: Entry> Log<T> {
    pub(super) const fn new(max_entries: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            pushed: 0,
            changes: 0,
            bytes: 0,
            max_entries,
        }
    }

    /// Adds an entry and returns its number; the first has 1.
    pub(super) fn push(&mut self, entry: T) -> u64 {
        self.pushed += 1;
        self.changes += 1;
        self.bytes += entry.size();
        self.entries.push_back((self.pushed, entry));
        self.trim();
        self.pushed
    }

    /// Changes an entry, if it is not forgotten.
    pub(super) fn change(&mut self, number: u64, change: impl FnOnce(&mut T)) {
        if let Ok(i) = self.find(number) {
            self.changes += 1;
            let entry = &mut self.entries[i].1;
            self.bytes -= entry.size();
            change(entry);
            self.bytes += entry.size();
            self.trim();
        }
    }

    /// Changes the newest entry, if there is one.
    pub(super) fn change_last(&mut self, change: impl FnOnce(&mut T)) {
        self.change(self.pushed, change);
    }

    /// Forgets all entries. The next one has the next number.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
        self.changes += 1;
    }

    /// An entry, if it is not forgotten.
    pub(super) fn get(&self, number: u64) -> Option<&T> {
        self.find(number).ok().map(|i| &self.entries[i].1)
    }

    /// Whether the entry is not forgotten.
    pub(super) fn has(&self, number: u64) -> bool {
        self.find(number).is_ok()
    }

    /// The entries with their numbers, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        self.entries.iter().map(|(number, entry)| (*number, entry))
    }

    /// How many entries there have ever been.
    pub(super) const fn pushed(&self) -> u64 {
        self.pushed
    }

    /// How many entries are forgotten.
    pub(super) fn forgotten(&self) -> u64 {
        self.pushed - self.entries.len() as u64
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries behind this one, oldest first.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = (u64, &T)> {
        let start = self.entries.partition_point(|(at, _)| *at <= number);
        self.entries
            .range(start..)
            .map(|(number, entry)| (*number, entry))
    }

    /// Counts how often anything changed: who has seen this number has seen all.
    pub(super) const fn changes(&self) -> u64 {
        self.changes
    }

    fn find(&self, number: u64) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&number, |(number, _)| *number)
    }

    fn trim(&mut self) {
        while self.entries.len() > self.max_entries || self.bytes > MAX_BYTES {
            // The newest stays even if it alone is too large: it is what the person waits for.
            let candidates = self.entries.len() - 1;
            let oldest = self
                .entries
                .iter()
                .take(candidates)
                .position(|(_, entry)| entry.is_settled());
            let Some((_, entry)) = oldest.and_then(|i| self.entries.remove(i)) else {
                return;
            };
            self.bytes -= entry.size();
        }
    }
}

/// Of text in one log.
const MAX_BYTES: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_first() {
        let mut log = Log::new(2);
        for _ in 0..3 {
            log.push(Text {
                size: 1,
                settled: true,
            });
        }
        assert_eq!(numbers(&log), [2, 3]);
        assert_eq!(log.pushed(), 3);
        assert!(!log.has(1));
        log.change(1, |_| unreachable!("it is forgotten"));
    }

    #[test]
    fn what_is_new_is_found_and_what_is_cleared_is_gone() {
        let mut log = Log::new(2);
        let text = || Text {
            size: 1,
            settled: true,
        };
        for _ in 0..3 {
            log.push(text());
        }
        assert_eq!(log.after(2).map(|(number, _)| number).collect::<Vec<_>>(), [3]);
        assert_eq!(log.after(0).count(), 2);
        assert_eq!(log.after(9).count(), 0);
        let seen = log.changes();
        log.clear();
        assert_eq!((log.len(), log.bytes), (0, 0));
        assert_ne!(log.changes(), seen);
        assert_eq!(log.push(text()), 4);
    }

    #[test]
    fn what_waits_is_kept() {
        let mut log = Log::new(2);
        for settled in [false, true, false, true] {
            log.push(Text { size: 1, settled });
        }
        assert_eq!(numbers(&log), [1, 3, 4]);
        log.change(1, |entry| entry.settled = true);
        assert_eq!(numbers(&log), [3, 4]);
    }

    #[test]
    fn large_entries_push_others_out_but_not_the_newest() {
        let mut log = Log::new(10);
        for size in [1, MAX_BYTES - 1, 2, 2 * MAX_BYTES] {
            log.push(Text { size, settled: true });
        }
        assert_eq!(numbers(&log), [4]);
        log.push(Text {
            size: 1,
            settled: true,
        });
        assert_eq!(numbers(&log), [5]);
    }

    fn numbers(log: &Log<Text>) -> Vec<u64> {
        log.iter().map(|(number, _)| number).collect()
    }

    struct Text {
        size: usize,
        settled: bool,
    }

    impl Entry for Text {
        fn size(&self) -> usize {
            self.size
        }

        fn is_settled(&self) -> bool {
            self.settled
        }
    }
}
