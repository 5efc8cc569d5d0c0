//! Reads a JSON text from front to back, giving out slices of it. What the members mean is not known here.

use alloc::string::String;

use super::{JsonError, Scanner, part};

/// A place in a JSON text.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// At the start of a text.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Reads an object. `member` is called with each name, and reads the value.
    pub(crate) fn object(
        &mut self,
        member: &mut dyn FnMut(&mut Self, &str) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.list(b'{', b'}', &mut |reader| {
            let name = reader.string()?;
            reader.expect(b':')?;
            member(reader, &name)
        })
    }

    /// Reads an array. `item` is called before each item, and reads it.
    pub(crate) fn array(
        &mut self,
        item: &mut dyn FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.list(b'[', b']', item)
    }

    fn list(
        &mut self,
        open: u8,
        close: u8,
        item: &mut dyn FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.expect(open)?;
        if self.peek() == Some(close) {
            return self.expect(close);
        }
        loop {
            item(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => return self.expect(close),
            }
        }
    }

    /// Reads a string and decodes it.
    pub(crate) fn string(&mut self) -> Result<String, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a string"));
        }
        let text = self.value()?;
        let mut decoded = String::new();
        let mut rest = part(text, 1..text.len() - 1);
        while let Some(escape) = rest.find('\\') {
            decoded.push_str(part(rest, ..escape));
            rest = part(rest, escape + 1..);
            let (character, length) =
                unescape(rest).ok_or_else(|| self.error("an unpaired surrogate in the string"))?;
            decoded.push(character);
            rest = part(rest, length..);
        }
        decoded.push_str(rest);
        Ok(decoded)
    }

    /// Reads an integer.
    pub(crate) fn integer(&mut self) -> Result<i64, JsonError> {
        self.peek();
        let unfit = self.error("not an integer of 64 bits");
        self.value()?.parse().map_err(|_| unfit)
    }

    /// Reads any value; gives its text.
    pub(crate) fn value(&mut self) -> Result<&'a str, JsonError> {
        self.peek();
        let start = self.at;
        let mut scanner = Scanner::new(usize::MAX);
        let result = scanner.scan_last(self.rest());
        self.at += scanner.at();
        result
            .map(|()| part(self.text, start..self.at))
            .map_err(|reason| self.error(reason))
    }

    /// The first byte of what comes next.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.rest().iter().take_while(space).count();
        self.rest().first().copied()
    }

    /// Nothing more comes.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error("expected the end")),
        }
    }

    /// An error at this place.
    pub(crate) const fn error(&self, reason: &'static str) -> JsonError {
        JsonError {
            offset: self.at,
            reason,
        }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.error(match byte {
            b'{' => "expected an object",
            b'[' => "expected an array",
            b':' => "expected a colon",
            _ => "expected a comma or the end of the list",
        }))
    }
}

/// The character of an escape, given without its backslash, and the length of that.
fn unescape(escape: &str) -> Option<(char, usize)> {
    let character = match escape.as_bytes().first()? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(escape),
        other => char::from(*other),
    };
    Some((character, 1))
}

/// `uXXXX`, or two of them as a surrogate pair.
fn unicode(escape: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u32::from_str_radix(text.get(1..5)?, 16).ok();
    let first = unit(escape)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 5));
    }
    let low = escape
        .get(5..)?
        .strip_prefix('\\')
        .filter(|low| low.starts_with('u'))?;
    match (first, unit(low)?) {
        (0xD800..0xDC00, second @ 0xDC00..0xE000) => {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            Some((char::from_u32(code)?, 11))
        }
        _ => None,
    }
}
