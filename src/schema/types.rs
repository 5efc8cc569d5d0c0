//! The types of a schema, read from their JSON as somebody asks for them. What a schema leaves unsaid, or says in a way of
//! a later QEMU, is a type of any value: nobody is told of a mistake that may be none.

use qmp_proto::{JsonKind, JsonRef};

use super::{Entry, Meta, Schema};

/// A command, an event or a type, in its schema.
#[derive(Clone, Copy)]
pub(super) struct Entity<'a> {
    schema: &'a Schema,
    entry: &'a Entry,
}

impl<'a> Entity<'a> {
    pub(super) const fn new(schema: &'a Schema, entry: &'a Entry) -> Self {
        Self { schema, entry }
    }

    pub(super) fn name(self) -> &'a str {
        &self.entry.name
    }

    pub(super) const fn meta(self) -> Meta {
        self.entry.meta
    }

    pub(super) fn get(self, member: &str) -> Option<JsonRef<'a>> {
        self.entry.json.as_json_ref().get(member)
    }

    pub(super) fn features(self) -> Features<'a> {
        Features::of(self.entry.json.as_json_ref())
    }

    /// The type that a member names.
    pub(super) fn type_of(self, member: &str) -> Type<'a> {
        self.find(self.get(member))
    }

    fn find(self, name: Option<JsonRef<'a>>) -> Type<'a> {
        let Some(name) = name.and_then(JsonRef::plain_string) else {
            return Type::Any;
        };
        let Some(entity) = self.schema.find(name) else {
            return Type::Any;
        };
        match entity.meta() {
            Meta::Alternate => Type::Alternate(Alternate(entity)),
            Meta::Array => Type::Array(Array(entity)),
            Meta::Enum => Type::Enum(Enum(entity)),
            Meta::Object => Type::Object(Object(entity)),
            Meta::Builtin => Type::builtin(entity.get("json-type").and_then(JsonRef::plain_string)),
            Meta::Command | Meta::Event | Meta::Unknown => Type::Any,
        }
    }

    fn list(self, member: &str) -> impl Iterator<Item = JsonRef<'a>> + use<'a> {
        self.get(member).unwrap_or(JsonRef::NULL).elements()
    }
}

impl std::fmt::Debug for Entity<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A type. Those that have a name have one without meaning, such as `"49"`, that is another in another QEMU.
#[derive(Clone, Copy, Debug)]
pub enum Type<'a> {
    /// The value's kind says which.
    Alternate(Alternate<'a>),
    /// Any value.
    Any,
    /// An array.
    Array(Array<'a>),
    /// `true` or `false`.
    Boolean,
    /// One of some strings.
    Enum(Enum<'a>),
    /// An integer, from −2⁶³ to 2⁶⁴ − 1; a schema does not tell of narrower ones.
    Int,
    /// `null`.
    Null,
    /// A number.
    Number,
    /// An object.
    Object(Object<'a>),
    /// A string.
    String,
}

impl<'a> Type<'a> {
    fn builtin(json_type: Option<&str>) -> Self {
        match json_type {
            Some("boolean") => Self::Boolean,
            Some("int") => Self::Int,
            Some("null") => Self::Null,
            Some("number") => Self::Number,
            Some("string") => Self::String,
            _ => Self::Any,
        }
    }

    /// The kind of the values; `None` if that is not one.
    pub(super) const fn kind(self) -> Option<JsonKind> {
        match self {
            Self::Alternate(_) | Self::Any => None,
            Self::Array(_) => Some(JsonKind::Array),
            Self::Boolean => Some(JsonKind::Boolean),
            Self::Enum(_) | Self::String => Some(JsonKind::String),
            Self::Int | Self::Number => Some(JsonKind::Number),
            Self::Null => Some(JsonKind::Null),
            Self::Object(_) => Some(JsonKind::Object),
        }
    }

    /// The type as people read it: "int", "array of string", "enum: off | on | unmap".
    pub fn description(self) -> String {
        let mut out = String::new();
        self.describe(&mut out, MAX_NESTED);
        out
    }

    fn describe(self, out: &mut String, nested: usize) {
        let simple = match self {
            Self::Any => "any",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Null => "null",
            Self::Number => "number",
            Self::Object(_) => "object",
            Self::String => "string",
            // Types may be of themselves.
            _ if nested == 0 => "…",
            Self::Array(array) => {
                out.push_str("array of ");
                return array.element().describe(out, nested - 1);
            }
            Self::Alternate(alternate) => {
                for (place, branch) in alternate.branches().enumerate() {
                    if out.len() > MAX_LENGTH {
                        return out.push('…');
                    }
                    out.push_str(if place == 0 { "" } else { " or " });
                    branch.describe(out, nested - 1);
                }
                return;
            }
            Self::Enum(values) => {
                let all = values.values().count();
                for (place, value) in values.values().take(MAX_VALUES).enumerate() {
                    out.push_str(if place == 0 { "enum: " } else { " | " });
                    out.push_str(value.name);
                }
                if all > MAX_VALUES { " | …" } else { "" }
            }
        };
        out.push_str(simple);
    }
}

/// An array.
#[derive(Clone, Copy, Debug)]
pub struct Array<'a>(Entity<'a>);

impl<'a> Array<'a> {
    /// What its elements are.
    pub fn element(self) -> Type<'a> {
        self.0.type_of("element-type")
    }
}

/// One of some strings.
#[derive(Clone, Copy, Debug)]
pub struct Enum<'a>(Entity<'a>);

