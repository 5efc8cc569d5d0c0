//! One connection to a QMP server, as Rust in the browser uses it: commands as futures, events to listeners. It knows
//! no browser: its transport does.

mod listeners;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, ErrorResponse, Greeting, Input, Json, Output,
    SessionTag,
};

use self::listeners::Listeners;
pub use self::listeners::Subscription;
use crate::error::{Error, Outcome};
use crate::transport::{CloseInfo, Transport};

/// A connection. Clones are the same connection; the last one to go closes it.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

/// No borrow of these is held while foreign code runs: listeners, waiters and the transport may call back.
struct Inner {
    transport: Box<dyn Transport>,
    session: RefCell<ClientSession<Waiter>>,
    greeting: RefCell<Option<Greeting>>,
    ready: Signal<Result<(), Error>>,
    closed: Signal<CloseInfo>,
    listeners: Listeners,
    unroutable: Cell<u64>,
}

/// Who waits for the reply to a command.
struct Waiter {
    command: String,
    sender: oneshot::Sender<Result<Json, Error>>,
}

impl Client {
    /// A client on an open pipe. `make` gets a weak handle, to which the transport gives what comes in.
    pub fn new<T: Transport + 'static>(random: u64, make: impl FnOnce(WeakClient) -> T) -> Self {
        let options = ClientOptions::new(SessionTag::new(random));
        Self(Rc::new_cyclic(|weak| Inner {
            transport: Box::new(make(WeakClient(weak.clone()))),
            session: RefCell::new(ClientSession::new(options)),
            greeting: RefCell::default(),
            ready: Signal::default(),
            closed: Signal::default(),
            listeners: Listeners::default(),
            unroutable: Cell::default(),
        }))
    }

    /// Waits until commands can be executed.
    pub fn ready(&self) -> impl Future<Output = Result<(), Error>> + use<> {
        let ready = self.0.ready.wait();
        async move {
            ready
                .await
                .unwrap_or_else(|| Err(lost(Outcome::NotSent, CloseInfo::default())))
        }
    }

    /// Executes a command. It is sent at once, whether or not the future is polled; to drop the future is to stop
    /// waiting, not to undo the command.
    ///
    /// The value is `return`.
    pub fn execute(&self, command: Command<'_>) -> impl Future<Output = Result<Json, Error>> + use<> {
        let (sender, receiver) = oneshot::channel();
        let waiter = Waiter {
            command: command.name.to_owned(),
            sender,
        };
        let result = self.0.session.borrow_mut().execute(command, waiter);
        match result {
            Ok(_) => self.drain(),
            Err((error, waiter)) => waiter.settle(Err(error.into())),
        }
        async move {
            // The sender goes without a word only where the client itself is gone.
            receiver
                .await
                .unwrap_or_else(|_| Err(lost(Outcome::Unknown, CloseInfo::default())))
        }
    }

    /// Calls the listener with each event, in the order in which they come, until the subscription is dropped.
    pub fn on_event(&self, listener: impl Fn(&qmp_proto::Event) + 'static) -> Subscription {
        self.0.listeners.add(listener)
    }

    /// Closes the connection. What was pending is rejected.
    pub fn close(&self) {
        self.lost(CloseInfo {
            code: 1000,
            reason: "closed by this side".to_owned(),
        });
    }

    /// Waits until the connection has ended, and says how.
    pub fn closed(&self) -> impl Future<Output = CloseInfo> + use<> {
        let closed = self.0.closed.wait();
        async move { closed.await.unwrap_or_default() }
    }

    /// Who the server is, as soon as it has said so.
    pub fn greeting(&self) -> Option<Greeting> {
        self.0.greeting.borrow().clone()
    }

    /// What was negotiated.
    pub fn capabilities(&self) -> CapabilitySet {
        self.0.session.borrow().enabled()
    }

    /// Where the connection is.
    pub fn state(&self) -> qmp_proto::State {
        self.0.session.borrow().state()
    }

    /// How many replies came that belong to no command of ours; they were dropped.
    pub fn unroutable(&self) -> u64 {
        self.0.unroutable.get()
    }

    /// Takes what came in, cut anywhere.
    pub fn receive(&self, bytes: &[u8]) {
        let result = self.0.session.borrow_mut().handle_input(Input::Bytes(bytes));
        if let Err(error) = result {
            let close = CloseInfo {
                code: 1002,
                reason: error.to_string(),
            };
            self.0.ready.set(Err(error.into()));
            self.finish(close);
        } else {
            self.drain();
        }
    }

    /// Takes note that the connection has ended.
    pub fn lost(&self, close: CloseInfo) {
        // Closed already: nothing comes of it.
        let _ = self.0.session.borrow_mut().handle_input(Input::Eof);
        self.finish(close);
    }

    fn finish(&self, close: CloseInfo) {
        self.0.closed.set(close);
        self.drain();
        let close = self.0.closed.get().unwrap_or_default();
        self.0.ready.set(Err(lost(Outcome::NotSent, close)));
        self.0.transport.close();
    }

    /// Does what the session says until it has nothing more to say.
    fn drain(&self) {
        loop {
            let Some(output) = self.0.session.borrow_mut().poll_output() else {
                return;
            };
            match output {
                Output::Event(event) => self.0.listeners.call(&event),
                Output::Greeting(greeting) => drop(self.0.greeting.replace(Some(greeting))),
                Output::Interrupted { sent, waiter, .. } => {
                    let outcome = if sent { Outcome::Unknown } else { Outcome::NotSent };
                    waiter.settle(Err(lost(outcome, self.0.closed.get().unwrap_or_default())));
                }
                Output::Ready(_) => self.0.ready.set(Ok(())),
                Output::Response { result, waiter, .. } => waiter.reply(result),
                Output::Transmit(message) => self.0.transport.send(&message),
                Output::Unroutable { .. } => self.0.unroutable.set(self.0.unroutable.get() + 1),
            }
        }
    }
}

