//! What is read, where it is wrong, what is being written at a place.

use proptest::prelude::*;
use qmp_proto::JsonRef;

use super::*;
use crate::schema::Step;

#[test]
fn commands_come_in_many_forms() {
    for (text, name, arguments, oob) in [
        (" query-status ", "query-status", None, false),
        ("eject {\"id\": \"cd0\"}", "eject", Some(r#"{"id":"cd0"}"#), false),
        ("eject{}", "eject", Some("{}"), false),
        (
            "eject {\n\"id\":\n\"cd0\"\n}\n",
            "eject",
            Some(r#"{"id":"cd0"}"#),
            false,
        ),
        ("{\"execute\":\"stop\"}", "stop", None, false),
        (
            "{ \"arguments\": { \"a\": [1] }, \"execute\": \"x\", \"id\": 7 }",
            "x",
            Some(r#"{"a":[1]}"#),
            false,
        ),
        (
            "{\"exec-oob\":\"migrate-pause\",\"id\":{}}",
            "migrate-pause",
            None,
            true,
        ),
        ("{\"execute\":\"<img src=x>\"}", "<img src=x>", None, false),
        (
            "blockdev-add driver=qcow2 node-name=x file.driver=file file.filename=/x",
            "blockdev-add",
            Some(r#"{"driver":"qcow2","node-name":"x","file":{"driver":"file","filename":"/x"}}"#),
            false,
        ),
        (
            "a b=18446744073709551615 c=1.10",
            "a",
            Some(r#"{"b":18446744073709551615,"c":1.10}"#),
            false,
        ),
        ("a b=\"\\ud83d\\ude00\\/\"", "a", Some("{\"b\":\"😀/\"}"), false),
        (
            "transaction(\nabort\n)",
            "transaction",
            Some(r#"{"actions":[{"type":"abort","data":{}}]}"#),
            false,
        ),
    ] {
        let [command] = parse(text).unwrap().try_into().unwrap();
        let read = (command.name.as_str(), command.arguments_json(), command.oob);
        assert_eq!(read, (name, arguments.map(str::to_owned), oob), "{text}");
    }
}

#[test]
fn several_are_several() {
    let names = |text: &str| -> Vec<String> {
        parse(text)
            .unwrap()
            .into_iter()
            .map(|command| command.name)
            .collect()
    };
    assert_eq!(names("stop\ncont"), ["stop", "cont"]);
    assert_eq!(
        names("a\n b=1\nc\nd e=2\n{\"execute\":\"f=g\"}\n"),
        ["a", "c", "d", "{}"].map(|name| if name == "{}" { "f=g" } else { name })
    );
    assert_eq!(names("{\"execute\":\"a\"}\n{\"execute\":\"b\"}"), ["a", "b"]);
}

#[test]
fn mistakes_have_a_place() {
    for (text, wrong, words) in [
        ("eject cd0", "cd0", "expected name=value, not 'cd0'"),
        ("eject id=a id=b", "id", "'id' is there twice"),
        ("a b=1 b.c=2", "b.c", "'b' has both a value and members"),
        ("a b.c=1 b=2", "b", "'b' has both a value and members"),
        ("a=b", "a=b", "expected the name of a command, not 'a=b'"),
        ("a b={c}", "c", "'c' is no value; a string is in quotes"),
        ("a b={\"c\":d}", "d", "'d' is no value; a string is in quotes"),
        ("a b={\"c\" 1}", "1", "expected a colon, not '1'"),
        ("a b=[1}", "}", "expected a comma or ], not '}'"),
        ("a b=\"c\"d", "d", "expected a space, not 'd'"),
        ("a b=\"\\q\"", "\\q", "a backslash with no meaning"),
        ("a b=\"\\ud800\"", "\\ud800", "a backslash with no meaning"),
        ("a {} b", "b", "expected the end of the line, not 'b'"),
        ("a .b=1", ".b", "'.b' is no argument's name"),
        ("{}", "{}", "a message has either \"execute\" or \"exec-oob\""),
        (
            "{\"execute\":\"a\",\"exec-oob\":\"a\"}",
            "{\"execute\":\"a\",\"exec-oob\":\"a\"}",
            "a message has either \"execute\" or \"exec-oob\"",
        ),
        (
            "{\"execute\":\"a\",\"argument\":{}}",
            "{\"execute\":\"a\",\"argument\":{}}",
            "a message has no members but execute, exec-oob, arguments and id",
        ),
        (
            "{\"execute\":\"a\",\"arguments\":3}",
            "{\"execute\":\"a\",\"arguments\":3}",
            "arguments are an object, such as {\"id\": \"cd0\"}",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(
            (&text[error.span.clone()], error.to_string().as_str()),
            (wrong, words),
            "{text}"
        );
        assert!(!error.is_unfinished(), "{text}");
    }
    assert_eq!(parse(" \n ").unwrap_err().kind, ErrorKind::Empty);
    let deep = ["a b=", &"[".repeat(300)].concat();
    assert_eq!(parse(&deep).unwrap_err().kind, ErrorKind::Depth);
}

#[test]
fn what_is_good_as_far_as_it_goes_is_unfinished() {
    for text in [
        "a b={",
        "a b={\"c",
        "a b={\"c\"",
        "a b={\"c\":",
        "a b={\"c\":1",
        "a b={\"c\":1,",
        "a b=[1",
        "a b='",
        "a b=x\"",
        "a {",
        "{",
        "{\"execute\"",
        "{\"execute\": \"stop\"",
        "transaction(",
        "transaction(\na b=1\n",
        "transaction(\na b={",
        "a b=\"\\",
    ] {
        assert!(parse(text).unwrap_err().is_unfinished(), "{text}");
    }
}

#[test]
fn a_place_of_the_arguments_stands_somewhere() {
    for (text, path, wanted) in [
        ("a b=1 c.d=xy", "c.d", "c.d=xy"),
        ("a b=1 c.d=xy", "c.e", "c.d"),
        ("a b=1", "c", "a"),
        ("a {\"b\": [1, {\"c\": 2}]}", "b[1].c", "2"),
        ("a b=[1,2]", "b[1]", "2"),
        ("transaction(\nx\ny z=1\n)", "actions[1].type", "y"),
        ("transaction(\nx\ny z=1\n)", "actions[1].data.z", "z=1"),
        ("transaction(\nx\ny z=1\n)", "actions[1].data.w", "y"),
        ("{\"execute\": \"a\"}", "b", "\"a\""),
    ] {
        let command = &parse(text).unwrap()[0];
        assert_eq!(&text[command.span(path)], wanted, "{text} {path}");
    }
}

#[test]
fn what_is_printed_is_what_a_person_would_type() {
    for (name, arguments, wanted) in [
        ("stop", None, "stop"),
        ("stop", Some("{}"), "stop {}"),
        (
            "eject",
            Some(r#"{"id":"cd0","force":true}"#),
            "eject id=cd0 force=true",
        ),
        (
            "a",
            Some(r#"{"b":{"c":{"d":1},"e":{}},"f":[1,{}]}"#),
            "a b.c.d=1 b.e={} f=[1,{}]",
        ),
        (
            "a",
            Some(r#"{"b":"true","c":"1","d":"x y","e":"","f":"/a b"}"#),
            r#"a b="true" c="1" d="x y" e="" f="/a b""#,
        ),
        ("a", Some(r#"{"b":{"c.d":1}}"#), r#"a b={"c.d":1}"#),
        ("a", Some(r#"{"b c":1}"#), r#"a {"b c":1}"#),
        (
            "a b",
            Some(r#"{"c":1}"#),
            r#"{"execute": "a b", "arguments": {"c":1}}"#,
        ),
        (
            "transaction",
            Some(r#"{"actions":[{"type":"x","data":{"y":1}},{"type":"abort","data":{}}]}"#),
            "transaction(\nx y=1\nabort\n)",
        ),
    ] {
        let json = arguments.map(|arguments| JsonRef::parse(arguments).unwrap());
        assert_eq!(print(name, json, false), wanted);
    }
    assert_eq!(print("a", None, true), r#"{"exec-oob": "a"}"#);
}

#[test]
fn what_is_being_written_is_known() {
    use Place::{Command, Member, Value};
    // Where the cursor is; what is being written; the way there; what it begins with.
    for (text, place, path, word) in [
        ("|", Some(Command), "", ""),
        ("que|", Some(Command), "", "que"),
        ("que|ry", Some(Command), "", "que"),
        ("a |", Some(Member), "", ""),
        ("a b|", Some(Member), "", "b"),
        ("a b.c|", Some(Member), "b", "c"),
        ("a b.|", Some(Member), "b", ""),
        ("a b=|", Some(Value), "b", ""),
        ("a b=c| d=1", Some(Value), "b", "c"),
        ("a b.c=\"d|", Some(Value), "b.c", "d"),
        ("a b={\"c|", Some(Member), "b", "c"),
        ("a b={\"c\": {|", Some(Member), "b.c", ""),
        ("a b={\"c\": [1, \"x|", Some(Value), "b.c.1", "x"),
        ("a {|", Some(Member), "", ""),
        ("{\"execute\": \"x|", Some(Command), "", "x"),
        ("{\"execute\": \"a\", \"arguments\": {\"b|", Some(Member), "", "b"),
        ("{\"id|", None, "", ""),
        ("transaction(\nab|", Some(Value), "actions.0.type", "ab"),
        ("transaction(\nab c|", Some(Member), "actions.0.data", "c"),
        ("transaction(\nab\ncd e=|", Some(Value), "actions.1.data.e", ""),
        ("stop\ncon|", Some(Member), "", "con"),
        // A space is what Unicode calls one, however many bytes it has.
        ("a \u{a0}b=\u{3000}c|", Some(Member), "", "c"),
        ("a \u{a0}b=c|", Some(Value), "b", "c"),
    ] {
        let cursor = text.find('|').unwrap();
        let text = text.replace('|', "");
        let look = look(&text, cursor).unwrap();
        let steps: Vec<String> = look.path.iter().map(step).collect();
        assert_eq!((look.place, steps.join(".").as_str()), (place, path), "{text}");
        if place.is_some() {
            assert_eq!(&text[look.start..cursor], word, "{text}");
        }
    }
    let after = look("a b= c=1", 4).unwrap();
    assert_eq!(after.arguments.as_deref(), Some(r#"{"c":1}"#));
    assert!(look("stop\n", 5).unwrap().or_command);
    assert!(look("eject cd0 id=", 13).is_none());
}

fn step(step: &Step) -> String {
    match step {
        Step::Index(index) => index.to_string(),
        Step::Member(name) => name.clone(),
    }
}

proptest! {
    #[test]
    fn what_is_read_is_printed_and_read_again(text in "([ab]{1,2}|transaction\\(|[ .=\\n{}\\[\\]\",:'()0-9-]|true|\"x\":|=\"){0,30}") {
        for (place, _) in text.char_indices() {
            let _ = look(&text, place);
        }
        for command in parse(&text).unwrap_or_default() {
            let json = command.arguments_json();
            let printed = print(&command.name, json.as_deref().map(|json| JsonRef::parse(json).unwrap()), command.oob);
            let again = parse(&printed).unwrap();
            prop_assert_eq!(again.len(), 1);
            prop_assert_eq!(&again[0].name, &command.name);
            prop_assert_eq!(again[0].arguments_json(), json);
        }
    }
}
