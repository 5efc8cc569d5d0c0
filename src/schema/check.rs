//! Whether the machine would take a command with these arguments, as far as its schema tells. What it takes has no
//! problem; some of what it refuses has none either, such as an integer that is too large for its place.

use std::fmt::Write;

use qmp_proto::{JsonError, JsonKind, JsonRef};

use super::Schema;
use super::nearest::nearest;
use super::types::{Object, Type};

/// Something that the machine would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// Where in the arguments, such as `actions[0].type`; empty for all of them.
    pub path: String,
    /// A sentence without its full stop.
    pub message: String,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// There is no such command.
    Command,
    /// A member that has to be there is not.
    Missing,
    /// The value is of another type.
    Type,
    /// There is no such member.
    Unknown,
    /// The string is none of those that it may be.
    Value,
}

impl ProblemKind {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Missing => "missing",
            Self::Type => "type",
            Self::Unknown => "unknown",
            Self::Value => "value",
        }
    }
}

impl Schema {
    /// What the machine would refuse of a command with these arguments, if anything; `None` for no arguments.
    ///
    /// # Errors
    /// The arguments are not JSON.
    pub fn check(&self, command: &str, arguments: Option<&str>) -> Result<Vec<Problem>, JsonError> {
        let value = JsonRef::parse(arguments.unwrap_or("{}"))?;
        let mut checker = Checker::default();
        let Some(known) = self.command(command) else {
            let mut message = format!("there is no command '{command}'");
            suggest(
                &mut message,
                command,
                &mut self.commands().map(|known| known.name()),
            );
            checker.problem(ProblemKind::Command, message);
            return Ok(checker.problems);
        };
        match known.arguments() {
            _ if value.kind() != JsonKind::Object => checker.wrong_type("an object", value),
            Type::Object(object) if known.is_open() => {
                let required = object.members().filter(|member| member.required);
                for missing in required.filter(|member| value.get(member.name).is_none()) {
                    checker.missing(missing.name);
                }
            }
            arguments => checker.check(arguments, value),
        }
        Ok(checker.problems)
    }
}

/// Goes through a value.
#[derive(Default)]
struct Checker {
    depth: usize,
    path: String,
    problems: Vec<Problem>,
}

impl Checker {
    fn check(&mut self, r#type: Type<'_>, value: JsonRef<'_>) {
        let kind = value.kind();
        match r#type {
            Type::Any => {}
            Type::Alternate(alternate) => {
                let mut branches = alternate.branches();
                match branches.find(|branch| matches!(branch, Type::Any) || branch.kind() == Some(kind)) {
                    Some(branch) => self.check(branch, value),
                    None => self.wrong_type(&r#type.description(), value),
                }
            }
            _ if r#type.kind() != Some(kind) => self.wrong_type(&r#type.description(), value),
            Type::Array(array) => {
                for (place, item) in value.elements().enumerate() {
                    self.within(&format!("[{place}]"), array.element(), item);
                }
            }
            Type::Enum(values) => {
                let given = value.string().unwrap_or_default();
                if !values.values().any(|value| value.name == given) {
                    let mut message = format!("expects {}, not '{given}'", r#type.description());
                    suggest(&mut message, &given, &mut values.values().map(|value| value.name));
                    self.problem(ProblemKind::Value, message);
                }
            }
            Type::Int if !is_integer(value.as_str()) => self.wrong_type("int", value),
            Type::Object(object) => self.object(object, value),
            Type::Boolean | Type::Int | Type::Null | Type::Number | Type::String => {}
        }
    }

    fn object(&mut self, object: Object<'_>, value: JsonRef<'_>) {
        let members = object.members_of(Some(value));
        for member in &members.known {
            match value.get(member.name) {
                Some(value) => self.within(member.name, member.r#type, value),
                None if member.required => self.missing(member.name),
                None => {}
            }
        }
        if members.is_open {
            return;
        }
        for (name, _) in value.members() {
            if members.get(&name).is_some() {
                continue;
            }
            let mut message = format!("there is no member '{name}'");
            if let Some((tag, case)) = &members.because {
                // Writing to a string cannot fail.
                let _ = write!(message, " where {tag} is '{case}'");
            }
            suggest(
                &mut message,
                &name,
                &mut members.known.iter().map(|member| member.name),
            );
            self.problem_at(&name, ProblemKind::Unknown, message);
        }
    }

    /// Goes into a member or an element.
    fn within(&mut self, step: &str, r#type: Type<'_>, value: JsonRef<'_>) {
        if self.depth == MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let length = self.enter(step);
        self.check(r#type, value);
        self.path.truncate(length);
        self.depth -= 1;
    }

    /// Says how long the path was before.
    fn enter(&mut self, step: &str) -> usize {
        let length = self.path.len();
        if length > 0 && !step.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(step);
        length
    }

    fn missing(&mut self, name: &str) {
        self.problem_at(name, ProblemKind::Missing, "required, but missing".to_owned());
    }

    fn problem_at(&mut self, step: &str, kind: ProblemKind, message: String) {
        let length = self.enter(step);
        self.problem(kind, message);
        self.path.truncate(length);
    }

    fn wrong_type(&mut self, expected: &str, value: JsonRef<'_>) {
        let given = match value.kind() {
            JsonKind::Array => "an array",
            JsonKind::Boolean => "a boolean",
            JsonKind::Null => "null",
            JsonKind::Number if is_integer(value.as_str()) => "an int",
            JsonKind::Number => "a number that is no int of 64 bits",
            JsonKind::Object => "an object",
            JsonKind::String => "a string",
        };
        self.problem(ProblemKind::Type, format!("expects {expected}, not {given}"));
    }

    fn problem(&mut self, kind: ProblemKind, message: String) {
        self.problems.push(Problem {
            kind,
            path: self.path.clone(),
            message,
        });
    }
}

/// Adds which of the known names was meant, if one is near.
fn suggest(message: &mut String, name: &str, known: &mut dyn Iterator<Item = &str>) {
    if let Some(near) = nearest(name, known) {
        message.push_str("; is it '");
        message.push_str(near);
        message.push_str("'?");
    }
}

/// Whether QEMU takes the number for an integer: of 64 bits, with a sign or without, and written as one.
fn is_integer(number: &str) -> bool {
    let (digits, most) = match number.strip_prefix('-') {
        Some(digits) => (digits, "9223372036854775808"),
        None => (number, "18446744073709551615"),
    };
    // There are no leading zeros.
    digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.len(), digits) <= (most.len(), most)
}

/// Deeper arguments are never sent.
const MAX_DEPTH: usize = 127;