impl Waiter {
    fn reply(self, result: Result<Json, ErrorResponse>) {
        let Self { command, sender } = self;
        // Nobody waits any more where the future was dropped.
        drop(sender.send(result.map_err(|error| Error::Command { command, error })));
    }

    fn settle(self, result: Result<Json, Error>) {
        drop(self.sender.send(result));
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// What a transport holds of its client: enough to give it what comes in, not enough to keep it.
#[derive(Clone, Debug)]
pub struct WeakClient(Weak<Inner>);

impl WeakClient {
    /// The client, while somebody else still holds it.
    pub fn upgrade(&self) -> Option<Client> {
        self.0.upgrade().map(Client)
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inner")
    }
}

/// Something that is said once and heard by all who asked before or ask after.
struct Signal<T> {
    value: RefCell<Option<T>>,
    waiting: RefCell<Vec<oneshot::Sender<T>>>,
}

impl<T> Default for Signal<T> {
    fn default() -> Self {
        Self {
            value: RefCell::default(),
            waiting: RefCell::default(),
        }
    }
}

impl<T: Clone> Signal<T> {
    /// Says it, unless it was said before.
    fn set(&self, value: T) {
        if self.value.borrow().is_none() {
            self.value.replace(Some(value.clone()));
            for waiting in self.waiting.take() {
                drop(waiting.send(value.clone()));
            }
        }
    }

    fn get(&self) -> Option<T> {
        self.value.borrow().clone()
    }

    /// Waits until it is said; `None` if it never will be.
    fn wait(&self) -> impl Future<Output = Option<T>> + use<T> {
        let (sender, receiver) = oneshot::channel();
        match self.get() {
            Some(value) => drop(sender.send(value)),
            None => self.waiting.borrow_mut().push(sender),
        }
        async move { receiver.await.ok() }
    }
}

fn lost(outcome: Outcome, close: CloseInfo) -> Error {
    Error::ConnectionLost { outcome, close }
}
