//! What a person does with the machine by buttons: which wait for QEMU, and what became of the last.

use super::Outcome;

/// The buttons' commands.
#[derive(Debug, Default)]
pub(in crate::console) struct Actions {
    /// Changes with every change.
    pub(in crate::console) revision: u64,
    waiting: Vec<String>,
    /// What became of the last.
    pub(in crate::console) said: Option<Said>,
}

/// What is said of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Said {
    /// Of which action.
    pub(in crate::console) key: String,
    pub(in crate::console) tone: &'static str,
    /// What was done, such as `Reset`, or the error's class.
    pub(in crate::console) title: String,
    pub(in crate::console) text: String,
}

impl Actions {
    /// Whether this one waits for its answer.
    pub(in crate::console) fn is_waiting(&self, key: &str) -> bool {
        self.waiting.iter().any(|other| other == key)
    }

    /// An action was begun; no, if it is on its way already.
    pub(in crate::console) fn begin(&mut self, key: &str) -> bool {
        self.revision += 1;
        self.said = None;
        let is_new = !self.is_waiting(key);
        if is_new {
            self.waiting.push(key.to_owned());
        }
        is_new
    }

    /// QEMU takes its time.
    pub(in crate::console) fn linger(&mut self, key: &str, label: &str) {
        if self.is_waiting(key) {
            self.revision += 1;
            self.said = Some(Said {
                key: key.to_owned(),
                tone: "busy",
                title: label.to_owned(),
                text: "waiting for QEMU…".to_owned(),
            });
        }
    }

    /// An action has an outcome.
    pub(in crate::console) fn end(&mut self, key: &str, label: &str, outcome: Outcome) {
        self.revision += 1;
        self.waiting.retain(|other| other != key);
        self.said = Some(Said::new(key, label, outcome));
    }
}

impl Said {
    /// Whether it is that something was not done.
    pub(in crate::console) fn is_error(&self) -> bool {
        self.tone == "bad"
    }

    pub(in crate::console) fn new(key: &str, label: &str, outcome: Outcome) -> Self {
        let (tone, text) = match outcome {
            Outcome::Returned(_) => ("good", "done.".to_owned()),
            Outcome::Failed { class, desc } => {
                return Self {
                    key: key.to_owned(),
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
            key: key.to_owned(),
            tone,
            title: label.to_owned(),
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_on_its_way_once() {
        let mut actions = Actions::default();
        assert!(actions.begin("stop") && !actions.begin("stop"));
        assert!(actions.is_waiting("stop") && !actions.is_waiting("cont"));
        actions.linger("stop", "Pause");
        assert_eq!(
            actions.said.as_ref().map(|said| said.text.as_str()),
            Some("waiting for QEMU…")
        );
        actions.end("stop", "Pause", Outcome::Lost { may_have_run: true });
        assert!(!actions.is_waiting("stop"));
        let said = actions.said.clone();
        assert!(
            said.as_ref()
                .is_some_and(|said| said.tone == "warn" && said.text.contains("may have run"))
        );
        // What QEMU was waited for is over.
        actions.linger("stop", "Pause");
        assert_eq!(actions.said, said);
    }

    #[test]
    fn what_was_not_done_is_an_error() {
        for (outcome, is_error, word) in [
            (Outcome::Lost { may_have_run: false }, true, "not sent"),
            (Outcome::NotSent("too long".to_owned()), true, "too long"),
            (
                Outcome::Failed {
                    class: "GenericError".to_owned(),
                    desc: "no disk".to_owned(),
                },
                true,
                "no disk",
            ),
            (Outcome::GivenUp { may_have_run: true }, false, "may have run"),
        ] {
            let said = Said::new("eject cd0", "Eject cd0", outcome);
            assert!(
                said.is_error() == is_error && said.text.contains(word),
                "{}",
                said.text
            );
        }
    }
}
