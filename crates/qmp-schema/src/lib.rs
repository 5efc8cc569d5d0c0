//! What a machine says of its commands, for `src/js/schema.js`: texts in, JSON texts out. It is a module of its own because
//! most pages never ask, and those that do can wait for it.

use qmp_proto::{JsonKind, JsonRef};
use qmp_web::schema::{Candidate, Features, Problem, Schema, Step, Type};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// What a machine says.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Machine(Schema);

#[wasm_bindgen]
impl Machine {
    /// Reads what `query-qmp-schema` returned; throws why it is no schema.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<Self, String> {
        Schema::parse(text).map(Self).map_err(|error| error.to_string())
    }

    /// The names of all commands.
    pub fn commands(&self) -> Result<String, String> {
        json(
            self.0
                .commands()
                .map(|command| command.name())
                .collect::<Vec<_>>(),
        )
    }

    /// The names of all events.
    pub fn events(&self) -> Result<String, String> {
        json(self.0.events().map(|event| event.name()).collect::<Vec<_>>())
    }

    /// What is told of a command or an event: `null` where there is none of this name.
    pub fn describe(&self, name: &str) -> Result<String, String> {
        let described = if let Some(command) = self.0.command(name) {
            Some(Described {
                kind: "command",
                returns: Some(command.returns().description()),
                oob: Some(command.allows_oob()),
                open: Some(command.is_open()),
                ..Described::new(name, command.arguments(), command.features())
            })
        } else {
            let event = self.0.event(name);
            event.map(|event| Described::new(name, event.data(), event.features()))
        };
        json(described)
    }

    /// What can stand at a place of a command that is being written. Without a path, which is an array of names and
    /// places, these are commands.
    pub fn complete(
        &self,
        command: &str,
        arguments: Option<String>,
        path: Option<String>,
    ) -> Result<String, String> {
        let Some(path) = path else {
            return json(
                self.0
                    .complete_command(command)
                    .map(Told::from)
                    .collect::<Vec<_>>(),
            );
        };
        let arguments = arguments.as_deref().and_then(|text| JsonRef::parse(text).ok());
        let path = JsonRef::parse(&path).map_err(|error| error.to_string())?;
        let path: Vec<_> = path.elements().filter_map(step).collect();
        let candidates = self.0.complete(command, arguments, &path);
        json(candidates.into_iter().map(Told::from).collect::<Vec<_>>())
    }

    /// What the machine would refuse; throws where the arguments are no JSON that it takes.
    pub fn check(&self, command: &str, arguments: Option<String>) -> Result<String, String> {
        let problems = self.0.check(command, arguments.as_deref());
        let problems = problems.map_err(|error| error.to_string())?;
        json(problems.iter().map(Refused::from).collect::<Vec<_>>())
    }
}

fn json(value: impl Serialize) -> Result<String, String> {
    serde_json::to_string(&value).map_err(|error| error.to_string())
}

fn step(json: JsonRef<'_>) -> Option<Step> {
    match json.kind() {
        JsonKind::String => json.string().map(|name| Step::Member(name.into_owned())),
        _ => json.as_str().parse().ok().map(Step::Index),
    }
}

#[derive(Serialize)]
struct Described<'a> {
    kind: &'static str,
    name: &'a str,
    members: Vec<Told<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    returns: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oob: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<bool>,
    deprecated: bool,
    unstable: bool,
}

impl<'a> Described<'a> {
    /// An event.
    fn new(name: &'a str, members: Type<'a>, features: Features<'a>) -> Self {
        let members = match members {
            Type::Object(object) => object
                .members()
                .map(|member| Told::from(Candidate::from(member)))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            kind: "event",
            name,
            members,
            returns: None,
            oob: None,
            open: None,
            deprecated: features.deprecated(),
            unstable: features.unstable(),
        }
    }
}

#[derive(Serialize)]
struct Told<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
    deprecated: bool,
    unstable: bool,
}

impl<'a> From<Candidate<'a>> for Told<'a> {
    fn from(candidate: Candidate<'a>) -> Self {
        Self {
            name: candidate.name,
            r#type: candidate.r#type.map(Type::description),
            required: candidate.r#type.map(|_| candidate.required),
            deprecated: candidate.features.is_some_and(Features::deprecated),
            unstable: candidate.features.is_some_and(Features::unstable),
        }
    }
}

#[derive(Serialize)]
struct Refused<'a> {
    kind: &'static str,
    path: &'a str,
    message: &'a str,
}

impl<'a> From<&'a Problem> for Refused<'a> {
    fn from(problem: &'a Problem) -> Self {
        Self {
            kind: problem.kind.as_str(),
            path: &problem.path,
            message: &problem.message,
        }
    }
}
