//! Who waits for the outcome of a command, and how long.

use futures_channel::oneshot;
use qmp_proto::{ErrorResponse, Json};

use crate::error::Error;

/// Who waits for the outcome of a command.
pub trait Waiter: 'static {
    /// Tells the outcome. The value is `return`.
    fn settle(self, result: Result<Json, Error>);
}

/// A future's waiter.
#[derive(Debug)]
pub struct Reply(oneshot::Sender<Result<Json, Error>>);

impl Reply {
    pub(super) fn new() -> (Self, oneshot::Receiver<Result<Json, Error>>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }
}

impl Waiter for Reply {
    fn settle(self, result: Result<Json, Error>) {
        // Nobody waits any more where the future was dropped.
        drop(self.0.send(result));
    }
}

/// A command that has no outcome yet.
pub(super) struct Pending<W> {
    command: String,
    /// Nobody, once who waited has given up.
    waiter: Option<W>,
    /// Whether nobody ever waited.
    unwaited: bool,
    deadline: f64,
}

impl<W: Waiter> Pending<W> {
    pub(super) fn new(command: &str, waiter: W, deadline: f64) -> Self {
        Self {
            command: command.to_owned(),
            waiter: Some(waiter),
            unwaited: false,
            deadline,
        }
    }

    /// Nobody wants to know what comes of it.
    pub(super) fn unwaited(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            waiter: None,
            unwaited: true,
            deadline: f64::INFINITY,
        }
    }

    /// The command, if somebody waited and does no more.
    pub(super) fn given_up(&self) -> Option<String> {
        (self.waiter.is_none() && !self.unwaited).then(|| self.command.clone())
    }

    pub(super) fn command(&self) -> &str {
        &self.command
    }

    /// When it is waited for no more; infinite where nobody waits.
    pub(super) const fn deadline(&self) -> f64 {
        match self.waiter {
            Some(_) => self.deadline,
            None => f64::INFINITY,
        }
    }

    /// Nobody waits from now on.
    pub(super) const fn take(&mut self) -> Option<W> {
        self.waiter.take()
    }

    /// The reply has come: the command if nobody waits for it any more.
    /// An error comes with the command's id.
    pub(super) fn reply(self, result: Result<Json, (String, ErrorResponse)>) -> Option<String> {
        let given_up = self.given_up();
        let Self { command, waiter, .. } = self;
        if let Some(waiter) = waiter {
            waiter.settle(result.map_err(|(id, error)| Error::Command { command, id, error }));
        }
        given_up
    }

    pub(super) fn settle(self, result: Result<Json, Error>) {
        if let Some(waiter) = self.waiter {
            waiter.settle(result);
        }
    }
}
