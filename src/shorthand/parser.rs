//! The grammar of commands and their arguments. What it had expected where the text ends, it notes for who completes it.

use std::ops::Range;

use qmp_proto::JsonRef;

use super::Command;
use super::error::{Error, ErrorKind, Unfinished};
use super::look::{Frontier, Place};
use super::tree::{Node, Value};
use crate::schema::Step;

/// Reads a text from its start to its end, or to the first mistake.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// The way to the place that is being read: from a command's arguments, or from the whole of a message.
    pub(super) path: Vec<Step>,
    pub(super) in_message: bool,
    pub(super) frontier: Option<Frontier>,
}

impl<'a> Parser<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            path: Vec::new(),
            in_message: false,
            frontier: None,
        }
    }

    /// Adds the commands, the last as far as it goes.
    pub(super) fn commands(&mut self, commands: &mut Vec<Command>) -> Result<(), Error> {
        loop {
            self.skip_space();
            if self.is_at_end() {
                if commands.is_empty() {
                    self.expect_at_end(Place::Command, self.at, false);
                    return Err(Error::new(ErrorKind::Empty, 0..0));
                }
                return Ok(());
            }
            let mut command = Command::default();
            self.path.clear();
            self.in_message = false;
            let result = self.command(&mut command);
            commands.push(command);
            result?;
        }
    }

    fn command(&mut self, command: &mut Command) -> Result<(), Error> {
        let start = self.at;
        if self.peek() == Some('{') {
            self.in_message = true;
            let mut message = Node::nothing();
            let read = self.inline(&mut message);
            let span = start..self.at;
            let taken = take_message(command, message);
            read?;
            taken.map_err(|reason| Error::new(ErrorKind::Message(reason), span))?;
            return self.end_of_line("the end of the line");
        }
        let name = self.word(|c| !c.is_whitespace() && c != '{');
        self.expect_at_end(Place::Command, start, false);
        command.name_span = start..self.at;
        if name == TRANSACTION {
            command.name = TRANSACTION.trim_end_matches('(').to_owned();
            return self.transaction(&mut command.arguments);
        }
        self.is_name(name, start)?;
        name.clone_into(&mut command.name);
        if let Some(begins) = self.text[self.at..].find(|c: char| !matches!(c, ' ' | '\t'))
            && self.text[self.at + begins..].starts_with('{')
        {
            self.at += begins;
            let arguments = command.arguments.insert(Node::nothing());
            self.inline(arguments)?;
            return self.end_of_line("the end of the line");
        }
        let mut arguments = Node::object(self.at);
        let read = self.arguments(&mut arguments);
        arguments.span = 0..0;
        if !matches!(&arguments.value, Value::Object(members) if members.is_empty()) {
            command.arguments = Some(arguments);
        }
        read
    }

    fn transaction(&mut self, arguments: &mut Option<Node>) -> Result<(), Error> {
        let arguments = arguments.insert(Node::object(self.at));
        let span = self.at..self.at;
        let actions = arguments
            .place("actions", &span)
            .map_err(|kind| Error::new(kind, span))?;
        actions.value = Value::Array(Vec::new());
        let Value::Array(actions) = &mut actions.value else {
            return Ok(());
        };
        loop {
            self.skip_space();
            self.path = vec![Step::Member("actions".to_owned()), Step::Index(actions.len())];
            if self.closes_transaction() {
                self.at += 1;
                return self.end_of_line("the end of the line after the transaction");
            }
            let start = self.at;
            let name = self.word(|c| !c.is_whitespace());
            self.path.push(Step::Member("type".to_owned()));
            self.expect_at_end(Place::Value, start, false);
            if name.is_empty() {
                return Err(Error::unfinished(Unfinished::Transaction, self.at));
            }
            self.is_name(name, start)?;
            let kind = Node::string(name, start..self.at);
            let mut action = Node::object(start);
            self.path.pop();
            self.path.push(Step::Member("data".to_owned()));
            let mut data = Node::object(start);
            let read = self.arguments(&mut data);
            action.span = start..self.at;
            data.span = kind.span.clone();
            action.value = Value::Object(vec![("type".to_owned(), kind), ("data".to_owned(), data)]);
            actions.push(action);
            read?;
        }
    }

    /// Reads arguments as long as there are any.
    fn arguments(&mut self, arguments: &mut Node) -> Result<(), Error> {
        let base = self.path.len();
        loop {
            let is_new_line = self.skip_space();
            let start = self.at;
            let begins_message = is_new_line && self.peek() == Some('{');
            if begins_message || base > 0 && self.closes_transaction() {
                return Ok(());
            }
            let key = self.word(|c| !c.is_whitespace() && c != '=');
            if self.peek() != Some('=') {
                if self.is_at_end() {
                    let (known, last) = key.rsplit_once('.').map_or((None, key), |(k, l)| (Some(k), l));
                    let names = known.into_iter().flat_map(|known| known.split('.'));
                    self.path.extend(names.map(|name| Step::Member(name.to_owned())));
                    self.expect_at_end(
                        Place::Member,
                        self.at - last.len(),
                        is_new_line && known.is_none(),
                    );
                }
                if key.is_empty() {
                    return Ok(());
                }
                if is_new_line {
                    self.at = start;
                    return Ok(());
                }
                return Err(Error::new(ErrorKind::NoValue(key.to_owned()), start..self.at));
            }
            let span = start..self.at;
            self.at += 1;
            if !key.split('.').all(is_plain_key) {
                return Err(Error::new(ErrorKind::Key(key.to_owned()), span));
            }
            let names = key.split('.');
            self.path.extend(names.map(|name| Step::Member(name.to_owned())));
            let place = arguments.place(key, &span);
            let node = place.map_err(|kind| Error::new(kind, span))?;
            self.value(node)?;
            node.span.start = start;
            self.path.truncate(base);
        }
    }

    /// Whether a `)` ends a transaction here.
    fn closes_transaction(&self) -> bool {
        let rest = self.text[self.at..].strip_prefix(')');
        rest.is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace))
    }

    fn end_of_line(&mut self, expected: &'static str) -> Result<(), Error> {
        if self.skip_space() || self.is_at_end() {
            return Ok(());
        }
        Err(self.unexpected(expected))
    }

    fn is_name(&self, name: &str, start: usize) -> Result<(), Error> {
        if is_plain_name(name) {
            return Ok(());
        }
        let name = name.to_owned();
        Err(Error::new(ErrorKind::Name(name), start..self.at))
    }

    /// Skips space, and says whether that had the end of a line in it.
    pub(super) fn skip_space(&mut self) -> bool {
        self.word(char::is_whitespace).contains('\n')
    }

    /// Takes characters as long as they are such.
    pub(super) fn word(&mut self, is_in: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !is_in(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub(super) fn span_from(&self, start: usize) -> Range<usize> {
        start..self.at
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> Error {
        let Some(found) = self.peek() else {
            return Error::unfinished(Unfinished::Bracket, self.at);
        };
        let span = self.at..self.at + found.len_utf8();
        Error::new(ErrorKind::Unexpected { expected, found }, span)
    }

    /// Notes, if the text ends here, what is being written from `start` on.
    pub(super) fn expect_at_end(&mut self, place: Place, start: usize, or_command: bool) {
        // The first that is noted is the closest to what is being written.
        if self.is_at_end() && self.frontier.is_none() {
            self.frontier = Some(Frontier {
                place,
                path: self.path.clone(),
                start,
                json: self.depth > 0,
                quoted: false,
                or_command,
                in_message: self.in_message,
            });
        }
    }
}

/// Takes out of a message what it says, as far as it goes.
fn take_message(command: &mut Command, message: Node) -> Result<(), &'static str> {
    let Value::Object(members) = message.value else {
        return Ok(());
    };
    let mut names = 0;
    let mut problem = None;
    for (name, node) in members {
        match name.as_str() {
            "execute" | "exec-oob" => {
                names += 1;
                command.oob = name == "exec-oob";
                command.name_span = node.span;
                match string(&node.value) {
                    Some(name) => command.name = name,
                    None => problem = Some("the name of a command is a string"),
                }
            }
            "arguments" if matches!(node.value, Value::Object(_)) => command.arguments = Some(node),
            "arguments" => problem = Some("arguments are an object, such as {\"id\": \"cd0\"}"),
            // Accepted, because examples have it, and not used: the client has ids of its own.
            "id" => {}
            _ => problem = Some("a message has no members but execute, exec-oob, arguments and id"),
        }
    }
    if names != 1 {
        problem = Some("a message has either \"execute\" or \"exec-oob\"");
    }
    problem.map_or(Ok(()), Err)
}

fn string(value: &Value) -> Option<String> {
    let Value::Scalar(text) = value else { return None };
    Some(JsonRef::parse(text).ok()?.string()?.into_owned())
}

/// Whether the shorthand can say this name of a command.
pub(super) fn is_plain_name(name: &str) -> bool {
    let is_in = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.bytes().all(is_in)
}

/// Whether the shorthand can say this name of an argument.
pub(super) fn is_plain_key(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "=\"'.{}[]".contains(c))
}

const TRANSACTION: &str = "transaction(";
