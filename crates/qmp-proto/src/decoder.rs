//! A stream of bytes, cut anywhere, into the JSON values in it. What the values mean is not known here.
//!
//! QMP has no framing but JSON's own: a message ends with its closing brace, line ends between messages are space
//! (specification, "Protocol Specification"). QEMU's pretty mode puts line ends inside messages too.

use alloc::vec::Vec;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::json::{Fault, JsonError, Scanner, Value};

/// What a [`Decoder`] accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest message, in bytes.
    pub max_bytes: usize,
    /// Deepest nesting, the outermost object counted.
    pub max_depth: usize,
}

impl Limits {
    /// For what QEMU sends: its own limits on what it reads, 64 MiB and 1024 levels.
    pub const SERVER: Self = Self {
        max_bytes: 64 << 20,
        max_depth: 1024,
    };

    /// For what browsers send: 64 KiB, which QEMU needs a quarter of a second to read, and 128 levels.
    pub const CLIENT: Self = Self {
        max_bytes: 64 << 10,
        max_depth: 128,
    };
}

/// Splits a stream into its JSON values. Each byte is looked at once, however the stream is cut; what is whole within a
/// chunk is not copied.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    scanner: Scanner,
    /// The part of a value that came in earlier chunks.
    buffer: Vec<u8>,
    /// Where in the stream the value at hand begins.
    offset: u64,
    /// Bytes of the stream that belong to the value that was given out last.
    given: usize,
    /// Lists, and whether a string, to be skipped after something that was no JSON.
    skipping: Option<Skip>,
}

/// A value that cannot be read is skipped up to its end, as far as that can be told.
#[derive(Clone, Copy, Debug)]
struct Skip {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            scanner: Scanner::new(limits.max_depth),
            buffer: Vec::new(),
            offset: 0,
            given: 0,
            skipping: None,
        }
    }

    /// The next whole JSON value, and where in the stream it begins; `None` when more bytes are needed. What was used up
    /// is taken off the front of `chunk`.
    ///
    /// # Errors
    /// The bytes cannot be part of a JSON text or break a limit. A decoder goes on after a value that it cannot read: at
    /// a control character or a byte that is in no UTF-8 at once, as the specification lets a client resynchronise, else
    /// where the value seems to end. After [`DecodeErrorKind::TooLong`] what follows is the rest of the same value, so
    /// the stream is best given up.
    pub(crate) fn next<'d, 'c: 'd>(
        &'d mut self,
        chunk: &mut &'c [u8],
    ) -> Result<Option<(u64, Value<'d>)>, DecodeError> {
        if self.given > 0 {
            self.forget(self.given);
            self.given = 0;
        }
        if !self.skip(chunk) {
            return Ok(None);
        }
        if self.buffer.is_empty() {
            let space = chunk
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
                .count();
            self.offset += space as u64;
            *chunk = &chunk[space..];
        }
        let before = self.buffer.len();
        // One byte more than the limit shows that it is broken; nothing is looked at or kept past that.
        let seen = &chunk[..chunk.len().min(self.limits.max_bytes + 1 - before)];
        let result = if before == 0 {
            self.scanner.scan(seen)
        } else {
            self.buffer.extend_from_slice(seen);
            self.scanner.scan(&self.buffer)
        };
        let read = self.scanner.at();
        if read > self.limits.max_bytes
            || (result == Ok(false) && before + seen.len() > self.limits.max_bytes)
        {
            return Err(self.too_long(chunk));
        }
        match result {
            Err(fault) => Err(self.faulty(fault, before, chunk)),
            Ok(false) => {
                if before == 0 {
                    self.buffer.extend_from_slice(seen);
                }
                *chunk = &[];
                Ok(None)
            }
            Ok(true) => {
                let (used, rest) = chunk.split_at(read - before);
                *chunk = rest;
                self.given = read;
                let value = if before == 0 { used } else { &self.buffer[..read] };
                give(self.offset, value, &self.scanner)
            }
        }
    }

    /// Whether all bytes so far belong to whole values, all of which were given out.
    pub(crate) const fn is_between_values(&self) -> bool {
        self.buffer.is_empty() && self.skipping.is_none()
    }

    fn too_long(&mut self, chunk: &mut &[u8]) -> DecodeError {
        let error = DecodeError {
            offset: self.offset,
            kind: DecodeErrorKind::TooLong(self.limits.max_bytes),
        };
        self.forget(self.buffer.len().max(self.scanner.at()));
        *chunk = &[];
        error
    }

    /// Gives up the value at hand, `before` bytes of which came in earlier chunks.
    fn faulty(&mut self, fault: Fault, before: usize, chunk: &mut &[u8]) -> DecodeError {
        let at = self.scanner.at();
        let place = self.scanner.place();
        let kind = match fault {
            Fault::Byte(byte) => DecodeErrorKind::UnexpectedByte(byte),
            Fault::Grammar(reason) => DecodeErrorKind::Invalid(reason),
            Fault::TooDeep => DecodeErrorKind::TooDeep(self.limits.max_depth),
        };
        let error = DecodeError {
            offset: self.offset + place as u64,
            kind,
        };
        let used = if matches!(fault, Fault::Byte(_)) {
            at + 1
        } else {
            self.skipping = Some(Skip {
                depth: self.scanner.depth(),
                in_string: self.scanner.in_string(),
                escaped: false,
            });
            at.max(before)
        };
        self.forget(used);
        *chunk = &chunk[used - before..];
        error
    }

    fn forget(&mut self, used: usize) {
        self.offset += used as u64;
        self.scanner.reset();
        self.buffer.clear();
        // One great message should not cost its memory for ever.
        self.buffer.shrink_to(KEPT_BUFFER);
    }

    /// Goes on skipping; false if the chunk does not reach to the end of that.
    fn skip(&mut self, chunk: &mut &[u8]) -> bool {
        let Some(mut skip) = self.skipping else {
            return true;
        };
        let length = chunk.iter().position(|byte| skip.ends_with(*byte));
        let used = length.map_or(chunk.len(), |length| {
            length + usize::from(skip.takes(chunk[length]))
        });
        self.offset += used as u64;
        *chunk = &chunk[used..];
        self.skipping = if length.is_some() { None } else { Some(skip) };
        length.is_some()
    }
}

