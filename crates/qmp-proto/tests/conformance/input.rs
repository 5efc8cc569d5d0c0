//! What a client may write and ought not to, and what is answered: one table for QEMU and for our server side, before
//! and after negotiation. Our server side is stricter in places, and the table says where.

mod cases;

use qmp_testkit::Qemu;

use self::cases::{Answers, CASES, Case};
use crate::qemu::bare;
use crate::server::{BARE, Server};

on_each_qemu! {
    bare() => every_input_is_answered_and_the_next_is_understood, nesting_has_a_limit;
}

fn every_input_is_answered_and_the_next_is_understood(qemu: &mut Qemu) {
    check(Server::Qemu(qemu.socket()), |case| case.qemu);
}

#[test]
fn our_server_side_answers_alike() {
    check(Server::Ours, |case| case.ours);
}

fn check(server: Server<'_>, wanted: fn(&Case) -> Answers) {
    let mut wrong = vec![];
    for case in CASES {
        let Case { name, input, .. } = case;
        let wanted: Vec<String> = wanted(case).iter().map(|answer| (*answer).to_owned()).collect();
        // Before negotiation, what would be executed is refused; what is wrong is wrong then too.
        let refused = wanted
            .iter()
            .map(|answer| answer.replace("return", "CommandNotFound"));
        for (when, negotiation, wanted) in
            [("before", None, refused.collect()), ("after", Some(BARE), wanted)]
        {
            let answers = server.answers(negotiation, input);
            if answers != wanted {
                wrong.push(format!("{name}, {when} negotiation: {answers:?}, not {wanted:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn nesting_has_a_limit(qemu: &mut Qemu) {
    check_nesting(Server::Qemu(qemu.socket()));
}

#[test]
fn nesting_has_the_same_limit_on_our_side() {
    check_nesting(Server::Ours);
}

fn check_nesting(server: Server<'_>) {
    // The command itself is a level.
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
        format!("{{\"execute\":\"query-name\",\"id\":{open}{close}}}\n")
    };
    let answers = server.answers(Some(BARE), nested(1024).as_bytes());
    assert_eq!(
        answers,
        [format!("return id={}{}", "[".repeat(1023), "]".repeat(1023))]
    );
    // The brackets that are left over may be answered one by one.
    let answers = server.answers(Some(BARE), nested(1025).as_bytes());
    assert!(
        !answers.is_empty() && answers.iter().all(|answer| answer == "GenericError"),
        "{answers:?}"
    );
}
