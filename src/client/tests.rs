//! The client against a server in memory. Nothing here waits: a future is ready or it is not.

use futures_util::FutureExt;
use qmp_proto::{
    ErrorClass, Event, Limits, Request, ServerInput, ServerOptions, ServerOutput, ServerSession, State,
    Version,
};

use super::*;

/// A client, the server at the other end of its pipe, and what the server was asked to execute.
struct Pair {
    client: Client,
    server: ServerSession,
    pipe: Pipe,
    executing: Vec<Request>,
}

#[derive(Clone, Default)]
struct Pipe {
    sent: Rc<RefCell<Vec<String>>>,
    closed: Rc<Cell<bool>>,
}

impl Transport for Pipe {
    fn send(&self, message: &str) {
        self.sent.borrow_mut().push(message.to_owned());
    }

    fn close(&self) {
        self.closed.set(true);
    }
}

impl Pair {
    fn connect(capabilities: &[&str]) -> Self {
        let capabilities = capabilities.iter().map(|&name| name.to_owned()).collect();
        let greeting = Greeting {
            version: Version {
                major: 9,
                ..Version::default()
            },
            capabilities,
        };
        let pipe = Pipe::default();
        let client = Client::new(5, |_| pipe.clone());
        let server = ServerSession::new(ServerOptions {
            greeting,
            limits: Limits::CLIENT,
        });
        let mut pair = Self {
            client,
            server,
            pipe,
            executing: vec![],
        };
        pair.carry();
        pair
    }

    /// Carries everything to its end until nothing moves.
    fn carry(&mut self) {
        loop {
            for message in self.pipe.sent.take() {
                self.server.handle_input(ServerInput::Message(&message)).unwrap();
            }
            let outputs: Vec<ServerOutput> = std::iter::from_fn(|| self.server.poll_output()).collect();
            if outputs.is_empty() {
                return;
            }
            for output in outputs {
                match output {
                    ServerOutput::Execute(request) => self.executing.push(request),
                    ServerOutput::Ready(_) => {}
                    ServerOutput::Transmit(text) => self.client.receive(text.as_bytes()),
                }
            }
        }
    }

    fn respond(&mut self, name: &str, reply: Result<&str, ErrorResponse>) {
        let place = self
            .executing
            .iter()
            .position(|request| request.name == name)
            .unwrap();
        let reply = reply.map(|value| Json::parse(value).unwrap());
        self.server.respond(self.executing.remove(place).ticket, reply);
        self.carry();
    }

    fn emit(&mut self, name: &str) {
        self.server.emit(&Event {
            timestamp: None,
            name: name.to_owned(),
            data: None,
        });
        self.carry();
    }
}

#[test]
fn it_is_ready_when_capabilities_are_negotiated() {
    let pair = Pair::connect(&["async", "x-future"]);
    assert_eq!(pair.client.ready().now_or_never(), Some(Ok(())));
    assert_eq!(pair.client.capabilities().names().collect::<Vec<_>>(), ["async"]);
    assert_eq!(pair.client.greeting().unwrap().version.major, 9);
    let silent = Client::new(1, |_| Pipe::default());
    assert_eq!(silent.ready().now_or_never(), None);
}

#[test]
fn replies_go_to_their_commands_in_any_order() {
    let mut pair = Pair::connect(&["async"]);
    let slow = pair.client.execute(Command::new("slow"));
    let fast = pair.client.execute(Command::new("fast"));
    pair.carry();
    pair.respond("fast", Ok("18446744073709551615"));
    assert_eq!(
        fast.now_or_never().unwrap().unwrap().as_str(),
        "18446744073709551615"
    );
    pair.respond(
        "slow",
        Err(ErrorResponse::new(ErrorClass::DeviceNotFound, "no x")),
    );
    let error = slow.now_or_never().unwrap().unwrap_err();
    let refused = ErrorResponse::new(ErrorClass::DeviceNotFound, "no x");
    assert_eq!(
        error,
        Error::Command {
            command: "slow".into(),
            error: refused
        }
    );
}

