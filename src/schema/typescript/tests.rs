//! A schema with one of everything, and what is declared of it. Real ones are compiled in `tests/npm`.

use super::super::Schema;

/// What is declared of these commands, events and types, but for what every file begins with.
fn declared(entities: &str) -> String {
    let builtin = ["str", "int", "number", "bool", "null", "any"].map(|name| {
        let json = match name {
            "str" => "string",
            "bool" => "boolean",
            "any" => "value",
            same => same,
        };
        format!(r#"{{"name":"{name}","meta-type":"builtin","json-type":"{json}"}},"#)
    });
    let none = r#"{"name":"0","meta-type":"object","members":[]},"#;
    let schema = Schema::parse(&format!("[{}{none}{entities}]", builtin.concat())).unwrap();
    let text = schema.typescript("QEMU 1.0\n/*");
    let (head, rest) = text.split_once("/** What each command").unwrap();
    assert!(head.starts_with("// The commands and events of QEMU 1.0 /*, made by "));
    format!("/** What each command{rest}")
}

#[test]
fn names_are_of_commands_and_events_and_everything_is_in_their_order() {
    let text = declared(
        r#"{"name":"stop","meta-type":"command","arg-type":"0","ret-type":"0"},
           {"name":"query-things","meta-type":"command","arg-type":"0","ret-type":"[1]","allow-oob":true},
           {"name":"query-it","meta-type":"command","arg-type":"0","ret-type":"1","features":["deprecated"]},
           {"name":"query-name","meta-type":"command","arg-type":"0","ret-type":"str","features":["unstable"]},
           {"name":"[1]","meta-type":"array","element-type":"1"},
           {"name":"1","meta-type":"object","members":[
             {"name":"kind","type":"2"},
             {"name":"max-size","type":"int","default":null,"features":["deprecated","unstable"]},
             {"name":"self","type":"[1]","default":null}]},
           {"name":"2","meta-type":"enum","members":[{"name":"off"},{"name":"on-x","features":["deprecated"]}],"values":["off"]},
           {"name":"GONE","meta-type":"event","arg-type":"0"},
           {"name":"THING_MOVED","meta-type":"event","arg-type":"3","features":["deprecated"]},
           {"name":"3","meta-type":"object","members":[{"name":"to","type":"any"}]}"#,
    );
    assert_eq!(
        text,
        r#"/** What each command takes and returns. */
export interface QmpCommands {
  /** @deprecated */
  "query-it": { arguments: Empty; returns: QueryItReturn };
  /** @experimental */
  "query-name": { arguments: Empty; returns: QueryNameReturn };
  /** Can be executed out of band. */
  "query-things": { arguments: Empty; returns: QueryThingsReturn };
  "stop": { arguments: Empty; returns: {} };
}

/** What each event tells as `data`. */
export interface QmpEvents {
  GONE: undefined;
  /** @deprecated */
  THING_MOVED: ThingMovedData;
}

export type QueryItKind =
  | "off"
  /** @deprecated */
  | "on-x";

export interface QueryItReturn {
  kind: QueryItKind;
  /** @deprecated @experimental */
  "max-size"?: Int;
  self?: QueryItReturn[];
}

export type QueryNameReturn = string;

export type QueryThingsReturn = QueryItReturn[];

export interface ThingMovedData {
  to: any;
}
"#
    );
}

#[test]
fn variants_are_told_apart_by_their_tag() {
    let text = declared(
        r#"{"name":"add","meta-type":"command","arg-type":"1","ret-type":"0"},
           {"name":"1","meta-type":"object","tag":"driver","members":[
             {"name":"driver","type":"2"},{"name":"id","type":"str"}],"variants":[
             {"case":"raw","type":"3"},{"case":"old","type":"3"},{"case":"null","type":"0"}]},
           {"name":"2","meta-type":"enum","members":[
             {"name":"raw"},{"name":"new"},{"name":"old","features":["deprecated"]},{"name":"null"}],"values":[]},
           {"name":"3","meta-type":"object","members":[{"name":"file","type":"4"}]},
           {"name":"4","meta-type":"alternate","members":[{"type":"str"},{"type":"null"},{"type":"1"}]}"#,
    );
    let (_, types) = text.split_once("\n}\n\nexport ").unwrap();
    assert_eq!(
        types,
        r#"interface AddArgumentsBase {
  id: string;
}

export type AddArguments =
  | ({ driver: "raw" } & AddArgumentsBase & AddRaw)
  | ({ driver: "new" } & AddArgumentsBase)
  | ({ /** @deprecated */ driver: "old" } & AddArgumentsBase & AddRaw)
  | ({ driver: "null" } & AddArgumentsBase);

export type AddDriver =
  | "raw"
  | "new"
  /** @deprecated */
  | "old"
  | "null";

export interface AddRaw {
  file: AddRawFile;
}

export type AddRawFile = string | null | AddArguments;
"#
    );
}

