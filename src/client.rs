//! One connection to a QMP server: commands and who waits for them, events to listeners. It knows no browser: its
//! transport does. That it is made anew when it ends is `supervisor`'s business.

mod listeners;
mod signal;
#[cfg(test)]
mod tests;
mod waiter;

use std::cell::RefCell;
use std::future::Future;
use std::rc::{Rc, Weak};

use qmp_proto::{
    CapabilitySet, ClientOptions, ClientSession, Command, CommandId, Event, Greeting, Input, Json, Output,
    ProtocolError, SessionTag, State,
};

pub(crate) use self::listeners::Listeners;
pub use self::listeners::Subscription;
use self::signal::Signal;
use self::waiter::Pending;
pub use self::waiter::{Reply, Waiter};
use crate::error::{Error, Outcome};
use crate::transport::{CloseInfo, Transport};

/// A connection, whose commands are waited for by `W`. Clones are the same connection; the last one to go closes it.
pub struct Client<W: Waiter = Reply>(Rc<Inner<W>>);

/// No borrow of these is held while foreign code runs: listeners, waiters and the transport may call back.
struct Inner<W: Waiter> {
    transport: Box<dyn Transport>,
    session: RefCell<ClientSession<Pending<W>>>,
    greeting: RefCell<Option<Greeting>>,
    ready: Signal<Result<(), Error>>,
    closed: Signal<CloseInfo>,
    listeners: Listeners<Event>,
    strays: Listeners<Stray>,
}

/// A reply that nobody waits for. It was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stray {
    /// To a command whose waiter has given up.
    Late {
        /// The command.
        command: String,
    },
    /// To a command that is none of ours; QEMU sends such replies when a client before us left.
    Unknown {
        /// The id as the server wrote it, if it wrote one.
        id: Option<String>,
    },
}

impl Client {
    /// Executes a command. It is sent at once, whether or not the future is polled; to drop the future is to stop
    /// waiting, not to undo the command.
    ///
    /// The value is `return`.
    pub fn execute(&self, command: Command<'_>) -> impl Future<Output = Result<Json, Error>> + use<> {
        let (waiter, reply) = Reply::new();
        self.start(command, waiter, f64::INFINITY);
        async move {
            // The sender goes without a word only where the client itself is gone.
            reply
                .await
                .unwrap_or_else(|_| Err(lost(true, CloseInfo::default())))
        }
    }
}

