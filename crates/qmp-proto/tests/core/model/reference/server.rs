//! The server's side.

use qmp_proto::{Capability, ServerState};

use super::{AtServer, Reference, ToClient, ToServer};

impl Reference {
    /// A message has reached the server.
    pub(in crate::model) fn server_reads(&mut self, message: ToServer) {
        match message {
            _ if self.server == ServerState::Closed => {}
            ToServer::Command(waiter) => self.commands[waiter].server = AtServer::Executing,
            ToServer::Negotiate { id, asked } => {
                let result = if asked.and(self.link.granted) == asked {
                    self.server = ServerState::Ready;
                    Ok("{}".into())
                } else {
                    Err("refused".into())
                };
                let id = Some(id);
                self.to_client.push_back(ToClient::Reply { id, result });
            }
        }
    }

    /// The server has executed a command. To a client that has gone it says nothing.
    pub(in crate::model) fn answer(&mut self, waiter: usize, error: bool) {
        let told = waiter.to_string();
        let result = if error { Err(told) } else { Ok(told) };
        self.commands[waiter].server = AtServer::Answered(result);
        if self.commands[waiter].session == self.session && self.server == ServerState::Ready {
            self.reply();
        }
    }

    /// Without `async`, in-band commands have their replies in order.
    fn reply(&mut self) {
        let asynchronous = self.has(Capability::Async);
        let mut due = true;
        let session = self.session;
        for command in self
            .commands
            .iter_mut()
            .filter(|command| command.session == session)
        {
            match &command.server {
                AtServer::Answered(result) if due || command.oob || asynchronous => {
                    let (id, result) = (command.id.clone(), result.clone());
                    self.to_client.push_back(ToClient::Reply { id, result });
                    command.server = AtServer::Replied;
                }
                AtServer::Executing if !command.oob => due = false,
                _ => {}
            }
        }
    }
}
