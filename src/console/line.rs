//! What a person types, as commands. How commands are typed, `qmp_web::shorthand` knows; which there are is the machine's
//! business.

use std::fmt;
use std::str::FromStr;

use qmp_web::shorthand::{self, Error, ErrorKind};
use qmp_web::{Command, Json};

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

impl From<&shorthand::Command> for Line {
    fn from(command: &shorthand::Command) -> Self {
        Self {
            name: command.name.clone(),
            arguments: command.arguments_json(),
            oob: command.oob,
        }
    }
}

/// Takes one command, and gives the error in words for the person who typed it.
impl FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let commands = shorthand::parse(text).map_err(|error| explain(&error, text))?;
        match commands.as_slice() {
            [command] => Ok(command.into()),
            _ => Err("One command at a time.".to_owned()),
        }
    }
}

/// The command as it could have been typed.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments = self.arguments.as_deref().map(Json::parse);
        // What is no JSON was never sent.
        let arguments = arguments.transpose().unwrap_or_default();
        let typed = shorthand::print(&self.name, arguments.as_ref().map(Json::as_json_ref), self.oob);
        f.write_str(&json::visible_lines(&typed))
    }
}

/// A sentence about a mistake, with its place.
pub(super) fn explain(error: &Error, text: &str) -> String {
    if error.kind == ErrorKind::Empty {
        return "Type a command, such as query-status.".to_owned();
    }
    let words = error.to_string();
    let (first, rest) = words.split_at(words.chars().next().map_or(0, char::len_utf8));
    let before = text.get(..error.span.start).unwrap_or(text);
    let start_of_line = before.rfind('\n').map_or(0, |end| end + 1);
    let place = before[start_of_line..].chars().count() + 1;
    // The words are ours.
    let first = first.to_ascii_uppercase();
    match before.matches('\n').count() {
        _ if error.is_unfinished() => format!("{first}{rest}."),
        0 => format!("{first}{rest}, at character {place}."),
        lines => format!("{first}{rest}, at character {place} of line {}.", lines + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_command_is_refused_in_words() {
        for (text, words) in [
            ("  ", "Type a command, such as query-status."),
            ("eject cd0", "Expected name=value, not 'cd0', at character 7."),
            (
                "eject\n  id=a b",
                "Expected name=value, not 'b', at character 8 of line 2.",
            ),
            ("eject {\"id\":", "It is not finished: a bracket is open."),
            ("stop\ncont", "One command at a time."),
        ] {
            assert_eq!(text.parse::<Line>(), Err(words.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_line_reads_as_it_could_have_been_typed() {
        let typed = "{\"execute\":\"eject\",\"arguments\":{\"id\":\"cd\u{202e}0\",\"force\":true}}";
        let line: Line = typed.parse().unwrap();
        assert_eq!(line.to_string(), "eject id=\"cd\\u202e0\" force=true");
        assert_eq!(line.to_string().parse(), Ok(line));
        let several: Line = "transaction(\nabort\nx a=1\n)".parse().unwrap();
        assert_eq!(several.to_string(), "transaction(\nabort\nx a=1\n)");
        assert_eq!(several.to_string().parse(), Ok(several));
    }
}
