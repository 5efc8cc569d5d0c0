//! How the page comes to its connection, and keeps it. What is shown of it follows from the store.

use std::any::Any;

use futures_util::future::{AbortHandle, Abortable};
use qmp_web::{
    Attempt, Change, Client, ConnectOptions, ConnectionState, Error, Failure, ReconnectOptions, Why,
    connect_noting, is_fatal,
};
use wasm_bindgen_futures::spawn_local;

use super::executing::{Told, clock};
use super::store::{Connection, Machine, Reach, Refusal, Server, how_it_ended};
use super::{Console, address, bridge, jobs};

/// Finds the machine that the link means and connects to it, or says why not.
pub(super) fn open(console: &Console) {
    console.update(|store| store.changed(Connection::Connecting));
    let console = console.clone();
    spawn_local(async move {
        match choose(&console).await {
            Ok(machine) => connect(&console, machine),
            Err(instead) => refuse(&console, instead),
        }
    });
}

/// Tries again now, with another token if one is given.
pub(super) fn reopen(console: &Console, token: Option<String>) {
    if let Some(token) = token {
        address::keep_token(&token);
        console.0.link.borrow_mut().token = Some(token);
    }
    match console.connection() {
        Some(connection) => connection.reconnect(),
        // A button was pressed twice.
        None if console.read(|store| store.connection == Connection::Connecting) => {}
        None => open(console),
    }
}

/// Which machine is meant: of the bridge, or behind the WebSocket that the link names.
async fn choose(console: &Console) -> Result<Machine, Connection> {
    let link = console.0.link.borrow().clone();
    if let Some(url) = link.url {
        return Ok(Machine::named(url.split('/').nth(2).unwrap_or(&url)));
    }
    let token = begin(console, link.token).await?;
    find(console, token.as_deref(), link.vm).await
}

/// Keeps a connection to the machine from now on.
fn connect(console: &Console, machine: Machine) {
    console.update(|store| store.machine = Some(machine));
    let this = console.clone();
    let options = ReconnectOptions::new(seed());
    let connection = qmp_web::Connection::new(options, move |attempt| try_once(&this, attempt));
    connection
        .on_change({
            let console = console.clone();
            move |change| changed(&console, change)
        })
        .forever();
    console.0.connection.replace(Some(connection));
}

/// Makes one try, as long as what it gives lives.
fn try_once(console: &Console, attempt: Attempt<Told>) -> Box<dyn Any> {
    let (abort, registration) = AbortHandle::new_pair();
    let console = console.clone();
    let trying = async move {
        let result = dial(&console, &attempt).await;
        attempt.done(result);
    };
    spawn_local(async move {
        // Aborted, there is nobody to tell.
        let _ = Abortable::new(trying, registration).await;
    });
    Box::new(Try(abort))
}

/// Ends a try when it is dropped.
struct Try(AbortHandle);

