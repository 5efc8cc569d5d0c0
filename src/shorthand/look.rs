//! What is being written at a place of a text: a command's name, an argument's, or a value.

use super::parser::Parser;
use super::tree::Node;
use crate::schema::Step;

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A command's name.
    Command,
    /// The name of an argument or of a member.
    Member,
    /// A value.
    Value,
}

/// What is being written at a place of a text.
#[derive(Clone, Debug)]
pub struct Look {
    /// Which command of the text this is, from 0.
    pub index: usize,
    /// The command's name as far as it is known.
    pub command: String,
    /// The JSON text of the arguments that are there, without what is being written.
    pub arguments: Option<String>,
    /// What is being written; `None` where there is nothing to complete.
    pub place: Option<Place>,
    /// The way to it through the arguments.
    pub path: Vec<Step>,
    /// Where it begins.
    pub start: usize,
    /// Whether it is written as JSON, with names and strings in quotes.
    pub json: bool,
    /// Whether the first of those quotes is there.
    pub quoted: bool,
    /// Whether another command may begin here instead.
    pub or_command: bool,
}

/// What the parser expected where the text ends.
#[derive(Clone, Debug)]
pub(super) struct Frontier {
    pub(super) place: Place,
    pub(super) path: Vec<Step>,
    pub(super) start: usize,
    pub(super) json: bool,
    pub(super) quoted: bool,
    pub(super) or_command: bool,
    pub(super) in_message: bool,
}

/// Looks what is being written at the cursor, a place between two characters. `None` if what comes before is wrong.
pub fn look(text: &str, cursor: usize) -> Option<Look> {
    let before = text.get(..cursor)?;
    let mut commands = Vec::new();
    let mut parser = Parser::new(before);
    let read = parser.commands(&mut commands);
    let frontier = parser.frontier.filter(|frontier| frontier.start <= cursor);
    if frontier.is_none() && read.is_err_and(|error| !error.is_unfinished()) {
        return None;
    }
    let index = commands.len().saturating_sub(1);
    let command = commands.pop().unwrap_or_default();
    let mut look = Look {
        index,
        command: command.name,
        arguments: command.arguments.as_ref().map(Node::to_json),
        place: None,
        path: Vec::new(),
        start: cursor,
        json: false,
        quoted: false,
        or_command: false,
    };
    let Some(frontier) = frontier else {
        return Some(look);
    };
    look.place = Some(frontier.place);
    look.path = frontier.path;
    look.start = frontier.start;
    look.json = frontier.json;
    look.quoted = frontier.quoted;
    look.or_command = frontier.or_command;
    if frontier.in_message {
        look.within_message();
    } else if !frontier.json && frontier.place != Place::Command {
        look.arguments = around(text, &look).or(look.arguments);
    }
    Some(look)
}

impl Look {
    /// Makes the way through a message the way through its command.
    fn within_message(&mut self) {
        match self.path.first() {
            Some(Step::Member(name)) if name == "arguments" => {
                self.path.remove(0);
            }
            Some(Step::Member(name)) if self.path.len() == 1 && (name == "execute" || name == "exec-oob") => {
                self.path.clear();
                self.place = Some(Place::Command);
            }
            _ => self.place = None,
        }
    }
}

/// The arguments without the one that is being written, those behind it too.
fn around(text: &str, look: &Look) -> Option<String> {
    let (before, after) = text.split_at(look.start);
    let before = before.trim_end_matches(|c: char| !c.is_whitespace());
    let after = after.trim_start_matches(|c: char| !c.is_whitespace());
    let others = [before, after].concat();
    let mut commands = Vec::new();
    // What is wrong further behind is no matter here.
    let _ = Parser::new(&others).commands(&mut commands);
    commands.get(look.index)?.arguments.as_ref().map(Node::to_json)
}
