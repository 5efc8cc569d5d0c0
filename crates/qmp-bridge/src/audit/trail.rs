//! What one client leaves in the audit log: that it came, each command with its outcome, that it went.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use qmp_proto::{ErrorResponse, Request, Ticket};

use super::arguments::Shown;
use super::line::{Line, milliseconds, shorten};
use super::{Log, MAX_ORIGIN, Peer};
use crate::grant::Grant;
use crate::mux::{Reply, own_error};
use crate::role::Role;

/// Who a client is.
#[derive(Debug)]
pub(crate) struct Visitor<'a> {
    pub grant: &'a Grant,
    pub role: Role,
    pub peer: Peer,
    pub origin: Option<&'a str>,
    pub vm: &'a str,
}

/// When a command that may be sent is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Importance {
    /// With its outcome, in one line.
    After,
    /// In a line of its own. Unless that is written, it is not sent.
    Before,
}

/// One client's lines; none where there is no log.
#[derive(Debug)]
pub(crate) struct Trail(Option<Box<Steps>>);

#[derive(Debug)]
struct Steps {
    log: Arc<Log>,
    token: String,
    role: Role,
    peer: String,
    origin: Option<String>,
    vm: String,
    since: Instant,
    /// The number of the connection, once there is one.
    conn: OnceLock<u64>,
    reason: OnceLock<&'static str>,
    commands: Mutex<Commands>,
}

#[derive(Debug, Default)]
struct Commands {
    count: u64,
    unanswered: BTreeMap<Ticket, Command>,
}

/// A command that was not answered yet.
#[derive(Debug)]
struct Command {
    seq: u64,
    name: String,
    oob: bool,
    arguments: Option<Shown>,
    since: Instant,
    /// Whether its decision has had a line of its own.
    is_written: bool,
}

impl Trail {
    pub(super) fn new(log: Option<&Arc<Log>>, visitor: &Visitor<'_>) -> Self {
        Self(log.map(|log| {
            Box::new(Steps {
                log: log.clone(),
                token: visitor.grant.id.clone(),
                role: visitor.role,
                peer: visitor.peer.to_string(),
                origin: visitor.origin.map(|origin| shorten(origin, MAX_ORIGIN)),
                vm: visitor.vm.to_owned(),
                since: Instant::now(),
                conn: OnceLock::new(),
                reason: OnceLock::new(),
                commands: Mutex::default(),
            })
        }))
    }

    /// The client is connected.
    pub(crate) fn connected(&self) {
        let Some(steps) = &self.0 else { return };
        let number = || steps.log.connections.fetch_add(1, Ordering::Relaxed) + 1;
        steps.conn.get_or_init(number);
        steps.log.write(&steps.line("connect"));
    }

    /// The connection ends, for this reason.
    pub(crate) fn ends(&self, reason: &'static str) {
        if let Some(steps) = &self.0 {
            let _ = steps.reason.set(reason);
        }
    }

    /// What was decided of a command. One that may be sent is told to be answered by [`settled`](Self::settled).
    ///
    /// # Errors
    /// What the client is told: that it was refused, or that its line could not be written.
    pub(crate) async fn decided(
        &self,
        request: &Request,
        importance: Importance,
        decision: Result<(), ErrorResponse>,
    ) -> Result<(), ErrorResponse> {
        let Some(steps) = &self.0 else { return decision };
        let mut command = steps.command(request);
        if let Err(refused) = decision {
            steps.outcome(&command, "refused", refused.class.as_str());
            return Err(refused);
        }
        if importance == Importance::After {
            steps.commands().unanswered.insert(request.ticket, command);
            return Ok(());
        }
        let line = Line {
            arguments: command.arguments.as_ref(),
            decision: Some("allowed"),
            ..steps.line_of(&command, "decision")
        };
        let line = line.to_json();
        command.is_written = true;
        // Before it is waited for: the client may be given up meanwhile, and even then there is an outcome.
        steps.commands().unanswered.insert(request.ticket, command);
        if steps.log.write_first(line).await {
            return Ok(());
        }
        let failed = own_error(
            "AuditFailed",
            "the audit log cannot be written, so the command was not sent".to_owned(),
        );
        let command = steps.commands().unanswered.remove(&request.ticket);
        if let Some(mut command) = command {
            command.is_written = false;
            steps.outcome(&command, "allowed", failed.class.as_str());
        }
        Err(failed)
    }

    /// What became of a command.
    pub(crate) fn settled(&self, ticket: Ticket, reply: &Reply) {
        let Some(steps) = &self.0 else { return };
        let command = steps.commands().unanswered.remove(&ticket);
        if let Some(command) = command {
            let result = match &**reply {
                Ok(_) => "ok",
                Err(error) => error.class.as_str(),
            };
            steps.outcome(&command, "allowed", result);
        }
    }
}

impl Steps {
    fn command(&self, request: &Request) -> Command {
        let mut commands = self.commands();
        commands.count += 1;
        Command {
            seq: commands.count,
            name: shorten(&request.name, MAX_NAME),
            oob: request.oob,
            arguments: request.arguments.as_deref().and_then(Shown::of),
            since: Instant::now(),
            is_written: false,
        }
    }

    fn outcome(&self, command: &Command, decision: &'static str, result: &str) {
        let (what, arguments) = if command.is_written {
            ("outcome", None)
        } else {
            ("command", command.arguments.as_ref())
        };
        self.log.write(&Line {
            arguments,
            decision: Some(decision),
            result: Some(shorten(result, MAX_NAME)),
            ms: Some(milliseconds(command.since.elapsed())),
            ..self.line_of(command, what)
        });
    }

    fn line_of<'a>(&'a self, command: &'a Command, what: &'static str) -> Line<'a> {
        Line {
            seq: Some(command.seq),
            command: Some(&command.name),
            oob: Some(command.oob),
            ..self.line(what)
        }
    }

    fn line(&self, what: &'static str) -> Line<'_> {
        Line {
            conn: self.conn.get().copied(),
            token: Some(&self.token),
            role: Some(self.role),
            peer: Some(self.peer.clone()),
            origin: self.origin.clone(),
            vm: Some(&self.vm),
            ..Line::new(what)
        }
    }

    fn commands(&self) -> MutexGuard<'_, Commands> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        // An upgrade that was never taken is no connection.
        if self.conn.get().is_none() {
            return;
        }
        let unanswered = std::mem::take(&mut self.commands().unanswered);
        for command in unanswered.values() {
            self.outcome(command, "allowed", "unanswered");
        }
        self.log.write(&Line {
            reason: Some(self.reason.get().copied().unwrap_or("interrupted")),
            ms: Some(milliseconds(self.since.elapsed())),
            ..self.line("disconnect")
        });
    }
}

/// Characters of the name of a command or a class.
const MAX_NAME: usize = 128;
