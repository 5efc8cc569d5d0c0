//! Arguments as they are read: values, and where in the text they stand.

use std::ops::Range;

use qmp_proto::push_text;

use super::error::ErrorKind;

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    pub(super) value: Value,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
    /// The JSON text of anything else.
    Scalar(String),
}

impl Node {
    /// What stands where nothing was read yet.
    pub(super) const fn nothing() -> Self {
        Self {
            value: Value::Scalar(String::new()),
            span: 0..0,
        }
    }

    pub(super) const fn object(start: usize) -> Self {
        Self {
            value: Value::Object(Vec::new()),
            span: start..start,
        }
    }

    pub(super) fn string(string: &str, span: Range<usize>) -> Self {
        let mut text = String::with_capacity(string.len() + 2);
        push_text(&mut text, string);
        Self {
            value: Value::Scalar(text),
            span,
        }
    }

    /// Makes a place for an argument, whose name may be dotted.
    pub(super) fn place(&mut self, key: &str, span: &Range<usize>) -> Result<&mut Self, ErrorKind> {
        let mut node = self;
        let mut end = 0;
        let mut names = key.split('.').peekable();
        while let Some(name) = names.next() {
            end += name.len();
            let Value::Object(members) = &mut node.value else {
                return Err(ErrorKind::ValueAndMembers(key[..end - name.len() - 1].to_owned()));
            };
            end += 1;
            let found = members.iter().position(|(known, _)| known == name);
            let is_last = names.peek().is_none();
            let at = match found {
                Some(at) if is_last => {
                    let is_object = matches!(members[at].1.value, Value::Object(_));
                    let key = key.to_owned();
                    return Err(if is_object {
                        ErrorKind::ValueAndMembers(key)
                    } else {
                        ErrorKind::Twice(key)
                    });
                }
                Some(at) => at,
                None => {
                    let mut new = if is_last { Self::nothing() } else { Self::object(0) };
                    new.span = span.clone();
                    members.push((name.to_owned(), new));
                    members.len() - 1
                }
            };
            node = &mut members[at].1;
        }
        Ok(node)
    }

    pub(super) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match &self.value {
            // At the place where somebody still writes.
            Value::Scalar(text) if text.is_empty() => out.push_str("null"),
            Value::Scalar(text) => out.push_str(text),
            Value::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (place, (name, member)) in members.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { "," });
                    push_text(out, name);
                    out.push(':');
                    member.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Where the place stands that a path such as `actions[0].type` leads to, or the last on the way that is there.
    pub(super) fn span_of(&self, path: &str) -> Range<usize> {
        let next = match &self.value {
            Value::Array(items) => path.strip_prefix('[').and_then(|path| {
                let (place, rest) = path.split_once(']')?;
                Some((items.get(place.parse::<usize>().ok()?)?, rest))
            }),
            Value::Object(members) => {
                let path = path.strip_prefix('.').unwrap_or(path);
                members.iter().find_map(|(name, member)| {
                    let rest = path.strip_prefix(name.as_str())?;
                    let ends = rest.is_empty() || rest.starts_with(['.', '[']);
                    (ends && !path.is_empty()).then_some((member, rest))
                })
            }
            Value::Scalar(_) => None,
        };
        next.map_or_else(|| self.span.clone(), |(node, rest)| node.span_of(rest))
    }
}
