//! The client's side.

use qmp_proto::{Capability, CapabilitySet, ExecuteError, State};
use serde_json::json;

use super::{AtClient, AtServer, Attempt, Command, Reference, Rung, ToClient, ToServer};
use crate::pair::{Answer, Fault, Told};

impl Reference {
    pub(in crate::model) fn execute(&mut self, attempt: Attempt) {
        let Attempt {
            oob,
            without_id,
            unfit,
        } = attempt;
        let outcome = match self.client {
            State::Closed => Err(ExecuteError::Closed),
            State::AwaitGreeting | State::Negotiating => Err(ExecuteError::NotReady),
            State::Ready if oob && !self.has(Capability::Oob) => Err(ExecuteError::OobNotEnabled),
            State::Ready if without_id && !self.enabled.is_empty() => Err(ExecuteError::IdNeeded),
            State::Ready if unfit => Err(ExecuteError::Arguments {
                command: "echo".into(),
                reason: "not an object".into(),
            }),
            State::Ready => {
                let (number, id) = self.new_id();
                self.commands.push(Command {
                    session: self.session,
                    number,
                    oob,
                    id: Some(id).filter(|_| !without_id),
                    client: AtClient::Queued,
                    server: AtServer::Unseen,
                });
                Ok(number)
            }
        };
        self.executed.push(outcome);
        self.send();
    }

    /// With `oob` on, eight in-band commands may be in flight; all else is sent at once.
    fn send(&mut self) {
        for waiter in 0..self.commands.len() {
            let room = !self.has(Capability::Oob) || self.in_band_in_flight().count() < 8;
            let command = &mut self.commands[waiter];
            if command.client == AtClient::Queued && (command.oob || room) {
                command.client = AtClient::InFlight;
                let member = if command.oob { "exec-oob" } else { "execute" };
                let mut message = json!({ member: "echo", "arguments": { "n": waiter } });
                if let Some(id) = &command.id {
                    message["id"] = id.clone().into();
                }
                self.told.push(Told::Transmit(message));
                self.to_server.push_back(ToServer::Command(waiter));
            }
        }
    }

    /// A waiter gives up. What was sent is not called back and keeps its place.
    pub(in crate::model) fn cancel(&mut self, waiter: usize) {
        let command = &mut self.commands[waiter];
        if command.client == AtClient::Queued {
            command.client = AtClient::Settled;
        }
    }

    /// A message has reached the client.
    pub(in crate::model) fn client_reads(&mut self, message: ToClient) {
        match (self.client, message) {
            (State::Closed, _) | (State::AwaitGreeting, ToClient::Event(_)) => {}
            (_, ToClient::NoJson) => self.give_up(Fault::NoJson),
            (State::AwaitGreeting, ToClient::Greeting) => {
                self.client = State::Negotiating;
                self.told.push(Told::Greeting(self.link.offered));
                self.ask();
            }
            (_, ToClient::Greeting) => self.give_up(Fault::SecondGreeting),
            (_, ToClient::Event(number)) => self.told.push(Told::Event(number.to_string())),
            (_, ToClient::Reply { id, result }) => self.route(id, result),
        }
    }

    /// Whose reply it is, and what comes of it.
    fn route(&mut self, id: Option<String>, result: Answer) {
        if self.client == State::Negotiating && id == Some(self.id(self.ids - 1)) {
            return self.negotiated(result);
        }
        let oldest = self.in_band_in_flight().next();
        let waiter = match &id {
            Some(_) => self.in_flight().find(|waiter| self.commands[*waiter].id == id),
            None => oldest.filter(|waiter| self.commands[*waiter].id.is_none()),
        };
        let Some(waiter) = waiter else {
            return match (&id, result) {
                (None, Err(_)) => self.give_up(Fault::ServerParse),
                _ => self.told.push(Told::Unroutable(id.map(|id| format!("\"{id}\"")))),
            };
        };
        let Command { number, oob, .. } = self.commands[waiter];
        match oldest {
            Some(oldest) if !oob && oldest < waiter && !self.has(Capability::Async) => {
                let expected = self.commands[oldest].number;
                self.interrupt(waiter);
                self.give_up(Fault::OutOfOrder {
                    expected,
                    got: number,
                });
            }
            _ => {
                self.commands[waiter].client = AtClient::Settled;
                self.told.push(Told::Response {
                    number,
                    result,
                    waiter,
                });
                self.send();
            }
        }
    }

    fn ask(&mut self) {
        let (_, id) = self.new_id();
        let Rung(member, capabilities) = self.rungs[0];
        let asked: CapabilitySet = capabilities.iter().copied().collect();
        let mut message = json!({ "execute": "qmp_capabilities", "id": id });
        if !asked.is_empty() {
            message["arguments"] = json!({ member: asked.names().collect::<Vec<_>>() });
        }
        self.told.push(Told::Transmit(message));
        self.to_server.push_back(ToServer::Negotiate { id, asked });
    }

    fn negotiated(&mut self, result: Answer) {
        let rung = self.rungs.pop_front();
        match result {
            Ok(_) => {
                self.client = State::Ready;
                self.enabled = rung
                    .into_iter()
                    .flat_map(|Rung(_, asked)| asked)
                    .copied()
                    .collect();
                self.told.push(Told::Ready(self.enabled));
            }
            Err(_) if self.rungs.is_empty() => self.give_up(Fault::Refused),
            Err(_) => self.ask(),
        }
    }

    fn give_up(&mut self, fault: Fault) {
        self.fault = Some(fault);
        self.close_client();
    }

    /// The client's connection has ended.
    pub(in crate::model) fn close_client(&mut self) {
        if self.client == State::Closed {
            return;
        }
        self.client = State::Closed;
        for stage in [AtClient::InFlight, AtClient::Queued] {
            for waiter in 0..self.commands.len() {
                if self.commands[waiter].client == stage {
                    self.interrupt(waiter);
                }
            }
        }
    }

    fn interrupt(&mut self, waiter: usize) {
        let command = &mut self.commands[waiter];
        self.told.push(Told::Interrupted {
            number: command.number,
            sent: command.client == AtClient::InFlight,
            waiter,
        });
        command.client = AtClient::Settled;
    }
}