#[test]
fn a_lost_connection_rejects_what_was_pending_and_says_what_may_have_run() {
    let mut pair = Pair::connect(&["oob"]);
    let pending: Vec<_> = (0..10).map(|_| pair.client.execute(Command::new("x"))).collect();
    pair.carry();
    let close = CloseInfo {
        code: 4404,
        reason: "gone".into(),
    };
    pair.client.lost(close.clone());
    let outcomes: Vec<Outcome> = pending
        .into_iter()
        .map(|reply| match reply.now_or_never().expect("it hangs") {
            Err(Error::ConnectionLost { outcome, close: told }) if told == close => outcome,
            other => panic!("{other:?}"),
        })
        .collect();
    // Eight in flight is what `oob` leaves room for; the others were still here.
    assert_eq!(
        outcomes,
        [[Outcome::Unknown; 8].as_slice(), &[Outcome::NotSent; 2]].concat()
    );
    assert_eq!(pair.client.closed().now_or_never(), Some(close));
    assert!(pair.pipe.closed.get());
    let late = pair.client.execute(Command::new("x")).now_or_never().unwrap();
    assert_eq!(late.unwrap_err(), Error::Execute(qmp_proto::ExecuteError::Closed));
}

#[test]
fn garbage_ends_the_connection() {
    let mut pair = Pair::connect(&["async"]);
    let pending = pair.client.execute(Command::new("x"));
    pair.carry();
    pair.client.receive(b"{\"return\": nonsense}");
    assert!(matches!(
        pending.now_or_never(),
        Some(Err(Error::ConnectionLost {
            outcome: Outcome::Unknown,
            ..
        }))
    ));
    assert_eq!(pair.client.state(), State::Closed);
    assert!(pair.pipe.closed.get());

    let stranger = Client::new(1, |_| Pipe::default());
    stranger.receive(b"HTTP/1.1 200 OK\r\n");
    assert!(matches!(
        stranger.ready().now_or_never(),
        Some(Err(Error::Protocol(_)))
    ));
}

#[test]
fn who_stops_waiting_harms_nobody() {
    let mut pair = Pair::connect(&["async"]);
    drop(pair.client.execute(Command::new("a")));
    let b = pair.client.execute(Command::new("b"));
    pair.carry();
    pair.respond("a", Ok("1"));
    pair.respond("b", Ok("2"));
    assert_eq!(b.now_or_never().unwrap().unwrap().as_str(), "2");
    assert_eq!(pair.client.unroutable(), 0);
}

#[test]
fn a_client_that_goes_while_something_is_pending_leaves_no_one_hanging() {
    let pair = Pair::connect(&["async"]);
    let (pending, closed) = (pair.client.execute(Command::new("x")), pair.client.closed());
    drop(pair);
    assert!(matches!(
        pending.now_or_never(),
        Some(Err(Error::ConnectionLost { .. }))
    ));
    assert!(closed.now_or_never().is_some());
}

#[test]
fn listeners_may_call_back() {
    let mut pair = Pair::connect(&["async"]);
    let heard = Rc::new(RefCell::new(vec![]));
    let own: Rc<RefCell<Option<Subscription>>> = Rc::default();
    let weak = WeakClient(Rc::downgrade(&pair.client.0));
    let once = pair.client.on_event({
        let (heard, own) = (heard.clone(), own.clone());
        move |event| {
            heard.borrow_mut().push(event.name.clone());
            drop(weak.upgrade().unwrap().execute(Command::new("from-listener")));
            drop(own.take());
        }
    });
    own.replace(Some(once));
    pair.emit("STOP");
    pair.emit("RESUME");
    assert_eq!(*heard.borrow(), ["STOP"], "it ended itself");
    assert_eq!(pair.executing.len(), 1);
}
