//! What can stand at a place of a command that is being written.

use qmp_proto::JsonRef;

use super::Schema;
use super::types::{Features, Member, Type};

/// What can stand there.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// A command, a member or a value of an enum: what would be written, without quotes.
    pub name: &'a str,
    /// Of a member: what its value is.
    pub r#type: Option<Type<'a>>,
    /// Of a member: whether it has to be there.
    pub required: bool,
    /// What else is told of it.
    pub features: Option<Features<'a>>,
}

/// One step into arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To an element of an array.
    Index(usize),
    /// To a member of an object.
    Member(String),
}

impl Schema {
    /// The commands that begin with this.
    pub fn complete_command(&self, prefix: &str) -> impl Iterator<Item = Candidate<'_>> {
        self.commands()
            .filter(move |command| command.name().starts_with(prefix))
            .map(|command| Candidate {
                features: Some(command.features()),
                ..Candidate::value(command.name())
            })
    }

    /// What can stand at a place in the arguments of a command: members that are not there yet, values of an enum, `true`
    /// and `false`. `arguments` are those that are written already; they say of which variants the objects are.
    pub fn complete(
        &self,
        command: &str,
        arguments: Option<JsonRef<'_>>,
        path: &[Step],
    ) -> Vec<Candidate<'_>> {
        let mut candidates = Vec::new();
        if let Some(command) = self.command(command).filter(|_| path.len() < MAX_DEPTH) {
            walk(command.arguments(), arguments, path, &mut candidates);
        }
        candidates
    }
}

/// Goes along the path, into what is written as far as that goes, and adds what can stand at its end.
fn walk<'a>(r#type: Type<'a>, value: Option<JsonRef<'_>>, path: &[Step], out: &mut Vec<Candidate<'a>>) {
    match (r#type, path) {
        (Type::Alternate(alternate), _) => {
            for branch in alternate.branches() {
                walk(branch, value, path, out);
            }
        }
        (Type::Array(array), [Step::Index(place), rest @ ..]) => {
            let item = value.and_then(|value| value.elements().nth(*place));
            walk(array.element(), item, rest, out);
        }
        (Type::Object(object), [Step::Member(name), rest @ ..]) => {
            if let Some(member) = object.members_of(value).get(name) {
                let value = value.and_then(|value| value.get(name));
                walk(member.r#type, value, rest, out);
            }
        }
        (Type::Object(object), []) => {
            let is_there = |name: &str| value.is_some_and(|value| value.get(name).is_some());
            let members = object.members_of(value).known.into_iter();
            out.extend(
                members
                    .filter(|member| !is_there(member.name))
                    .map(Candidate::from),
            );
        }
        (Type::Enum(values), []) => out.extend(values.values().map(|value| Candidate {
            features: Some(value.features),
            ..Candidate::value(value.name)
        })),
        (Type::Boolean, []) => out.extend(["true", "false"].map(Candidate::value)),
        _ => {}
    }
}

impl<'a> Candidate<'a> {
    const fn value(name: &'a str) -> Self {
        Self {
            name,
            r#type: None,
            required: false,
            features: None,
        }
    }
}

impl<'a> From<Member<'a>> for Candidate<'a> {
    fn from(member: Member<'a>) -> Self {
        Self {
            name: member.name,
            r#type: Some(member.r#type),
            required: member.required,
            features: Some(member.features),
        }
    }
}

/// Deeper arguments are never sent.
const MAX_DEPTH: usize = 128;
