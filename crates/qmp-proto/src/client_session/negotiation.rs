//! The ladder of negotiation: which words to ask in, from the fullest to the barest. The server's refusal of one rung
//! leaves it in negotiation mode, so the next can be tried. What a refusal says is not read: only that it is one.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::capability::{Capability, CapabilitySet};

/// The rungs that are left; the first one is being tried.
#[derive(Debug)]
pub(super) struct Ladder(VecDeque<Rung>);

/// One way to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rung {
    member: Member,
    capabilities: CapabilitySet,
}

/// The argument of `qmp_capabilities` that names the capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    /// The async text, 3.2.
    Capabilities,
    /// The specification, "Capabilities Negotiation".
    Enable,
}

impl Ladder {
    /// The ladder for what is both offered and wanted.
    ///
    /// `async` is asked for in the words of its own text first, then in today's. Where `oob` is offered too, both are
    /// asked for together in either form before one is given up.
    pub(super) fn new(capabilities: CapabilitySet) -> Self {
        let rung = |member, capabilities| Rung { member, capabilities };
        let mut rungs = VecDeque::new();
        if capabilities.contains(Capability::Async) {
            rungs.push_back(rung(Member::Capabilities, capabilities));
            rungs.push_back(rung(Member::Enable, capabilities));
            let alone = CapabilitySet::NONE.with(Capability::Async);
            if capabilities != alone {
                rungs.push_back(rung(Member::Capabilities, alone));
            }
        }
        let rest = capabilities.without(Capability::Async);
        if !rest.is_empty() {
            rungs.push_back(rung(Member::Enable, rest));
        }
        rungs.push_back(rung(Member::Enable, CapabilitySet::NONE));
        Self(rungs)
    }

    /// The arguments to send; empty for a bare command.
    pub(super) fn arguments(&self) -> String {
        let Some(Rung { member, capabilities }) = self.0.front().filter(|rung| !rung.capabilities.is_empty())
        else {
            return String::new();
        };
        let member = match member {
            Member::Capabilities => "capabilities",
            Member::Enable => "enable",
        };
        let names: Vec<String> = capabilities.names().map(|name| format!("\"{name}\"")).collect();
        format!("{{\"{member}\":[{}]}}", names.join(","))
    }

    /// What is on if the present rung is granted.
    pub(super) fn capabilities(&self) -> CapabilitySet {
        self.0
            .front()
            .map_or(CapabilitySet::NONE, |rung| rung.capabilities)
    }

    /// Goes to the next rung; false if there is none.
    pub(super) fn descend(&mut self) -> bool {
        self.0.pop_front();
        !self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_go_from_the_fullest_to_the_barest() {
        let both = [
            "{\"capabilities\":[\"async\",\"oob\"]}",
            "{\"enable\":[\"async\",\"oob\"]}",
            "{\"capabilities\":[\"async\"]}",
        ];
        let cases: [(&[Capability], Vec<&str>); 4] = [
            (&[], [""].into()),
            (&[Capability::Oob], ["{\"enable\":[\"oob\"]}", ""].into()),
            (
                &[Capability::Async],
                ["{\"capabilities\":[\"async\"]}", "{\"enable\":[\"async\"]}", ""].into(),
            ),
            (
                &Capability::ALL,
                [both[0], both[1], both[2], "{\"enable\":[\"oob\"]}", ""].into(),
            ),
        ];
        for (offered, want) in cases {
            let mut ladder = Ladder::new(offered.iter().copied().collect());
            for rung in want {
                assert_eq!(ladder.arguments(), rung);
                ladder.descend();
            }
            assert!(ladder.0.is_empty());
        }
    }
}
