//! JSON that QEMU is sure to parse, written anew from the parsed form. No byte of the original survives by itself.
//!
//! QEMU answers what it cannot parse with an error that names no command, and some of it wedges its parser for
//! everybody on the socket. So what we send is first read by stricter rules than either JSON's or QEMU's: no duplicate
//! keys, no unpaired surrogates, no noncharacters, no numbers beyond a double, at most 127 levels.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::Serialize;

/// The JSON text anew, without space, keys in their order.
///
/// # Errors
/// What makes the text unfit to be sent, in words.
pub fn normalise(json: &str) -> Result<String, String> {
    let mut out = String::with_capacity(json.len());
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Value(&mut out)
        .deserialize(&mut deserializer)
        .map_err(|e| e.to_string())?;
    deserializer.end().map_err(|e| e.to_string())?;
    Ok(out)
}

/// Appends a string as JSON.
pub(crate) fn push_string(out: &mut String, string: &str) -> Result<(), &'static str> {
    if string.chars().any(is_noncharacter) {
        return Err("noncharacters such as U+FFFE cannot be sent");
    }
    push(out, string)
}

/// The code points that Unicode will never assign; QEMU's lexer refuses them.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || c as u32 & 0xFFFE == 0xFFFE
}

fn push(out: &mut String, scalar: impl Serialize) -> Result<(), &'static str> {
    out.push_str(&serde_json::to_string(&scalar).map_err(|_| "a value cannot be written as JSON")?);
    Ok(())
}

/// Writes the value that it visits.
struct Value<'o>(&'o mut String);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.push_str("null");
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        push(self.0, value).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        push(self.0, value).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        push(self.0, value).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        push(self.0, value).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        push_string(self.0, value).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push('[');
        let mut first = true;
        loop {
            let end = self.0.len();
            if !first {
                self.0.push(',');
            }
            if items.next_element_seed(Value(self.0))?.is_none() {
                self.0.truncate(end);
                break;
            }
            first = false;
        }
        self.0.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        self.0.push('{');
        while let Some(key) = members.next_key::<String>()? {
            if !seen.is_empty() {
                self.0.push(',');
            }
            push_string(self.0, &key).map_err(A::Error::custom)?;
            self.0.push(':');
            members.next_value_seed(Value(self.0))?;
            if !seen.insert(key.to_owned()) {
                return Err(A::Error::custom(format_args!("duplicate key {key:?}")));
            }
        }
        self.0.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn what_is_written_anew_means_the_same() {
        for (given, want) in [
            (
                r#" { "b" : [ 1 , -2, {} , [ ] ], "a" : null } "#,
                r#"{"b":[1,-2,{},[]],"a":null}"#,
            ),
            (r#""\u0041\u00e9\ud83d\ude00\n\/""#, r#""Aé😀\n/""#),
            ("[true,false]", "[true,false]"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9007199254740993", "9007199254740993"),
            ("[0.1,1.0,1e2]", "[0.1,1.0,100.0]"),
        ] {
            assert_eq!(normalise(given).as_deref(), Ok(want), "{given}");
        }
    }

    #[test]
    fn what_qemu_might_choke_on_is_refused() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(normalise(&deep(127)).is_ok());
        let too_deep = deep(128);
        let bad: Vec<&str> = [
            "",
            "{",
            "{}{}",
            "{} x",
            "{'a':1}",
            "[1,]",
            "NaN",
            "0x1",
            "01",
            "1e999",
            "// no\n1",
            "\u{feff}{}",
            r#"{"a":1,"a":2}"#,
            r#"[{"a":1,"\u0061":2}]"#,
            r#""\ud83d""#,
            r#""\udc00\ud800""#,
            r#""\ufffe""#,
            r#""\ufdd0""#,
            r#"{"\uffff":1}"#,
            "\"\u{1ffff}\"",
            "\"a\tb\"",
            r#""\x""#,
            &too_deep,
        ]
        .into();
        for json in bad {
            assert!(normalise(json).is_err(), "{json}");
        }
    }
}
