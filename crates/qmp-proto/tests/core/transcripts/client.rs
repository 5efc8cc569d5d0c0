//! The recorded server against our client. Our client chooses its own ids and words of negotiation, so the recorded
//! commands are executed anew and the recorded replies get the ids of those.

use std::collections::VecDeque;

use qmp_proto::{
    Capability, CapabilitySet, ClientOptions, ClientSession, Command, CommandId, Input, Output, SessionTag,
    State,
};

use super::*;

#[test]
fn every_reply_and_event_arrives_at_any_cut() {
    for (name, connection) in connections() {
        let fed = replay(&name, &connection, Cut::Whole);
        at_every_cut(fed, |cut| {
            replay(&name, &connection, cut);
        });
    }
}

/// A recorded command that was executed anew.
struct Waiting {
    recorded_id: Option<Value>,
    id: CommandId,
    /// Whether ours has an id too. It may be left out only where nothing was negotiated.
    has_id: bool,
}

struct Replay {
    session: ClientSession,
    cut: Cut,
    fed: usize,
    waiting: VecDeque<Waiting>,
}

/// Replays a connection; gives the number of bytes that were fed.
fn replay(name: &str, connection: &Connection, cut: Cut) -> usize {
    let wanted = negotiated(connection);
    let options = ClientOptions {
        wanted,
        ..ClientOptions::new(SessionTag::new(7))
    };
    let mut replay = Replay {
        session: ClientSession::new(options),
        cut,
        fed: 0,
        waiting: VecDeque::new(),
    };
    for step in &connection.steps {
        match step {
            Step::Client(written) => commands(written)
                .iter()
                .for_each(|command| replay.execute(command)),
            Step::Server(line) => replay.server_says(line, wanted),
        }
    }
    assert_eq!(replay.session.state(), State::Ready, "{name} {cut:?}");
    // What the recorded client left behind when it went is interrupted, once.
    replay.session.handle_input(Input::Eof).unwrap();
    let interrupted = replay
        .outputs()
        .filter(|output| matches!(output, Output::Interrupted { sent: true, .. }))
        .count();
    assert_eq!(interrupted, replay.waiting.len(), "{name} {cut:?}");
    replay.fed
}

impl Replay {
    fn execute(&mut self, command: &Value) {
        let member = if command.get("exec-oob").is_some() {
            "exec-oob"
        } else {
            "execute"
        };
        let members = command.as_object().map_or(0, |o| o.len());
        let known = ["execute", "exec-oob", "arguments", "id"]
            .iter()
            .filter(|m| command.get(m).is_some())
            .count();
        // Negotiation is the session's own; malformed commands cannot be made with it.
        let Some(name) = command[member]
            .as_str()
            .filter(|name| *name != "qmp_capabilities")
        else {
            return;
        };
        if self.session.state() != State::Ready
            || members != known
            || (command.get("exec-oob").is_some() && command.get("execute").is_some())
        {
            return;
        }
        let arguments = command.get("arguments").map(Value::to_string);
        let oob = member == "exec-oob";
        let has_id = command.get("id").is_some() || !self.session.enabled().is_empty();
        let command_of_ours = Command {
            name,
            arguments: arguments.as_deref(),
            oob,
            id: has_id,
        };
        let id = self.session.execute(command_of_ours, ()).unwrap();
        self.waiting.push_back(Waiting {
            recorded_id: command.get("id").cloned(),
            id,
            has_id,
        });
    }

    fn server_says(&mut self, line: &str, wanted: CapabilitySet) {
        let mut message = json(line);
        if message.get("QMP").is_some() {
            self.feed(line);
            assert!(matches!(self.session.poll_output(), Some(Output::Greeting(_))));
            self.grant(wanted);
        } else if message.get("event").is_some() {
            self.feed(line);
            let event = self.outputs().find_map(|output| match output {
                Output::Event(event) => Some(event.to_json()),
                _ => None,
            });
            assert_eq!(event.as_deref().map(json), Some(message));
        } else if let Some((id, has_id)) = self.find(&message) {
            if has_id {
                message["id"] = json(&self.session.wire_id(id.number()));
            }
            self.feed(&message.to_string());
            let reply = self.outputs().find_map(|output| match output {
                Output::Response {
                    id: answered, result, ..
                } if answered == id => Some(result),
                _ => None,
            });
            match reply.unwrap_or_else(|| panic!("no reply came of {line}")) {
                Ok(value) => assert_eq!(json(value.as_str()), message["return"]),
                Err(error) => assert_eq!(
                    serde_json::json!({ "class": error.class.as_str(), "desc": error.desc }),
                    message["error"]
                ),
            }
        }
    }

    /// The command that a recorded reply belongs to.
    fn find(&mut self, reply: &Value) -> Option<(CommandId, bool)> {
        let place = self
            .waiting
            .iter()
            .position(|waiting| same_id(waiting.recorded_id.as_ref(), reply.get("id")))?;
        // An error without id, where a command without id waits, may still be about bytes that were not JSON.
        let parse_error = reply["error"]["desc"]
            .as_str()
            .is_some_and(|desc| desc.contains("JSON"));
        if parse_error {
            None
        } else {
            self.waiting
                .remove(place)
                .map(|waiting| (waiting.id, waiting.has_id))
        }
    }

    fn grant(&mut self, wanted: CapabilitySet) {
        let Some(Output::Transmit(negotiation)) = self.session.poll_output() else {
            panic!("no negotiation")
        };
        let id = &json(&negotiation)["id"];
        self.feed(&format!("{{\"return\": {{}}, \"id\": {id}}}"));
        assert!(matches!(self.session.poll_output(), Some(Output::Ready(enabled)) if enabled == wanted));
    }

    fn feed(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        for piece in self.cut.pieces(self.fed, line.as_bytes()) {
            self.session.handle_input(Input::Bytes(piece)).unwrap();
        }
        self.fed += line.len();
    }

    fn outputs(&mut self) -> impl Iterator<Item = Output> {
        std::iter::from_fn(|| self.session.poll_output())
    }
}

/// The capabilities that the recorded client enabled in the end.
fn negotiated(connection: &Connection) -> CapabilitySet {
    let mut words = connection.steps.iter().filter_map(|step| match step {
        Step::Client(written) => commands(written)
            .into_iter()
            .find(|c| c["execute"] == "qmp_capabilities"),
        Step::Server(_) => None,
    });
    // The last attempt that names something is the one that was granted; in these recordings that always holds.
    let granted = words.rfind(|c| c.get("arguments").is_some()).unwrap_or_default();
    Capability::ALL
        .into_iter()
        .filter(|capability| {
            granted["arguments"]
                .to_string()
                .contains(&format!("\"{}\"", capability.name()))
        })
        .collect()
}
