//! What a person types, as a command: `query-status`, `name {arguments}`, or a whole message of the protocol. Which
//! commands there are is the machine's business.

use std::fmt;
use std::str::FromStr;

use qmp_web::Command;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::json;

/// A command that was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    /// The JSON text of an object.
    pub(super) arguments: Option<String>,
    pub(super) oob: bool,
}

impl Line {
    pub(super) fn command(&self) -> Command<'_> {
        Command {
            name: &self.name,
            arguments: self.arguments.as_deref(),
            oob: self.oob,
            id: true,
        }
    }
}

/// Gives the error in words, for the person who typed it.
impl FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Type a command, such as query-status.".to_owned());
        }
        if text.starts_with('{') {
            return message(text);
        }
        let end = text
            .find(|c: char| c.is_whitespace() || c == '{')
            .unwrap_or(text.len());
        let (name, arguments) = text.split_at(end);
        let arguments = match arguments.trim_start() {
            "" => None,
            arguments => Some(object(serde_json::from_str(arguments).map_err(|e| {
                format!(
                    "What follows {name} is not JSON: {}. Arguments look like {{\"id\": \"cd0\"}}.",
                    reason(&e)
                )
            })?)?),
        };
        Ok(Self {
            name: name.to_owned(),
            arguments,
            oob: false,
        })
    }
}

/// The command as it could have been typed.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.arguments {
            Some(arguments) => write!(f, " {}", json::on_one_line(arguments)),
            None => Ok(()),
        }
    }
}

fn message(text: &str) -> Result<Line, String> {
    let Message {
        execute,
        exec_oob,
        arguments,
        _id,
    } = serde_json::from_str(text).map_err(|e| format!("This is not a command: {}.", reason(&e)))?;
    let (name, oob) = match (execute, exec_oob) {
        (Some(name), None) => (name, false),
        (None, Some(name)) => (name, true),
        _ => return Err("A command has either \"execute\" or \"exec-oob\".".to_owned()),
    };
    Ok(Line {
        name,
        arguments: arguments.map(object).transpose()?,
        oob,
    })
}

fn object(arguments: &RawValue) -> Result<String, String> {
    if arguments.get().starts_with('{') {
        Ok(arguments.get().to_owned())
    } else {
        Err("Arguments are an object, such as {\"id\": \"cd0\"}.".to_owned())
    }
}

/// What the parser says, without its words for the place: it counts lines, and there is only one.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    format!("{reason}, at character {} of it", error.column())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    execute: Option<String>,
    #[serde(rename = "exec-oob")]
    exec_oob: Option<String>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    /// Accepted, because examples have it, and not used: the client has ids of its own.
    #[serde(rename = "id")]
    _id: Option<IgnoredAny>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_in_three_forms() {
        let line = |name: &str, arguments: Option<&str>, oob| Line {
            name: name.to_owned(),
            arguments: arguments.map(str::to_owned),
            oob,
        };
        for (text, want) in [
            (" query-status ", line("query-status", None, false)),
            (
                "eject {\"id\": \"cd0\"}",
                line("eject", Some("{\"id\": \"cd0\"}"), false),
            ),
            ("eject{}", line("eject", Some("{}"), false)),
            ("{\"execute\":\"stop\"}", line("stop", None, false)),
            (
                "{ \"arguments\": { \"a\": [1] }, \"execute\": \"x\", \"id\": 7 }",
                line("x", Some("{ \"a\": [1] }"), false),
            ),
            (
                "{\"exec-oob\":\"migrate-pause\",\"id\":{}}",
                line("migrate-pause", None, true),
            ),
        ] {
            assert_eq!(text.parse(), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_command_is_refused_in_words() {
        for (text, word) in [
            ("  ", "query-status"),
            ("eject cd0", "not JSON"),
            ("eject {\"id\":", "not JSON"),
            ("eject [1]", "object"),
            ("eject {} {}", "not JSON"),
            ("{\"execute\":\"stop\",\"arguments\":3}", "object"),
            ("{\"execute\":\"stop\",\"exec-oob\":\"stop\"}", "either"),
            ("{}", "either"),
            ("{\"execute\":\"stop\",\"argument\":{}}", "argument"),
            ("{\"execute\":", "not a command"),
        ] {
            let error = text.parse::<Line>().unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn a_line_reads_as_it_could_have_been_typed() {
        let line: Line = "{\"execute\":\"eject\",\"arguments\":{\"id\":\"cd0\",\"force\":true}}"
            .parse()
            .unwrap();
        assert_eq!(line.to_string(), r#"eject {"id": "cd0", "force": true}"#);
    }
}