#[test]
fn names_that_would_be_the_same_are_not() {
    let text = declared(
        r#"{"name":"x-a","meta-type":"command","arg-type":"1","ret-type":"0"},
           {"name":"x_a","meta-type":"command","arg-type":"2","ret-type":"0"},
           {"name":"1","meta-type":"object","members":[{"name":"a","type":"int"}]},
           {"name":"2","meta-type":"object","members":[{"name":"0x","type":"number"}]}"#,
    );
    assert!(
        text.contains(r#""x-a": { arguments: XAArguments; returns: {} };"#),
        "{text}"
    );
    assert!(
        text.contains(r#""x_a": { arguments: XAArguments2; returns: {} };"#),
        "{text}"
    );
    assert!(
        text.contains("export interface XAArguments2 {\n  \"0x\": number;\n}"),
        "{text}"
    );
}

#[test]
fn types_that_have_a_name_at_qemu_have_that() {
    let text = declared(
        r#"{"name":"query-status","meta-type":"command","arg-type":"0","ret-type":"1"},
           {"name":"query-jobs","meta-type":"command","arg-type":"0","ret-type":"[1]"},
           {"name":"[1]","meta-type":"array","element-type":"3"},
           {"name":"3","meta-type":"object","members":[{"name":"id","type":"str"}]},
           {"name":"1","meta-type":"object","members":[{"name":"status","type":"2"}]},
           {"name":"2","meta-type":"enum","values":["running","paused"]}"#,
    );
    for line in [
        "export interface QueryStatusReturn {\n  status: RunState;\n}",
        "export type RunState =\n  | \"running\"\n  | \"paused\";",
        "export type QueryJobsReturn = JobInfo[];",
        "export interface JobInfo {\n  id: string;\n}",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn devices_take_properties() {
    let text = declared(
        r#"{"name":"device_add","meta-type":"command","arg-type":"1","ret-type":"0"},
           {"name":"1","meta-type":"object","members":[{"name":"driver","type":"str"}]}"#,
    );
    let arguments =
        "{\n  driver: string;\n  /** A property, which no schema tells of. */\n  [property: string]: any;\n}";
    assert!(text.contains(arguments), "{text}");
}

#[test]
fn what_a_later_qemu_says_is_any_value() {
    let text = declared(
        r#"{"name":"new","meta-type":"command","arg-type":"1","ret-type":"9"},
           {"name":"1","meta-type":"object","tag":"gone","members":[{"name":"a","type":"2"}],"variants":[]},
           {"name":"2","meta-type":"shape"}"#,
    );
    assert!(text.contains("returns: NewReturn"), "{text}");
    assert!(text.contains("export type NewReturn = any;"), "{text}");
    assert!(text.contains("export type NewArguments = any;"), "{text}");
}

#[test]
fn a_reply_has_a_schema_in_it() {
    let schema = r#"[{"name":"stop","meta-type":"command"}]"#;
    let reply = format!(r#"{{"return": {schema}, "id": 1}}"#);
    let told = |schema: Schema| schema.typescript("it");
    assert_eq!(
        told(Schema::parse_reply(&reply).unwrap()),
        told(Schema::parse_reply(schema).unwrap())
    );
    for wrong in [
        "",
        "{}",
        "[]",
        r#"{"return":{}}"#,
        r#"{"error":{"class":"GenericError","desc":"x"}}"#,
        "[1]",
    ] {
        assert!(Schema::parse_reply(wrong).is_err(), "{wrong}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_a_schema_is_something_is_declared(members in ".{0,40}", ty in "[0-3]", tag in "[ab]") {
        let name = members.replace(['"', '\\'], "").replace(|c: char| c.is_control(), "");
        let text = format!(
            r#"[{{"name":"a","meta-type":"command","arg-type":"1","ret-type":"[1]"}},
                {{"name":"[1]","meta-type":"array","element-type":"{ty}"}},
                {{"name":"1","meta-type":"object","tag":"{tag}","members":[{{"name":"a","type":"2"}},{{"name":"{name}","type":"{ty}"}}],
                  "variants":[{{"case":"{name}","type":"1"}}]}},
                {{"name":"2","meta-type":"enum","values":["{name}"]}},
                {{"name":"3","meta-type":"alternate","members":[{{"type":"3"}},{{"type":"[1]"}}]}}]"#
        );
        let schema = Schema::parse(&text).unwrap();
        assert!(schema.typescript(&name).contains("AArguments"));
    }
}
