//! JSON text that somebody else holds, to look into: kinds, members, elements. Nothing is kept, each look reads the text.

use alloc::borrow::Cow;

use super::{Json, JsonError, Reader, Scanner, part};

/// The text of one JSON value, well-formed, without space around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonRef<'a>(&'a str);

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// `[…]`
    Array,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
    /// Whole or not, of any size.
    Number,
    /// `{…}`
    Object,
    /// `"…"`
    String,
}

impl<'a> JsonRef<'a> {
    /// `null`
    pub const NULL: Self = Self("null");

    /// Takes a text that holds one value.
    ///
    /// # Errors
    /// The text is not JSON.
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        Self::read(&mut Scanner::new(usize::MAX), text)
    }

    /// The same with a scanner, which knows more of it then.
    pub(super) fn read(scanner: &mut Scanner, text: &'a str) -> Result<Self, JsonError> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        scanner.reset();
        let reason = match scanner.scan_last(text.as_bytes()) {
            Ok(()) if scanner.at() == text.len() => return Ok(Self(text)),
            Ok(()) => "expected the end",
            Err(reason) => reason,
        };
        Err(JsonError {
            offset: scanner.place(),
            reason,
        })
    }

    /// A slice that has been read as one value already.
    pub(super) const fn from_read(text: &'a str) -> Self {
        Self(text)
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// What it is.
    pub fn kind(self) -> JsonKind {
        match self.0.as_bytes()[0] {
            b'{' => JsonKind::Object,
            b'[' => JsonKind::Array,
            b'"' => JsonKind::String,
            b't' | b'f' => JsonKind::Boolean,
            b'n' => JsonKind::Null,
            _ => JsonKind::Number,
        }
    }

    /// What the string says; `None` if it is none, or has an unpaired surrogate.
    pub fn string(self) -> Option<Cow<'a, str>> {
        if self.kind() != JsonKind::String {
            return None;
        }
        let plain = part(self.0, 1..self.0.len() - 1);
        if plain.contains('\\') {
            return Reader::new(self.0).string().ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(plain))
    }

    /// What the string says where it has no escapes; `None` if it has, or is none.
    pub fn plain_string(self) -> Option<&'a str> {
        match self.string()? {
            Cow::Borrowed(plain) => Some(plain),
            Cow::Owned(_) => None,
        }
    }

    /// The elements of the array; none of anything else.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        self.items(JsonKind::Array)
    }

    /// The members of the object, as they come; none of anything else. What cannot be decoded is the name of nothing: "".
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Self)> {
        let mut items = self.items(JsonKind::Object);
        core::iter::from_fn(move || {
            let name = items.next()?.string().unwrap_or_default();
            Some((name, items.next()?))
        })
    }

    /// The first member of this name.
    pub fn get(self, name: &str) -> Option<Self> {
        self.members()
            .find_map(|(member, value)| (member == name).then_some(value))
    }

    fn items(self, kind: JsonKind) -> Items<'a> {
        Items(if self.kind() == kind {
            part(self.0, 1..)
        } else {
            ""
        })
    }
}

impl From<JsonRef<'_>> for Json {
    fn from(json: JsonRef<'_>) -> Self {
        Self::from_read(json.0)
    }
}

/// The values of a list, names among them, in the text that is left of it.
struct Items<'a>(&'a str);

impl<'a> Iterator for Items<'a> {
    type Item = JsonRef<'a>;

    fn next(&mut self) -> Option<JsonRef<'a>> {
        let rest = self.0.trim_start_matches([' ', '\t', '\r', '\n', ',', ':']);
        if rest.is_empty() || rest.starts_with([']', '}']) {
            return None;
        }
        let length = length(rest.as_bytes());
        self.0 = part(rest, length..);
        Some(JsonRef(part(rest, ..length)))
    }
}

/// The length of the value at the start of a text that is known to be well-formed.
fn length(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at = end_of_string(text, at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    at
}

/// The place of the quote that ends the string.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_look_finds_what_is_there() {
        let text = " {\"a\" : [ 1 , -2.5e3 ,\"x]\\\"}\", {} ,[ ]], \"\\u0062\":{\"c\" :null},\"d\":true } ";
        let json = JsonRef::parse(text).unwrap();
        assert_eq!(json.kind(), JsonKind::Object);
        let names: Vec<_> = json.members().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "d"]);
        let elements = json.get("a").unwrap().elements();
        let elements: Vec<_> = elements
            .map(|element| (element.as_str(), element.kind()))
            .collect();
        assert_eq!(
            elements,
            [
                ("1", JsonKind::Number),
                ("-2.5e3", JsonKind::Number),
                ("\"x]\\\"}\"", JsonKind::String),
                ("{}", JsonKind::Object),
                ("[ ]", JsonKind::Array),
            ]
        );
        let string = json.get("a").unwrap().elements().nth(2).unwrap().string();
        assert_eq!(string.as_deref(), Some("x]\"}"));
        assert_eq!(json.get("b").and_then(|b| b.get("c")).unwrap().as_str(), "null");
        assert_eq!(json.get("c"), None);
        assert_eq!(json.get("d").unwrap().kind(), JsonKind::Boolean);
        assert_eq!(json.elements().count(), 0);
        assert_eq!(json.get("a").unwrap().members().count(), 0);
    }

    #[test]
    fn what_is_no_string_says_nothing() {
        for text in ["1", "{}", r#""\ud800""#] {
            assert_eq!(JsonRef::parse(text).unwrap().string(), None, "{text}");
            assert_eq!(JsonRef::parse(text).unwrap().plain_string(), None, "{text}");
        }
        assert_eq!(JsonRef::parse(r#""\u0041""#).unwrap().plain_string(), None);
        assert_eq!(JsonRef::parse(r#""A""#).unwrap().plain_string(), Some("A"));
        let odd = JsonRef::parse(r#"{"\ud800":1}"#).unwrap();
        assert_eq!(odd.get("").unwrap().as_str(), "1");
    }

    /// The value, by way of looks alone.
    fn value(json: JsonRef<'_>) -> Value {
        match json.kind() {
            JsonKind::Array => json.elements().map(value).collect(),
            JsonKind::Object => json
                .members()
                .map(|(name, member)| (String::from(name), value(member)))
                .collect(),
            JsonKind::String => json.string().unwrap().into(),
            _ => serde_json::from_str(json.as_str()).unwrap(),
        }
    }

    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\[\\]{}\",: \\\\]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn looks_tell_what_serde_json_tells(wanted in anything()) {
            for text in [wanted.to_string(), serde_json::to_string_pretty(&wanted).unwrap()] {
                prop_assert_eq!(&value(JsonRef::parse(&text).unwrap()), &wanted);
            }
        }
    }
}
