//! `Schema`: what a machine says of its commands, for JavaScript; and the one of the machine of the moment, once it is known.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Promise, TypeError};
use qmp_proto::JsonRef;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::execute::Executor;
use super::options::Options;
use super::{convert, diagnose, error};
use crate::schema::{Candidate, Features, Problem, Schema, Step, Type};

/// What the machine of the moment has said. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Schemas(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    known: RefCell<Option<Rc<Schema>>>,
    /// The reply, while it is waited for.
    asked: RefCell<Option<Promise>>,
    /// How often the machine may have become another.
    age: Cell<u32>,
    diagnose: Function,
}

impl Schemas {
    /// None is known. `diagnose` is told when nothing is checked.
    pub(super) fn new(diagnose: Function) -> Self {
        Self(Rc::new(Inner {
            known: RefCell::default(),
            asked: RefCell::default(),
            age: Cell::default(),
            diagnose,
        }))
    }

    /// The machine may be another now.
    pub(super) fn forget(&self) {
        self.0.age.update(|age| age.wrapping_add(1));
        self.0.known.take();
        self.0.asked.take();
    }

    /// What the machine says; it is asked unless it has answered already.
    pub(super) async fn get(&self, executor: &Executor) -> Result<JsSchema, JsValue> {
        if let Some(known) = self.known() {
            return Ok(JsSchema(known));
        }
        let age = self.0.age.get();
        let asked = self.0.asked.borrow().clone();
        let asked = asked.unwrap_or_else(|| executor.query("query-qmp-schema"));
        self.0.asked.replace(Some(asked.clone()));
        let reply = JsFuture::from(asked).await;
        let is_same = self.0.age.get() == age;
        if is_same {
            self.0.asked.take();
            // Somebody else who waited has read it.
            if let Some(known) = self.known() {
                return Ok(JsSchema(known));
            }
        }
        // What is too deep for a text is none either.
        let text = convert::arguments("query-qmp-schema", &reply?)
            .ok()
            .flatten()
            .unwrap_or_default();
        let schema = Rc::new(Schema::parse(&text).map_err(|error| error::no_schema(&error))?);
        if is_same {
            self.0.known.replace(Some(schema.clone()));
        }
        Ok(JsSchema(schema))
    }

    /// Asks the machine so that [`check`](Self::check) knows; tells if that came to nothing.
    pub(super) async fn load(&self, executor: &Executor) {
        if let Err(error) = self.get(executor).await {
            let diagnostic = convert::object([("kind", "unchecked".into()), ("error", error)]);
            diagnose(&self.0.diagnose, &diagnostic);
        }
    }

    /// Whether the machine would take it, as far as that is known.
    pub(super) fn check(&self, command: &str, arguments: Option<&str>) -> Result<(), JsValue> {
        let Some(known) = self.known() else {
            return Ok(());
        };
        // What is no JSON is refused by who writes it anew.
        let problems = known.check(command, arguments).unwrap_or_default();
        error::arguments(command, &problems).map_or(Ok(()), Err)
    }

    fn known(&self) -> Option<Rc<Schema>> {
        self.0.known.borrow().clone()
    }
}

/// What a machine says of its commands and events.
#[wasm_bindgen(js_name = Schema)]
#[derive(Debug)]
pub struct JsSchema(Rc<Schema>);

#[wasm_bindgen(js_class = Schema)]
impl JsSchema {
    /// The names of all commands, in alphabetical order.
    #[wasm_bindgen(getter, unchecked_return_type = "string[]")]
    pub fn commands(&self) -> Array {
        sorted(self.0.commands().map(|command| command.name()))
    }

    /// The names of all events, in alphabetical order.
    #[wasm_bindgen(getter, unchecked_return_type = "string[]")]
    pub fn events(&self) -> Array {
        sorted(self.0.events().map(|event| event.name()))
    }

