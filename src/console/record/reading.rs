//! Reads the file of a session. It is whatever somebody has at hand, so each line is looked at, and what is wrong is said.

use std::collections::VecDeque;

use qmp_proto::{Capability, Json, JsonKind, JsonRef, Message};
use qmp_web::{CloseInfo, Error, Event, Greeting, Outcome, Version};

use super::{FORMAT, VERSION};
use crate::console::line::Line;
use crate::console::members::string;
use crate::console::store::Origin;

/// What there is in a file.
#[derive(Debug, Default)]
pub(in crate::console) struct Recording {
    /// The name of the machine, if the file has it.
    pub(in crate::console) machine: Option<String>,
    /// Of QEMU, as the header has it.
    pub(in crate::console) version: Option<Version>,
    /// How many entries in front of the first are missing.
    pub(in crate::console) dropped: u64,
    /// Lines of kinds that are not known here.
    pub(in crate::console) skipped: u64,
    /// What happened, with the time in milliseconds since 1970, which never goes back.
    pub(in crate::console) steps: VecDeque<(f64, Step)>,
}

/// Something that happened.
#[derive(Debug, PartialEq)]
pub(in crate::console) enum Step {
    /// The command of this number was sent; they count from 0.
    Executed {
        number: usize,
        line: Line,
        origin: Origin,
        wire_id: String,
    },
    /// The outcome of the command of this number.
    Settled(usize, Result<Json, Error>),
    Greeted(Greeting),
    Happened(Event),
    /// There was no connection for so many milliseconds.
    Missed(f64),
    Negotiated(Vec<&'static str>),
    State(&'static str),
}

/// Why a file is not shown.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::console) enum Wrong {
    #[error("The file is empty.")]
    Empty,
    #[error("This is no recorded session: the first line does not say that it is one.")]
    Format,
    #[error("This session was saved in version {0} of the format, and this page reads version {VERSION}.")]
    Version(String),
    #[error("Line {0} is wrong: {1}.")]
    Line(usize, &'static str),
    #[error("The file is cut off in line {0}: the rest of it is missing.")]
    CutOff(usize),
    #[error("No message is in this session.")]
    NoMessage,
    #[error("The file has more than {} MB; that is too much for this page.", MAX_BYTES >> 20)]
    TooLarge,
}

/// Reads a file.
pub(in crate::console) fn read(text: &str) -> Result<Recording, Wrong> {
    if text.len() > MAX_BYTES {
        return Err(Wrong::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text
        .split('\n')
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty());
    let (_, first) = lines.next().ok_or(Wrong::Empty)?;
    let header = JsonRef::parse(first).map_err(|_| Wrong::Format)?;
    let mut reader = Reader::new(header)?;
    let is_whole = text.ends_with('\n');
    let last = text.split('\n').count();
    for (number, line) in lines {
        let entry = JsonRef::parse(line).map_err(|_| match number == last && !is_whole {
            true => Wrong::CutOff(number),
            false => Wrong::Line(number, "it is not JSON"),
        })?;
        reader.take(entry).map_err(|reason| Wrong::Line(number, reason))?;
    }
    let recording = reader.recording;
    let is_message = |(_, step): &(f64, Step)| !matches!(step, Step::State(_));
    match recording.steps.iter().any(is_message) {
        true => Ok(recording),
        false => Err(Wrong::NoMessage),
    }
}

#[derive(Default)]
struct Reader {
    recording: Recording,
    /// The time of the last line.
    time: f64,
    /// Commands without outcome.
    pending: Vec<Pending>,
    commands: usize,
    is_negotiated: bool,
}

struct Pending {
    /// `None` for what negotiates.
    number: Option<usize>,
    wire_id: String,
    name: String,
    /// Asked for by what negotiates.
    capabilities: Vec<&'static str>,
}

/// The members of a line.
struct Entry<'a> {
    kind: String,
    command: Option<String>,
    message: Option<JsonRef<'a>>,
    all: JsonRef<'a>,
}

impl Reader {
    fn new(header: JsonRef<'_>) -> Result<Self, Wrong> {
        if string(header, "format").as_deref() != Some(FORMAT) {
            return Err(Wrong::Format);
        }
        let version = header.get("version").map_or("?", JsonRef::as_str);
        if version != VERSION {
            return Err(Wrong::Version(version.chars().take(20).collect()));
        }
        let number = |json: JsonRef<'_>, name| json.get(name)?.as_str().parse().ok();
        let version = header.get("qemu").and_then(|qemu| {
            Some(Version {
                major: number(qemu, "major")?,
                minor: number(qemu, "minor")?,
                micro: number(qemu, "micro")?,
                package: string(qemu, "package").unwrap_or_default(),
            })
        });
        Ok(Self {
            recording: Recording {
                machine: string(header, "machine"),
                version,
                dropped: number(header, "dropped").map_or(0, u64::from),
                ..Recording::default()
            },
            ..Self::default()
        })
    }

    fn take(&mut self, json: JsonRef<'_>) -> Result<(), &'static str> {
        if json.kind() != JsonKind::Object {
            return Err("it is no object");
        }
        let time = json.get("time").and_then(|time| time_of(time.as_str()));
        self.time = self.time.max(time.ok_or("it has no time")?);
        let entry = Entry {
            kind: string(json, "kind").ok_or("it does not say of which kind it is")?,
            command: string(json, "command"),
            message: json.get("message"),
            all: json,
        };
        match entry.kind.as_str() {
            "sent" => self.sent(&entry),
            "received" => self.received(&entry),
            "negotiated" => {
                let names = capabilities(entry.all.get("capabilities"));
                self.negotiated(names);
                Ok(())
            }
            "state" => {
                self.state(string(json, "state").ok_or("it has no state")?.as_str());
                Ok(())
            }
            "closed" => {
                let code = json.get("code").and_then(|code| code.as_str().parse().ok());
                self.lost(&CloseInfo {
                    code: code.unwrap_or(1006),
                    reason: string(json, "reason").unwrap_or_default(),
                });
                Ok(())
            }
            "given-up" => {
                let id = string(json, "id").ok_or("it has no id")?;
                if let Some(pending) = self.settle(Some(&id), entry.command.as_deref()) {
                    let outcome = Outcome::Unknown;
                    let command = pending.name.clone();
                    self.outcome(&pending, Err(Error::Timeout { command, outcome }));
                }
                Ok(())
            }
            "ping" => {
                if let Some(id) = string(json, "id") {
                    self.is_ping(&id);
                }
                Ok(())
            }
            "diagnostic" => {
                self.diagnostic(json.get("diagnostic"));
                Ok(())
            }
            "try" => Ok(()),
            _ => {
                self.recording.skipped += 1;
                Ok(())
            }
        }
    }

    fn sent(&mut self, entry: &Entry<'_>) -> Result<(), &'static str> {
        let (line, wire_id, asked) = match entry.message {
            Some(message) => {
                let name = string(message, "execute");
                let oob = string(message, "exec-oob");
                let arguments = message.get("arguments");
                let line = Line {
                    oob: oob.is_some(),
                    name: name.or(oob).ok_or("what was sent is no command")?,
                    arguments: arguments.map(|json| json.as_str().to_owned()),
                };
                let list = |name| capabilities(arguments.and_then(|arguments| arguments.get(name)));
                let asked = [list("enable"), list("capabilities")].concat();
                (line, message.get("id").map(id_text).unwrap_or_default(), asked)
            }
            // Cut off, or left out.
            None => {
                let name = entry.command.clone().ok_or("what was sent is no command")?;
                let line = Line {
                    name,
                    ..Line::default()
                };
                (line, String::new(), Vec::new())
            }
        };
        let negotiates = line.name == "qmp_capabilities" && !self.is_negotiated;
        if self.pending.len() >= MAX_PENDING {
            return Err("too many commands wait at the same time");
        }
        let number = (!negotiates).then_some(self.commands);
        self.pending.push(Pending {
            number,
            wire_id: wire_id.clone(),
            name: line.name.clone(),
            capabilities: asked,
        });
        if let Some(number) = number {
            self.commands += 1;
            let is_console = string(entry.all, "origin").as_deref() == Some("console")
                // So the client asks for a sign of life.
                || line.name == "qmp_capabilities";
            let origin = if is_console {
                Origin::Console
            } else {
                Origin::Person
            };
            self.push(Step::Executed {
                number,
                line,
                origin,
                wire_id,
            });
        }
        Ok(())
    }

    fn received(&mut self, entry: &Entry<'_>) -> Result<(), &'static str> {
        let Some(message) = entry.message else {
            // What is no JSON is nobody's; of a reply that was cut off or left out, the command is known.
            if let Some(command) = &entry.command
                && let Some(pending) = self.settle(None, Some(command))
            {
                let left_out = Json::parse("\"(left out of the record)\"").map_err(|_| "")?;
                self.outcome(&pending, Ok(left_out));
            }
            return Ok(());
        };
        let message = Message::parse(message.as_str());
        match message.map_err(|_| "what was received is no message of QMP")? {
            Message::Event(event) => self.push(Step::Happened(event)),
            Message::Greeting(greeting) => {
                self.lost(&CloseInfo::default());
                self.is_negotiated = false;
                self.push(Step::Greeted(greeting));
            }
            Message::Response { id, result } => {
                let id = id.map(|id| id_text(id.as_json_ref()));
                if let Some(pending) = self.settle(id.as_deref(), entry.command.as_deref()) {
                    let result = result.map_err(|error| Error::Command {
                        command: pending.name.clone(),
                        id: pending.wire_id.clone(),
                        error,
                    });
                    self.outcome(&pending, result);
                }
            }
        }
        Ok(())
    }

    fn state(&mut self, state: &str) {
        let known = ["connecting", "live", "unstable", "reconnecting", "closed"];
        let Some(state) = known.into_iter().find(|known| *known == state) else {
            self.recording.skipped += 1;
            return;
        };
        if matches!(state, "reconnecting" | "closed") {
            self.lost(&CloseInfo::default());
        }
        self.push(Step::State(state));
    }

    /// Of what the client tells, it is shown where events may be missing.
    fn diagnostic(&mut self, diagnostic: Option<JsonRef<'_>>) {
        if let Some(diagnostic) = diagnostic
            && string(diagnostic, "kind").as_deref() == Some("resumed")
            && let Some(gap) = diagnostic.get("gap").and_then(|gap| time_of(gap.as_str()))
        {
            self.push(Step::Missed(gap));
        }
    }

    /// Takes the command out of those that wait: that of the id, or without one the first of the name.
    fn settle(&mut self, id: Option<&str>, name: Option<&str>) -> Option<Pending> {
        let by_id = |pending: &Pending| id == Some(pending.wire_id.as_str()) && !pending.wire_id.is_empty();
        let by_name = |pending: &Pending| {
            Some(pending.name.as_str()) == name && (id.is_none() || pending.wire_id.is_empty())
        };
        let place = self.pending.iter().position(by_id);
        let place = place.or_else(|| self.pending.iter().position(by_name))?;
        Some(self.pending.remove(place))
    }

    fn outcome(&mut self, pending: &Pending, result: Result<Json, Error>) {
        match pending.number {
            Some(number) => self.push(Step::Settled(number, result)),
            None if result.is_ok() => self.negotiated(pending.capabilities.clone()),
            None => {}
        }
    }

    fn negotiated(&mut self, names: Vec<&'static str>) {
        self.is_negotiated = true;
        self.push(Step::Negotiated(names));
    }

    /// The connection has ended: what waits is not answered any more.
    fn lost(&mut self, close: &CloseInfo) {
        for pending in std::mem::take(&mut self.pending) {
            let close = close.clone();
            let outcome = Outcome::Unknown;
            if pending.number.is_some() {
                self.outcome(&pending, Err(Error::ConnectionLost { outcome, close }));
            }
        }
    }

    /// The client itself has asked for it.
    fn is_ping(&mut self, id: &str) {
        for (_, step) in self.recording.steps.iter_mut().rev() {
            if let Step::Executed { wire_id, origin, .. } = step
                && wire_id == id
            {
                *origin = Origin::Console;
                return;
            }
        }
    }

    fn push(&mut self, step: Step) {
        self.recording.steps.push_back((self.time, step));
    }
}

/// An id as the page shows it: strings without their quotes.
fn id_text(id: JsonRef<'_>) -> String {
    id.string()
        .map_or_else(|| id.as_str().to_owned(), std::borrow::Cow::into_owned)
}

/// Those of the list that we know.
fn capabilities(list: Option<JsonRef<'_>>) -> Vec<&'static str> {
    let names = list.into_iter().flat_map(JsonRef::elements);
    names
        .filter_map(|name| Capability::from_name(&name.string()?).map(Capability::name))
        .collect()
}

/// A time in milliseconds, as clients write it. What it has beyond nanoseconds is nobody's clock.
#[expect(clippy::cast_precision_loss, reason = "so it is with times")]
fn time_of(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| {
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let fraction = fraction.get(..6).unwrap_or(fraction);
    let scale = 10_u64.pow(fraction.len() as u32);
    let time = digits(whole)? as f64 + digits(fraction)? as f64 / scale as f64;
    (time <= MAX_TIME).then_some(time)
}

const MAX_BYTES: usize = 64 << 20;
/// Each reply is looked for among them.
const MAX_PENDING: usize = 10_000;
/// What a date of JavaScript can say, in milliseconds since 1970.
const MAX_TIME: f64 = 8.64e15;
