//! What can be typed next, and what of a command the machine would refuse, from the machine's own schema.

mod check;
mod hint;

use std::ops::Range;

use qmp_web::Json;
use qmp_web::schema::{Candidate, Features, Schema, Step, Type};
use qmp_web::shorthand::{Look, Place, look, quote};

pub(super) use self::check::{Mark, check};
pub(super) use self::hint::{Hint, hint};

/// What can be typed at a place, the best first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Completion {
    /// What would be replaced.
    pub(super) span: Range<usize>,
    pub(super) proposals: Vec<Proposal>,
}

/// Something that can be typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Proposal {
    /// As it is called.
    pub(super) name: String,
    /// As it would be typed.
    pub(super) typed: String,
    /// What its value is.
    pub(super) detail: String,
    /// Whether the command does not do without.
    pub(super) required: bool,
    pub(super) deprecated: bool,
    pub(super) unstable: bool,
    /// Whether the bridge would not let it through.
    pub(super) forbidden: bool,
}

/// What can be typed at the cursor; `None` where there is nothing, or nothing but what stands there.
pub(super) fn complete(
    schema: &Schema,
    text: &str,
    cursor: usize,
    may: &dyn Fn(&str) -> bool,
) -> Option<Completion> {
    let look = look(text, cursor)?;
    let word = &text[look.start..cursor];
    let end = cursor + rest_of_word(&text[cursor..], &look);
    let writer = Writer {
        look: &look,
        after: &text[end..],
    };
    let mut proposals = Vec::new();
    let arguments = look.arguments.as_deref().and_then(|json| Json::parse(json).ok());
    if look.place != Some(Place::Command) {
        let arguments = arguments.as_ref().map(Json::as_json_ref);
        for candidate in schema.complete(&look.command, arguments, &look.path) {
            writer.propose(candidate, &mut proposals);
        }
    }
    if look.or_command && look.command == "transaction" && !look.path.is_empty() {
        let kind = [
            Step::Member("actions".to_owned()),
            Step::Index(0),
            Step::Member("type".to_owned()),
        ];
        for candidate in schema.complete("transaction", None, &kind) {
            proposals.push(writer.value(candidate));
        }
    } else if look.or_command || look.place == Some(Place::Command) {
        proposals.extend(schema.commands().map(|command| Proposal {
            typed: writer.command(command.name()),
            forbidden: !may(command.name()),
            ..proposal(command.name(), Some(command.features()))
        }));
    }
    rank(&mut proposals, word);
    let is_there = |proposal: &Proposal| proposal.name == word;
    if look.place.is_none() || proposals.is_empty() || (proposals.len() == 1 && is_there(&proposals[0])) {
        return None;
    }
    Some(Completion {
        span: look.start..end,
        proposals,
    })
}

/// Keeps what has the word in it: what begins with it first, of that what has to be there, and what will go last.
fn rank(proposals: &mut Vec<Proposal>, word: &str) {
    let word = word.to_ascii_lowercase();
    // Otherwise in the machine's order.
    let mut ranked: [Vec<Proposal>; 8] = Default::default();
    for proposal in proposals.drain(..) {
        let name = proposal.name.to_ascii_lowercase();
        if name.contains(&word) {
            let last = proposal.deprecated || proposal.forbidden;
            let other = !name.starts_with(&word);
            let rank = usize::from(other) << 2 | usize::from(last) << 1 | usize::from(!proposal.required);
            ranked[rank].push(proposal);
        }
    }
    proposals.extend(ranked.into_iter().flatten());
}

/// How much of the text behind the cursor belongs to the same word.
fn rest_of_word(rest: &str, look: &Look) -> usize {
    let ends = |c: char| c.is_whitespace() || "=.\"',:{}[]()".contains(c);
    let is_value = look.place == Some(Place::Value) && !look.json && !look.quoted;
    rest.find(|c: char| if is_value { c.is_whitespace() } else { ends(c) })
        .unwrap_or(rest.len())
}

fn proposal(name: &str, features: Option<Features<'_>>) -> Proposal {
    Proposal {
        name: name.to_owned(),
        deprecated: features.is_some_and(Features::deprecated),
        unstable: features.is_some_and(Features::unstable),
        ..Proposal::default()
    }
}

/// Writes proposals as the place asks for it.
struct Writer<'a> {
    look: &'a Look,
    /// What stands behind.
    after: &'a str,
}

impl Writer<'_> {
    fn propose(&self, candidate: Candidate<'_>, proposals: &mut Vec<Proposal>) {
        let Some(r#type) = candidate.r#type else {
            return proposals.push(self.value(candidate));
        };
        let member = Proposal {
            required: candidate.required,
            ..proposal(candidate.name, candidate.features)
        };
        let has_value = !matches!(r#type, Type::Object(_));
        let has_members = match r#type {
            Type::Object(_) => true,
            Type::Alternate(alternate) => alternate
                .branches()
                .any(|branch| matches!(branch, Type::Object(_))),
            _ => false,
        };
        if self.look.json || has_value {
            proposals.push(Proposal {
                typed: self.member(candidate.name, if self.look.json { "" } else { "=" }),
                detail: r#type.description(),
                ..member.clone()
            });
        }
        if has_members && !self.look.json {
            proposals.push(Proposal {
                name: format!("{}.", candidate.name),
                typed: self.member(candidate.name, "."),
                detail: "object: its members".to_owned(),
                required: candidate.required && !has_value,
                ..member
            });
        }
    }

    fn member(&self, name: &str, separator: &str) -> String {
        if self.look.json {
            let colon = if self.after.starts_with(['"', '\'']) {
                ""
            } else {
                "\": "
            };
            return [self.opening_quote(), name, colon].concat();
        }
        let is_there = self.after.starts_with(['=', '.']);
        [name, if is_there { "" } else { separator }].concat()
    }

    fn value(&self, candidate: Candidate<'_>) -> Proposal {
        let name = candidate.name;
        // Of an enum, all is told of each value.
        let is_string = candidate.features.is_some();
        let typed = if self.look.json || self.look.quoted {
            let closing = if self.after.starts_with(['"', '\'']) {
                ""
            } else {
                "\""
            };
            match is_string {
                true => [self.opening_quote(), name, closing].concat(),
                false => name.to_owned(),
            }
        } else if is_string {
            self.with_space(&quote(name))
        } else {
            self.with_space(name)
        };
        Proposal {
            typed,
            ..proposal(name, candidate.features)
        }
    }

    fn command(&self, name: &str) -> String {
        if self.look.json {
            let closing = if self.after.starts_with('"') { "" } else { "\"" };
            return [self.opening_quote(), name, closing].concat();
        }
        self.with_space(name)
    }

    const fn opening_quote(&self) -> &'static str {
        if self.look.quoted { "" } else { "\"" }
    }

    fn with_space(&self, word: &str) -> String {
        let is_there = self.after.starts_with(char::is_whitespace);
        [word, if is_there { "" } else { " " }].concat()
    }
}

#[cfg(test)]
mod tests;
