//! The grammar of values: bare words, quotes, and objects and arrays as JSON or Python write them.

use qmp_proto::normalise;

use super::error::{Error, ErrorKind, Unfinished};
use super::look::Place;
use super::parser::Parser;
use super::tree::{Node, Value};
use crate::schema::Step;

impl Parser<'_> {
    /// Reads what follows `name=`.
    pub(super) fn value(&mut self, node: &mut Node) -> Result<(), Error> {
        let start = self.at;
        match self.peek() {
            Some('{' | '[') => self.inline(node)?,
            Some(quote @ ('"' | '\'')) => self.string(node, quote)?,
            _ => return self.bare(node),
        }
        node.span = start..self.at;
        match self.peek() {
            Some(c) if !c.is_whitespace() => Err(self.unexpected("a space")),
            _ => Ok(()),
        }
    }

    /// Reads a word. Quotes inside it keep it together and stay in it.
    fn bare(&mut self, node: &mut Node) -> Result<(), Error> {
        let start = self.at;
        loop {
            self.word(|c| !c.is_whitespace() && c != '"' && c != '\'');
            match self.peek() {
                Some(quote @ ('"' | '\'')) => self.skip_quoted(quote)?,
                _ => break,
            }
        }
        self.expect_at_end(Place::Value, start, false);
        let word = &self.text[start..self.at];
        let literal = ["true", "false", "null"]
            .into_iter()
            .find(|literal| literal.eq_ignore_ascii_case(word) && (*literal != "null" || word == "null"));
        *node = match literal.map(str::to_owned).or_else(|| number(word)) {
            Some(text) => Node {
                value: Value::Scalar(text),
                span: start..self.at,
            },
            None => Node::string(word, start..self.at),
        };
        Ok(())
    }

    fn skip_quoted(&mut self, quote: char) -> Result<(), Error> {
        let mut escaped = false;
        let ends = |c: char| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        };
        let rest = &self.text[self.at + 1..];
        if let Some(length) = rest.find(ends) {
            self.at += length + 2;
            return Ok(());
        }
        self.at = self.text.len();
        Err(Error::unfinished(Unfinished::Quote, self.at))
    }

    /// Reads a value inside brackets, or the brackets themselves.
    pub(super) fn inline(&mut self, node: &mut Node) -> Result<(), Error> {
        self.skip_space();
        let start = self.at;
        if self.depth > MAX_DEPTH {
            return Err(Error::new(ErrorKind::Depth, start..start));
        }
        self.depth += 1;
        match self.peek() {
            Some('{') => self.object(node)?,
            Some('[') => self.array(node)?,
            Some(quote @ ('"' | '\'')) => self.string(node, quote)?,
            _ => self.literal(node)?,
        }
        self.depth -= 1;
        node.span = start..self.at;
        Ok(())
    }

    fn object(&mut self, node: &mut Node) -> Result<(), Error> {
        *node = Node::object(self.at);
        let Value::Object(members) = &mut node.value else {
            return Ok(());
        };
        self.at += 1;
        loop {
            self.skip_space();
            let start = self.at;
            let name = match self.peek() {
                Some('}') => break,
                Some(quote @ ('"' | '\'')) => self.quoted(quote, Place::Member)?,
                _ => {
                    let word = self.word(is_in_word);
                    self.expect_at_end(Place::Member, start, false);
                    if self.is_at_end() {
                        return Err(Error::unfinished(Unfinished::Bracket, self.at));
                    }
                    if word.is_empty() {
                        return Err(self.unexpected("a name in quotes"));
                    }
                    return Err(Error::new(
                        ErrorKind::Word(word.to_owned()),
                        self.span_from(start),
                    ));
                }
            };
            if members.iter().any(|(known, _)| *known == name) {
                return Err(Error::new(ErrorKind::Twice(name), self.span_from(start)));
            }
            self.skip_space();
            if self.peek() != Some(':') {
                return Err(self.unexpected("a colon"));
            }
            self.at += 1;
            self.path.push(Step::Member(name.clone()));
            members.push((name, Node::nothing()));
            if let Some((_, member)) = members.last_mut() {
                self.inline(member)?;
            }
            self.path.pop();
            if !self.comma('}', "a comma or }")? {
                break;
            }
        }
        self.at += 1;
        Ok(())
    }

    fn array(&mut self, node: &mut Node) -> Result<(), Error> {
        node.value = Value::Array(Vec::new());
        let Value::Array(items) = &mut node.value else {
            return Ok(());
        };
        self.at += 1;
        loop {
            self.skip_space();
            if self.peek() == Some(']') {
                break;
            }
            self.path.push(Step::Index(items.len()));
            items.push(Node::nothing());
            if let Some(item) = items.last_mut() {
                self.inline(item)?;
            }
            self.path.pop();
            if !self.comma(']', "a comma or ]")? {
                break;
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Goes over a comma; `false` where there is the end instead.
    fn comma(&mut self, end: char, expected: &'static str) -> Result<bool, Error> {
        self.skip_space();
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(true)
            }
            Some(c) if c == end => Ok(false),
            _ => Err(self.unexpected(expected)),
        }
    }

    fn literal(&mut self, node: &mut Node) -> Result<(), Error> {
        let start = self.at;
        let word = self.word(is_in_word);
        self.expect_at_end(Place::Value, start, false);
        if self.is_at_end() {
            return Err(Error::unfinished(Unfinished::Bracket, self.at));
        }
        let text = match word {
            "" => return Err(self.unexpected("a value")),
            "true" | "True" => "true".to_owned(),
            "false" | "False" => "false".to_owned(),
            "null" | "None" => "null".to_owned(),
            _ => number(word)
                .ok_or_else(|| Error::new(ErrorKind::Word(word.to_owned()), self.span_from(start)))?,
        };
        node.value = Value::Scalar(text);
        Ok(())
    }

    fn string(&mut self, node: &mut Node, quote: char) -> Result<(), Error> {
        let start = self.at;
        let string = self.quoted(quote, Place::Value)?;
        *node = Node::string(&string, start..self.at);
        Ok(())
    }

    /// Reads a string in quotes.
    fn quoted(&mut self, quote: char, place: Place) -> Result<String, Error> {
        self.at += 1;
        let start = self.at;
        let mut string = String::new();
        loop {
            string.push_str(self.word(|c| c != quote && c != '\\'));
            match self.peek() {
                None => {
                    self.expect_at_end(place, start, false);
                    if let Some(frontier) = &mut self.frontier {
                        frontier.quoted = true;
                    }
                    return Err(Error::unfinished(Unfinished::Quote, self.at));
                }
                Some('\\') => string.push(self.escape()?),
                Some(_) => {
                    self.at += 1;
                    return Ok(string);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.peek() else {
            return Err(Error::unfinished(Unfinished::Quote, self.at));
        };
        self.at += c.len_utf8();
        let meaning = match c {
            '"' | '\'' | '\\' | '/' => Some(c),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'x' => self.hex(2).and_then(char::from_u32),
            'u' => self.hex(4).and_then(|unit| self.utf16(unit)),
            _ => None,
        };
        let end = self.at;
        meaning.ok_or_else(|| Error::new(ErrorKind::Escape, start..end))
    }

    /// The character of a unit of UTF-16, and of a second one if it takes two.
    fn utf16(&mut self, unit: u32) -> Option<char> {
        if !(0xd800..0xdc00).contains(&unit) {
            return char::from_u32(unit);
        }
        self.text[self.at..].strip_prefix("\\u")?;
        self.at += 2;
        let low = self.hex(4).filter(|low| (0xdc00..0xe000).contains(low))?;
        char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.text[self.at..].get(..digits)?;
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += digits;
        u32::from_str_radix(text, 16).ok()
    }
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || "+-._".contains(c)
}

/// A number as JSON, with its digits; as Python writes an integer, too: `+5`, `007`, `1_000`.
fn number(word: &str) -> Option<String> {
    if !word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
        return None;
    }
    if let Ok(text) = normalise(word) {
        return Some(if text == "-0" { "0".to_owned() } else { text });
    }
    let (sign, digits) = match word.strip_prefix(['-', '+']) {
        Some(digits) => (if word.starts_with('-') { "-" } else { "" }, digits),
        None => ("", word),
    };
    let groups_of_digits = |mut groups: std::str::Split<'_, char>| {
        groups.all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if !groups_of_digits(digits.split('_')) {
        return None;
    }
    let digits = digits.replace('_', "");
    let text = match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => [sign, digits].concat(),
    };
    normalise(&text).ok()
}

/// Levels of objects and arrays. The client sends no more than 127.
const MAX_DEPTH: usize = 120;
