//! Strings and numbers as `check-qjson.c` has them: whether QEMU reads them, whether our server side takes them in
//! arguments, and whether our client reads them from a server.

use qmp_proto::{ClientOptions, ClientSession, Input, ProtocolError, SessionTag};
use qmp_testkit::Qemu;

use self::Readers::{All, Both, Nobody, OfClient, OfQemu};
use crate::qemu::bare;
use crate::server::{BARE, Server};

on_each_qemu! {
    bare() => qemu_reads_what_it_says_it_reads;
}

fn qemu_reads_what_it_says_it_reads(qemu: &mut Qemu) {
    check(
        |literal| is_taken(Server::Qemu(qemu.socket()), literal),
        |readers| matches!(readers, All | Both | OfQemu),
    );
}

#[test]
fn our_server_side_takes_what_qemu_reads_of_json() {
    check(
        |literal| is_taken(Server::Ours, literal),
        |readers| matches!(readers, All),
    );
}

#[test]
fn our_client_reads_all_that_is_json() {
    check(is_read, |readers| matches!(readers, All | Both | OfClient));
}

fn check(reads: impl Fn(&[u8]) -> bool, wanted: fn(Readers) -> bool) {
    let wrong: Vec<String> = LITERALS
        .iter()
        .filter(|(literal, readers)| reads(literal) != wanted(*readers))
        .map(|(literal, readers)| format!("{}: {readers:?}", literal.escape_ascii()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a command with this in its arguments is understood; if not, it is answered with errors.
fn is_taken(server: Server<'_>, literal: &[u8]) -> bool {
    let command = [
        b"{\"execute\":\"no-such-command\",\"arguments\":{\"a\":",
        literal,
        b"},\"id\":1}\n",
    ];
    let answers = server.answers(Some(BARE), &command.concat());
    if answers == ["CommandNotFound id=1"] {
        return true;
    }
    let is_error = |answer: &String| answer.starts_with("GenericError");
    assert!(
        !answers.is_empty() && answers.iter().all(is_error),
        "{}: {answers:?}",
        literal.escape_ascii()
    );
    false
}

fn is_read(literal: &[u8]) -> bool {
    let message = [b"{\"return\":", literal, b"}"].concat();
    let mut session = ClientSession::<()>::new(ClientOptions::new(SessionTag::new(1)));
    match session.handle_input(Input::Bytes(&message)) {
        Ok(()) => true,
        Err(ProtocolError::Decode(_)) => false,
        Err(other) => panic!("{}: {other}", literal.escape_ascii()),
    }
}

/// Who reads a literal.
#[derive(Clone, Copy, Debug)]
enum Readers {
    /// QEMU, our server side and our client.
    All,
    /// QEMU and our client: our server side could not hand it on as it is.
    Both,
    /// Our client alone: it is JSON, but QEMU does not take it for text.
    OfClient,
    /// QEMU alone: it is not JSON.
    OfQemu,
    Nobody,
}

const LITERALS: &[(&[u8], Readers)] = &[
    // Escapes.
    (br#""\b\f\n\r\t\\\"""#, All),
    (br#""\/""#, All),
    (br#""\u0020""#, All),
    (br#""\u00A2""#, All),
    (br#""\u20AC""#, All),
    (br#""\uD834\uDD1E""#, All),
    (br#""\u12345""#, All),
    (br#""\u0000x""#, All),
    (br#""\'""#, OfQemu),
    (br#""\z""#, Nobody),
    (br#""\ux""#, Nobody),
    (br#""\u1x""#, Nobody),
    (br#""\u12x""#, Nobody),
    (br#""\u123x""#, Nobody),
    // Half of a pair.
    (br#""\uD800""#, OfClient),
    (br#""\uD800\uCAFE""#, OfClient),
    (br#""\uD800\uD801\uDC02""#, OfClient),
    (br#""\uDC00""#, OfClient),
    (br#""\uDC00\uD800""#, OfClient),
    // Numbers that will never be characters.
    (br#""\uFDD0""#, OfClient),
    (br#""\uFDEF""#, OfClient),
    (br#""\uFFFE""#, OfClient),
    (br#""\uD87F\uDFFE""#, OfClient),
    (b"\"\xEF\xB7\x90\"", OfClient),
    (b"\"\xEF\xBF\xBE\"", OfClient),
    (b"\"\xF0\x9F\xBF\xBF\"", OfClient),
    (b"\"\xF4\x8F\xBF\xBF\"", OfClient),
    // Quotes.
    (b"\"the bee's knees\"", All),
    (b"'double quote \"'", OfQemu),
    (b"'single quote \\''", OfQemu),
    (b"\"tab\there\"", Nobody),
    (b"\"del \x7F\"", All),
    // The first and the last of each length, and around what is no character.
    (b"\"\xC2\x80\"", All),
    (b"\"\xDF\xBF\"", All),
    (b"\"\xE0\xA0\x80\"", All),
    (b"\"\xED\x9F\xBF\"", All),
    (b"\"\xEE\x80\x80\"", All),
    (b"\"\xEF\xBF\xBD\"", All),
    (b"\"\xF0\x90\x80\x80\"", All),
    (b"\"\xF4\x8F\xBF\xBD\"", All),
    // Beyond the last.
    (b"\"\xF4\x90\x80\x80\"", Nobody),
    (b"\"\xF7\xBF\xBF\xBF\"", Nobody),
    (b"\"\xF8\x88\x80\x80\x80\"", Nobody),
    (b"\"\xFC\x84\x80\x80\x80\x80\"", Nobody),
    // A byte too few, a byte too many, and none at all.
    (b"\"\x80\"", Nobody),
    (b"\"\xBF\x80\"", Nobody),
    (b"\"\xC3\"", Nobody),
    (b"\"\xE2\x82\"", Nobody),
    (b"\"\xF0\x90\x80\"", Nobody),
    (b"\"\xE2\x82\x28\"", Nobody),
    // Longer than need be; QEMU makes an exception of the character 0.
    (b"\"\xC0\xAF\"", Nobody),
    (b"\"\xC1\xBF\"", Nobody),
    (b"\"\xE0\x9F\xBF\"", Nobody),
    (b"\"\xF0\x8F\xBF\xBF\"", Nobody),
    (b"\"\xC0\x80\"", OfQemu),
    // Halves of pairs as bytes.
    (b"\"\xED\xA0\x80\"", Nobody),
    (b"\"\xED\xBF\xBF\"", Nobody),
    (b"\"\xED\xA0\x80\xED\xB0\x80\"", Nobody),
    // Numbers.
    (b"0", All),
    (b"1234", All),
    (b"-32", All),
    (b"-0", All),
    (b"9223372036854775808", All),
    (b"18446744073709551615", All),
    (b"18446744073709551616", All),
    (b"-9223372036854775809", All),
    (b"32.43", All),
    (b"-32.20e-10", All),
    (b"1e308", All),
    (b"1e-400", All),
    (b"1e400", Both),
    (b"01", Nobody),
    (b"+1", Nobody),
    (b".5", Nobody),
    (b"1.", Nobody),
    (b"1e", Nobody),
    (b"0x10", Nobody),
    (b"Infinity", Nobody),
    // The rest.
    (b"true", All),
    (b"null", All),
    (b"True", Nobody),
    (b"[ 43 , {\r\n\t} , [ ] ]", All),
    (b"{\"a\":1,\"a\":2}", OfClient),
    (b"", Nobody),
];
