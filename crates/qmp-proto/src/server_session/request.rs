//! A command as a client wrote it, checked by stricter rules than QEMU's. In which state it is allowed is not known here.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::ErrorResponse;
use crate::strict;

/// A well-formed command.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The id, byte for byte as it was written.
    pub(super) id: Option<Box<RawValue>>,
    pub(super) name: String,
    /// The arguments, written anew.
    pub(super) arguments: Option<String>,
    pub(super) oob: bool,
}

/// What came instead, with its id where there was exactly one.
#[derive(Debug)]
pub(super) struct Malformed {
    pub(super) id: Option<Box<RawValue>>,
    pub(super) error: ErrorResponse,
}

/// Reads one command (specification, "Issuing Commands").
pub(super) fn parse(text: &str) -> Result<Parsed, Malformed> {
    let Members(members) = serde_json::from_str(text).map_err(|e| Malformed {
        id: None,
        error: ErrorResponse::generic(format!("not a command: {e}")),
    })?;
    let mut ids = members
        .iter()
        .filter(|(name, _)| name == "id")
        .map(|(_, id)| (*id).to_owned());
    let id = ids.next().filter(|_| ids.next().is_none());
    match check(&members) {
        Ok((name, arguments, oob)) => Ok(Parsed {
            id,
            name,
            arguments,
            oob,
        }),
        Err(desc) => Err(Malformed {
            id,
            error: ErrorResponse::generic(desc),
        }),
    }
}

fn check(members: &[(String, &RawValue)]) -> Result<(String, Option<String>, bool), String> {
    let mut execute = None;
    let mut arguments = None;
    for (place, (name, value)) in members.iter().enumerate() {
        if members[..place].iter().any(|(earlier, _)| earlier == name) {
            return Err(format!("duplicate member '{name}'"));
        }
        match name.as_str() {
            "execute" | "exec-oob" if execute.is_some() => {
                return Err("'execute' and 'exec-oob' exclude each other".to_owned());
            }
            "execute" => execute = Some((command_name(name, value)?, false)),
            "exec-oob" => execute = Some((command_name(name, value)?, true)),
            "arguments" => arguments = Some(object(value)?),
            "id" => {}
            _ => return Err(format!("unexpected member '{name}'")),
        }
    }
    match execute {
        Some((name, oob)) => Ok((name, arguments, oob)),
        None => Err("member 'execute' is missing".to_owned()),
    }
}

fn command_name(member: &str, value: &RawValue) -> Result<String, String> {
    serde_json::from_str(value.get()).map_err(|_| format!("member '{member}' must be a string"))
}

fn object(value: &RawValue) -> Result<String, String> {
    match strict::normalise(value.get()) {
        Ok(arguments) if arguments.starts_with('{') => Ok(arguments),
        Ok(_) => Err("member 'arguments' must be an object".to_owned()),
        Err(reason) => Err(format!("arguments: {reason}")),
    }
}

/// The members of the outermost object, in their order, duplicates kept.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
            members.push((name, value));
        }
        Ok(Members(members))
    }
}
