//! A connection that is made anew when it ends: it does what the [`supervisor`](crate::supervisor) says, with one timer,
//! and gives out the client of the moment. How a client is made, and who waits for what, is the caller's.

mod environment;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use qmp_proto::{Capability, Command, CommandId, Greeting};

use self::environment::Environment;
use crate::client::{Client, Listeners, Subscription, Waiter};
use crate::error::Error;
use crate::expiry::{Expiry, now};
use crate::supervisor::{ConnectionId, Input, Options, Output, State, Supervisor, Why};
use crate::transport::CloseInfo;

/// A durable connection to one machine. Clones are the same connection.
pub struct Connection<W: Waiter>(Rc<Inner<W>>);

struct Inner<W: Waiter> {
    supervisor: RefCell<Supervisor>,
    open: Box<dyn Fn(Attempt<W>) -> Box<dyn Any>>,
    /// What is connected.
    live: RefCell<Option<(ConnectionId, Live<W>)>>,
    /// Dropped, it ends the try that is under way.
    attempt: RefCell<Option<Box<dyn Any>>>,
    notes: Notes,
    timer: RefCell<Option<Timeout>>,
    pinging: Cell<bool>,
    greeting: RefCell<Greeting>,
    /// Why the last connection ended, or the last try.
    last: RefCell<Option<Error>>,
    changes: Listeners<Change>,
    /// Set once what it tells is there.
    environment: RefCell<Option<Environment>>,
}

/// A handle that does not keep the connection.
pub struct WeakConnection<W: Waiter>(Weak<Inner<W>>);

impl<W: Waiter> WeakConnection<W> {
    /// The connection, while it is kept by somebody.
    pub fn upgrade(&self) -> Option<Connection<W>> {
        self.0.upgrade().map(Connection)
    }
}

/// A client, and what ends the waiting for its commands.
pub struct Live<W: Waiter> {
    /// The client of the moment.
    pub client: Client<W>,
    expiry: Expiry<W>,
}

impl<W: Waiter> Live<W> {
    /// Executes a command; `waiter` gets its outcome, at once if it cannot be sent, and at the latest when `timeout` milliseconds
    /// are over; infinite is for ever.
    pub fn start(&self, command: Command<'_>, waiter: W, timeout: f64) -> Option<CommandId> {
        let deadline = now() + timeout;
        let id = self.client.start(command, waiter, deadline);
        self.expiry.watch(deadline);
        id
    }
}

/// A try that is under way.
pub struct Attempt<W: Waiter> {
    connection: Weak<Inner<W>>,
    id: ConnectionId,
    /// What whoever opens and reads the connection notices of it.
    pub notes: Notes,
}

impl<W: Waiter> Attempt<W> {
    /// Tells what it has come to.
    pub fn done(&self, result: Result<Client<W>, Failure>) {
        if let Some(connection) = self.connection.upgrade() {
            connection.opened(self.id, result);
        }
    }
}

/// Why a try came to nothing.
#[derive(Debug)]
pub struct Failure {
    /// The reason.
    pub error: Error,
    /// Whether it would be refused again.
    pub refused: bool,
}

/// What there is to be told.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// The command of this number asked for a sign of life.
    Pinged(u64),
    /// Live again. What happened in these milliseconds may have been missed.
    Resumed(f64),
    /// How it is now.
    State(State),
}

/// What whoever opens and reads a connection notices of it.
/// Clones are the same notes.
#[derive(Clone, Default)]
pub struct Notes(Rc<NotesInner>);

#[derive(Default)]
struct NotesInner {
    has_heard: RefCell<Option<Box<dyn Fn() -> bool>>>,
    is_local: Cell<bool>,
}

impl Notes {
    /// Asks this from now on whether anything has come in since it was asked last: to be told with each message would cost
    /// more than many messages do.
    pub fn ask(&self, has_heard: impl Fn() -> bool + 'static) {
        self.0.has_heard.replace(Some(Box::new(has_heard)));
    }

    fn has_heard(&self) -> bool {
        self.0
            .has_heard
            .borrow()
            .as_ref()
            .is_some_and(|has_heard| has_heard())
    }

    /// Whether the peer is on this computer: then it does not matter whether there is a network.
    pub fn is_local(&self, is_local: bool) {
        self.0.is_local.set(is_local);
    }
}

