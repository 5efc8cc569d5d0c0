//! What the bridge says of its machines, and what that says of a connection that is not there.

use super::connection::Refusal;
use super::machine::{Machine, Reach};

/// The machines of the bridge.
#[derive(Debug, Default)]
pub(in crate::console) struct Listing {
    /// As they were told of last; `None` before that, and where there is no bridge of ours.
    pub(in crate::console) machines: Option<Vec<Machine>>,
    /// Why the bridge tells no more. What it told stays.
    pub(in crate::console) problem: Option<Refusal>,
    /// Counts the changes.
    pub(in crate::console) changes: u64,
}

impl Listing {
    /// The bridge tells of its machines.
    pub(in crate::console) fn told(&mut self, machines: Vec<Machine>) {
        if self.problem.take().is_some() || self.machines.as_ref() != Some(&machines) {
            self.machines = Some(machines);
            self.changes += 1;
        }
    }

    /// It does not.
    pub(in crate::console) fn failed(&mut self, problem: Refusal) {
        if self.problem.as_ref() != Some(&problem) {
            self.problem = Some(problem);
            self.changes += 1;
        }
    }

    pub(in crate::console) fn find(&self, name: &str) -> Option<&Machine> {
        self.machines
            .iter()
            .flatten()
            .find(|machine| machine.name == name)
    }

    /// Whether the bridge reaches this machine, as far as it is known.
    pub(in crate::console) fn is_up(&self, name: &str) -> bool {
        self.problem.is_none() && self.find(name).is_some_and(|machine| machine.reach == Reach::Up)
    }

    /// What keeps the page from this machine, as far as the bridge tells.
    pub(in crate::console) fn trouble(&self, name: &str) -> Option<Refusal> {
        if let Some(problem) = &self.problem {
            return Some(problem.clone());
        }
        self.machines.as_ref()?;
        let (state, advice) = match self.find(name).map(|machine| machine.reach) {
            Some(Reach::Up) => return None,
            Some(Reach::Busy) => (
                "is busy",
                "Something else is connected to its QMP socket, and QEMU serves one client at a time. When that leaves, \
                 this page comes in.",
            ),
            Some(Reach::Down) => (
                "is down",
                "The bridge runs, but nothing answers at this machine's QMP socket. When something does, this page is \
                 connected.",
            ),
            Some(Reach::NotQmp) => (
                "does not speak QMP",
                "Something that is no QMP server listens at this machine's socket. The log of the bridge shows what it \
                 said.",
            ),
            None => {
                return Some(Refusal::new(
                    format!("There is no machine {name}"),
                    "The bridge runs, but has no machine of this name, or none that your token is good for.",
                ));
            }
        };
        Some(Refusal::new(format!("{name} {state}"), advice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_the_page_from_a_machine_is_told() {
        let mut listing = Listing::default();
        assert_eq!(listing.trouble("a"), None);
        let machine = |name: &str, reach| Machine {
            reach,
            ..Machine::named(name)
        };
        listing.told(vec![
            machine("a", Reach::Up),
            machine("b", Reach::Busy),
            machine("c", Reach::Down),
            machine("d", Reach::NotQmp),
        ]);
        assert!(listing.is_up("a") && !listing.is_up("b") && !listing.is_up("x"));
        let title = |listing: &Listing, name| listing.trouble(name).map(|trouble| trouble.title);
        for (name, want) in [
            ("a", None),
            ("b", Some("b is busy")),
            ("c", Some("c is down")),
            ("d", Some("d does not speak QMP")),
            ("x", Some("There is no machine x")),
        ] {
            assert_eq!(title(&listing, name).as_deref(), want);
        }

        listing.failed(Refusal::new("The bridge does not answer", ""));
        assert!(!listing.is_up("a"));
        assert_eq!(
            title(&listing, "a").as_deref(),
            Some("The bridge does not answer")
        );
        listing.told(vec![machine("a", Reach::Up)]);
        assert_eq!(title(&listing, "a"), None);
    }

    #[test]
    fn what_is_told_again_changes_nothing() {
        let mut listing = Listing::default();
        listing.told(vec![Machine::named("a")]);
        let changes = listing.changes;
        listing.told(vec![Machine::named("a")]);
        assert_eq!(listing.changes, changes);
        listing.failed(Refusal::new("a", "b"));
        listing.failed(Refusal::new("a", "b"));
        assert_eq!(listing.changes, changes + 1);
        listing.told(vec![Machine::named("a")]);
        assert_eq!(listing.changes, changes + 2);
    }
}
