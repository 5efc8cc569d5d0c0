//! Ids of our own commands. The ids that others choose are theirs, kept as they wrote them.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// What makes the ids of one connection unlike those of every other.
///
/// QEMU sends the reply to a command that its last client left running to the next client. A tag that is random for
/// each connection lets no such reply match. It is short because QEMU reads its input byte by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTag([u8; TAG_LEN]);

impl SessionTag {
    /// A tag out of the low 40 bits of a random number.
    pub fn new(random: u64) -> Self {
        let mut tag = [0; TAG_LEN];
        for (place, character) in tag.iter_mut().enumerate() {
            *character = ALPHABET[(random >> (5 * place)) as usize & 31];
        }
        Self(tag)
    }

    /// The id as it is written: a JSON string without its quotes.
    pub(crate) fn wire(self, id: CommandId) -> String {
        format!("{self}-{id}")
    }

    /// The command that an id names, if this session made it. `raw` is JSON text.
    pub(crate) fn parse(self, raw: &str) -> Option<CommandId> {
        let number = raw
            .strip_prefix('"')?
            .strip_suffix('"')?
            .strip_prefix(self.as_str())?
            .strip_prefix('-')?;
        // "07" and "+7" are not what we wrote.
        let ours = number == "0" || number.starts_with(|c: char| matches!(c, '1'..='9'));
        number.parse().ok().filter(|_| ours).map(CommandId)
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SessionTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One command of one session; never used for a second one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(crate) u64);

impl CommandId {
    /// The command at this place of a session.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The place of the command in its session, counted from 0.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

const TAG_LEN: usize = 8;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_ids_come_back() {
        let tag = SessionTag::new(0x12_3456_789a);
        let other = SessionTag::new(0x12_3456_789b);
        let wire = format!("\"{}\"", tag.wire(CommandId(7)));
        assert_eq!(tag.parse(&wire), Some(CommandId(7)));
        assert_eq!(other.parse(&wire), None);
        for foreign in ["7", "null", "\"\"", "\"7\"", "{\"a\":1}"] {
            assert_eq!(tag.parse(foreign), None, "{foreign}");
        }
        for spelling in ["07", "+7", "", "-7", "18446744073709551616"] {
            assert_eq!(tag.parse(&format!("\"{tag}-{spelling}\"")), None, "{spelling}");
        }
    }
}
