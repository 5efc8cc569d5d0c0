//! A stream of bytes, cut anywhere, into the JSON values in it. What the values mean is not known here.
//!
//! QMP has no framing but JSON's own: a message ends with its closing brace, line ends between messages are space
//! (specification, "Protocol overview"). QEMU's pretty mode puts line ends inside messages too.

use alloc::vec::Vec;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::json::JsonError;

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

/// Splits a stream into its JSON values. Each byte is looked at once, however the stream is cut.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    buffer: Vec<u8>,
    /// Where the message at hand begins in the buffer.
    start: usize,
    /// Up to where the buffer has been looked at.
    scanned: usize,
    /// How many bytes of the stream lie before the buffer.
    dropped: u64,
    place: Place,
}

/// Where in a JSON text `scanned` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Between,
    Scalar,
    Nested { depth: usize },
    String { depth: usize },
    Escape { depth: usize },
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            dropped: 0,
            place: Place::Between,
        }
    }

    /// Takes the next bytes of the stream. Call [`next_message`](Self::next_message) until it has no more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.dropped += self.start as u64;
        self.scanned -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole JSON value, and where in the stream it begins; `None` when more bytes are needed.
    ///
    /// # Errors
    /// The bytes cannot be part of a JSON text or break a limit. The offending byte and what came before it are gone:
    /// a decoder goes on after it with the next byte, as the specification lets a client resynchronise by a control
    /// character. After [`DecodeErrorKind::TooLong`] and [`DecodeErrorKind::TooDeep`] what follows is the rest of the
    /// same message, so the stream is best given up.
    pub fn next_message(&mut self) -> Result<Option<(u64, &str)>, DecodeError> {
        while let Some(&byte) = self.buffer.get(self.scanned) {
            match self.step(byte) {
                Ok(false) => {}
                Ok(true) => return self.take().map(Some),
                Err(kind) => {
                    let offset = self.dropped + self.scanned as u64;
                    self.scanned += 1;
                    self.start = self.scanned;
                    self.place = Place::Between;
                    return Err(DecodeError { offset, kind });
                }
            }
            if self.scanned - self.start > self.limits.max_bytes {
                let offset = self.dropped + self.start as u64;
                self.start = self.scanned;
                self.place = Place::Between;
                return Err(DecodeError {
                    offset,
                    kind: DecodeErrorKind::TooLong(self.limits.max_bytes),
                });
            }
        }
        Ok(None)
    }

    /// Moves over one byte; true when a value has ended before `scanned`.
    fn step(&mut self, byte: u8) -> Result<bool, DecodeErrorKind> {
        let space = matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let place = match self.place {
            // 0xFE and 0xFF are in no UTF-8; clients use them to resynchronise.
            _ if byte >= 0xFE || (byte < b' ' && !space) => {
                return Err(DecodeErrorKind::UnexpectedByte(byte));
            }
            Place::String { .. } | Place::Escape { .. } if byte < b' ' => {
                return Err(DecodeErrorKind::UnexpectedByte(byte));
            }
            Place::Escape { depth } => Place::String { depth },
            Place::String { depth } => match byte {
                b'\\' => Place::Escape { depth },
                b'"' => return Ok(self.close(depth)),
                _ => self.place,
            },
            Place::Between => {
                self.start = self.scanned;
                match byte {
                    _ if space => {
                        self.start += 1;
                        Place::Between
                    }
                    b'{' | b'[' => Place::Nested { depth: 1 },
                    b'"' => Place::String { depth: 0 },
                    b'}' | b']' | b',' | b':' | 0x80.. => return Err(DecodeErrorKind::UnexpectedByte(byte)),
                    _ => Place::Scalar,
                }
            }
            // A scalar ends before the byte that cannot be part of it, which is left for the next value.
            Place::Scalar if space || matches!(byte, b'{' | b'[' | b'}' | b']' | b',' | b':' | b'"') => {
                self.place = Place::Between;
                return Ok(true);
            }
            Place::Scalar | Place::Nested { .. } if byte >= 0x80 => {
                return Err(DecodeErrorKind::UnexpectedByte(byte));
            }
            Place::Scalar => Place::Scalar,
            Place::Nested { depth } => match byte {
                b'{' | b'[' if depth == self.limits.max_depth => {
                    return Err(DecodeErrorKind::TooDeep(self.limits.max_depth));
                }
                b'{' | b'[' => Place::Nested { depth: depth + 1 },
                b'}' | b']' => return Ok(self.close(depth - 1)),
                b'"' => Place::String { depth },
                _ => self.place,
            },
        };
        self.place = place;
        self.scanned += 1;
        Ok(false)
    }

    /// Moves over the byte that closes a string, array or object.
    const fn close(&mut self, depth: usize) -> bool {
        self.scanned += 1;
        self.place = if depth == 0 {
            Place::Between
        } else {
            Place::Nested { depth }
        };
        depth == 0
    }

    fn take(&mut self) -> Result<(u64, &str), DecodeError> {
        let offset = self.dropped + self.start as u64;
        let message = self.start..self.scanned;
        self.start = self.scanned;
        match core::str::from_utf8(&self.buffer[message]) {
            Ok(text) => Ok((offset, text)),
            Err(e) => Err(DecodeError {
                offset: offset + e.valid_up_to() as u64,
                kind: DecodeErrorKind::InvalidUtf8,
            }),
        }
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
        for chunk in stream.chunks(size) {
            decoder.push(chunk);
            loop {
                match decoder.next_message() {
                    Ok(None) => break,
                    Ok(Some((offset, text))) => out.push(Ok((offset, text.into()))),
                    Err(e) => out.push(Err(e)),
                }
            }
        }
        out
    }

    #[test]
    fn values_end_where_json_says_at_any_cut() {
        let ok = |offset, text: &str| Ok((offset, String::from(text)));
        let err = |offset, kind| Err(DecodeError { offset, kind });
        let byte = DecodeErrorKind::UnexpectedByte;
        let cases = [
            (&b"{}"[..], vec![ok(0, "{}")]),
            (b"\r\n{}{\"a\":[]}\n", vec![ok(2, "{}"), ok(4, "{\"a\":[]}")]),
            (b"{\"a\":\"}\\\"{\"}", vec![ok(0, "{\"a\":\"}\\\"{\"}")]),
            (b"{\r\n  \"a\": 1\r\n}", vec![ok(0, "{\r\n  \"a\": 1\r\n}")]),
            (b"3 {}", vec![ok(0, "3"), ok(2, "{}")]),
            (b"\"x\"nul\n[]", vec![ok(0, "\"x\""), ok(3, "nul"), ok(7, "[]")]),
            (b"{]{}", vec![ok(0, "{]"), ok(2, "{}")]),
            (b"}{}", vec![err(0, byte(b'}')), ok(1, "{}")]),
            (b"{\"a\xff{}", vec![err(3, byte(0xff)), ok(4, "{}")]),
            (b"{\"id\":\"\n{}", vec![err(7, byte(b'\n')), ok(8, "{}")]),
            (b"{\x01{}", vec![err(1, byte(1)), ok(2, "{}")]),
            (
                b"[\"\xc3\x28\"]{}",
                vec![err(2, DecodeErrorKind::InvalidUtf8), ok(6, "{}")],
            ),
            (b"[[[]]]", vec![ok(0, "[[[]]]")]),
            (b"[[[[", vec![err(3, DecodeErrorKind::TooDeep(3))]),
            (b"{\"0123456789012345678901234567", vec![]),
            (
                b" {\"012345678901234567890123456789012",
                vec![err(1, DecodeErrorKind::TooLong(32))],
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
    fn what_is_done_with_is_not_kept() {
        let mut decoder = Decoder::new(Limits::SERVER);
        for _ in 0..10_000 {
            decoder.push(b"{\"a\":1}\r\n");
            while decoder.next_message().unwrap().is_some() {}
        }
        assert!(decoder.buffer.capacity() < 100, "{}", decoder.buffer.capacity());
    }
}
