//! What is wrong with what was typed, and where.

use std::ops::Range;

/// What is wrong first, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// There is nothing.
    #[error("there is no command")]
    Empty,
    /// It is good as far as it goes.
    #[error("it is not finished: {0}")]
    Unfinished(Unfinished),
    /// What no command can be called.
    #[error("expected the name of a command, not '{0}'")]
    Name(String),
    /// An argument without `=`.
    #[error("expected name=value, not '{0}'")]
    NoValue(String),
    /// An argument's name that is none.
    #[error("'{0}' is no argument's name")]
    Key(String),
    /// Something that comes twice.
    #[error("'{0}' is there twice")]
    Twice(String),
    /// A name that has both a value of its own and members.
    #[error("'{0}' has both a value and members")]
    ValueAndMembers(String),
    /// Something where nothing can be, or something else has to be.
    #[error("expected {expected}, not '{found}'")]
    Unexpected {
        /// What could stand there.
        expected: &'static str,
        /// What does.
        found: char,
    },
    /// A word in an object or array that is no value.
    #[error("'{0}' is no value; a string is in quotes")]
    Word(String),
    /// A backslash before what it has no meaning for.
    #[error("a backslash with no meaning")]
    Escape,
    /// Objects and arrays in each other.
    #[error("nested too deeply")]
    Depth,
    /// A message that is no command.
    #[error("{0}")]
    Message(&'static str),
}

/// What a text that ends too early lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// Of an object or array.
    #[error("a bracket is open")]
    Bracket,
    /// Of a string.
    #[error("a quote is open")]
    Quote,
    /// Of a transaction.
    #[error("a transaction ends with ) after a space or on a line of its own")]
    Transaction,
}

impl Error {
    pub(super) const fn new(kind: ErrorKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    pub(super) fn unfinished(what: Unfinished, end: usize) -> Self {
        Self::new(ErrorKind::Unfinished(what), end..end)
    }

    /// Whether more text could make it good.
    pub const fn is_unfinished(&self) -> bool {
        matches!(self.kind, ErrorKind::Unfinished(_))
    }
}
