//! What a person does with the machine by buttons: which wait for QEMU, and what became of the last.

use std::collections::BTreeSet;

use super::Outcome;

/// The buttons' commands.
#[derive(Debug, Default)]
pub(in crate::console) struct Actions {
    /// Changes with every change.
    pub(in crate::console) revision: u64,
    waiting: BTreeSet<String>,
    /// What became of the last.
    pub(in crate::console) said: Option<Said>,
}

/// What is said of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Said {
    pub(in crate::console) tone: &'static str,
    /// What was done, such as `Reset`, or the error's class.
    pub(in crate::console) title: String,
    pub(in crate::console) text: String,
}

impl Actions {
    /// Whether this one waits for its answer.
    pub(in crate::console) fn is_waiting(&self, key: &str) -> bool {
        self.waiting.contains(key)
    }

    /// An action was begun; no, if it is on its way already.
    pub(in crate::console) fn begin(&mut self, key: &str) -> bool {
        self.revision += 1;
        self.said = None;
        self.waiting.insert(key.to_owned())
    }

    /// QEMU takes its time.
    pub(in crate::console) fn linger(&mut self, key: &str, label: &str) {
        if self.is_waiting(key) {
            self.revision += 1;
            self.said = Some(Said {
                tone: "busy",
                title: label.to_owned(),
                text: "waiting for QEMU…".to_owned(),
            });
        }
    }

    /// An action has an outcome.
    pub(in crate::console) fn end(&mut self, key: &str, label: &str, outcome: Outcome) {
        self.revision += 1;
        self.waiting.remove(key);
        self.said = Some(Said::new(label, outcome));
    }
}

impl Said {
    pub(in crate::console) fn new(label: &str, outcome: Outcome) -> Self {
        let (tone, text) = match outcome {
            Outcome::Returned(_) => ("good", "done.".to_owned()),
            Outcome::Failed { class, desc } => {
                return Self {
                    tone: "bad",
                    title: format!("{label}: {class}"),
                    text: desc,
                };
            }
            Outcome::GivenUp { may_have_run: true } | Outcome::Lost { may_have_run: true } => (
                "warn",
                "the connection broke before the answer came. It may have run, and is not tried again."
                    .to_owned(),
            ),
            Outcome::GivenUp { may_have_run: false } | Outcome::Lost { may_have_run: false } => {
                ("bad", "not sent: there is no connection.".to_owned())
            }
            Outcome::NotSent(reason) => ("bad", format!("not sent: {reason}")),
        };
        Self {
            tone,
            title: label.to_owned(),
            text,
        }
    }
}
