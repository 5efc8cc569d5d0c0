//! Ids: every JSON value is one. QEMU writes them anew, in its own way; our server side gives them back byte for byte.

use qmp_proto::{ClientOptions, ClientSession, DecodeErrorKind, Input, Message, ProtocolError, SessionTag};
use qmp_testkit::Qemu;
use serde_json::Value;

use crate::qemu::bare;
use crate::server::{BARE, Server};

on_each_qemu! {
    bare() => an_id_comes_back, an_object_comes_back_in_another_order;
}

fn an_id_comes_back(qemu: &mut Qemu) {
    for (id, wanted) in IDS {
        let wanted = match *wanted {
            "" => "GenericError".to_owned(),
            "inf" => r#"not JSON: {"return": {"name": "test"}, "id": inf}"#.to_owned(),
            wanted => format!("return id={wanted}"),
        };
        assert_eq!(
            Server::Qemu(qemu.socket()).answers(Some(BARE), &with_id(id)),
            [wanted],
            "{id}"
        );
    }
}

#[test]
fn our_server_side_gives_it_back_as_it_was() {
    for id in IDS.iter().map(|(id, _)| *id).chain([OBJECT]) {
        assert_eq!(
            Server::Ours.answers(Some(BARE), &with_id(id)),
            [format!("return id={id}")],
            "{id}"
        );
    }
}

fn an_object_comes_back_in_another_order(qemu: &mut Qemu) {
    let answers = Server::Qemu(qemu.socket()).answers(Some(BARE), &with_id(OBJECT));
    let id = answers[0].strip_prefix("return id=").unwrap();
    let read = |text| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(read(id), read(OBJECT));
}

/// What QEMU makes of a number beyond a double is no JSON: our client ends the session, and says where.
#[test]
fn our_client_does_not_read_infinity() {
    let mut session = ClientSession::<()>::new(ClientOptions::new(SessionTag::new(1)));
    let error = session
        .handle_input(Input::Bytes(b"{\"return\": {}, \"id\": inf}"))
        .unwrap_err();
    let ProtocolError::Decode(error) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (error.offset, error.kind),
        (21, DecodeErrorKind::Invalid("expected a value"))
    );
    assert!(Message::parse(r#"{"return": {}, "id": -inf}"#).is_err());
}

fn with_id(id: &str) -> Vec<u8> {
    format!(r#"{{"execute":"query-name","id":{id}}}"#).into_bytes()
}

/// Ids, and what QEMU makes of them; nothing if it is its parser that refuses them.
const IDS: &[(&str, &str)] = &[
    ("null", "null"),
    ("false", "false"),
    (r#""""#, r#""""#),
    (r#""cookie#1""#, r#""cookie#1""#),
    ("[1,[]]", "[1, []]"),
    ("{}", "{}"),
    ("0", "0"),
    ("-32", "-32"),
    ("-0", "0"),
    ("9007199254740993", "9007199254740993"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("9223372036854775808", "9223372036854775808"),
    ("18446744073709551615", "18446744073709551615"),
    ("18446744073709551616", "1.8446744073709552e+19"),
    ("-9223372036854775809", "-9.2233720368547758e+18"),
    ("0.1", "0.10000000000000001"),
    ("1.0", "1"),
    ("1e2", "100"),
    ("32.43", "32.43"),
    ("-32.12313", "-32.123130000000003"),
    ("-32.20e-10", "-3.22e-09"),
    ("1e400", "inf"),
    (r#""é""#, "\"\\u00E9\""),
    (r#""😀""#, "\"\\uD83D\\uDE00\""),
    ("\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\""),
    ("\"\\u0000\"", "\"\\u0000\""),
    ("\"\u{7f}\"", "\"\\u007F\""),
    ("\"\u{2028}\"", "\"\\u2028\""),
    ("\"\\/\\b\"", "\"/\\b\""),
    // No characters: these QEMU does not read, and it cannot say whose error that is.
    ("\"\\ud83d\"", ""),
    ("\"\\ufffe\"", ""),
    ("\"\\ufdd0\"", ""),
];
const OBJECT: &str = r#"{"b":1,"a":2,"__x":[{}]}"#;