impl<W: Waiter> Client<W> {
    /// A client on an open pipe. `make` gets a weak handle, to which the transport gives what comes in.
    pub fn new<T: Transport + 'static>(random: u64, make: impl FnOnce(WeakClient<W>) -> T) -> Self {
        let options = ClientOptions::new(SessionTag::new(random));
        Self(Rc::new_cyclic(|weak| Inner {
            transport: Box::new(make(WeakClient(weak.clone()))),
            session: RefCell::new(ClientSession::new(options)),
            greeting: RefCell::default(),
            ready: Signal::default(),
            closed: Signal::default(),
            listeners: Listeners::default(),
            strays: Listeners::default(),
        }))
    }

    /// Waits until commands can be executed.
    pub fn ready(&self) -> impl Future<Output = Result<(), Error>> + use<W> {
        let ready = self.0.ready.wait();
        async move {
            ready
                .await
                .unwrap_or_else(|| Err(lost(false, CloseInfo::default())))
        }
    }

    /// Calls `listener` when commands can be executed, or when it is sure that they never can; at once if that is so.
    pub(crate) fn on_ready(&self, listener: impl FnOnce(Result<(), Error>) + 'static) {
        self.0.ready.then(listener);
    }

    /// Executes a command; `waiter` gets its outcome, at once if it cannot be sent. From `deadline` on, in milliseconds of
    /// the clock that [`expire`](Self::expire) goes by, it is waited for no more.
    pub fn start(&self, command: Command<'_>, waiter: W, deadline: f64) -> Option<CommandId> {
        let pending = Pending::new(command.name, waiter, deadline);
        let result = self.0.session.borrow_mut().execute(command, pending);
        match result {
            Ok(id) => {
                self.drain();
                Some(id)
            }
            Err((error, pending)) => {
                pending.settle(Err(error.into()));
                None
            }
        }
    }

    /// Executes a command whose outcome nobody wants to know.
    pub(crate) fn send_unwaited(&self, command: Command<'_>) -> Option<CommandId> {
        // It is not sent where the connection is not live, and that is told elsewhere.
        let id = self
            .0
            .session
            .borrow_mut()
            .execute(command, Pending::unwaited(command.name));
        self.drain();
        id.ok()
    }

    /// Stops waiting. A command that is not sent yet never will be; what is sent may still run, and its reply is a
    /// [`Stray`]. `None` if it has had its outcome.
    pub fn abandon(&self, id: CommandId) -> Option<(W, Outcome)> {
        let mut session = self.0.session.borrow_mut();
        if let Some(mut pending) = session.withdraw(id) {
            return pending.take().map(|waiter| (waiter, Outcome::NotSent));
        }
        let waiter = session.in_flight_mut(id)?.take()?;
        Some((waiter, Outcome::Unknown))
    }

    /// Whether this command waits to be sent: a server with `oob` takes only so many at a time.
    pub fn is_queued(&self, id: CommandId) -> bool {
        self.0.session.borrow().is_queued(id)
    }

    /// Gives up the commands whose deadline has come; says when the next one comes, if there is any.
    pub fn expire(&self, now: f64) -> Option<f64> {
        let mut next = f64::INFINITY;
        let mut due = Vec::new();
        for (id, pending) in self.0.session.borrow_mut().waiters_mut() {
            match pending.deadline() {
                deadline if deadline <= now => due.push((id, pending.command().to_owned())),
                deadline => next = next.min(deadline),
            }
        }
        for (id, command) in due {
            if let Some((waiter, outcome)) = self.abandon(id) {
                waiter.settle(Err(Error::Timeout { command, outcome }));
            }
        }
        next.is_finite().then_some(next)
    }

    /// Takes a reply that somebody else has read and that has a `return`: gives who waits for it. `None` if nobody does.
    pub fn take_reply(&self, number: u64) -> Option<W> {
        let reply = self.0.session.borrow_mut().take_reply(number);
        let waiter = match reply {
            Ok(Some(mut pending)) => {
                if let Some(command) = pending.given_up() {
                    self.0.strays.call(&Stray::Late { command });
                }
                pending.take()
            }
            Ok(None) => {
                let id = Some(self.0.session.borrow().wire_id(number));
                self.0.strays.call(&Stray::Unknown { id });
                None
            }
            Err(error) => {
                self.broken(error);
                None
            }
        };
        self.drain();
        waiter
    }

    /// Calls the listener with each event, in the order in which they come, until the subscription is dropped.
    pub fn on_event(&self, listener: impl Fn(&Event) + 'static) -> Subscription {
        self.0.listeners.add(listener)
    }

    /// Calls the listener with each reply that nobody waits for, until the subscription is dropped.
    pub fn on_stray(&self, listener: impl Fn(&Stray) + 'static) -> Subscription {
        self.0.strays.add(listener)
    }

    /// Closes the connection. What was pending is rejected.
    pub fn close(&self) {
        self.lost(CloseInfo {
            code: 1000,
            reason: "closed by this side".to_owned(),
        });
    }

    /// Calls `listener` when the connection has ended, with how; at once if it has.
    pub(crate) fn on_closed(&self, listener: impl FnOnce(CloseInfo) + 'static) {
        self.0.closed.then(listener);
    }

    /// Waits until the connection has ended, and says how.
    pub fn closed(&self) -> impl Future<Output = CloseInfo> + use<W> {
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
    pub fn state(&self) -> State {
        self.0.session.borrow().state()
    }

    /// What the id of each command on this connection begins with; its number follows.
    pub fn id_prefix(&self) -> String {
        self.wire_id(0).trim_end_matches('0').to_owned()
    }

    /// The id of the command with this number.
    pub fn wire_id(&self, number: u64) -> String {
        let id = self.0.session.borrow().wire_id(number);
        id.trim_matches('"').to_owned()
    }

    /// Whether commands can be executed and the next byte that comes in begins a message.
    pub fn is_between_messages(&self) -> bool {
        let session = self.0.session.borrow();
        session.state() == State::Ready && session.is_between_messages()
    }

    /// A handle that does not keep it.
    pub fn downgrade(&self) -> WeakClient<W> {
        WeakClient(Rc::downgrade(&self.0))
    }

    /// Takes what came in, cut anywhere.
    pub fn receive(&self, bytes: &[u8]) {
        let result = self.0.session.borrow_mut().handle_input(Input::Bytes(bytes));
        match result {
            Ok(()) => self.drain(),
            Err(error) => self.broken(error),
        }
    }

    /// The server broke the protocol.
    fn broken(&self, error: ProtocolError) {
        let close = CloseInfo {
            code: 1002,
            reason: error.to_string(),
        };
        self.0.ready.set(Err(error.into()));
        self.finish(close);
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
        self.0.ready.set(Err(lost(false, close)));
        self.0.transport.close();
        self.0.ready.tell();
        self.0.closed.tell();
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
                    waiter.settle(Err(lost(sent, self.0.closed.get().unwrap_or_default())));
                }
                Output::Ready(_) => {
                    self.0.ready.set(Ok(()));
                    self.0.ready.tell();
                }
                Output::Response { id, result, waiter } => {
                    let result = result.map_err(|error| (self.wire_id(id.number()), error));
                    if let Some(late) = waiter.reply(result) {
                        self.0.strays.call(&Stray::Late { command: late });
                    }
                }
                Output::Transmit(message) => self.0.transport.send(&message),
                Output::Unroutable { id } => {
                    let id = id.map(String::from);
                    self.0.strays.call(&Stray::Unknown { id });
                }
            }
        }
    }
}

impl<W: Waiter> Clone for Client<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: Waiter> std::fmt::Debug for Client<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// What a transport holds of its client: enough to give it what comes in, not enough to keep it.
#[derive(Debug)]
pub struct WeakClient<W: Waiter = Reply>(Weak<Inner<W>>);

impl<W: Waiter> WeakClient<W> {
    /// The client, while somebody else still holds it.
    pub fn upgrade(&self) -> Option<Client<W>> {
        self.0.upgrade().map(Client)
    }
}

impl<W: Waiter> Clone for WeakClient<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Who still waits learns that nothing more comes.
impl<W: Waiter> Drop for Inner<W> {
    fn drop(&mut self) {
        let session = self.session.get_mut();
        // Closed already: nothing comes of it.
        let _ = session.handle_input(Input::Eof);
        while let Some(output) = session.poll_output() {
            if let Output::Interrupted { sent, waiter, .. } = output {
                waiter.settle(Err(lost(sent, CloseInfo::default())));
            }
        }
    }
}

impl<W: Waiter> std::fmt::Debug for Inner<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inner")
    }
}

fn lost(sent: bool, close: CloseInfo) -> Error {
    let outcome = if sent { Outcome::Unknown } else { Outcome::NotSent };
    Error::ConnectionLost { outcome, close }
}

impl Error {
    /// There is no connection to send anything over.
    pub(crate) fn not_sent(close: CloseInfo) -> Self {
        lost(false, close)
    }
}
