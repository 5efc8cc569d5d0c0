//! JSON as QMP needs it: values stay text, numbers as they were written, and only the outer object is looked into.
//!
//! Why not a JSON library: no value is wanted here, only where it ends. A library's typed reader brought 33 KB of code and
//! tables into the browser for that, and reads doubles only to write them anew. The tests hold this one against
//! `serde_json`.

mod number;
mod reader;
mod writer;

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

pub(crate) use self::reader::Reader;
pub use self::writer::normalise;
pub(crate) use self::writer::{push_string, push_text};

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
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.end()?;
        Ok(Self(value.into()))
    }

    /// `{}`, which most commands return.
    pub fn empty_object() -> Self {
        Self("{}".into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
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
