//! The client against a server in memory. Nothing here waits: a future is ready or it is not.

use std::cell::Cell;

use futures_util::FutureExt;
use qmp_proto::{
    ErrorClass, ErrorResponse, Event, Limits, Request, ServerInput, ServerOptions, ServerOutput,
    ServerSession, State, Version,
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
    let silent: Client = Client::new(1, |_| Pipe::default());
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
            id: format!("{}1", pair.client.id_prefix()),
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
fn what_waits_to_be_sent_is_known() {
    let mut pair = Pair::connect(&["oob"]);
    let ids: Vec<_> = (0..10)
        .filter_map(|_| {
            pair.client
                .start(Command::new("x"), Reply::new().0, f64::INFINITY)
        })
        .collect();
    pair.carry();
    let queued = |pair: &Pair| ids.iter().filter(|id| pair.client.is_queued(**id)).count();
    assert_eq!((ids.len(), queued(&pair)), (10, 2));
    pair.respond("x", Ok("{}"));
    assert_eq!(queued(&pair), 1);
    pair.client.abandon(ids[9]);
    assert_eq!(queued(&pair), 0);
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

    let stranger: Client = Client::new(1, |_| Pipe::default());
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

/// What nobody waits for, as it comes.
fn strays(client: &Client) -> Rc<RefCell<Vec<Stray>>> {
    let strays: Rc<RefCell<Vec<Stray>>> = Rc::default();
    let told = strays.clone();
    client
        .on_stray(move |stray| told.borrow_mut().push(stray.clone()))
        .forever();
    strays
}

/// A command and what becomes of it.
fn start(
    client: &Client,
    name: &str,
    deadline: f64,
) -> (CommandId, impl Future<Output = Result<Json, Error>> + use<>) {
    let (waiter, reply) = Reply::new();
    let id = client.start(Command::new(name), waiter, deadline).unwrap();
    (id, async move { reply.await.unwrap() })
}

#[test]
fn what_is_given_up_may_still_run_and_its_late_reply_is_told() {
    let mut pair = Pair::connect(&["oob"]);
    let strays = strays(&pair.client);
    let (sent, _) = start(&pair.client, "a", f64::INFINITY);
    for _ in 0..7 {
        drop(start(&pair.client, "b", f64::INFINITY));
    }
    let (unsent, _) = start(&pair.client, "c", f64::INFINITY);
    pair.carry();
    let outcome = |id| pair.client.abandon(id).map(|(_, outcome)| outcome);
    assert_eq!(outcome(sent), Some(Outcome::Unknown));
    assert_eq!(outcome(sent), None, "twice");
    assert_eq!(outcome(unsent), Some(Outcome::NotSent));
    pair.respond("a", Ok("1"));
    assert_eq!(*strays.borrow(), [Stray::Late { command: "a".into() }]);
    assert!(
        pair.executing.iter().all(|request| request.name == "b"),
        "c was sent"
    );
    pair.client.receive(b"{\"return\": {}, \"id\": 7}");
    assert_eq!(strays.borrow()[1], Stray::Unknown { id: Some("7".into()) });
}

#[test]
fn whose_time_is_up_learns_it_and_the_others_wait_on() {
    let mut pair = Pair::connect(&["async"]);
    let (_, early) = start(&pair.client, "a", 10.0);
    let (_, late) = start(&pair.client, "b", 20.0);
    let (_, never) = start(&pair.client, "c", f64::INFINITY);
    assert_eq!(pair.client.expire(9.0), Some(10.0));
    assert_eq!(pair.client.expire(10.0), Some(20.0));
    let outcome = Outcome::Unknown;
    let timeout = |command: &str| Error::Timeout {
        command: command.into(),
        outcome,
    };
    assert_eq!(early.now_or_never(), Some(Err(timeout("a"))));
    pair.carry();
    pair.respond("b", Ok("2"));
    assert_eq!(late.now_or_never().unwrap().unwrap().as_str(), "2");
    assert_eq!(pair.client.expire(1e9), None);
    pair.respond("c", Ok("3"));
    assert_eq!(never.now_or_never().unwrap().unwrap().as_str(), "3");
}

#[test]
fn a_reply_that_was_read_elsewhere_settles_its_command() {
    let mut pair = Pair::connect(&["oob"]);
    let strays = strays(&pair.client);
    let (first, reply) = start(&pair.client, "a", f64::INFINITY);
    let (second, _) = start(&pair.client, "b", f64::INFINITY);
    let prefix = pair.client.id_prefix();
    pair.carry();
    assert!(pair.client.is_between_messages());
    let waiter = pair.client.take_reply(first.number()).unwrap();
    waiter.settle(Ok(Json::empty_object()));
    assert_eq!(reply.now_or_never().unwrap().unwrap().as_str(), "{}");
    assert!(pair.client.take_reply(first.number()).is_none());
    let id = Some(format!("\"{prefix}{}\"", first.number()));
    assert_eq!(*strays.borrow(), [Stray::Unknown { id }]);
    pair.client.abandon(second);
    assert!(pair.client.take_reply(second.number()).is_none());
    assert_eq!(strays.borrow()[1], Stray::Late { command: "b".into() });

    // Out of order it ends the connection, like any other.
    let (third, _) = start(&pair.client, "c", f64::INFINITY);
    let (fourth, _) = start(&pair.client, "d", f64::INFINITY);
    assert!(third < fourth);
    assert!(pair.client.take_reply(fourth.number()).is_none());
    assert_eq!(pair.client.state(), State::Closed);
    assert!(pair.pipe.closed.get());
}
