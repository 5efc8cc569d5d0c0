//! What is proposed, hinted at and marked, with a schema in small.

use super::*;
use qmp_web::shorthand::parse;

#[test]
fn what_can_be_typed_is_proposed() {
    // Where the cursor is, and what the text would be after each proposal.
    for (text, wanted) in [
        ("s|", &["stop ", "query-status "] as &[&str]),
        ("st|op", &["stop ", "query-status "]),
        ("query|", &["query-status "]),
        ("stop|", &[]),
        ("stop |", &[]),
        ("nothing |", &[]),
        (
            "add |",
            &[
                "add driver=",
                "add cache.",
                "add file=",
                "add file.",
                "add force=",
            ],
        ),
        (
            "add driver=|",
            &["add driver=raw ", "add driver=\"1.0\" ", "add driver=old "],
        ),
        ("add driver=r|", &["add driver=raw "]),
        (
            "add driver=| force=true",
            &[
                "add driver=raw force=true",
                "add driver=\"1.0\" force=true",
                "add driver=old force=true",
            ],
        ),
        (
            "add driver=raw |",
            &[
                "add driver=raw size=",
                "add driver=raw cache.",
                "add driver=raw file=",
                "add driver=raw file.",
                "add driver=raw force=",
            ],
        ),
        ("add si| driver=raw", &["add size= driver=raw"]),
        ("add fo|=true", &["add force=true"]),
        ("add force=|", &["add force=true ", "add force=false "]),
        ("add cache.|", &["add cache.direct="]),
        ("add file.d|", &["add file.driver="]),
        ("add cache={|", &["add cache={\"direct\": "]),
        ("add cache={\"d|", &["add cache={\"direct\": "]),
        ("add cache={\"d|\": true}", &["add cache={\"direct\": true}"]),
        ("{\"execute\": \"quer|\"}", &["{\"execute\": \"query-status\"}"]),
        (
            "{\"execute\": |",
            &[
                "{\"execute\": \"stop\"",
                "{\"execute\": \"add\"",
                "{\"execute\": \"query-status\"",
            ],
        ),
        (
            "{\"execute\": \"add\", \"arguments\": {\"driver\": |",
            &[
                "{\"execute\": \"add\", \"arguments\": {\"driver\": \"raw\"",
                "{\"execute\": \"add\", \"arguments\": {\"driver\": \"1.0\"",
                "{\"execute\": \"add\", \"arguments\": {\"driver\": \"old\"",
            ],
        ),
        ("add force=true\nquer|", &["add force=true\nquery-status "]),
    ] {
        let (text, cursor) = at(text);
        let completion = complete(&schema(), &text, cursor, &|_| true);
        let typed: Vec<String> = completion.map_or_else(Vec::new, |completion| {
            let apply = |proposal: &Proposal| {
                let mut text = text.clone();
                text.replace_range(completion.span.clone(), &proposal.typed);
                text
            };
            completion.proposals.iter().map(apply).collect()
        });
        assert_eq!(typed, wanted, "{text}");
    }
}

#[test]
fn proposals_say_what_they_are() {
    let proposals = |text: &str| {
        complete(&schema(), text, text.len(), &|name| name != "add")
            .unwrap()
            .proposals
    };
    let driver = &proposals("add ")[0];
    assert!(
        driver.required && driver.detail == "enum: raw | 1.0 | old",
        "{driver:?}"
    );
    assert!(
        proposals("add driver=")
            .iter()
            .all(|value| value.deprecated == (value.name == "old"))
    );
    let commands = proposals("");
    assert!(
        commands
            .iter()
            .all(|command| command.forbidden == (command.name == "add"))
    );
    assert_eq!(commands.last().unwrap().name, "add");
}

#[test]
fn a_hint_says_what_is_left() {
    let (text, cursor) = at("add driver=raw force=|");
    let told = hint(&schema(), &text, cursor).unwrap();
    assert_eq!(told.current, Some(("force".to_owned(), "boolean".to_owned())));
    assert_eq!(told.required, ["size"]);
    assert_eq!(told.optional, ["cache", "file"]);
    let (text, cursor) = at("{\"execute\": \"add\", \"arguments\": {\"driver\": \"|");
    assert_eq!(
        hint(&schema(), &text, cursor).unwrap().current.unwrap().0,
        "driver"
    );
    assert!(hint(&schema(), "query-status", 12).unwrap().allows_oob);
    assert_eq!(hint(&schema(), "nothing", 7), None);
}

#[test]
fn what_would_be_refused_is_marked_where_it_stands() {
    let text = "add driver=raw size=x cache.direct=1\nadd driver=no\nforbidden\nquery-statsu\nstop";
    let marks = check(Some(&schema()), &parse(text).unwrap(), &|name| {
        name != "forbidden"
    });
    let told: Vec<_> = marks
        .iter()
        .map(|mark| (&text[mark.span.clone()], mark.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("cache.direct=1", "cache.direct: expects boolean, not an int"),
            ("size=x", "size: expects int, not a string"),
            ("driver=no", "driver: expects enum: raw | 1.0 | old, not 'no'"),
            ("forbidden", "your role may not execute forbidden"),
            (
                "query-statsu",
                "there is no command 'query-statsu'; is it 'query-status'?"
            ),
        ]
    );
    let missing = check(Some(&schema()), &parse("add driver=raw").unwrap(), &|_| true);
    assert!(
        missing.len() == 1 && missing[0].missing && missing[0].span == (0..3),
        "{missing:?}"
    );
    assert_eq!(check(None, &parse("anything a=1").unwrap(), &|_| true), []);
}

fn at(text: &str) -> (String, usize) {
    (text.replace('|', ""), text.find('|').unwrap())
}

fn schema() -> Schema {
    Schema::parse(
        r#"[
{"name": "stop", "meta-type": "command", "arg-type": "none", "ret-type": "none"},
{"name": "add", "meta-type": "command", "arg-type": "options", "ret-type": "none"},
{"name": "query-status", "meta-type": "command", "arg-type": "none", "ret-type": "none", "allow-oob": true},
{"name": "none", "meta-type": "object", "members": []},
{"name": "options", "meta-type": "object", "tag": "driver", "variants": [{"case": "raw", "type": "raw"}], "members": [
  {"name": "cache", "type": "cache", "default": null}, {"name": "driver", "type": "drivers"},
  {"name": "file", "type": "ref", "default": null}, {"name": "force", "type": "bool", "default": null}]},
{"name": "raw", "meta-type": "object", "members": [{"name": "size", "type": "int"}]},
{"name": "cache", "meta-type": "object", "members": [{"name": "direct", "type": "bool"}]},
{"name": "ref", "meta-type": "alternate", "members": [{"type": "str"}, {"type": "options"}]},
{"name": "drivers", "meta-type": "enum", "members": [{"name": "raw"}, {"name": "1.0"}, {"name": "old", "features": ["deprecated"]}]},
{"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
{"name": "str", "meta-type": "builtin", "json-type": "string"},
{"name": "int", "meta-type": "builtin", "json-type": "int"}
]"#,
    )
    .unwrap()
}
