//! What one client leaves in the audit log: that it came, each command with its outcome, that it went.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use qmp_proto::{ErrorResponse, Request, Ticket};

use super::arguments::Shown;
use super::line::{Line, milliseconds, shorten};
use super::refusals::Refusals;
use super::{Log, MAX_ORIGIN, Peer};
use crate::grant::Grant;
use crate::mux::{Reply, is_rate_limited, own_error};
use qmp_policy::Role;

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
    refusals: Refusals,
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
        let command = steps.command(request);
        if let Err(refused) = decision {
            steps.refused("command", || {
                steps.outcome(&command, "refused", refused.class.as_str());
            });
            return Err(refused);
        }
        if importance == Importance::After {
            steps.commands().unanswered.insert(request.ticket, command);
            return Ok(());
        }
        // In a box of its own: each client would keep room for it, and few ever need it.
        Box::pin(steps.write_first(request.ticket, command)).await
    }

    /// What became of a command.
    pub(crate) fn settled(&self, ticket: Ticket, reply: &Reply) {
        let Some(steps) = &self.0 else { return };
        let command = steps.commands().unanswered.remove(&ticket);
        let Some(command) = command else { return };
        match &**reply {
            Ok(_) => steps.outcome(&command, "allowed", "ok"),
            // Of these a client can make as many as it likes, and none of them came to the machine.
            Err(error) if is_rate_limited(error) && !command.is_written => {
                steps.refused("rate", || {
                    steps.outcome(&command, "allowed", error.class.as_str())
                });
            }
            Err(error) => steps.outcome(&command, "allowed", error.class.as_str()),
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

    /// Writes what was decided of a command before it is sent.
    async fn write_first(&self, ticket: Ticket, mut command: Command) -> Result<(), ErrorResponse> {
        let line = Line {
            arguments: command.arguments.as_ref(),
            decision: Some("allowed"),
            ..self.line_of(&command, "decision")
        };
        let line = line.to_json();
        command.is_written = true;
        // Before it is waited for: the client may be given up meanwhile, and even then there is an outcome.
        self.commands().unanswered.insert(ticket, command);
        if self.log.write_first(line).await {
            return Ok(());
        }
        let failed = own_error(
            "AuditFailed",
            "the audit log cannot be written, so the command was not sent".to_owned(),
        );
        let command = self.commands().unanswered.remove(&ticket);
        if let Some(mut command) = command {
            command.is_written = false;
            self.outcome(&command, "allowed", failed.class.as_str());
        }
        Err(failed)
    }

    /// Writes a refusal of this connection's, unless there were many just now: then it is counted.
    fn refused(&self, reason: &'static str, write: impl FnOnce()) {
        let (is_written, more) = self.commands().refusals.count(reason, Instant::now());
        self.write_more(more);
        if is_written {
            write();
        }
    }

    fn write_more(&self, more: Vec<(&'static str, u64)>) {
        for (reason, count) in more {
            self.log.write(&Line {
                reason: Some(reason),
                count: Some(count),
                ..self.line("refusals")
            });
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
        let Commands {
            unanswered,
            mut refusals,
            ..
        } = std::mem::take(&mut *self.commands());
        self.write_more(refusals.all());
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

#[cfg(test)]
mod tests {
    use qmp_proto::Json;
    use serde_json::Value;

    use super::*;
    use crate::audit::Audit;
    use crate::options::AuditLog;

    fn request(number: u64, name: &str) -> Request {
        Request {
            ticket: Ticket::new(number),
            name: name.to_owned(),
            arguments: Some(r#"{"id": "x", "filename": "/etc/shadow"}"#.to_owned()),
            oob: true,
        }
    }

    #[tokio::test]
    async fn g1_every_decision_has_its_outcome_in_the_order_in_which_they_come() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit");
        let audit = Audit::open(&AuditLog::File(path.clone())).unwrap();
        let grant = Grant::of_file("vm");
        let trail = audit.trail(&Visitor {
            grant: &grant,
            role: Role::Viewer,
            peer: Peer::Unknown,
            origin: Some("https://a"),
            vm: "vm",
        });
        trail.connected();
        let refused = Err(own_error("Forbidden", "no".to_owned()));
        let told = trail
            .decided(&request(1, "one"), Importance::Before, refused)
            .await;
        assert_eq!(told.unwrap_err().desc, "no");
        for (number, name, importance) in [
            (2, "two", Importance::After),
            (3, "three", Importance::Before),
            (4, "four", Importance::After),
        ] {
            trail
                .decided(&request(number, name), importance, Ok(()))
                .await
                .unwrap();
        }
        let reply: Reply = Arc::new(Ok(Json::empty_object()));
        // To what is told twice, and to what never was a command.
        for number in [3, 3, 9, 2] {
            trail.settled(Ticket::new(number), &reply);
        }
        trail.ends("left");
        drop(trail);
        audit.flush().await;
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let told: Vec<[&str; 4]> = lines
            .iter()
            .map(|line| {
                ["what", "command", "decision", "result"].map(|member| line[member].as_str().unwrap_or(""))
            })
            .collect();
        assert_eq!(
            told,
            [
                ["connect", "", "", ""],
                ["command", "one", "refused", "__io.github.qmp-web_Forbidden"],
                ["decision", "three", "allowed", ""],
                ["outcome", "three", "allowed", "ok"],
                ["command", "two", "allowed", "ok"],
                ["command", "four", "allowed", "unanswered"],
                ["disconnect", "", "", ""],
            ],
            "{text}"
        );
        for line in &lines {
            assert_eq!(
                (&line["token"], &line["role"]),
                (&"vm.sock".into(), &"viewer".into())
            );
            assert_eq!((&line["origin"], &line["conn"]), (&"https://a".into(), &1.into()));
        }
        let shown = serde_json::json!({ "id": "x", "filename": null });
        assert_eq!((&lines[1]["arguments"], &lines[2]["arguments"]), (&shown, &shown));
        assert_eq!(
            (&lines[3]["arguments"], &lines[1]["oob"]),
            (&Value::Null, &true.into())
        );
    }

    #[tokio::test]
    async fn a_client_that_never_was_connected_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit");
        let audit = Audit::open(&AuditLog::File(path.clone())).unwrap();
        let grant = Grant::of_file("vm");
        drop(audit.trail(&Visitor {
            grant: &grant,
            role: Role::Viewer,
            peer: Peer::Unknown,
            origin: None,
            vm: "vm",
        }));
        audit.flush().await;
        assert_eq!(std::fs::read_to_string(path).unwrap(), "");
    }
}
