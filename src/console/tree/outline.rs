//! Which values of a tree are shown: what is open, and of long arrays which part. A row is a value, or stands for some that
//! are left out.

use std::ops::Range;

use super::{NodeId, ROOT, Tree};
use crate::console::sorted::{Sorted, insert_by_key};

/// A tree, and what is shown of it.
#[derive(Debug)]
pub(in crate::console) struct Outline {
    pub(in crate::console) tree: Tree,
    open: Sorted<NodeId, ()>,
    /// Of what has many children: those that are shown, by ordinal, in order and apart.
    parts: Sorted<NodeId, Vec<Range<u32>>>,
}

/// A line of what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) enum Row {
    Value {
        node: NodeId,
        level: u32,
    },
    /// Children that are left out, by ordinal.
    More {
        parent: NodeId,
        level: u32,
        hidden: Range<u32>,
    },
}

impl Outline {
    /// Opens what is small enough to be seen at once.
    pub(in crate::console) fn new(tree: Tree) -> Self {
        let mut outline = Self {
            tree,
            open: Sorted::new(),
            parts: Sorted::new(),
        };
        outline.open_small();
        outline
    }

    /// All rows.
    pub(in crate::console) fn rows(&self) -> Vec<Row> {
        if self.tree.is_empty() {
            return Vec::new();
        }
        self.with_insides(vec![Row::Value { node: ROOT, level: 1 }])
    }

    /// The rows inside of an open value, whose own level is given.
    pub(in crate::console) fn inside(&self, node: NodeId, level: u32) -> Vec<Row> {
        self.inside_part(node, level, 0..self.tree.count(node))
    }

    /// The same for some of its children, by ordinal.
    pub(in crate::console) fn inside_part(&self, node: NodeId, level: u32, within: Range<u32>) -> Vec<Row> {
        self.with_insides(self.directly_inside(node, level, within))
    }

    /// Whether there is something to open.
    pub(in crate::console) fn can_open(&self, node: NodeId) -> bool {
        self.tree.count(node) > 0
    }

    pub(in crate::console) fn is_open(&self, node: NodeId) -> bool {
        self.open.has(&node)
    }

    /// Opens or closes a value. Returns whether that changed anything.
    pub(in crate::console) fn set_open(&mut self, node: NodeId, open: bool) -> bool {
        if open {
            self.can_open(node) && self.open.insert(node, ())
        } else {
            self.open.remove(&node).is_some()
        }
    }

    /// Shows the first of those that are left out.
    pub(in crate::console) fn show_more(&mut self, parent: NodeId, hidden: &Range<u32>) {
        let end = if hidden.len() <= AT_ONCE as usize + A_FEW {
            hidden.end
        } else {
            hidden.start + AT_ONCE
        };
        self.show(parent, hidden.start..end);
    }

    /// Opens all that a value is in, and shows that part of it.
    pub(in crate::console) fn reveal(&mut self, node: NodeId) {
        let way: Vec<NodeId> = std::iter::successors(Some(node), |node| self.tree.parent(*node)).collect();
        for pair in way.windows(2) {
            let (child, parent) = (pair[0], pair[1]);
            self.open.insert(parent, ());
            let ordinal = self.tree.ordinal(child);
            if !self.shown(parent).iter().any(|part| part.contains(&ordinal)) {
                let end = ordinal.saturating_add(AROUND).min(self.tree.count(parent));
                self.show(parent, ordinal.saturating_sub(AROUND)..end);
            }
        }
    }

    /// Adds to the shown children.
    fn show(&mut self, parent: NodeId, added: Range<u32>) {
        let mut parts = self.shown(parent);
        insert_by_key(&mut parts, added, |part| part.start);
        let mut joined: Vec<Range<u32>> = Vec::new();
        for part in parts {
            match joined.last_mut() {
                Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
                _ => joined.push(part),
            }
        }
        self.parts.insert(parent, joined);
    }

    fn shown(&self, parent: NodeId) -> Vec<Range<u32>> {
        if let Some(parts) = self.parts.get(&parent) {
            return parts.clone();
        }
        let count = self.tree.count(parent);
        let is_small = count as usize <= AT_ONCE as usize + A_FEW;
        let first = 0..if is_small { count } else { AT_ONCE };
        Vec::from([first])
    }

    /// Rows, and behind each open one what is in it. Not by recursion: a machine may nest as deep as it likes.
    fn with_insides(&self, mut to_do: Vec<Row>) -> Vec<Row> {
        let mut rows = Vec::new();
        to_do.reverse();
        while let Some(row) = to_do.pop() {
            if let Row::Value { node, level } = row
                && self.is_open(node)
            {
                to_do.extend(
                    self.directly_inside(node, level, 0..self.tree.count(node))
                        .into_iter()
                        .rev(),
                );
            }
            rows.push(row);
        }
        rows
    }

    fn directly_inside(&self, parent: NodeId, level: u32, within: Range<u32>) -> Vec<Row> {
        let level = level + 1;
        let mut rows = Vec::new();
        let more = |rows: &mut Vec<Row>, hidden: Range<u32>| {
            if !hidden.is_empty() {
                rows.push(Row::More {
                    parent,
                    level,
                    hidden,
                });
            }
        };
        let mut children = self.tree.children(parent);
        let mut consumed = 0;
        let mut at = within.start;
        for part in self.shown(parent) {
            let part = part.start.max(within.start)..part.end.min(within.end);
            if part.is_empty() {
                continue;
            }
            more(&mut rows, at..part.start);
            let skipped = (part.start - consumed) as usize;
            let shown = children.by_ref().skip(skipped).take(part.len());
            rows.extend(shown.map(|node| Row::Value { node, level }));
            (consumed, at) = (part.end, part.end);
        }
        more(&mut rows, at..within.end);
        rows
    }

    /// Opens the whole, and what is in it level by level as long as there are few rows. What fits on a line stays closed,
    /// because its line tells it all.
    fn open_small(&mut self) {
        if self.tree.is_empty() || self.tree.fits(ROOT, ONE_LINE) {
            return;
        }
        self.open.insert(ROOT, ());
        let mut rows = self.tree.count(ROOT).min(AT_ONCE);
        let mut level = vec![ROOT];
        while !level.is_empty() {
            let mut next = Vec::new();
            for child in level
                .iter()
                .flat_map(|node| self.tree.children(*node).take(FEW_ROWS as usize))
            {
                let count = self.tree.count(child);
                if count > 0 && !self.tree.fits(child, ONE_LINE) && rows + count <= FEW_ROWS {
                    rows += count;
                    self.open.insert(child, ());
                    next.push(child);
                }
            }
            level = next;
        }
    }
}

/// How many children are shown at first, and when more are asked for.
const AT_ONCE: u32 = 200;
/// So many more are shown at once, rather than left out.
const A_FEW: usize = 40;
/// On each side of a child that is shown by itself.
const AROUND: u32 = 50;
/// What is opened without being asked for.
const FEW_ROWS: u32 = 24;
/// In bytes, of a value whose line tells it all.
const ONE_LINE: usize = 72;
