//! What the targets share: who greets, and `serde_json` as the oracle that reads messages.

use std::fmt;

use qmp_proto::{Capability, CapabilitySet, Greeting};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The capabilities that the low bits of a byte stand for.
pub fn capabilities(bits: u8) -> CapabilitySet {
    let of_bit = |(bit, capability): (usize, &Capability)| (bits >> bit & 1 == 1).then_some(*capability);
    Capability::ALL.iter().enumerate().filter_map(of_bit).collect()
}

/// A greeting that offers these.
pub fn greeting(offered: CapabilitySet) -> Greeting {
    Greeting {
        capabilities: offered.names().map(str::to_owned).collect(),
        ..Greeting::default()
    }
}

/// An object's members in their order, with those that come twice.
#[derive(Debug)]
pub struct Members<'a>(Vec<(String, &'a str)>);

impl<'a> Members<'a> {
    /// Reads a text as `serde_json` understands it.
    pub fn of(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The value of the member, as text; nothing if there are two.
    pub fn one(&self, name: &str) -> Option<&'a str> {
        let mut values = self.0.iter().filter(|(member, _)| member == name);
        values
            .next()
            .filter(|_| values.next().is_none())
            .map(|(_, value)| *value)
    }

    /// How many members have one of these names.
    pub fn count(&self, names: &[&str]) -> usize {
        self.0
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .count()
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = vec![];
                while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    // An unpaired surrogate is in no name that anybody knows.
                    let name = serde_json::from_str(name.get()).unwrap_or_default();
                    members.push((name, value.get()));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