impl Skip {
    /// Whether the skipping ends with this byte.
    fn ends_with(&mut self, byte: u8) -> bool {
        match byte {
            b'\t' if self.in_string => self.escaped = false,
            0..0x20 if !matches!(byte, b'\t' | b'\r' | b'\n') || self.in_string || self.depth == 0 => {
                return true;
            }
            0xFE.. => return true,
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' if self.depth > 0 => self.in_string = !self.in_string,
            _ if self.in_string => {}
            b'{' | b'[' if self.depth > 0 => self.depth += 1,
            b'}' | b']' if self.depth > 1 => self.depth -= 1,
            b'}' | b']' => return true,
            b'{' | b'[' | b'"' | b',' | b':' | b' ' if self.depth == 0 => return true,
            _ => {}
        }
        false
    }

    /// Whether the byte that ended the skipping belongs to what was skipped.
    const fn takes(self, byte: u8) -> bool {
        match self.depth {
            0 => matches!(byte, b'}' | b']' | b',' | b':' | 0..0x20 | 0xFE..),
            _ => true,
        }
    }
}

/// A value that is whole.
fn give<'a>(
    offset: u64,
    bytes: &'a [u8],
    scanner: &'a Scanner,
) -> Result<Option<(u64, Value<'a>)>, DecodeError> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Ok(Some((offset, Value::new(text, scanner.members())))),
        Err(e) => Err(DecodeError {
            offset: offset + e.valid_up_to() as u64,
            kind: DecodeErrorKind::InvalidUtf8,
        }),
    }
}

impl DecodeError {
    /// What is wrong with a message that begins at `offset`.
    pub(crate) const fn invalid(offset: u64, error: &JsonError) -> Self {
        Self {
            offset: offset + error.offset as u64,
            kind: DecodeErrorKind::Invalid(error.reason),
        }
    }
}

