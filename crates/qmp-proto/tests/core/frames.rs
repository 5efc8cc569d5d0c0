//! The server side where the transport frames: a frame is one message, no more and no less. And what ends a session.

use qmp_proto::{
    DecodeError, DecodeErrorKind, ErrorResponse, Event, Greeting, Json, Limits, ServerInput, ServerOptions,
    ServerOutput, ServerSession, ServerState,
};

const NEGOTIATION: &str = "{\"execute\":\"qmp_capabilities\"}";
const COMMAND: &str = " {\"execute\": \"echo\", \"id\": 1.0}\r\n";

fn session(limits: Limits) -> ServerSession {
    let greeting = Greeting::default();
    let mut session = ServerSession::new(ServerOptions { greeting, limits });
    session.handle_input(ServerInput::Message(NEGOTIATION)).unwrap();
    while session.poll_output().is_some() {}
    assert_eq!(session.state(), ServerState::Ready);
    session
}

/// What is written to a frame, when each command returns its own name.
fn answers(session: &mut ServerSession, frame: &str) -> Vec<String> {
    session.handle_input(ServerInput::Message(frame)).unwrap();
    let mut answers = vec![];
    while let Some(output) = session.poll_output() {
        match output {
            ServerOutput::Execute(request) => {
                let name = Json::parse(&format!("\"{}\"", request.name)).unwrap();
                session.respond(request.ticket, Ok(name));
            }
            ServerOutput::Transmit(answer) => answers.push(answer),
            ServerOutput::Ready(_) => panic!("ready again"),
        }
    }
    answers
}

#[test]
fn a_frame_is_one_message() {
    let mut session = session(Limits::CLIENT);
    assert_eq!(
        answers(&mut session, COMMAND),
        ["{\"return\":\"echo\",\"id\":1.0}"]
    );
    // Each is refused once, and nothing of it is executed.
    for frame in [
        "",
        " ",
        "{",
        "{\"execute\":\"echo\"}{\"execute\":\"echo\"}",
        "{\"execute\":\"echo\"} x",
        "null",
        "[{\"execute\":\"echo\"}]",
        "{\"execute\":\"echo\"",
        "{\"execute\":\"echo\",\"execute\":\"echo\"}",
        "{'execute':'echo'}",
        "{\"execute\":\"echo\"} // now",
    ] {
        let answers = answers(&mut session, frame);
        assert_eq!(answers.len(), 1, "{frame}: {answers:?}");
        assert!(
            answers[0].starts_with("{\"error\":{\"class\":\"GenericError\""),
            "{frame}"
        );
    }
    assert_eq!(answers(&mut session, COMMAND).len(), 1);
}

#[test]
fn a_frame_may_be_as_deep_and_as_long_as_the_limits() {
    let deep = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
        format!("{{\"execute\":\"echo\",\"id\":{open}{close}}}")
    };
    let mut session = session(Limits::CLIENT);
    assert!(answers(&mut session, &deep(128))[0].starts_with("{\"return\""));
    assert!(answers(&mut session, &deep(129))[0].starts_with("{\"error\""));
    let padded = COMMAND.to_owned() + &" ".repeat(Limits::CLIENT.max_bytes - COMMAND.len());
    assert!(answers(&mut session, &padded)[0].starts_with("{\"return\""));
}

#[test]
fn a_message_that_is_too_long_ends_the_session_however_it_comes() {
    let limits = Limits {
        max_bytes: 64,
        ..Limits::CLIENT
    };
    let long = format!("{{\"execute\":\"echo\",\"id\":\"{}\"}}", "x".repeat(64));
    for input in [ServerInput::Message(&long), ServerInput::Bytes(long.as_bytes())] {
        let mut session = session(limits);
        session.handle_input(ServerInput::Message(COMMAND)).unwrap();
        let Some(ServerOutput::Execute(request)) = session.poll_output() else {
            panic!("not executed")
        };
        let kind = DecodeErrorKind::TooLong(64);
        assert_eq!(session.handle_input(input), Err(DecodeError { offset: 0, kind }));
        assert_eq!(session.state(), ServerState::Closed);
        while session.poll_output().is_some() {}
        // Nothing comes of what comes later.
        session.handle_input(ServerInput::Message(COMMAND)).unwrap();
        session.respond(request.ticket, Err(ErrorResponse::generic("late")));
        session.emit(&Event {
            timestamp: None,
            name: "STOP".into(),
            data: None,
        });
        assert!(session.poll_output().is_none());
    }
}
