//! Finds where one JSON value ends, in a text that comes in pieces, and where the members of the outermost object are.
//! Each byte is looked at once. What the members mean, and whether a name comes twice, is not known here.

use alloc::vec::Vec;
use core::ops::Range;

use super::nesting::Nesting;
use super::number;

/// How far one value has been read.
#[derive(Debug)]
pub(crate) struct Scanner {
    max_depth: usize,
    at: usize,
    next: Next,
    nesting: Nesting,
    /// Where the string or scalar at hand begins.
    token: usize,
    members: Vec<Member>,
}

/// A member of the outermost object. The name is still with its quotes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// What is due next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Value,
    /// A value, or the end of an array that has none yet.
    FirstItem,
    Name,
    /// A name, or the end of an object that has none yet.
    FirstName,
    Colon,
    /// A comma or the end of a list.
    Comma,
    /// The rest of a string, which is a name or a value.
    String {
        name: bool,
    },
    /// The rest of a number or of `true`, `false` or `null`.
    Scalar,
    /// Nothing.
    Nothing,
}

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A byte that no JSON has here: a control character, or one that is in no UTF-8.
    Byte(u8),
    /// No value can go on in this way.
    Grammar(&'static str),
    /// Too many lists in each other.
    TooDeep,
}

impl Fault {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Byte(_) => "a byte that JSON has not here",
            Self::Grammar(reason) => reason,
            Self::TooDeep => "nested too deeply",
        }
    }
}

impl Scanner {
    /// At the start of a value.
    pub(crate) const fn new(max_depth: usize) -> Self {
        let max_depth = if max_depth < Nesting::MAX {
            max_depth
        } else {
            Nesting::MAX
        };
        Self {
            max_depth,
            at: 0,
            next: Next::Value,
            nesting: Nesting::new(),
            token: 0,
            members: Vec::new(),
        }
    }

    /// At the start of another value.
    pub(crate) fn reset(&mut self) {
        self.at = 0;
        self.next = Next::Value;
        self.nesting.clear();
        self.members.clear();
    }

    /// How many bytes have been read.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// The place of a fault: where the byte is that does not fit, or the scalar.
    pub(crate) const fn place(&self) -> usize {
        if matches!(self.next, Next::Scalar) {
            self.token
        } else {
            self.at
        }
    }

    /// Lists that are open.
    pub(crate) const fn depth(&self) -> usize {
        self.nesting.depth()
    }

    /// Whether a string is open.
    pub(crate) const fn in_string(&self) -> bool {
        matches!(self.next, Next::String { .. })
    }

    /// The members of the outermost object, in their order.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Reads on in the text, which is all of it so far: true if the value has ended. A scalar that nothing contains ends
    /// only before something else.
    pub(crate) fn scan(&mut self, text: &[u8]) -> Result<bool, Fault> {
        while self.next != Next::Nothing {
            if let Next::String { name } = self.next {
                if !self.string(text)? {
                    return Ok(false);
                }
                self.end_of_string(name);
                self.leap(text);
                continue;
            }
            if self.next == Next::Scalar {
                self.at += text[self.at..]
                    .iter()
                    .take_while(|byte| is_scalar(**byte))
                    .count();
                if self.at == text.len() {
                    return Ok(false);
                }
                self.end_of_scalar(&text[self.token..self.at])?;
                continue;
            }
            while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(self.at) {
                self.at += 1;
            }
            let Some(&byte) = text.get(self.at) else {
                return Ok(false);
            };
            self.token_begins(byte)?;
        }
        Ok(true)
    }

