//! JSON as QMP needs it: values stay text, numbers as they were written, and only the outer object is looked into.
//!
//! Why not a JSON library: no value is wanted here, only where it ends. A library's typed reader brought 33 KB of code and
//! tables into the browser for that, and reads doubles only to write them anew. The tests hold this one against
//! `serde_json`.

mod nesting;
mod number;
mod reader;
mod scanner;
mod text;
mod writer;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::slice::SliceIndex;

pub(crate) use self::reader::Reader;
use self::scanner::Member;
pub(crate) use self::scanner::{Fault, Scanner};
pub use self::text::{JsonKind, JsonRef};
pub(crate) use self::writer::push_string;
pub use self::writer::{normalise, push_text};

/// The text of one JSON value, well-formed, without space around it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(Box<str>);

/// Where a text is not JSON, or not the JSON that is due there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct JsonError {
    /// Bytes before the place.
    pub offset: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

impl Json {
    /// Takes a text that holds one value.
    ///
    /// # Errors
    /// The text is not JSON.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        JsonRef::parse(text).map(Self::from)
    }

    /// `{}`, which most commands return.
    pub fn empty_object() -> Self {
        Self("{}".into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, to look into.
    pub fn as_json_ref(&self) -> JsonRef<'_> {
        JsonRef::from_read(&self.0)
    }

    /// A text that has been read as one value already.
    pub(crate) fn from_read(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<Json> for String {
    fn from(json: Json) -> Self {
        json.0.into()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that holds one value, and the members of that if it is an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    pub(crate) text: &'a str,
    members: &'a [Member],
}

impl<'a> Value<'a> {
    /// What a scanner has found the text to be.
    pub(crate) const fn new(text: &'a str, members: &'a [Member]) -> Self {
        Self { text, members }
    }

    /// The value of a text that holds one and nothing else.
    pub(crate) fn only(scanner: &'a mut Scanner, text: &'a str) -> Result<Self, JsonError> {
        let json = JsonRef::read(scanner, text)?;
        Ok(Self::new(json.as_str(), scanner.members()))
    }

    pub(crate) fn is_object(self) -> bool {
        self.text.starts_with('{')
    }

    /// The members of the object: their names, and their values as text.
    pub(crate) fn members(self) -> impl Iterator<Item = (Cow<'a, str>, &'a str)> {
        self.members.iter().map(move |member| {
            let name = JsonRef::from_read(part(self.text, member.name.clone()));
            // What cannot be decoded is the name of nothing.
            let name = name.string().unwrap_or_default();
            (name, part(self.text, member.value.clone()))
        })
    }
}

/// A part of a text, whose ends are known to be between characters. To cut as `text[…]` does would bring along the words in
/// which that panics, 2 KB of them.
fn part(text: &str, range: impl SliceIndex<str, Output = str>) -> &str {
    text.get(range).unwrap_or_default()
}

impl From<JsonError> for &'static str {
    fn from(error: JsonError) -> Self {
        error.reason
    }
}
