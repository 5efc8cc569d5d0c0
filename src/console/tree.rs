//! An index over a JSON text: which value is where and inside of which. Values stay text, so that no digit is lost. Text that
//! is no JSON gives some tree too.

mod outline;
mod write;

use super::json;

pub(super) use self::outline::{Outline, Row};
pub(super) use self::write::{contains, is_identifier, plain};

/// A JSON text and where its values are.
#[derive(Debug)]
pub(super) struct Tree {
    text: String,
    /// In the order of the text: a value, then what is in it.
    nodes: Vec<Node>,
}

/// A value in a [`Tree`], by its place in the text; 0 is the whole.
pub(super) type NodeId = u32;

#[derive(Debug)]
struct Node {
    kind: Kind,
    start: u32,
    end: u32,
    /// Where the key is, quotes included; empty if there is none.
    key: (u32, u32),
    parent: NodeId,
    /// How many values are directly in it.
    children: u32,
    /// Its place among those directly in its parent.
    ordinal: u32,
    /// The first value behind it that is not in it.
    next: NodeId,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Array,
    Object,
    String,
    Number,
    /// `true`, `false`, `null`, and what is no JSON.
    Word,
}

impl Tree {
    /// Reads a text. Beyond four gigabytes or values, which no reply has, the rest is left out.
    pub(super) fn new(text: &str) -> Self {
        let mut reading = Reading {
            nodes: Vec::new(),
            open: Vec::new(),
            key: None,
        };
        let start_of_text = text.as_ptr() as usize;
        for token in json::tokens(text) {
            let start = token.as_ptr() as usize - start_of_text;
            let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(start + token.len())) else {
                break;
            };
            reading.take(token, start, end);
        }
        Self {
            nodes: reading.finish(u32::try_from(text.len()).unwrap_or(u32::MAX)),
            text: text.to_owned(),
        }
    }

    /// Whether there is nothing in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(super) fn kind(&self, node: NodeId) -> Kind {
        self.node(node).kind
    }

    /// The text of a value, as it came.
    pub(super) fn text(&self, node: NodeId) -> &str {
        let Node { start, end, .. } = *self.node(node);
        &self.text[start as usize..end as usize]
    }

    /// The key of a value as it came, quotes included, if it is a member of an object.
    pub(super) fn key(&self, node: NodeId) -> Option<&str> {
        let (start, end) = self.node(node).key;
        (start < end).then(|| &self.text[start as usize..end as usize])
    }

    /// What a value is directly in; `None` for the whole.
    pub(super) fn parent(&self, node: NodeId) -> Option<NodeId> {
        (node != ROOT).then(|| self.node(node).parent)
    }

    /// How many values are directly in it.
    pub(super) fn count(&self, node: NodeId) -> u32 {
        self.node(node).children
    }

    /// How many values are in it, however deep.
    pub(super) fn size(&self, node: NodeId) -> u32 {
        self.node(node).next - node - 1
    }

    /// Its place among those directly in its parent, from 0.
    pub(super) fn ordinal(&self, node: NodeId) -> u32 {
        self.node(node).ordinal
    }

    /// The values directly in it.
    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.nodes.get(node as usize).map_or(0, |node| node.next);
        let first = Some(node + 1).filter(|first| *first < end);
        std::iter::successors(first, move |child| {
            Some(self.node(*child).next).filter(|next| *next < end)
        })
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node as usize]
    }
}

struct Reading {
    nodes: Vec<Node>,
    /// The arrays and objects that are not closed yet.
    open: Vec<NodeId>,
    /// A scalar in an object, of which it is not known yet whether it is a key.
    key: Option<(u32, u32)>,
}

impl Reading {
    fn take(&mut self, token: &str, start: u32, end: u32) {
        match token {
            "{" => self.begin(Kind::Object, start, end),
            "[" => self.begin(Kind::Array, start, end),
            "}" | "]" => self.close(end),
            "," | ":" => {}
            scalar => {
                let kind = match scalar.as_bytes().first() {
                    Some(b'"') => Kind::String,
                    Some(b'-' | b'0'..=b'9') => Kind::Number,
                    _ => Kind::Word,
                };
                let in_object = self
                    .open
                    .last()
                    .is_some_and(|open| self.nodes[*open as usize].kind == Kind::Object);
                if in_object && self.key.is_none() {
                    self.key = Some((start, end));
                } else {
                    self.add(kind, start, end);
                }
            }
        }
    }

    fn begin(&mut self, kind: Kind, start: u32, end: u32) {
        // What comes behind a whole value closes nothing either.
        if let Some(node) = self.add(kind, start, end) {
            self.open.push(node);
        }
    }

    fn close(&mut self, end: u32) {
        self.key = None;
        if let Some(open) = self.open.pop() {
            let next = self.next();
            let node = &mut self.nodes[open as usize];
            node.end = end;
            node.next = next;
        }
    }

    /// Adds a value where the text is; none where there is one already that is whole.
    fn add(&mut self, kind: Kind, start: u32, end: u32) -> Option<NodeId> {
        let node = self.next();
        let parent = self.open.last().copied();
        if (parent.is_none() && node != ROOT) || node == NodeId::MAX {
            return None;
        }
        let parent = parent.unwrap_or(ROOT);
        let ordinal = self.nodes.get_mut(parent as usize).map_or(0, |parent| {
            parent.children += 1;
            parent.children - 1
        });
        self.nodes.push(Node {
            kind,
            start,
            end,
            key: self.key.take().unwrap_or_default(),
            parent,
            children: 0,
            ordinal,
            next: node + 1,
        });
        Some(node)
    }

    fn next(&self) -> NodeId {
        NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX)
    }

    fn finish(mut self, end: u32) -> Vec<Node> {
        while !self.open.is_empty() {
            self.close(end);
        }
        self.nodes
    }
}

/// The whole text.
pub(super) const ROOT: NodeId = 0;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