impl Drop for Try {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn dial(console: &Console, attempt: &Attempt<Told>) -> Result<Client<Told>, Failure> {
    let link = console.0.link.borrow().clone();
    let mut options = ConnectOptions::default();
    let url = match link.url {
        // The token is the bridge's that served the page, and nobody else's.
        Some(url) => url,
        None => {
            options.token = link.token;
            let name = console.read(|store| store.machine.as_ref().map(|machine| machine.name.clone()));
            address::socket_url(&name.unwrap_or_default())
        }
    };
    match connect_noting(&url, &options, &attempt.notes).await {
        Ok(client) => {
            follow(console, &client);
            Ok(client)
        }
        Err(error) => Err(explain(console, error).await),
    }
}

/// Hears of the events of a client.
fn follow(console: &Console, client: &Client<Told>) {
    client
        .on_event({
            let console = console.clone();
            move |event| {
                if console.update(|store| store.happened(event, clock())) {
                    ask_run_state(&console);
                }
                jobs::heard(&console);
            }
        })
        .forever();
    let server = Server::from(client);
    console.update(|store| store.server = Some(server));
}

fn changed(console: &Console, change: &Change) {
    match *change {
        Change::Pinged(_) => {}
        // What may have been missed.
        Change::Resumed(_) => {}
        Change::State(state) => {
            let shown = shown(console, state);
            console.update(|store| store.changed(shown));
            if state == ConnectionState::Live {
                ask_run_state(console);
                jobs::heard(console);
            }
        }
    }
}

/// What a person is told of it.
fn shown(console: &Console, state: ConnectionState) -> Connection {
    let connection = console.connection();
    let error = connection.as_ref().and_then(qmp_web::Connection::last_error);
    let reason = || error.as_ref().map_or_else(String::new, in_words);
    match state {
        ConnectionState::Connecting => Connection::Connecting,
        ConnectionState::Live => Connection::Live,
        ConnectionState::Unstable { heard } => Connection::Unstable { heard },
        ConnectionState::Reconnecting { attempt, next } => Connection::Reconnecting {
            reason: reason(),
            attempt,
            next,
        },
        ConnectionState::Closed(Why::Refused) => console
            .0
            .refusal
            .take()
            .unwrap_or_else(|| Connection::Refused(Refusal::new("No connection", reason()))),
        ConnectionState::Closed(_) => Connection::Gone(reason()),
    }
}

/// Why a connection ended or did not come about, as a sentence.
fn in_words(error: &Error) -> String {
    match error {
        Error::ConnectionLost { close, .. } => how_it_ended(close),
        Error::Busy(_) => "The machine does not greet: something else may hold its monitor, and QEMU serves one client at a \
                           time."
            .to_owned(),
        error => format!("{error}."),
    }
}

fn refuse(console: &Console, instead: Connection) {
    if matches!(instead, Connection::TokenNeeded { .. }) {
        address::forget_token();
    }
    console.update(|store| store.changed(instead));
}

/// Shows the bridge the token; gives the one to go on with, and keeps it.
async fn begin(console: &Console, token: Option<String>) -> Result<Option<String>, Connection> {
    let Some(shown) = &token else {
        return Ok(None);
    };
    let begun = bridge::begin(shown)
        .await
        .map_err(|failure| failure.explain(true))?;
    console.update(|store| store.session = begun.session);
    let Some(given) = begun.token else {
        return Ok(token);
    };
    address::keep_token(&given);
    console.0.link.borrow_mut().token = Some(given.clone());
    Ok(Some(given))
}

/// Asks the bridge which machine is meant.
async fn find(console: &Console, token: Option<&str>, name: Option<String>) -> Result<Machine, Connection> {
    match bridge::machines(token).await {
        Ok(machines) => {
            console.update(|store| store.has_others = machines.len() > 1);
            bridge::choose(machines, name.as_deref())
        }
        Err(failure) => match (failure, name) {
            (bridge::Failure::NoBridge, Some(name)) => Ok(Machine::named(name)),
            (failure, _) => Err(failure.explain(token.is_some())),
        },
    }
}

/// Asks the bridge why a connection did not come about, which a browser does not tell.
async fn explain(console: &Console, error: Error) -> Failure {
    let refused = matches!(&error, Error::ConnectionLost { close, .. } if is_fatal(close.code));
    let link = console.0.link.borrow().clone();
    if link.url.is_some() {
        return Failure { error, refused };
    }
    match bridge::machines(link.token.as_deref()).await {
        Err(failure) if failure.is_final() => {
            let instead = failure.explain(link.token.is_some());
            if matches!(instead, Connection::TokenNeeded { .. }) {
                address::forget_token();
            }
            console.0.refusal.replace(Some(instead));
            Failure { error, refused: true }
        }
        Err(_) => Failure { error, refused },
        Ok(machines) => {
            let name = console.read(|store| store.machine.as_ref().map(|machine| machine.name.clone()));
            let reach = machines
                .iter()
                .find(|machine| Some(&machine.name) == name.as_ref())
                .map(|machine| machine.reach);
            Failure {
                error: better(error, reach),
                refused,
            }
        }
    }
}

/// What the bridge knows of the machine says more than the browser does.
fn better(error: Error, reach: Option<Reach>) -> Error {
    let (Error::Connect { url, .. }, Some(reason)) = (
        &error,
        match reach {
            Some(Reach::Busy) => {
                Some("something else is connected to its QMP socket, and QEMU serves one client at a time")
            }
            Some(Reach::Down) => Some("the bridge runs, but nothing answers at this machine's QMP socket"),
            Some(Reach::NotQmp) => Some("something that is no QMP server listens at this machine's socket"),
            Some(Reach::Up) | None => None,
        },
    ) else {
        return error;
    };
    Error::Connect {
        url: url.clone(),
        reason: reason.to_owned(),
    }
}

/// A random number.
fn seed() -> u64 {
    getrandom::u64().unwrap_or_default()
}

/// Whether `query-status` is on its way.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Asking {
    #[default]
    No,
    Once,
    /// An event has overtaken the question: its reply will be old.
    Again,
}

/// Asks for the run state; however many events ask for it, one question is on its way at a time.
pub(super) fn ask_run_state(console: &Console) {
    if console.0.asking.replace(Asking::Again) != Asking::No {
        return;
    }
    let console = console.clone();
    spawn_local(async move {
        while console.0.asking.replace(Asking::Once) == Asking::Again {
            // An error leaves what events told; if it is that the connection is gone, the store knows.
            if let Some(reply) = console.ask("query-status", None).await
                && console.0.asking.get() == Asking::Once
            {
                console.update(|store| store.run_state = serde_json::from_str(reply.as_str()).ok());
            }
        }
        console.0.asking.set(Asking::No);
    });
}
