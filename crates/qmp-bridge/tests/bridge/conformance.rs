//! QEMU's own tests of what is wrong with an input (`qmp-test.c` and others), through the bridge's unix socket to a real
//! QEMU: the table that the core is held to, so that the way through the bridge changes no answer.

#[path = "../../../qmp-proto/tests/conformance/input/cases.rs"]
mod cases;

use std::collections::BTreeMap;
use std::path::Path;

use qmp_bridge::Endpoint;
use qmp_testkit::QemuOptions;
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use self::cases::CASES;
use crate::common::{TestBridge, soon};
use crate::qemu::qemu;

#[tokio::test]
async fn c2_every_input_is_answered_and_the_next_is_understood() {
    let qemu = qemu!();
    let dir = tempfile::tempdir().unwrap();
    let machine = Endpoint::Unix(qemu.socket().to_owned());
    let _bridge = TestBridge::with(&[("vm", machine)], |options| {
        options.listen_unix = Some(dir.path().to_owned());
    })
    .await;
    let mut wrong = vec![];
    for case in CASES {
        let wanted: Vec<String> = case.ours.iter().map(|answer| (*answer).to_owned()).collect();
        // Before negotiation, what would be executed is refused; what is wrong is wrong then too.
        let refused = wanted
            .iter()
            .map(|answer| answer.replace("return", "CommandNotFound"));
        for (negotiation, wanted) in [("", refused.collect()), (BARE, wanted)] {
            let answers = answers(&dir.path().join("vm.sock"), negotiation, case.input).await;
            if answers != wanted {
                wrong.push(format!(
                    "{} after {negotiation:?}: {answers:?}, not {wanted:?} (QEMU: {:?})",
                    case.name, case.qemu
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is answered to this input on a new connection, in short. A command behind it tells where the answers end.
async fn answers(socket: &Path, negotiation: &str, input: &[u8]) -> Vec<String> {
    let mut stream = BufReader::new(UnixStream::connect(socket).await.unwrap());
    let all = [negotiation.as_bytes(), input, LAST.as_bytes()].concat();
    stream.write_all(&all).await.unwrap();
    let mut answers: Vec<String> = vec![];
    while !answers.last().is_some_and(|answer| answer.contains(r#""last""#)) {
        let mut line = String::new();
        soon("an answer", stream.read_line(&mut line)).await.unwrap();
        answers.push(in_short(&line));
    }
    // Where it was not understood, that is told as an answer.
    if answers.last().unwrap() == r#"CommandNotFound id="last""# {
        answers.pop();
    }
    assert_eq!(answers.remove(0), "greeting");
    if !negotiation.is_empty() {
        assert_eq!(answers.remove(0), "return {}");
    }
    answers
}

/// What is returned, or the class of the error, and the id.
fn in_short(line: &str) -> String {
    let message: BTreeMap<&str, Box<RawValue>> = serde_json::from_str(line).unwrap_or_else(|error| {
        panic!("{error}: {line:?}");
    });
    let text = match (message.get("return"), message.get("error")) {
        (Some(value), None) if value.get() == "{}" => "return {}".to_owned(),
        (Some(_), None) => "return".to_owned(),
        (None, Some(error)) => {
            let error: BTreeMap<String, String> = serde_json::from_str(error.get()).unwrap();
            assert!(error.keys().eq(["class", "desc"]), "{line}");
            error["class"].clone()
        }
        _ if message.contains_key("QMP") => "greeting".to_owned(),
        _ => panic!("{line}"),
    };
    match message.get("id") {
        Some(id) => format!("{text} id={id}"),
        None => text,
    }
}

const BARE: &str = r#"{"execute":"qmp_capabilities"}"#;
const LAST: &str = r#"{"execute":"no-such-command","id":"last"}"#;
