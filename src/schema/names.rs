//! Names for the types of a schema, which itself has only numbers. What a command takes and returns and what an event tells
//! is named after it. Of other types, those that QEMU's documentation has a name for have that (`names.tsv`); all others are
//! named after where they are used first, by the fewest steps from a command or an event.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Schema, Type};

/// What the types are called.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// By their names in the schema.
    types: BTreeMap<&'a str, String>,
    /// What is declared. A type may have a second name, and what has no name in the schema may have one here.
    pub(super) declared: BTreeMap<String, Type<'a>>,
    /// Of a command or an event and what is after it in the name: the whole name.
    roots: BTreeMap<(&'a str, &'static str), String>,
    taken: BTreeSet<String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        let mut names = Self {
            types: BTreeMap::new(),
            declared: BTreeMap::new(),
            roots: BTreeMap::new(),
            taken: RESERVED.iter().map(|&name| name.to_owned()).collect(),
        };
        let roots = names.roots(schema);
        // What is named, and what the names of its parts begin with.
        let mut found = VecDeque::new();
        for (place, name) in known() {
            if let Some(r#type) = find(schema, place) {
                found.extend(names.give(element(r#type), name));
            }
        }
        for (name, stem, r#type) in roots {
            names.declared.insert(name.clone(), r#type);
            if let Type::Array(_) = r#type {
                found.extend(names.give_part(r#type, stem));
            } else if let Some(key) = key(r#type).filter(|key| !names.types.contains_key(key)) {
                names.types.insert(key, name);
                found.push_back((r#type, stem));
            }
        }
        while let Some((r#type, stem)) = found.pop_front() {
            for (part, r#type) in parts(r#type) {
                found.extend(names.give_part(r#type, format!("{stem}{part}")));
            }
        }
        names
    }

    /// What it is called, if it is of a kind that has names.
    pub(super) fn of(&self, r#type: Type<'a>) -> Option<&str> {
        self.types.get(key(r#type)?).map(String::as_str)
    }

    /// What a command takes ([`ARGUMENTS`]) or returns ([`RETURN`]), or an event tells ([`DATA`]), unless that is nothing.
    pub(super) fn root(&self, name: &'a str, side: &'static str) -> Option<&str> {
        self.roots.get(&(name, side)).map(String::as_str)
    }

    /// What commands and events are about, with its name and what the names of its parts begin with.
    fn roots(&mut self, schema: &'a Schema) -> Vec<(String, String, Type<'a>)> {
        let mut all = Vec::new();
        for command in schema.commands() {
            all.push((command.name(), ARGUMENTS, command.arguments()));
            all.push((command.name(), RETURN, command.returns()));
        }
        all.extend(schema.events().map(|event| (event.name(), DATA, event.data())));
        all.retain(|(.., r#type)| !is_empty(*r#type));
        all.sort_by_key(|&(name, side, _)| (name, side));
        let named = all.into_iter().map(|(of, side, r#type)| {
            let stem = pascal(of);
            let name = self.claim(&format!("{stem}{side}"));
            self.roots.insert((of, side), name.clone());
            (name, stem, r#type)
        });
        named.collect()
    }

    /// Names it, or what it is an array of, unless it has a name already or needs none.
    fn give_part(&mut self, r#type: Type<'a>, name: String) -> Option<(Type<'a>, String)> {
        match r#type {
            Type::Array(_) => self.give(element(r#type), &(name + "Item")),
            _ => self.give(r#type, &name),
        }
    }

    fn give(&mut self, r#type: Type<'a>, name: &str) -> Option<(Type<'a>, String)> {
        let key = key(r#type).filter(|key| !is_empty(r#type) && !self.types.contains_key(key))?;
        let name = self.claim(name);
        self.types.insert(key, name.clone());
        self.declared.insert(name.clone(), r#type);
        Some((r#type, name))
    }

    /// This name, or one like it that is free, also for what its variants have in common.
    fn claim(&mut self, name: &str) -> String {
        let mut free = name.to_owned();
        let mut number = 1;
        while self.taken.contains(&free) || self.taken.contains(&base(&free)) {
            number += 1;
            free = format!("{name}{number}");
        }
        self.taken.extend([free.clone(), base(&free)]);
        free
    }
}

/// The name of what all variants of a type of this name have.
pub(super) fn base(name: &str) -> String {
    format!("{name}Base")
}

/// Whether it is an object that has nothing in it.
pub(super) fn is_empty(r#type: Type<'_>) -> bool {
    matches!(r#type, Type::Object(object) if object.tag().is_none() && object.members().next().is_none())
}

/// What it is called in the schema, if it is of a kind that has names.
fn key(r#type: Type<'_>) -> Option<&str> {
    match r#type {
        Type::Alternate(alternate) => Some(alternate.name()),
        Type::Enum(values) => Some(values.name()),
        Type::Object(object) => Some(object.name()),
        _ => None,
    }
}

/// What it is made of, with what that adds to a name.
fn parts(r#type: Type<'_>) -> Vec<(String, Type<'_>)> {
    match r#type {
        Type::Alternate(alternate) => {
            let part = |branch| match branch {
                Type::Object(_) => ("Object".to_owned(), branch),
                _ => ("Value".to_owned(), branch),
            };
            alternate.branches().map(part).collect()
        }
        Type::Object(object) => {
            let members = object
                .members()
                .map(|member| (pascal(member.name), member.r#type));
            let variants = object.variants();
            let variants = variants.map(|(case, variant)| (pascal(case), Type::Object(variant)));
            members.chain(variants).collect()
        }
        _ => Vec::new(),
    }
}

/// `blockdev-add` as `BlockdevAdd`, and `SHUTDOWN` as `Shutdown`.
fn pascal(name: &str) -> String {
    let shouted = !name.contains(|c: char| c.is_ascii_lowercase());
    let mut out = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let (first, rest) = word.split_at(word.len().min(1));
        out += &first.to_ascii_uppercase();
        out += &if shouted {
            rest.to_ascii_lowercase()
        } else {
            rest.to_owned()
        };
    }
    out
}

/// Places in a schema, and the name of what is there.
fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("names.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
}

/// What is at a place such as `blockdev-add arguments =qcow2 backing`: a command or event, which side of it, members, and
/// the values of tags that say of which variant they are.
fn find<'a>(schema: &'a Schema, place: &str) -> Option<Type<'a>> {
    let mut steps = place.split(' ');
    let name = steps.next()?;
    let mut r#type = match steps.next()? {
        "arguments" => schema.command(name)?.arguments(),
        "return" => schema.command(name)?.returns(),
        _ => schema.event(name)?.data(),
    };
    for step in steps {
        let Type::Object(object) = object_in(r#type)? else {
            return None;
        };
        r#type = match step.strip_prefix('=') {
            Some(case) => Type::Object(object.variants().find(|(known, _)| *known == case)?.1),
            None => object.members().find(|member| member.name == step)?.r#type,
        };
    }
    Some(r#type)
}

/// The object that it is, has, or may be.
fn object_in(r#type: Type<'_>) -> Option<Type<'_>> {
    match element(r#type) {
        Type::Alternate(alternate) => alternate
            .branches()
            .find(|branch| matches!(branch, Type::Object(_))),
        other => Some(other),
    }
}

/// It, or what it is an array of.
fn element(mut r#type: Type<'_>) -> Type<'_> {
    for _ in 0..MAX_NESTED {
        let Type::Array(array) = r#type else { break };
        r#type = array.element();
    }
    r#type
}

pub(super) const ARGUMENTS: &str = "Arguments";
pub(super) const RETURN: &str = "Return";
pub(super) const DATA: &str = "Data";
/// What every file of declarations has, and what TypeScript itself has.
const RESERVED: [&str; 6] = ["Empty", "Int", "QmpCommands", "QmpEvents", "QmpSchema", "Record"];
/// No schema has more arrays in each other.
const MAX_NESTED: usize = 8;