/// Capacity that is kept from message to message.
const KEPT_BUFFER: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;

    use super::*;

    const TINY: Limits = Limits {
        max_bytes: 32,
        max_depth: 3,
    };

    /// Everything that comes out of a stream, given in chunks of a size.
    fn decode(stream: &[u8], size: usize) -> Vec<Result<(u64, String), DecodeError>> {
        let mut decoder = Decoder::new(TINY);
        let mut out = vec![];
        for mut chunk in stream.chunks(size) {
            loop {
                match decoder.next(&mut chunk) {
                    Ok(None) => break,
                    Ok(Some((offset, value))) => out.push(Ok((offset, value.text.into()))),
                    Err(e) => out.push(Err(e)),
                }
            }
            assert!(chunk.is_empty(), "left over: {chunk:?}");
        }
        out
    }

    #[test]
    fn values_end_where_json_says_at_any_cut() {
        let ok = |offset, text: &str| Ok((offset, String::from(text)));
        let err = |offset, kind| Err(DecodeError { offset, kind });
        let byte = DecodeErrorKind::UnexpectedByte;
        let grammar = DecodeErrorKind::Invalid;
        let value = grammar("expected a value");
        let comma = grammar("expected a comma or the end of the list");
        let cases = [
            (&b"{}"[..], vec![ok(0, "{}")]),
            (b"\r\n{}{\"a\":[]}\n", vec![ok(2, "{}"), ok(4, "{\"a\":[]}")]),
            (b"{\"a\":\"}\\\"{\"}", vec![ok(0, "{\"a\":\"}\\\"{\"}")]),
            (
                b"{\r\n  \"a\": -1.5e3\r\n}",
                vec![ok(0, "{\r\n  \"a\": -1.5e3\r\n}")],
            ),
            (b"[\"\\u00e9\\n\"]", vec![ok(0, "[\"\\u00e9\\n\"]")]),
            (b"3 {}", vec![ok(0, "3"), ok(2, "{}")]),
            (
                b"\"x\"nul\n[]",
                vec![ok(0, "\"x\""), err(3, value.clone()), ok(7, "[]")],
            ),
            // What cannot be read is skipped up to where it seems to end.
            (
                b"{]{}",
                vec![
                    err(1, grammar("expected a name or the end of the object")),
                    ok(2, "{}"),
                ],
            ),
            (b"}{}", vec![err(0, value.clone()), ok(1, "{}")]),
            (b"{\"a\": }{}", vec![err(6, value.clone()), ok(7, "{}")]),
            (
                b"{\"a\":1 x[\"]}\"]}{}",
                vec![err(7, comma.clone()), ok(15, "{}")],
            ),
            (b"[1,{\"a\":truer}]{}", vec![err(8, value.clone()), ok(15, "{}")]),
            (
                b"[x\"\\\"]\"]{}",
                vec![
                    err(1, grammar("expected a value or the end of the array")),
                    ok(8, "{}"),
                ],
            ),
            (
                b"[\"\\z]\"]{}",
                vec![err(2, grammar("no escape of JSON's")), ok(7, "{}")],
            ),
            (
                b"[\"\\u\"]{}",
                vec![err(2, grammar("no escape of JSON's")), ok(6, "{}")],
            ),
            (
                b"[\"\\u12\x01{}",
                vec![err(2, grammar("no escape of JSON's")), ok(7, "{}")],
            ),
            (b"\xef\xbb\xbf{}", vec![err(0, value.clone()), ok(3, "{}")]),
            (b"01 {}", vec![err(0, value), ok(3, "{}")]),
            // At these a client that lost its place begins anew.
            (b"{\"a\xff{}", vec![err(3, byte(0xff)), ok(4, "{}")]),
            (b"{\"id\":\"\n{}", vec![err(7, byte(b'\n')), ok(8, "{}")]),
            (b"{\x01{}", vec![err(1, byte(1)), ok(2, "{}")]),
            (
                b"{\"a\":\"\t}\t\"}{}",
                vec![err(6, grammar("a tab in a string")), ok(11, "{}")],
            ),
            (b"[1 2\x01{}", vec![err(3, comma), ok(5, "{}")]),
            (
                b"[\"\xc3\x28\"]{}",
                vec![err(2, DecodeErrorKind::InvalidUtf8), ok(6, "{}")],
            ),
            (b"[[[]]]", vec![ok(0, "[[[]]]")]),
            (
                b"[[[[1]]]]{}",
                vec![err(3, DecodeErrorKind::TooDeep(3)), ok(9, "{}")],
            ),
            (b"{\"0123456789012345678901234567", vec![]),
            (
                b"{\"a\":\"0123456789012345678901\"}",
                vec![ok(0, "{\"a\":\"0123456789012345678901\"}")],
            ),
        ];
        for (stream, want) in cases {
            for size in 1..=stream.len() {
                assert_eq!(
                    decode(stream, size),
                    want,
                    "{:?} by {size}",
                    String::from_utf8_lossy(stream)
                );
            }
        }
    }

    #[test]
    fn nothing_grows_past_the_limit() {
        for stream in [
            &b" {\"012345678901234567890123456789012"[..],
            b" {\"a\":\"0123456789012345678901234\"}",
            b" \"0123456789012345678901234567\\u12Z4\"",
        ] {
            for size in 1..=stream.len() {
                let mut decoder = Decoder::new(TINY);
                let error = stream
                    .chunks(size)
                    .find_map(|mut chunk| decoder.next(&mut chunk).err());
                let kind = DecodeErrorKind::TooLong(TINY.max_bytes);
                assert_eq!(error, Some(DecodeError { offset: 1, kind }), "by {size}");
                assert!(
                    decoder.buffer.capacity() <= 2 * (TINY.max_bytes + 1),
                    "{}",
                    decoder.buffer.capacity()
                );
            }
        }
    }

    #[test]
    fn what_is_done_with_is_not_kept() {
        let mut decoder = Decoder::new(Limits::SERVER);
        for _ in 0..10_000 {
            for mut chunk in [&b"{\"a\""[..], b":1}\r\n"] {
                while decoder.next(&mut chunk).unwrap().is_some() {}
            }
        }
        assert!(decoder.buffer.capacity() < 100, "{}", decoder.buffer.capacity());
    }
}