impl<W: Waiter> Connection<W> {
    /// Begins to connect. `open` begins to make a client and is called for every try; what it gives, dropped, ends the try.
    pub fn new(options: Options, open: impl Fn(Attempt<W>) -> Box<dyn Any> + 'static) -> Self {
        let inner = Rc::new(Inner {
            supervisor: RefCell::new(Supervisor::new(options, now())),
            open: Box::new(open),
            live: RefCell::default(),
            attempt: RefCell::default(),
            notes: Notes::default(),
            timer: RefCell::default(),
            pinging: Cell::default(),
            greeting: RefCell::default(),
            last: RefCell::default(),
            changes: Listeners::default(),
            environment: RefCell::default(),
        });
        let weak = Rc::downgrade(&inner);
        let environment = Environment::watch(move |input| {
            if let Some(inner) = weak.upgrade()
                && !(inner.notes.0.is_local.get() && matches!(input, Input::Offline))
            {
                inner.input(input);
            }
        });
        inner.environment.replace(Some(environment));
        inner.perform();
        Self(inner)
    }

    /// The client of the moment.
    pub fn live(&self) -> Option<Live<W>> {
        self.0.live.borrow().as_ref().map(|(_, live)| live.clone())
    }

    /// How it is.
    pub fn state(&self) -> State {
        self.0.supervisor.borrow().state()
    }

    /// Calls the listener with each change, until the subscription is dropped.
    pub fn on_change(&self, listener: impl Fn(&Change) + 'static) -> Subscription {
        self.0.changes.add(listener)
    }

    /// Who the server is, or was.
    pub fn greeting(&self) -> Greeting {
        self.0.greeting.borrow().clone()
    }

    /// A handle that does not keep it.
    pub fn downgrade(&self) -> WeakConnection<W> {
        WeakConnection(Rc::downgrade(&self.0))
    }

    /// Why the last connection ended, or the last try.
    pub fn last_error(&self) -> Option<Error> {
        self.0.last.borrow().clone()
    }

    /// How the last connection ended, or came to nothing.
    pub fn last_close(&self) -> CloseInfo {
        match self.last_error() {
            Some(Error::ConnectionLost { close, .. }) => close,
            other => abnormal(other.map(|error| error.to_string()).unwrap_or_default()),
        }
    }

    /// Connects anew, now.
    pub fn reconnect(&self) {
        self.0.input(Input::Reconnect);
    }

    /// Ends it for good.
    pub fn close(&self) {
        if self.state() != State::Closed(Why::ByUs) {
            let (code, reason) = (1000, "closed by this side".to_owned());
            let ended = Error::not_sent(CloseInfo { code, reason });
            self.0.last.replace(Some(ended));
            self.0.input(Input::Close);
        }
    }
}

impl<W: Waiter> Inner<W> {
    fn input(self: &Rc<Self>, input: Input) {
        self.supervisor.borrow_mut().handle_input(input, now());
        self.perform();
    }

    /// Does what the supervisor says until it says nothing more. Listeners may call back.
    fn perform(self: &Rc<Self>) {
        loop {
            let Some(output) = self.supervisor.borrow_mut().poll_output() else {
                break;
            };
            match output {
                Output::Connect(id) => self.connect(id),
                Output::Drop(id) => self.hang_up(id),
                Output::Ping(id) => self.ping(id),
                Output::Resumed(gap) => self.changes.call(&Change::Resumed(gap)),
                Output::StateChanged(state) => self.changes.call(&Change::State(state)),
            }
        }
        self.wait();
    }

    fn connect(self: &Rc<Self>, id: ConnectionId) {
        let attempt = (self.open)(Attempt {
            connection: Rc::downgrade(self),
            id,
            notes: self.notes.clone(),
        });
        self.attempt.replace(Some(attempt));
    }

    fn opened(self: &Rc<Self>, id: ConnectionId, result: Result<Client<W>, Failure>) {
        self.attempt.take();
        let client = match result {
            Ok(client) => client,
            Err(Failure { error, refused }) => {
                self.last.replace(Some(error));
                let connection = id;
                return self.input(Input::Failed { connection, refused });
            }
        };
        let in_order_only = client.capabilities().is_empty();
        let expiry = Expiry::new(&client);
        self.pinging.set(false);
        self.greeting.replace(client.greeting().unwrap_or_default());
        self.live.replace(Some((
            id,
            Live {
                client: client.clone(),
                expiry,
            },
        )));
        self.input(Input::Opened(id));
        if in_order_only {
            // It may execute something long, and answers nothing meanwhile.
            self.input(Input::Busy(true));
        }
        let this = Rc::downgrade(self);
        client.on_closed(move |close| {
            if let Some(this) = this.upgrade() {
                this.lost(id, close);
            }
        });
    }

