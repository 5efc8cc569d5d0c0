//! The inputs, by what is wrong with them, and the answers. An input is whole, or says itself how the server gets out of it.

/// An input, and what comes of it in command mode.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) input: &'static [u8],
    pub(super) qemu: Answers,
    pub(super) ours: Answers,
}

/// In short: a class or `return`, and the id.
pub(super) type Answers = &'static [&'static str];

pub(super) const CASES: &[Case] = &[
    // qmp-test.c: malformed input, after which the server recovers.
    alike("a bracket that does not match", b"{]\n", E),
    alike("a byte that is in no UTF-8", b"{\xFF", E),
    alike("a control character", b"{\x01", E),
    alike("a byte that is in no UTF-8 in a string", b"{\"bad \xFF", E),
    alike(
        "a line end in a string",
        b"{\"execute\": \"no-such-command\", \"id\":\"\n",
        E,
    ),
    alike("a percent sign", b"%p\n", E),
    // qmp-test.c: JSON that is no command.
    alike("null", b"null ", E),
    alike("an array", b"[]", E),
    alike("a string", br#""x""#, E),
    alike("a number", b"1 ", E),
    alike("an empty object", b"{}", E),
    alike("only an id", br#"{"id": 1}"#, WITH_ID),
    alike(
        "a name that is no string",
        br#"{"execute": true, "id": 1}"#,
        WITH_ID,
    ),
    alike(
        "arguments in an array",
        br#"{"execute": "no-such-command", "arguments": [], "id": 1}"#,
        WITH_ID,
    ),
    alike(
        "null for arguments",
        br#"{"execute": "no-such-command", "arguments": null, "id": 1}"#,
        WITH_ID,
    ),
    alike(
        "an unknown member",
        br#"{"execute": "no-such-command", "extra": true, "id": 1}"#,
        WITH_ID,
    ),
    alike(
        "exec-oob without oob",
        b"{\"exec-oob\": \"query-yank\", \"id\": 1}",
        WITH_ID,
    ),
    alike(
        "execute and exec-oob",
        b"{\"execute\": \"query-name\", \"exec-oob\": \"query-name\", \"id\": 1}",
        WITH_ID,
    ),
    alike(
        "an unknown command",
        br#"{"execute": "no-such-command"}"#,
        &["CommandNotFound"],
    ),
    alike(
        "a command in capitals",
        br#"{"execute": "QUERY-NAME", "id": 1}"#,
        &["CommandNotFound id=1"],
    ),
    // The specification, "Protocol Specification" and "Issuing Commands".
    alike("nothing but space", b" \t\r\n\r\n", &[]),
    alike(
        "a command",
        br#"{"execute":"query-name","id":1}"#,
        &["return id=1"],
    ),
    alike(
        "a command without id",
        br#"{"execute":"query-name"}"#,
        &["return"],
    ),
    alike(
        "a command over several lines",
        b"{\r\n \"execute\" :\t\"query-name\"\r\n,\r\n\"id\":\r\n1\r\n}\r\n",
        &["return id=1"],
    ),
    alike(
        "empty arguments",
        br#"{"execute":"query-name","arguments":{},"id":1}"#,
        &["return id=1"],
    ),
    alike(
        "the id first",
        br#"{"id":1,"execute":"query-name"}"#,
        &["return id=1"],
    ),
    alike(
        "two commands at once, with the same id",
        br#"{"execute":"query-name","id":5}{"execute":"no-such-command","id":5}"#,
        &["return id=5", "CommandNotFound id=5"],
    ),
    alike(
        "an escaped name of a member",
        b"{\"\\u0065xecute\":\"query-name\",\"id\":1}",
        &["return id=1"],
    ),
    unlike(
        "single quotes",
        b"{'execute':'query-name','id':'x'}",
        &[r#"return id="x""#],
        E,
    ),
    // check-qjson.c: what is no JSON.
    alike("junk", b"@\n", E),
    alike("a control character in an object", b"{\x01}", EE),
    alike("junk in an array", b"[0\xFF]", EE),
    alike("a leading zero", b"00 ", E),
    alike("a number that is cut", b"[1e\xFF", E),
    alike("a keyword that goes on", b"truer ", E),
    alike("a keyword that is cut", b"nul ", E),
    alike("a string that is cut", b"\"abc\xFF", E),
    alike("a string that is cut after an escape", b"\"abc\\\"\xFF", E),
    alike("an array that is cut", b"[32\xFF", E),
    alike("an array that is cut after a comma", b"[32,\xFF", E),
    alike("an object that is cut", b"{\"abc\":32\xFF", E),
    alike("an object that is cut after a comma", b"{\"abc\":32,\xFF", E),
    alike("an array that ends with a brace", b"[32,}\n", E),
    alike("a comma before a bracket", b"[32,]\n", E),
    alike("a comma before a brace", b"{\"abc\":32,}\n", E),
    alike("a name that is a number", b"{32:\"abc\"}\n", E),
    unlike("a comment", b"/* */\n", E, EE),
    alike("a plus sign", b"+1 ", E),
    alike("a fraction without integer", b".5 ", E),
    alike("NaN", b"NaN ", E),
    alike("two values", b"false true ", EE),
    alike("a value and a brace", b"false } ", EE),
    // One thing that is wrong may be answered more than once, and not as often by us as by QEMU.
    unlike(
        "a member twice",
        br#"{"execute":"stop","execute":"stop","id":1}"#,
        E,
        WITH_ID,
    ),
    alike("two ids", br#"{"execute":"stop","id":1,"id":2}"#, E),
    unlike(
        "an id with a leading zero",
        br#"{"execute":"query-name","id":01}"#,
        EE,
        E,
    ),
    unlike(
        "a tab in a string",
        b"{\"execute\":\"query-name\",\"id\":\"a\tb\"}",
        EE,
        E,
    ),
    alike(
        "a byte order mark",
        b"\xEF\xBB\xBF{\"execute\":\"query-name\",\"id\":1}",
        &["GenericError", "return id=1"],
    ),
    alike(
        "a command swallowed by an array, and the way out",
        b"[1,2{\"execute\":\"query-name\"}\xFF{\"execute\":\"query-name\",\"id\":3}",
        &["GenericError", "return id=3"],
    ),
    alike(
        "a command that is cut, and the way out",
        b"{\"execute\":\"quer\xFF{\"execute\":\"query-name\",\"id\":3}",
        &["GenericError", "return id=3"],
    ),
];

const fn alike(name: &'static str, input: &'static [u8], answers: Answers) -> Case {
    unlike(name, input, answers, answers)
}

const fn unlike(name: &'static str, input: &'static [u8], qemu: Answers, ours: Answers) -> Case {
    Case {
        name,
        input,
        qemu,
        ours,
    }
}

const E: Answers = &["GenericError"];
const EE: Answers = &["GenericError", "GenericError"];
const WITH_ID: Answers = &["GenericError id=1"];