    /// Reads a value from a text after which nothing comes.
    pub(crate) fn scan_last(&mut self, text: &[u8]) -> Result<(), &'static str> {
        let mut result = self.scan(text);
        if result == Ok(false) && self.next == Next::Scalar {
            result = self
                .end_of_scalar(&text[self.token..])
                .map(|()| self.next == Next::Nothing);
        }
        match result {
            Ok(true) => Ok(()),
            Ok(false) => Err("a value without its end"),
            Err(fault) => Err(fault.reason()),
        }
    }

    /// Takes the byte with which something begins or ends.
    fn token_begins(&mut self, byte: u8) -> Result<(), Fault> {
        match (byte, self.next) {
            (b'"', Next::Value | Next::FirstItem) => self.begin(Next::String { name: false }),
            (b'"', Next::Name | Next::FirstName) => self.begin(Next::String { name: true }),
            (b':', Next::Colon) => self.next = Next::Value,
            (b',', Next::Comma) => {
                self.next = if self.nesting.in_object() {
                    Next::Name
                } else {
                    Next::Value
                };
            }
            (b'}', Next::FirstName) | (b']', Next::FirstItem) => self.close(),
            (b'}', Next::Comma) if self.nesting.in_object() => self.close(),
            (b']', Next::Comma) if !self.nesting.in_object() => self.close(),
            (b'{' | b'[', Next::Value | Next::FirstItem) => {
                if self.nesting.depth() == self.max_depth {
                    return Err(Fault::TooDeep);
                }
                self.begin_value();
                self.nesting.push(byte == b'{');
                self.next = if byte == b'{' {
                    Next::FirstName
                } else {
                    Next::FirstItem
                };
            }
            (b'-' | b'0'..=b'9' | b't' | b'f' | b'n', Next::Value | Next::FirstItem) => {
                self.begin(Next::Scalar);
                return Ok(());
            }
            (0..0x20 | 0xFE.., _) => return Err(Fault::Byte(byte)),
            (_, next) => return Err(Fault::Grammar(expectation(next))),
        }
        self.at += 1;
        Ok(())
    }

    /// Goes from string to string where only what QEMU writes between them is there: most of its text is of this kind,
    /// and a processor foresees this way better than the one by every token.
    fn leap(&mut self, text: &[u8]) {
        let name = match (&text[self.at..], self.next) {
            ([b':', b' ', b'"', ..], Next::Colon) => false,
            ([b',', b' ', b'"', ..], Next::Comma) => self.nesting.in_object(),
            _ => return,
        };
        self.at += 2;
        self.begin(Next::String { name });
        self.at += 1;
    }

    /// A string or scalar begins here.
    fn begin(&mut self, next: Next) {
        if next == (Next::String { name: true }) {
            if self.nesting.depth() == 1 {
                self.members.push(Member {
                    name: self.at..self.at,
                    value: 0..0,
                });
            }
        } else {
            self.begin_value();
        }
        self.token = self.at;
        self.next = next;
    }

    fn begin_value(&mut self) {
        if self.nesting.depth() == 1
            && let Some(member) = self.members.last_mut()
        {
            member.value.start = self.at;
        }
    }

    fn close(&mut self) {
        self.nesting.pop();
        self.value_ends(self.at + 1);
    }

    fn value_ends(&mut self, end: usize) {
        self.next = match self.nesting.depth() {
            0 => Next::Nothing,
            depth => {
                if depth == 1
                    && let Some(member) = self.members.last_mut()
                {
                    member.value.end = end;
                }
                Next::Comma
            }
        };
    }

    /// Reads on in a string; true if it has ended.
    fn string(&mut self, text: &[u8]) -> Result<bool, Fault> {
        // The opening quote is behind `at`.
        loop {
            self.at = plain(text, self.at);
            match text[self.at..] {
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(true);
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
                // Judged digit by digit, so that it makes no difference where the text is cut.
                [b'\\', b'u', ref digits @ ..] if !digits.iter().take(4).all(u8::is_ascii_hexdigit) => {
                    return Err(Fault::Grammar("no escape of JSON's"));
                }
                [b'\\', b'u', _, _, _, _, ..] => self.at += 6,
                // Cut within an escape.
                [] | [b'\\'] | [b'\\', b'u', ..] => return Ok(false),
                [b'\\', ..] => return Err(Fault::Grammar("no escape of JSON's")),
                // More likely typed by a person than sent to begin anew.
                [b'\t', ..] => return Err(Fault::Grammar("a tab in a string")),
                [byte, ..] => return Err(Fault::Byte(byte)),
            }
        }
    }

    fn end_of_string(&mut self, name: bool) {
        if !name {
            return self.value_ends(self.at);
        }
        if self.nesting.depth() == 1
            && let Some(member) = self.members.last_mut()
        {
            member.name.end = self.at;
        }
        self.next = Next::Colon;
    }

    fn end_of_scalar(&mut self, scalar: &[u8]) -> Result<(), Fault> {
        let known =
            matches!(scalar, b"true" | b"false" | b"null") || number::length(scalar) == Some(scalar.len());
        if !known {
            return Err(Fault::Grammar("expected a value"));
        }
        self.value_ends(self.at);
        Ok(())
    }
}

/// The place of the next byte of a string that needs thought: eight at a time where all are ASCII, as QEMU writes.
fn plain(text: &[u8], mut at: usize) -> usize {
    while let Some(eight) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        // The high bit of each byte that is zero; above the lowest of them others may be set too.
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = zeros(word ^ (ONES * 0x22)) | zeros(word ^ (ONES * 0x5C)) | controls | word & HIGHS;
        if found == 0 {
            at += 8;
            continue;
        }
        at += found.trailing_zeros() as usize / 8;
        if !IN_STRING[usize::from(text[at])] {
            return at;
        }
        // Not ASCII.
        at += 1;
    }
    at + text[at..]
        .iter()
        .take_while(|byte| IN_STRING[usize::from(**byte)])
        .count()
}

const fn expectation(next: Next) -> &'static str {
    match next {
        Next::Value | Next::Scalar => "expected a value",
        Next::FirstItem => "expected a value or the end of the array",
        Next::Name => "expected a name",
        Next::FirstName => "expected a name or the end of the object",
        Next::Colon => "expected a colon",
        Next::Comma => "expected a comma or the end of the list",
        Next::String { .. } => "expected the end of the string",
        Next::Nothing => "expected the end",
    }
}

/// Bytes that a number or literal may have, and garbage that looks like one.
const fn is_scalar(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.' | b'_')
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = ONES * 0x80;

/// Bytes of a string that need no thought. 0xFE and 0xFF are in no UTF-8; clients use them to resynchronise.
const IN_STRING: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x20;
    while byte < 0xFE {
        plain[byte] = byte != b'"' as usize && byte != b'\\' as usize;
        byte += 1;
    }
    plain
};
