//! What a machine says of its commands, events and types in reply to `query-qmp-schema` (QEMU's `qapi/introspect.json`):
//! to look it up, to complete a command, to check arguments before they are sent. It knows neither browser nor connection.

mod check;
mod complete;
mod names;
mod nearest;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
mod types;
mod typescript;

use qmp_proto::{Json, JsonError, JsonRef};

pub use self::check::{Problem, ProblemKind};
pub use self::complete::{Candidate, Step};
use self::types::Entity;
pub use self::types::{Alternate, Array, Enum, Features, Member, Object, Type, Value};

/// What the machine has. Each entity is kept as it was told and read when it is asked for: most never are.
pub struct Schema {
    entries: Vec<Entry>,
}

/// A command, an event or a type.
struct Entry {
    name: Box<str>,
    meta: Meta,
    json: Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meta {
    Alternate,
    Array,
    Builtin,
    Command,
    Enum,
    Event,
    Object,
    /// Of a later QEMU.
    Unknown,
}

/// Why a text is no schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// Something in it has no name, or does not say what it is.
    #[error("a schema is an array of objects that have a name and a meta-type")]
    Entity,
    /// It is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It has no command at all.
    #[error("a schema without commands")]
    NoCommands,
}

impl Schema {
    /// Reads what `query-qmp-schema` returned.
    ///
    /// # Errors
    /// The text is no schema. What a later QEMU adds to a schema is none of these: it is passed over.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        Self::read(JsonRef::parse(text)?)
    }

    /// Reads what `query-qmp-schema` returned, or the whole reply.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse).
    pub fn parse_reply(text: &str) -> Result<Self, SchemaError> {
        let json = JsonRef::parse(text)?;
        Self::read(json.get("return").unwrap_or(json))
    }

    fn read(json: JsonRef<'_>) -> Result<Self, SchemaError> {
        let mut entries = Vec::new();
        for json in json.elements() {
            let member = |name| json.get(name).and_then(JsonRef::plain_string);
            let (Some(name), Some(meta)) = (member("name"), member("meta-type")) else {
                return Err(SchemaError::Entity);
            };
            entries.push(Entry {
                name: name.into(),
                meta: Meta::from_name(meta),
                json: json.into(),
            });
        }
        if entries.iter().all(|entry: &Entry| entry.meta != Meta::Command) {
            return Err(SchemaError::NoCommands);
        }
        Ok(Self { entries })
    }

    /// All commands, in the machine's order.
    pub fn commands(&self) -> impl Iterator<Item = Command<'_>> {
        self.all(Meta::Command).map(Command)
    }

    /// All events, in the machine's order.
    pub fn events(&self) -> impl Iterator<Item = Event<'_>> {
        self.all(Meta::Event).map(Event)
    }

    /// The command of this name.
    pub fn command(&self, name: &str) -> Option<Command<'_>> {
        self.entity(name, Meta::Command).map(Command)
    }

    /// The event of this name.
    pub fn event(&self, name: &str) -> Option<Event<'_>> {
        self.entity(name, Meta::Event).map(Event)
    }

    fn all(&self, meta: Meta) -> impl Iterator<Item = Entity<'_>> {
        self.entries
            .iter()
            .filter(move |entry| entry.meta == meta)
            .map(|entry| Entity::new(self, entry))
    }

    fn entity(&self, name: &str, meta: Meta) -> Option<Entity<'_>> {
        self.find(name).filter(|entity| entity.meta() == meta)
    }

    /// Names of commands, events and types are one space.
    fn find(&self, name: &str) -> Option<Entity<'_>> {
        let entry = self.entries.iter().find(|entry| *entry.name == *name)?;
        Some(Entity::new(self, entry))
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema")
            .field("entries", &self.entries.len())
            .finish()
    }
}

impl Meta {
    fn from_name(name: &str) -> Self {
        match name {
            "alternate" => Self::Alternate,
            "array" => Self::Array,
            "builtin" => Self::Builtin,
            "command" => Self::Command,
            "enum" => Self::Enum,
            "event" => Self::Event,
            "object" => Self::Object,
            _ => Self::Unknown,
        }
    }
}

/// A command.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a>(Entity<'a>);

impl<'a> Command<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        self.0.name()
    }

    /// What its arguments are: an object.
    pub fn arguments(self) -> Type<'a> {
        self.0.type_of("arg-type")
    }

    /// What it returns.
    pub fn returns(self) -> Type<'a> {
        self.0.type_of("ret-type")
    }

    /// Whether it can be executed out of band.
    pub fn allows_oob(self) -> bool {
        let told = self.0.get("allow-oob");
        told.is_some_and(|told| told.as_str() == "true")
    }

    /// Whether it takes arguments that the schema does not tell of, of any type. The schema does not tell that either: they
    /// are properties, of a device, or in old QEMUs of what else these commands add.
    pub fn is_open(self) -> bool {
        matches!(self.name(), "device_add" | "netdev_add" | "object-add")
            && matches!(self.arguments(), Type::Object(object) if object.tag().is_none())
    }

    /// What else is told of it.
    pub fn features(self) -> Features<'a> {
        self.0.features()
    }
}

/// An event.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a>(Entity<'a>);

impl<'a> Event<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        self.0.name()
    }

    /// What its `data` is: an object.
    pub fn data(self) -> Type<'a> {
        self.0.type_of("arg-type")
    }

    /// What else is told of it.
    pub fn features(self) -> Features<'a> {
        self.0.features()
    }
}
