//! A command as a client wrote it, checked by stricter rules than QEMU's. In which state it is allowed is not known here.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::error::ErrorResponse;
use crate::json::{self, Json, Reader, Value};

/// A well-formed command.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The id, byte for byte as it was written.
    pub(super) id: Option<Json>,
    pub(super) name: String,
    /// The arguments, written anew.
    pub(super) arguments: Option<String>,
    pub(super) oob: bool,
}

/// What came instead, with its id where there was exactly one.
#[derive(Debug)]
pub(super) struct Malformed {
    pub(super) id: Option<Json>,
    pub(super) error: ErrorResponse,
}

/// Reads one command (specification, "Issuing Commands").
pub(super) fn parse(value: Value<'_>) -> Result<Parsed, Malformed> {
    let mut members = Members::default();
    for (name, text) in value.members() {
        members.take(&name, text);
    }
    // Of several ids none is the command's.
    let id = members.id.filter(|_| members.ids == 1).map(Json::from_read);
    let checked = if value.is_object() {
        members.check()
    } else {
        Err("a command is an object".to_owned())
    };
    match checked {
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

/// The members of a command, as text, and the first thing that is wrong with them as a whole.
#[derive(Default)]
struct Members<'a> {
    execute: Option<&'a str>,
    exec_oob: Option<&'a str>,
    arguments: Option<&'a str>,
    id: Option<&'a str>,
    ids: usize,
    wrong: Option<String>,
}

impl<'a> Members<'a> {
    fn take(&mut self, name: &str, value: &'a str) {
        let member = match name {
            "arguments" => &mut self.arguments,
            "exec-oob" => &mut self.exec_oob,
            "execute" => &mut self.execute,
            "id" => &mut self.id,
            _ => {
                self.wrong
                    .get_or_insert_with(|| format!("unexpected member '{name}'"));
                return;
            }
        };
        self.ids += usize::from(name == "id");
        if member.replace(value).is_some() {
            self.wrong
                .get_or_insert_with(|| format!("duplicate member '{name}'"));
        }
    }

    fn check(self) -> Result<(String, Option<String>, bool), String> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let (member, name, oob) = match (self.execute, self.exec_oob) {
            (Some(name), None) => ("execute", name, false),
            (None, Some(name)) => ("exec-oob", name, true),
            (None, None) => return Err("member 'execute' is missing".to_owned()),
            (Some(_), Some(_)) => return Err("'execute' and 'exec-oob' exclude each other".to_owned()),
        };
        let name = Reader::new(name)
            .string()
            .map_err(|_| format!("member '{member}' must be a string"))?;
        Ok((name, self.arguments.map(object).transpose()?, oob))
    }
}

fn object(value: &str) -> Result<String, String> {
    match json::normalise(value) {
        Ok(arguments) if arguments.starts_with('{') => Ok(arguments),
        Ok(_) => Err("member 'arguments' must be an object".to_owned()),
        Err(error) => Err(format!("arguments: {error}")),
    }
}