impl<'a> Enum<'a> {
    /// The type's name.
    pub fn name(self) -> &'a str {
        self.0.name()
    }

    /// The strings. QEMUs before 6.2 have the names alone.
    pub fn values(self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let members = self.0.get("members").or_else(|| self.0.get("values"));
        members.unwrap_or(JsonRef::NULL).elements().filter_map(|value| {
            let name = value.get("name").unwrap_or(value);
            Some(Value {
                name: name.plain_string()?,
                features: Features::of(value),
            })
        })
    }
}

/// One string of an enum.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    /// The string.
    pub name: &'a str,
    /// What else is told of it.
    pub features: Features<'a>,
}

/// The value's kind says which of some types it is of.
#[derive(Clone, Copy, Debug)]
pub struct Alternate<'a>(Entity<'a>);

impl<'a> Alternate<'a> {
    /// The type's name.
    pub fn name(self) -> &'a str {
        self.0.name()
    }

    /// The types, of kinds that differ.
    pub fn branches(self) -> impl Iterator<Item = Type<'a>> + use<'a> {
        let branches = self.0.list("members");
        branches.map(move |branch| match self.0.find(branch.get("type")) {
            // Of what kind its values are nobody knows.
            Type::Alternate(_) => Type::Any,
            known => known,
        })
    }
}

/// An object.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a>(Entity<'a>);

impl<'a> Object<'a> {
    /// The type's name.
    pub fn name(self) -> &'a str {
        self.0.name()
    }

    /// The members that all such objects have.
    pub fn members(self) -> impl Iterator<Item = Member<'a>> + use<'a> {
        self.0.list("members").filter_map(move |json| {
            Some(Member {
                name: json.get("name")?.plain_string()?,
                r#type: self.0.find(json.get("type")),
                required: json.get("default").is_none(),
                features: Features::of(json),
            })
        })
    }

    /// The member whose value says which variant it is, if there are variants.
    pub fn tag(self) -> Option<&'a str> {
        self.0.get("tag")?.plain_string()
    }

    /// For values of the tag, the objects whose members are there too.
    pub fn variants(self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        self.0.list("variants").filter_map(move |variant| {
            let Type::Object(object) = self.0.find(variant.get("type")) else {
                return None;
            };
            Some((variant.get("case")?.plain_string()?, object))
        })
    }

    /// The members of an object like this one, which says by its tags of which variants it is.
    pub(super) fn members_of(self, value: Option<JsonRef<'_>>) -> Members<'a> {
        let mut members = Members::default();
        let mut next = Some(self);
        // A schema out of order may have variants without end.
        for _ in 0..MAX_NESTED {
            let Some(object) = next else { break };
            for member in object.members() {
                if members.get(member.name).is_none() {
                    members.known.push(member);
                }
            }
            let Some(tag) = object.tag() else {
                members.is_open = false;
                break;
            };
            let case = value
                .and_then(|value| value.get(tag)?.string())
                .unwrap_or_default();
            let variant = object.variants().find(|(known, _)| *known == case);
            members.because = variant.map(|(case, _)| (tag, case));
            next = variant.map(|(_, object)| object);
        }
        members
    }
}

/// The members that an object may have.
pub(super) struct Members<'a> {
    pub(super) known: Vec<Member<'a>>,
    /// Whether there may be others: it is not said of which variant it is.
    pub(super) is_open: bool,
    /// The tag that decided which these are, and its value.
    pub(super) because: Option<(&'a str, &'a str)>,
}

impl<'a> Members<'a> {
    pub(super) fn get(&self, name: &str) -> Option<Member<'a>> {
        self.known.iter().copied().find(|member| member.name == name)
    }
}

impl Default for Members<'_> {
    fn default() -> Self {
        Self {
            known: Vec::new(),
            is_open: true,
            because: None,
        }
    }
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its value is.
    pub r#type: Type<'a>,
    /// Whether it has to be there.
    pub required: bool,
    /// What else is told of it.
    pub features: Features<'a>,
}

/// What is told of something beyond its shape.
#[derive(Clone, Copy, Debug)]
pub struct Features<'a>(JsonRef<'a>);

impl<'a> Features<'a> {
    fn of(json: JsonRef<'a>) -> Self {
        Self(json.get("features").unwrap_or(JsonRef::NULL))
    }

    /// All of them.
    pub fn names(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.elements().filter_map(JsonRef::plain_string)
    }

    /// It will go.
    pub fn deprecated(self) -> bool {
        self.has("deprecated")
    }

    /// It may change.
    pub fn unstable(self) -> bool {
        self.has("unstable")
    }

    fn has(self, feature: &str) -> bool {
        self.names().any(|name| name == feature)
    }
}

/// So many values of an enum are told in a line.
const MAX_VALUES: usize = 8;
/// Longer is no alternate of a schema that is in order.
const MAX_LENGTH: usize = 200;
/// No schema has more in each other, of what is not an object.
const MAX_NESTED: usize = 8;
