//! The shorthand means what it means to Python's qmp-shell, but where it deliberately does not.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

use std::io::Write;
use std::process::{Command, Stdio};

use qmp_web::shorthand::parse;
use serde_json::{Value, json};

#[test]
fn it_means_what_it_means_to_qmp_shell() {
    let Some(python) = python() else { return };
    let differing = DIFFERENT.iter().map(|(text, ..)| *text);
    let all: Vec<&str> = SAME.iter().copied().chain(differing).collect();
    let theirs = ask(&python, &all);
    let mut wrong = Vec::new();
    for (text, theirs) in all.iter().zip(&theirs).take(SAME.len()) {
        if ours(text) != *theirs {
            wrong.push(format!("{text}: {}, to qmp-shell {theirs}", ours(text)));
        }
    }
    for ((text, wanted, why), theirs) in DIFFERENT.iter().zip(&theirs[SAME.len()..]) {
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        if ours(text) != wanted {
            wrong.push(format!("{text}: {}, not {wanted}: {why}", ours(text)));
        }
        if *theirs == wanted {
            wrong.push(format!("{text} is no difference any more: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `[name, arguments]`; `null` for what is refused.
fn ours(text: &str) -> Value {
    let Ok(commands) = parse(text) else {
        return Value::Null;
    };
    let commands: Vec<Value> = commands
        .iter()
        .map(|command| {
            let arguments = command.arguments_json().unwrap_or_else(|| "{}".to_owned());
            json!([command.name, serde_json::from_str::<Value>(&arguments).unwrap()])
        })
        .collect();
    match commands.as_slice() {
        [command] => command.clone(),
        commands => commands.into(),
    }
}

/// The same from qmp-shell, which reads line by line and has no arguments where it has none.
fn ask(python: &str, texts: &[&str]) -> Vec<Value> {
    let mut child = Command::new(python)
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(json!(texts).to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), texts.len());
    answers
}

/// A Python that has qemu.qmp, if there is one.
fn python() -> Option<String> {
    let python = std::env::var("QMP_TEST_PYTHON").ok();
    if python.is_none() {
        let required = std::env::var("REQUIRE_QEMU").is_ok();
        assert!(!required, "QMP_TEST_PYTHON names no Python that has qemu.qmp");
        eprintln!("skipped: QMP_TEST_PYTHON names no Python that has qemu.qmp");
    }
    python
}

const PROGRAM: &str = r#"
import json, sys
from qemu.qmp.qmp_shell import QMPShell, QMPShellError

class Shell(QMPShell):
    def __init__(self):
        self._transmode, self._actions = False, []
    def __del__(self):
        pass

def read(text):
    shell, commands = Shell(), []
    try:
        for line in text.split("\n"):
            command = shell._build_cmd(line)
            if command is not None:
                commands.append([command["execute"], command["arguments"]])
    except QMPShellError:
        return None
    if shell._transmode:
        return None
    return commands[0] if len(commands) == 1 else commands

answers = json.dumps([read(text) for text in json.load(sys.stdin)])
# JSON has no NaN.
json.dump(json.loads(answers, parse_constant=str), sys.stdout)
"#;

/// What both take for the same, or both refuse.
const SAME: &[&str] = &[
    "query-status",
    "  query-status  ",
    "eject id=cd0 force=true",
    "a b=TRUE c=False d=tRuE",
    "a b=1 c=-1 d=+5 e=007 f=1_000 g=-0 h=0",
    "a b=18446744073709551615 c=-9223372036854775808 d=9007199254740993",
    "a b= c==x d=a=b",
    "a b=1x c=0x10 d=1__0 e=_1 f=1_ g=- h=--1",
    "a b=None c=NULL d=Null e=nULL",
    "a b=/path/to/x,y:z@w d=json:{} e=nbd://h:10809/x?y",
    "a b=x\"y z\"w c=it\"'\"s",
    "a b=x'y \"z' c=1",
    "blockdev-add node-name=x driver=qcow2 file.driver=file",
    "a b.c.d=1",
    "a b.0=1",
    "a b={\"c\":1,\"d\":[1,2,{\"e\":null}],\"f\":true,\"g\":\"h\"}",
    "a b={'c':1,'d':[True,False,None,true,false,null]}",
    "a b={'c':'d\"e',\"f\":\"g'h\"}",
    "a b=[] c={} d=[[]] e=[{}]",
    "a b=[1,2,] c={'d':1,}",
    "a b=[-1,2.5,1e3]",
    "a b={\"c\":\"\\u0041\\n\\\"\\\\\"}",
    "a b={'c':'\\'\\x41\\u0042\\n\\t'}",
    "a b={\"c\":18446744073709551615}",
    "a b={\"c\":1} b.d=2",
    "a b=1 b=2",
    "a b=1 b.c=2",
    "a b={\"c\":1} b.c=2",
    "a b",
    "a b=[1 2]",
    "a b=\"c",
    "a b=1 c",
    "a b=é c=日本",
    "a é=1",
    "transaction( a )",
    "transaction( a b=1 c=x )",
    "transaction(\na b=1\nc\n)",
    "transaction(\n\n  a b=1\n\n  c d.e=x )",
    "transaction( a b=1\nc d={'e':1}\n)",
    "transaction(\n)",
    "transaction( )",
    "transaction(\na b=1",
    "transaction(\na b=1)",
    "transaction(\na\n) b",
    "transaction(\na b\n)",
    "a\nb c=1",
    "transaction(\na\n)\nquery-status",
];

/// What we take for something else: the text, what it means to us, and why.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (
        "a b.c=1 d=2",
        r#"["a",{"b":{"c":1},"d":2}]"#,
        "qmp-shell puts what follows a dotted name into that name's object; no machine wants it there",
    ),
    ("a b.c=1 b.d=2", r#"["a",{"b":{"c":1,"d":2}}]"#, "the same"),
    ("a b.c=1 b=2", "null", "the same"),
    ("a b.c=1 b={}", "null", "the same"),
    (
        "a b=\"x y\" c='z'",
        r#"["a",{"b":"x y","c":"z"}]"#,
        "qmp-shell leaves quotes in a string, which then names another file; ours can say any string",
    ),
    (
        "a b=\"1\" c=\"true\"",
        r#"["a",{"b":"1","c":"true"}]"#,
        "a string that looks like something else can be said",
    ),
    (
        "a backing=null",
        r#"["a",{"backing":null}]"#,
        "without null a chain of block devices cannot be cut",
    ),
    (
        "a b=1.5 c=-2e3",
        r#"["a",{"b":1.5,"c":-2e3}]"#,
        "every number of JSON is a number",
    ),
    (
        "a b={\"c\": 1, \"d\": [1, 2]}",
        r#"["a",{"b":{"c":1,"d":[1,2]}}]"#,
        "in brackets there may be spaces",
    ),
    ("a b={'c':\n1}", r#"["a",{"b":{"c":1}}]"#, "and ends of lines"),
    ("a\n  b=1", r#"["a",{"b":1}]"#, "arguments go on in the next line"),
    (
        "a {\"b\": 1}",
        r#"["a",{"b":1}]"#,
        "qmp-shell takes no JSON for all arguments",
    ),
    (
        "{\"execute\": \"a\", \"arguments\": {\"b\": 1}}",
        r#"["a",{"b":1}]"#,
        "nor whole messages",
    ),
    ("a b={'c':1", "null", "what is no object is not sent as a string"),
    ("a b={c:1}", "null", "the same"),
    ("a b={\"c\":0x10}", "null", "JSON has decimal numbers"),
    ("a b={\"c\":NaN}", "null", "QEMU has no such number"),
    ("a b={\"c\":1,\"c\":2}", "null", "one of two would be lost"),
    ("a b={'c':(1,2)}", "null", "a tuple is no JSON"),
    ("a b={'c':'d''e'}", "null", "Python puts strings together"),
    ("a b=c\"", "null", "qmp-shell drops a quote that is open"),
    ("a =1", "null", "no argument has an empty name"),
    ("a b..c=1", "null", "the same"),
    ("a \"b c\"=1", "null", "no argument's name has quotes"),
    ("a=1", "null", "no command's name has an ="),
    (
        "transaction(\na\ntransaction(\nb\n)",
        "null",
        "qmp-shell forgets the first",
    ),
    ("", "null", "nothing is no command"),
];
