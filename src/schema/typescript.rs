//! A schema as declarations for TypeScript: what each command takes and returns, what each event tells, and all types of
//! that. Everything is in the order of its name, so that the next QEMU differs only in what is other there.

use std::fmt::{self, Write};

use super::names::{ARGUMENTS, DATA, Names, RETURN, base, is_empty};
use super::{Enum, Features, Member, Object, Schema, Type};

impl Schema {
    /// The text of a `.d.ts` file. `machine` says whose schema it is, such as `QEMU 10.0`.
    pub fn typescript(&self, machine: &str) -> String {
        let mut out = String::new();
        let file = File {
            schema: self,
            names: Names::new(self),
        };
        file.write(&mut out, machine).expect("a string takes everything");
        out
    }
}

struct File<'a> {
    schema: &'a Schema,
    names: Names<'a>,
}

impl<'a> File<'a> {
    fn write(&self, out: &mut String, machine: &str) -> fmt::Result {
        let machine = machine.replace(|c: char| c.is_control(), " ");
        writeln!(
            out,
            "// The commands and events of {machine}, made by `qmp-web-types` of what `query-qmp-schema` returned."
        )?;
        out.push_str(HEAD);
        self.commands(out)?;
        self.events(out)?;
        for (name, r#type) in &self.names.declared {
            out.push('\n');
            match r#type {
                _ if self.names.of(*r#type) != Some(name) => {
                    writeln!(out, "export type {name} = {};", self.expression(*r#type))?;
                }
                Type::Object(object) if object.tag().is_some() => self.variants(out, name, *object)?,
                Type::Object(object) => self.interface(out, name, *object, None)?,
                Type::Enum(values) => enumeration(out, name, *values)?,
                Type::Alternate(alternate) => {
                    let branches: Vec<_> = alternate
                        .branches()
                        .map(|branch| self.expression(branch))
                        .collect();
                    writeln!(out, "export type {name} = {};", branches.join(" | "))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn commands(&self, out: &mut String) -> fmt::Result {
        out.push_str("\n/** What each command takes and returns. */\nexport interface QmpCommands {\n");
        let mut commands: Vec<_> = self.schema.commands().collect();
        commands.sort_by_key(|command| command.name());
        for command in commands {
            let oob = if command.allows_oob() {
                Some("Can be executed out of band.")
            } else {
                None
            };
            comment(out, "  ", command.features(), oob)?;
            let arguments = self.names.root(command.name(), ARGUMENTS).unwrap_or("Empty");
            let returns = self.names.root(command.name(), RETURN).unwrap_or("{}");
            writeln!(
                out,
                "  {}: {{ arguments: {arguments}; returns: {returns} }};",
                quoted(command.name())
            )?;
        }
        out.push_str("}\n");
        Ok(())
    }

    fn events(&self, out: &mut String) -> fmt::Result {
        out.push_str("\n/** What each event tells as `data`. */\nexport interface QmpEvents {\n");
        let mut events: Vec<_> = self.schema.events().collect();
        events.sort_by_key(|event| event.name());
        for event in events {
            comment(out, "  ", event.features(), None)?;
            let data = self.names.root(event.name(), DATA).unwrap_or("undefined");
            writeln!(out, "  {}: {data};", property(event.name()))?;
        }
        out.push_str("}\n");
        Ok(())
    }

    /// An object, without its tag.
    fn interface(&self, out: &mut String, name: &str, object: Object<'a>, tag: Option<&str>) -> fmt::Result {
        writeln!(out, "export interface {name} {{")?;
        for member in object.members().filter(|member| Some(member.name) != tag) {
            comment(out, "  ", member.features, None)?;
            writeln!(out, "  {}{};", key(member), self.expression(member.r#type))?;
        }
        if self.is_open(object) {
            out.push_str("  /** A property, which no schema tells of. */\n  [property: string]: any;\n");
        }
        out.push_str("}\n");
        Ok(())
    }

    /// An object that has other members for each value of its tag: a union that is told apart by that.
    fn variants(&self, out: &mut String, name: &str, object: Object<'a>) -> fmt::Result {
        let tag = object
            .tag()
            .and_then(|tag| object.members().find(|member| member.name == tag));
        let Some(tag) = tag else {
            return writeln!(out, "export type {name} = any;");
        };
        let has_more = object.members().nth(1).is_some();
        if has_more {
            self.interface(out, &base(name), object, Some(tag.name))?;
            out.push('\n');
        }
        writeln!(out, "export type {name} =")?;
        for group in Group::all(object, tag) {
            comment(out, "  ", tag.features, None)?;
            let cases: Vec<_> = group.cases.iter().map(|case| quoted(case)).collect();
            let mut mark = String::new();
            marks(&mut mark, group.deprecated, group.unstable, None)?;
            let mark = if mark.is_empty() {
                mark
            } else {
                format!("/** {mark} */ ")
            };
            write!(out, "  | ({{ {mark}{}{} }}", key(tag), cases.join(" | "))?;
            if has_more {
                write!(out, " & {}", base(name))?;
            }
            if let Some(variant) = group.object.filter(|variant| !is_empty(Type::Object(*variant))) {
                write!(out, " & {}", self.expression(Type::Object(variant)))?;
            }
            out.push_str(")\n");
        }
        out.truncate(out.trim_end().len());
        out.push_str(";\n");
        Ok(())
    }

    /// A type where it is used.
    fn expression(&self, r#type: Type<'a>) -> String {
        let simple = match r#type {
            Type::Any => "any",
            Type::Boolean => "boolean",
            Type::Int => "Int",
            Type::Null => "null",
            Type::Number => "number",
            Type::String => "string",
            Type::Array(array) => return format!("{}[]", self.expression(array.element())),
            Type::Object(_) if is_empty(r#type) => "Empty",
            Type::Alternate(_) | Type::Enum(_) | Type::Object(_) => self.names.of(r#type).unwrap_or("any"),
        };
        simple.to_owned()
    }

    fn is_open(&self, object: Object<'a>) -> bool {
        let mut open = self.schema.commands().filter(|command| command.is_open());
        open.any(|command| matches!(command.arguments(), Type::Object(arguments) if arguments.name() == object.name()))
    }
}

/// Values of a tag with which an object has the same members.
struct Group<'a> {
    cases: Vec<&'a str>,
    /// Nothing is told of these cases.
    object: Option<Object<'a>>,
    deprecated: bool,
    unstable: bool,
}

impl<'a> Group<'a> {
    fn all(object: Object<'a>, tag: Member<'a>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        let Type::Enum(values) = tag.r#type else {
            return groups;
        };
        for value in values.values() {
            let new = Self {
                cases: vec![value.name],
                object: object
                    .variants()
                    .find(|(case, _)| *case == value.name)
                    .map(|(_, object)| object),
                deprecated: value.features.deprecated(),
                unstable: value.features.unstable(),
            };
            let same = |old: &&mut Self| {
                let name = |group: &Self| group.object.map(Object::name);
                name(old) == name(&new) && (old.deprecated, old.unstable) == (new.deprecated, new.unstable)
            };
            match groups.iter_mut().find(same) {
                Some(old) => old.cases.push(value.name),
                None => groups.push(new),
            }
        }
        groups
    }
}

fn enumeration(out: &mut String, name: &str, values: Enum<'_>) -> fmt::Result {
    writeln!(out, "export type {name} =")?;
    for value in values.values() {
        comment(out, "  ", value.features, None)?;
        writeln!(out, "  | {}", quoted(value.name))?;
    }
    out.truncate(out.trim_end().len());
    out.push_str(";\n");
    Ok(())
}

/// What is told of something beyond its shape, in words of JSDoc.
fn comment(out: &mut String, indent: &str, features: Features<'_>, words: Option<&str>) -> fmt::Result {
    let mut marked = String::new();
    marks(&mut marked, features.deprecated(), features.unstable(), words)?;
    if marked.is_empty() {
        Ok(())
    } else {
        writeln!(out, "{indent}/** {marked} */")
    }
}

fn marks(out: &mut String, deprecated: bool, unstable: bool, words: Option<&str>) -> fmt::Result {
    let marks = [
        words,
        deprecated.then_some("@deprecated"),
        unstable.then_some("@experimental"),
    ];
    let marks: Vec<_> = marks.into_iter().flatten().collect();
    out.write_str(&marks.join(" "))
}

/// A member in front of its type.
fn key(member: Member<'_>) -> String {
    format!(
        "{}{}: ",
        property(member.name),
        if member.required { "" } else { "?" }
    )
}

fn property(name: &str) -> String {
    let simple = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if simple && !name.starts_with(|c: char| c.is_ascii_digit()) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Names in a schema have nothing in them that would have to be escaped.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

const HEAD: &str = "
/** Numbers hold integers up to 2⁵³ − 1; what is larger comes as a BigInt. Both can be given. */
export type Int = number | bigint;

/** Nothing at all. */
export type Empty = Record<string, never>;

/** What `connect` wants to know of a machine. */
export interface QmpSchema {
  commands: QmpCommands;
  events: QmpEvents;
}
";

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
