//! A schema as a machine writes it, small, and texts that are none. Real ones are read in `tests/schema`.

use proptest::prelude::*;
use qmp_proto::JsonRef;

use super::{ProblemKind, Schema, SchemaError, Step, Type};

/// What is wrong, as short texts.
fn check(command: &str, arguments: &str) -> Vec<String> {
    let problems = schema().check(command, Some(arguments)).unwrap();
    let tell =
        |problem: &super::Problem| format!("{} {}: {}", problem.kind.as_str(), problem.path, problem.message);
    problems.iter().map(tell).collect()
}

#[test]
fn what_fits_has_no_problem() {
    for (command, arguments) in [
        ("stop", "{}"),
        ("add", r#"{"driver":"raw","file":"x"}"#),
        (
            "add",
            r#"{"driver":"raw","file":{"driver":"raw","file":null},"size":-1}"#,
        ),
        ("add", r#"{"driver":"null","size":18446744073709551615}"#),
        (
            "add",
            r#"{"driver":"quorum","children":[{"driver":"null"},"x"],"ratio":1}"#,
        ),
        ("add", r#"{"driver":"quorum","children":[],"ratio":-1.5e3}"#),
        ("set", r#"{"value":null}"#),
        ("set", r#"{"value":[{"a":{}}],"later":{"b":1}}"#),
        ("device_add", r#"{"driver":"e1000","mac":"x","id":5}"#),
    ] {
        assert_eq!(
            check(command, arguments),
            Vec::<String>::new(),
            "{command} {arguments}"
        );
    }
    assert_eq!(schema().check("stop", None).unwrap(), []);
}

#[test]
fn what_does_not_fit_is_told() {
    for (command, arguments, wanted) in [
        ("sto", "{}", "command : there is no command 'sto'; is it 'stop'?"),
        ("stop", "[]", "type : expects an object, not an array"),
        ("stop", r#"{"a":1}"#, "unknown a: there is no member 'a'"),
        ("set", "{}", "missing value: required, but missing"),
        ("device_add", "{}", "missing driver: required, but missing"),
        (
            "add",
            r#"{"driver":"null","size":"1"}"#,
            "type size: expects int, not a string",
        ),
        (
            "add",
            r#"{"driver":"null","size":null}"#,
            "type size: expects int, not null",
        ),
        (
            "add",
            r#"{"driver":"null","size":1.0}"#,
            "type size: expects int, not a number that is no int of 64 bits",
        ),
        (
            "add",
            r#"{"driver":"null","size":18446744073709551616}"#,
            "type size: expects int, not a number that is no int of 64 bits",
        ),
        (
            "add",
            r#"{"driver":"nul"}"#,
            "value driver: expects enum: null | raw | quorum, not 'nul'; is it 'null'?",
        ),
        (
            "add",
            r#"{"driver":1}"#,
            "type driver: expects enum: null | raw | quorum, not an int",
        ),
        (
            "add",
            r#"{"driver":"raw","file":1}"#,
            "type file: expects object or string or null, not an int",
        ),
        (
            "add",
            r#"{"driver":"raw","file":{"driver":"null","fil":1}}"#,
            "unknown file.fil: there is no member 'fil' where driver is 'null'",
        ),
        (
            "add",
            r#"{"driver":"raw","file":"x","fil":1}"#,
            "unknown fil: there is no member 'fil' where driver is 'raw'; is it 'file'?",
        ),
        (
            "add",
            r#"{"driver":"quorum","children":["x",{"driver":"raw"}],"ratio":0}"#,
            "missing children[1].file: required, but missing",
        ),
        (
            "add",
            r#"{"driver":"quorum","children":{},"ratio":0}"#,
            "type children: expects array of object or string or null, not an object",
        ),
    ] {
        assert_eq!(check(command, arguments), [wanted], "{command} {arguments}");
    }
    assert!(schema().check("stop", Some("{")).is_err());
}

#[test]
fn every_problem_is_told() {
    let problems = schema()
        .check("add", Some(r#"{"driver":"quorum","size":true,"children":[1]}"#))
        .unwrap();
    let kinds: Vec<_> = problems
        .iter()
        .map(|problem| (problem.kind, &*problem.path))
        .collect();
    assert_eq!(
        kinds,
        [
            (ProblemKind::Type, "size"),
            (ProblemKind::Type, "children[0]"),
            (ProblemKind::Missing, "ratio"),
        ]
    );
}

#[test]
fn what_can_stand_at_a_place_is_offered() {
    let schema = schema();
    let commands: Vec<_> = schema
        .complete_command("s")
        .map(|found| (found.name, found.features.unwrap().deprecated()))
        .collect();
    assert_eq!(commands, [("stop", true), ("set", false)]);

    let member = |name: &str| Step::Member(name.to_owned());
    let complete = |arguments: &str, path: &[Step]| {
        let arguments = JsonRef::parse(arguments).unwrap();
        let found = schema.complete("add", Some(arguments), path);
        let tell = |found: &super::Candidate<'_>| {
            let kind = found.r#type.map(|kind| kind.description()).unwrap_or_default();
            format!("{}{} {kind}", found.name, if found.required { "!" } else { "" })
        };
        found.iter().map(tell).collect::<Vec<_>>()
    };
    assert_eq!(
        complete("{}", &[]),
        ["driver! enum: null | raw | quorum", "size int"]
    );
    assert_eq!(
        complete(r#"{"driver":"raw"}"#, &[]),
        ["size int", "file! object or string or null"]
    );
    assert_eq!(complete("{}", &[member("driver")]), ["null ", "raw ", "quorum "]);
    assert_eq!(
        complete(r#"{"driver":"raw"}"#, &[member("file"), member("driver")]),
        ["null ", "raw ", "quorum "]
    );
    let inner = r#"{"driver":"quorum","children":["x",{"driver":"raw","size":1}]}"#;
    assert_eq!(
        complete(inner, &[member("children"), Step::Index(1)]),
        ["file! object or string or null"]
    );
    assert_eq!(
        complete(inner, &[member("children"), Step::Index(7)]),
        ["driver! enum: null | raw | quorum", "size int"]
    );
    for nowhere in [
        &[member("size")][..],
        &[member("no")],
        &[Step::Index(0)],
        &[member("driver"), member("x")],
    ] {
        assert_eq!(complete("{}", nowhere), Vec::<String>::new());
    }
    assert_eq!(schema.complete("no", None, &[]).len(), 0);
}

#[test]
fn enums_of_old_machines_have_values() {
    let schema = Schema::parse(
        r#"[{"name":"0","meta-type":"enum","values":["on","off"]},{"name":"1","meta-type":"object","members":[{"name":"a","type":"0"}]},
            {"name":"c","meta-type":"command","arg-type":"1","ret-type":"0"}]"#,
    )
    .unwrap();
    assert_eq!(
        schema.command("c").unwrap().returns().description(),
        "enum: on | off"
    );
    assert_eq!(schema.check("c", Some(r#"{"a":"on"}"#)).unwrap(), []);
    assert_eq!(schema.check("c", Some(r#"{"a":"in"}"#)).unwrap().len(), 1);
}

#[test]
fn what_is_no_schema_is_an_error() {
    for (text, wanted) in [
        ("[1]", SchemaError::Entity),
        (r#"[{"name":"a"}]"#, SchemaError::Entity),
        ("{}", SchemaError::NoCommands),
        ("[]", SchemaError::NoCommands),
    ] {
        assert_eq!(Schema::parse(text).unwrap_err(), wanted, "{text}");
    }
    assert!(matches!(Schema::parse("").unwrap_err(), SchemaError::Json(_)));
    for end in 0..TEXT.len() - 1 {
        assert!(Schema::parse(&TEXT[..end]).is_err(), "{end}");
    }
}

/// Types of themselves, and of nothing.
#[test]
fn a_schema_out_of_order_ends_all_the_same() {
    let schema = Schema::parse(
        r#"[{"name":"o","meta-type":"object","members":[{"name":"t","type":"e"},{"name":"o","type":"o","default":null},{"name":"x","type":"no","default":null},{"name":"a","type":"a","default":null},{"name":"l","type":"l","default":null}],"tag":"t","variants":[{"case":"v","type":"o"}]},
            {"name":"e","meta-type":"enum","members":[{"name":"v"}]},
            {"name":"l","meta-type":"array","element-type":"l"},
            {"name":"a","meta-type":"alternate","members":[{"type":"a"},{"type":"l"}]},
            {"name":"n","meta-type":"to come"},
            {"name":"c","meta-type":"command","arg-type":"o","ret-type":"a"},
            {"name":"d","meta-type":"command"}]"#,
    )
    .unwrap();
    let command = schema.command("c").unwrap();
    assert!(command.returns().description().contains('…'));
    assert!(matches!(schema.command("d").unwrap().arguments(), Type::Any));
    assert_eq!(schema.check("d", Some(r#"{"a":1}"#)).unwrap(), []);
    let deep = format!(
        "{}{{}}{}",
        r#"{"t":"v","x":1,"a":[[]],"o":"#.repeat(1000),
        "}".repeat(1000)
    );
    // What is missing is too deep to be looked for.
    assert_eq!(schema.check("c", Some(&deep)).unwrap(), []);
    let lists = format!(r#"{{"t":"v","l":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
    assert_eq!(schema.check("c", Some(&lists)).unwrap(), []);
    let path = vec![Step::Member("o".to_owned()); 99];
    let left = schema.complete("c", JsonRef::parse(&deep).ok(), &path);
    assert_eq!(left.iter().map(|found| found.name).collect::<Vec<_>>(), ["l"]);
}

/// Each alternate doubles what there is to say, or more.
#[test]
fn what_would_take_for_ever_to_describe_is_cut_short() {
    let many = |name: &str| vec![format!(r#"{{"type":"{name}"}}"#); 60].join(",");
    for (first, second) in [("a", "a"), ("l", "a")] {
        let schema = Schema::parse(&format!(
            r#"[{{"name":"a","meta-type":"alternate","members":[{}]}},
                {{"name":"l","meta-type":"array","element-type":"{second}"}},
                {{"name":"c","meta-type":"command","arg-type":"o","ret-type":"a"}}]"#,
            many(first)
        ));
        let description = schema.unwrap().command("c").unwrap().returns().description();
        assert!(description.len() < 1000, "{description}");
        assert!(description.ends_with('…'), "{description}");
    }
}

proptest! {
    /// A schema with pieces of it in other places, and arguments of anything: it ends, whatever it says.
    #[test]
    fn nothing_is_too_odd(cuts in prop::collection::vec((0..TEXT.len(), 0..TEXT.len()), 0..4), arguments in "[\\[\\]{}\",:a-z0-9]{0,40}") {
        let mut text = TEXT.to_owned();
        let names = ["\"0\"", "\"1\"", "\"2\"", "\"[3]\"", "\"3\"", "\"str\"", "\"object\"", "\"array\"", "\"alternate\"", "\"enum\""];
        for (from, to) in cuts {
            text = text.replacen(names[from % names.len()], names[to % names.len()], 1 + to % 5);
        }
        if let Ok(schema) = Schema::parse(&text) {
            for command in schema.commands() {
                let _ = schema.check(command.name(), Some(&arguments));
                let _ = schema.check(command.name(), Some(r#"{"driver":"quorum","children":[{"driver":"raw","file":{}}],"ratio":1}"#));
                let _ = schema.complete(command.name(), None, &[Step::Member("children".to_owned()), Step::Index(0)]);
                let _ = command.arguments().description();
            }
        }
        let _ = Schema::parse(&arguments);
    }
}

fn schema() -> Schema {
    Schema::parse(TEXT).unwrap()
}

const TEXT: &str = r#"[
{"name": "stop", "ret-type": "0", "meta-type": "command", "arg-type": "0", "features": ["deprecated"]},
{"name": "add", "ret-type": "0", "meta-type": "command", "arg-type": "1"},
{"name": "set", "ret-type": "0", "meta-type": "command", "arg-type": "5"},
{"name": "device_add", "ret-type": "0", "meta-type": "command", "arg-type": "6"},
{"name": "STOP", "meta-type": "event", "arg-type": "0"},
{"name": "0", "members": [], "meta-type": "object"},
{"name": "1", "tag": "driver", "variants": [{"case": "raw", "type": "2"}, {"case": "quorum", "type": "4"}, {"case": "null", "type": "0"}],
 "members": [{"name": "driver", "type": "7"}, {"name": "size", "default": null, "type": "int"}], "meta-type": "object"},
{"name": "2", "members": [{"name": "file", "type": "3"}], "meta-type": "object"},
{"name": "3", "members": [{"type": "1"}, {"type": "str"}, {"type": "null"}], "meta-type": "alternate"},
{"name": "4", "members": [{"name": "children", "type": "[3]"}, {"name": "ratio", "type": "number"}], "meta-type": "object"},
{"name": "5", "members": [{"name": "value", "type": "any"}, {"name": "later", "default": null, "type": "8"}], "meta-type": "object"},
{"name": "6", "members": [{"name": "driver", "type": "str"}, {"name": "id", "default": null, "type": "str"}], "meta-type": "object"},
{"name": "7", "members": [{"name": "null"}, {"name": "raw"}, {"name": "quorum"}], "meta-type": "enum", "values": ["null", "raw", "quorum"]},
{"name": "8", "members": [], "meta-type": "later"},
{"name": "[3]", "element-type": "3", "meta-type": "array"},
{"name": "str", "json-type": "string", "meta-type": "builtin"},
{"name": "any", "json-type": "value", "meta-type": "builtin"},
{"name": "null", "json-type": "null", "meta-type": "builtin"},
{"name": "number", "json-type": "number", "meta-type": "builtin"},
{"name": "int", "json-type": "int", "meta-type": "builtin"}
]"#;
