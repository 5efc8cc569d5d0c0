//! What is written of the values of a tree: a line for each, the path to it, and where a text is found.

use std::fmt::Write;

use qmp_proto::JsonRef;

use super::{Kind, NodeId, ROOT, Tree};
use crate::console::json;
use crate::console::lowercase::lowercase;

impl Tree {
    /// The value on one line, for a screen. What does not fit is cut, and ends with an ellipsis.
    pub(in crate::console) fn preview(&self, node: NodeId, width: usize) -> String {
        let mut out = String::new();
        let mut room = width;
        for token in json::tokens(self.text(node)) {
            let after = match token {
                "," | ":" => " ",
                _ => "",
            };
            match token.char_indices().nth(room) {
                Some((end, _)) => {
                    json::push_visible(&mut out, &token[..end]);
                    out.push('…');
                    return out;
                }
                None => json::push_visible(&mut out, token),
            }
            out.push_str(after);
            room = room.saturating_sub(token.len() + after.len());
        }
        out
    }

    /// Whether the value is a scalar, or all of it fits into so many bytes.
    pub(in crate::console) fn fits(&self, node: NodeId, width: usize) -> bool {
        self.count(node) == 0 || self.text(node).len() <= width
    }

    /// The text that a string means; for others, the text as it came.
    pub(in crate::console) fn plain(&self, node: NodeId) -> String {
        plain(self.text(node))
    }

    /// How a program comes to the value from `base`, such as `return[3].inserted["node-name"]`.
    pub(in crate::console) fn path(&self, node: NodeId, base: &str) -> String {
        let mut way: Vec<NodeId> = std::iter::successors(Some(node), |node| self.parent(*node)).collect();
        way.pop();
        way.iter().rev().fold(base.to_owned(), |mut path, node| {
            match self.key(*node) {
                Some(key) => push_member(&mut path, key),
                // Writing to a string cannot fail.
                None => drop(write!(path, "[{}]", self.ordinal(*node))),
            }
            path
        })
    }

    /// The values that show this text, in capitals or not: in a key, a scalar, or across both.
    pub(in crate::console) fn find(&self, text: &str) -> Vec<NodeId> {
        let text = lowercase(text.trim());
        if text.is_empty() || self.is_empty() {
            return Vec::new();
        }
        let last = self.size(ROOT);
        let mut line = String::new();
        (ROOT..=last)
            .filter(|node| {
                line.clear();
                if let Some(key) = self.key(*node) {
                    line.push_str(key);
                    line.push_str(": ");
                }
                if !matches!(self.kind(*node), Kind::Array | Kind::Object) {
                    line.push_str(self.text(*node));
                }
                contains(&line, &text)
            })
            .collect()
    }
}

/// Whether the line has the text, which is in small letters.
pub(in crate::console) fn contains(line: &str, text: &str) -> bool {
    if line.is_ascii() && text.is_ascii() {
        // No copy: there are many lines.
        return line
            .as_bytes()
            .windows(text.len())
            .any(|part| part.eq_ignore_ascii_case(text.as_bytes()));
    }
    lowercase(line).contains(text)
}

/// Appends how a program comes to a member, whose name is given as JSON.
fn push_member(path: &mut String, key: &str) {
    let name = plain(key);
    if is_identifier(&name) {
        path.push('.');
        path.push_str(&name);
    } else {
        path.push('[');
        json::push_visible(path, key);
        path.push(']');
    }
}

/// Whether JavaScript takes the text for a name as it is.
pub(in crate::console) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

/// The text that a string in JSON means; what is none stays.
pub(in crate::console) fn plain(token: &str) -> String {
    JsonRef::parse(token)
        .ok()
        .and_then(JsonRef::string)
        .map_or_else(|| token.to_owned(), |text| text.into_owned())
}
