//! Commands of a person and of the console itself: how they are sent, recorded and waited for.

use futures_channel::oneshot;
use qmp_web::{CloseInfo, Error, Json, Outcome, Waiter, default_timeout};

use super::line::Line;
use super::store::{ExchangeId, Origin};
use super::{Console, dom};

/// Who waits for the outcome of a command: what is called with it.
pub(super) struct Told(Box<dyn FnOnce(Result<Json, Error>)>);

impl Waiter for Told {
    fn settle(self, result: Result<Json, Error>) {
        (self.0)(result);
    }
}

impl Console {
    /// Executes a command that a person gave. It is waited for until it is answered, or given up by hand.
    pub(super) fn execute(&self, line: Line) -> ExchangeId {
        self.start(line, Origin::Person, f64::INFINITY, |_| {})
    }

    /// Executes a command that a person gave by a button, and gives what became of it.
    pub(super) async fn perform(&self, line: Line) -> Result<Json, Error> {
        let (exchange, outcome) = self.begin(line, Origin::Person, f64::INFINITY);
        self.update(|store| store.leave_to_its_button(exchange));
        outcome.await
    }

    /// Asks the machine for what the page shows. `None` if it does not say: not connected, refused, too late.
    pub(super) async fn ask(&self, name: &str, arguments: Option<String>) -> Option<Json> {
        let line = Line {
            name: name.to_owned(),
            arguments,
            oob: false,
        };
        let timeout = f64::from(default_timeout(name));
        self.begin(line, Origin::Console, timeout).1.await.ok()
    }

    /// Sends a command, and gives what becomes of it to who waits for it.
    pub(super) fn begin(
        &self,
        line: Line,
        origin: Origin,
        timeout: f64,
    ) -> (ExchangeId, impl Future<Output = Result<Json, Error>> + use<>) {
        let (sender, receiver) = oneshot::channel();
        let exchange = self.start(line, origin, timeout, move |result| {
            // Nobody waits any more where the future was dropped.
            drop(sender.send(result));
        });
        let outcome = async { receiver.await.unwrap_or_else(|_| Err(not_connected())) };
        (exchange, outcome)
    }

    /// Sends a command and records it with what becomes of it.
    fn start(
        &self,
        line: Line,
        origin: Origin,
        timeout: f64,
        tell: impl FnOnce(Result<Json, Error>) + 'static,
    ) -> ExchangeId {
        let live = self.connection().and_then(|connection| connection.live());
        let exchange = self.update(|store| store.executed(line.clone(), origin, clock()));
        let console = self.clone();
        let name = line.name.clone();
        let told = Told(Box::new(move |result| {
            console.update(|store| store.settled(exchange, &result, clock()));
            console.note_sent();
            if origin == Origin::Person {
                console.learn_after(&name, &result);
            }
            tell(result);
        }));
        let Some(live) = live else {
            told.settle(Err(not_connected()));
            return exchange;
        };
        if let Some(id) = live.start(line.command(), told, timeout) {
            let wire_id = live.client.wire_id(id.number());
            let is_queued = live.client.is_queued(id);
            self.update(|store| {
                store.sent(exchange, id, wire_id);
                if is_queued {
                    store.waits(exchange);
                }
            });
        }
        exchange
    }

    /// Takes note of what was sent by now of what waited to be: each reply may make room for a command.
    pub(super) fn note_sent(&self) {
        if self.read(|store| store.queued.is_empty()) {
            return;
        }
        if let Some(live) = self.connection().and_then(|connection| connection.live()) {
            self.update(|store| store.began(|id| live.client.is_queued(id), clock()));
        }
    }

    /// Stops waiting for a command. If it was sent, it may run all the same.
    pub(super) fn give_up(&self, exchange: ExchangeId) {
        let waiting = self.read(|store| {
            let exchange = store.exchange(exchange)?;
            Some((exchange.id?, exchange.line.name.clone()))
        });
        let live = self.connection().and_then(|connection| connection.live());
        if let (Some((id, command)), Some(live)) = (waiting, live)
            && let Some((waiter, outcome)) = live.client.abandon(id)
        {
            waiter.settle(Err(Error::Timeout { command, outcome }));
        }
    }
}

fn not_connected() -> Error {
    let reason = "there is no connection".to_owned();
    Error::ConnectionLost {
        outcome: Outcome::NotSent,
        close: CloseInfo { code: 1006, reason },
    }
}

/// Milliseconds since 1970, with a fraction, by a clock that does not go back.
pub(super) fn clock() -> f64 {
    dom::window()
        .performance()
        .map_or_else(js_sys::Date::now, |performance| {
            performance.time_origin() + performance.now()
        })
}