    /// What is told of a command or an event; `undefined` where there is none of this name.
    #[wasm_bindgen(unchecked_return_type = "Description | undefined")]
    pub fn describe(&self, name: &str) -> JsValue {
        let (kind, members, features, mut more) = if let Some(command) = self.0.command(name) {
            let more = vec![
                ("returns", command.returns().description().into()),
                ("oob", command.allows_oob().into()),
                ("open", command.is_open().into()),
            ];
            ("command", command.arguments(), command.features(), more)
        } else if let Some(event) = self.0.event(name) {
            ("event", event.data(), event.features(), Vec::new())
        } else {
            return JsValue::UNDEFINED;
        };
        let members = match members {
            Type::Object(object) => object.members().map(|member| candidate(&member.into())).collect(),
            _ => Array::new(),
        };
        more.extend([
            ("kind", kind.into()),
            ("name", name.into()),
            ("members", members.into()),
        ]);
        described(more, Some(features))
    }

    /// What can stand at a place of a command that is being written.
    #[wasm_bindgen(unchecked_return_type = "Candidate[]")]
    pub fn complete(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CompleteOptions")] place: &JsValue,
    ) -> Result<Array, JsValue> {
        let options = Options::new(place, &["args", "command", "path"])?;
        let command = options.string("command")?.unwrap_or_default();
        let Some(path) = options.value("path")? else {
            let commands = self.0.complete_command(&command);
            return Ok(commands.map(|command| candidate(&command)).collect());
        };
        let path = steps(&path)?;
        let text = convert::arguments(&command, &options.value("args")?.unwrap_or_default())?;
        let arguments = text.as_deref().and_then(|text| JsonRef::parse(text).ok());
        let candidates = self.0.complete(&command, arguments, &path);
        Ok(candidates.iter().map(candidate).collect())
    }

    /// What the machine would refuse of a command with these arguments, as far as a schema tells.
    #[wasm_bindgen(unchecked_return_type = "Problem[]")]
    pub fn check(
        &self,
        command: &str,
        #[wasm_bindgen(unchecked_optional_param_type = "object | null")] args: &JsValue,
    ) -> Result<Array, JsValue> {
        let arguments = convert::arguments(command, args)?;
        let problems = self.0.check(command, arguments.as_deref());
        problems
            .map(|found| problems_to_js(&found))
            .map_err(|error| TypeError::new(&error.to_string()).into())
    }
}

pub(super) fn problems_to_js(problems: &[Problem]) -> Array {
    let problem = |problem: &Problem| {
        convert::object([
            ("kind", problem.kind.as_str().into()),
            ("path", (&problem.path).into()),
            ("message", (&problem.message).into()),
        ])
    };
    problems.iter().map(problem).collect()
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Array {
    names.map(JsValue::from).collect::<Array>().sort()
}

fn candidate(candidate: &Candidate<'_>) -> JsValue {
    let mut members = vec![("name", JsValue::from(candidate.name))];
    if let Some(r#type) = candidate.r#type {
        members.push(("type", r#type.description().into()));
        members.push(("required", candidate.required.into()));
    }
    described(members, candidate.features)
}

fn described(mut members: Vec<(&str, JsValue)>, features: Option<Features<'_>>) -> JsValue {
    let deprecated = features.is_some_and(|features| features.deprecated());
    let unstable = features.is_some_and(|features| features.unstable());
    members.extend([("deprecated", deprecated.into()), ("unstable", unstable.into())]);
    convert::object_of(&members)
}

fn steps(path: &JsValue) -> Result<Vec<Step>, JsValue> {
    let wrong = || TypeError::new("path must be an array of names and places");
    let path: &Array = path.dyn_ref().ok_or_else(wrong)?;
    path.iter()
        .map(|step| match (step.as_string(), step.as_f64()) {
            (Some(name), _) => Ok(Step::Member(name)),
            (None, Some(place)) => Ok(Step::Index(place as usize)),
            (None, None) => Err(wrong().into()),
        })
        .collect()
}
