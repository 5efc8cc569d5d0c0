//! What it takes to decide whether a command may be executed: one that all may, one that nobody knows, and as much as one
//! command can ask to be looked up.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, ensure};
use qmp_policy::{Policy, Role, Switches};
use qmp_proto::{Request, Ticket};

use crate::samples::Samples;

pub(crate) fn measure(samples: &mut Samples) -> Result<()> {
    let mut switches = Switches::default();
    switches.admin = true;
    let policy = Policy::new(switches);
    let action = r#"{"type":"block-dirty-bitmap-clear","data":{"node":"disk0","name":"b0"}}"#;
    let actions = format!("{{\"actions\":[{}]}}", [action; 50].join(","));
    for (scenario, role, name, arguments, is_allowed) in [
        (
            "a decision, query-status",
            Role::Viewer,
            "query-status",
            None,
            true,
        ),
        (
            "a decision, an unknown command",
            Role::Operator,
            "made-up",
            None,
            false,
        ),
        (
            "a decision, a transaction of 50",
            Role::Admin,
            "transaction",
            Some(actions),
            true,
        ),
    ] {
        let request = Request {
            ticket: Ticket::new(0),
            name: name.to_owned(),
            arguments,
            oob: false,
        };
        ensure!(policy.decide(role, &request).is_ok() == is_allowed, "{scenario}");
        for _ in 0..ROUNDS {
            let begin = Instant::now();
            for _ in 0..DECISIONS {
                black_box(policy.decide(role, black_box(&request))).ok();
            }
            samples.add(
                scenario,
                "bridge",
                begin.elapsed().as_secs_f64() * 1e9 / f64::from(DECISIONS),
            );
        }
    }
    Ok(())
}

const ROUNDS: usize = 40;
const DECISIONS: u32 = 500;