    fn lost(self: &Rc<Self>, id: ConnectionId, close: CloseInfo) {
        // What we have closed ourselves is not there any more.
        if self.live.borrow_mut().take_if(|(live, _)| *live == id).is_some() {
            let code = close.code;
            self.received(id);
            self.last.replace(Some(Error::not_sent(close)));
            self.input(Input::Lost { connection: id, code });
        }
    }

    /// Closes a connection, or gives up the try.
    fn hang_up(&self, id: ConnectionId) {
        self.attempt.replace(None);
        let live = self.live.borrow_mut().take_if(|(live, _)| *live == id);
        if let Some((_, live)) = live {
            if self.state() != State::Closed(Why::ByUs) {
                let why = "it gave no sign of life, or is made anew".to_owned();
                self.last.replace(Some(Error::not_sent(abnormal(why))));
            }
            live.client.close();
        }
    }

    /// Asks for a sign of life what costs the peer least: of our bridge what it answers by itself, of a QEMU what it
    /// answers whatever it executes.
    fn ping(&self, id: ConnectionId) {
        let Some(client) = self.client(id).filter(|_| !self.pinging.replace(true)) else {
            return;
        };
        let capabilities = client.capabilities();
        let command = if capabilities.contains(Capability::Async) {
            Command::new("qmp_capabilities")
        } else if capabilities.contains(Capability::Oob) {
            Command::new("query-yank").out_of_band()
        } else {
            Command::new("query-version")
        };
        if let Some(id) = client.send_unwaited(command) {
            self.changes.call(&Change::Pinged(id.number()));
        }
    }

    fn client(&self, id: ConnectionId) -> Option<Client<W>> {
        let live = self.live.borrow();
        live.as_ref()
            .filter(|(live, _)| *live == id)
            .map(|(_, live)| live.client.clone())
    }

    /// Keeps one timer, for the supervisor's next deadline.
    fn wait(self: &Rc<Self>) {
        let Some(deadline) = self.supervisor.borrow().next_deadline() else {
            self.timer.replace(None);
            return;
        };
        // Who is in doubt is listened to more closely.
        let in_doubt = matches!(self.state(), State::Unstable { .. }) || self.pinging.get();
        let most = if in_doubt {
            CLOSELY
        } else {
            f64::from(i32::MAX - 1)
        };
        let wait = (deadline - now()).clamp(0.0, most) as u32 + 1;
        let this = Rc::downgrade(self);
        self.timer
            .replace(Some(Timeout::new(wait, move || Self::tick(&this))));
    }

    fn tick(this: &Weak<Self>) {
        let Some(this) = this.upgrade() else {
            return;
        };
        let live = this.live.borrow().as_ref().map(|(id, _)| *id);
        if let Some(id) = live {
            this.received(id);
        }
        this.input(Input::Tick);
    }

    /// Tells the supervisor of what was heard since it was told last.
    fn received(&self, id: ConnectionId) {
        if self.notes.has_heard() {
            self.pinging.set(false);
            self.supervisor
                .borrow_mut()
                .handle_input(Input::Received(id), now());
        }
    }

    fn state(&self) -> State {
        self.supervisor.borrow().state()
    }
}

impl<W: Waiter> Drop for Inner<W> {
    fn drop(&mut self) {
        // Who waits for a command learns it from the client, which goes too.
        if let Some((_, live)) = self.live.take() {
            live.client.close();
        }
    }
}

impl<W: Waiter> Clone for Live<W> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            expiry: self.expiry.clone(),
        }
    }
}

impl<W: Waiter> Clone for Connection<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: Waiter> fmt::Debug for Connection<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl<W: Waiter> fmt::Debug for WeakConnection<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakConnection")
    }
}

impl<W: Waiter> fmt::Debug for Live<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

impl<W: Waiter> fmt::Debug for Attempt<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt")
    }
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notes")
    }
}

/// An end without a close handshake.
const fn abnormal(reason: String) -> CloseInfo {
    CloseInfo { code: 1006, reason }
}

/// Milliseconds between two looks at whether anything came in.
const CLOSELY: f64 = 250.0;
