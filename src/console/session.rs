//! How the page comes to its connection, and keeps it. What is shown of it follows from the store.

use std::any::Any;

use gloo::timers::future::TimeoutFuture;
use qmp_proto::Event;
use qmp_web::{
    Attempt, Change, Client, ConnectOptions, ConnectionState, Error, Failure, ReconnectOptions, Why,
    connect_noting, is_fatal,
};
use wasm_bindgen_futures::spawn_local;

use super::executing::{Told, clock};
use super::following::{self, Task};
use super::store::{Connection, Machine, Mark, Refusal, RunState, Server, Topics, What, how_it_ended};
use super::{Console, address, bridge, jobs};

/// Finds the machine that the link means and connects to it, or says why not.
pub(super) fn open(console: &Console) {
    let record = console.0.link.borrow().record.clone();
    if let Some(name) = record {
        console.open_record(name);
        return;
    }
    turn(console, Connection::Connecting);
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
    let is_new = token.is_some();
    if let Some(token) = token {
        address::keep_token(&token);
        console.0.link.borrow_mut().token = Some(token);
    }
    match console.connection() {
        Some(connection) if is_new => {
            let console = console.clone();
            spawn_local(async move {
                let token = console.0.link.borrow().token.clone();
                match begin(&console, token).await {
                    Ok(_) => connection.reconnect(),
                    Err(instead) => refuse(&console, instead),
                }
            });
        }
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
    let machine = find(console, token.as_deref(), link.vm, link.machines).await?;
    address::show_vm(&machine.name);
    Ok(machine)
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
    let console = console.clone();
    Box::new(Task::spawn(async move {
        let result = dial(&console, &attempt).await;
        attempt.done(result);
    }))
}

async fn dial(console: &Console, attempt: &Attempt<Told>) -> Result<Client<Told>, Failure> {
    let link = console.0.link.borrow().clone();
    let mut options = ConnectOptions::default();
    if link.url.is_none() {
        // The token is the bridge's that served the page, and nobody else's.
        options.token = link.token;
    }
    let url = url(console);
    match connect_noting(&url, &options, &attempt.notes).await {
        Ok(client) => {
            follow(console, &client);
            Ok(client)
        }
        Err(error) => Err(explain(console, error).await),
    }
}

/// Where the machine's monitor is, for this page.
pub(super) fn url(console: &Console) -> String {
    let url = console.0.link.borrow().url.clone();
    url.unwrap_or_else(|| {
        let name = console.read(|store| store.machine.as_ref().map(|machine| machine.name.clone()));
        address::socket_url(&name.unwrap_or_default())
    })
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
                console.learn(Topics::after_event(&event.name));
                jobs::heard(&console);
            }
        })
        .forever();
    client
        .on_stray({
            let console = console.clone();
            // The reply to a command that was given up makes room for another too.
            move |_| console.note_sent()
        })
        .forever();
    let server = Server::from(client);
    let greeting = client.greeting().unwrap_or_default();
    console.update(|store| {
        let greeted = What::Greeted(greeting, server.capabilities.clone());
        store.marks.push(Mark::new(greeted, clock()));
        store.server = Some(server);
    });
}

fn changed(console: &Console, change: &Change) {
    match *change {
        Change::Pinged(_) => {}
        Change::Resumed(gap) => console.update(|store| store.missed(gap, clock())),
        Change::State(state) => {
            let shown = shown(console, state);
            console.update(|store| store.marks.push(Mark::new(What::State(word(state)), clock())));
            turn(console, shown);
            if state == ConnectionState::Live {
                ask_run_state(console);
                console.learn(Topics::ALL);
                jobs::heard(console);
            }
        }
    }
}

/// Shows how the connection is, and does what that asks for.
fn turn(console: &Console, connection: Connection) {
    console.update(|store| store.changed(connection));
    following::adapt(console);
}

/// The word of a trace for it.
const fn word(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Live => "live",
        ConnectionState::Unstable { .. } => "unstable",
        ConnectionState::Reconnecting { .. } => "reconnecting",
        ConnectionState::Closed(_) => "closed",
    }
}

/// What a person is told of it.
fn shown(console: &Console, state: ConnectionState) -> Connection {
    let connection = console.connection();
    let error = connection.as_ref().and_then(qmp_web::Connection::last_error);
    // How the last connection ended says more than how the tries since then did.
    let before = console.read(|store| match &store.connection {
        Connection::Reconnecting { reason, .. } if store.server.is_some() => Some(reason.clone()),
        _ => None,
    });
    let reason = || before.unwrap_or_else(|| error.as_ref().map_or_else(String::new, in_words));
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
        ConnectionState::Closed(Why::TriesSpent) => {
            Connection::Gone(format!("{} Many tries came to nothing.", reason()))
        }
        ConnectionState::Closed(_) => Connection::Gone(error.as_ref().map_or_else(String::new, in_words)),
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

pub(super) fn refuse(console: &Console, instead: Connection) {
    if matches!(instead, Connection::TokenNeeded { .. }) {
        address::forget_token();
    }
    turn(console, instead);
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
async fn find(
    console: &Console,
    token: Option<&str>,
    name: Option<String>,
    all: bool,
) -> Result<Machine, Connection> {
    match bridge::machines(token).await {
        Ok(machines) => {
            let choice = if all {
                Err(Connection::Choosing)
            } else {
                bridge::choose(&machines, name.as_deref())
            };
            console.update(|store| store.listing.told(machines));
            choice
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
        Err(failure) => {
            if let Connection::Refused(problem) = failure.explain(link.token.is_some()) {
                console.update(|store| store.listing.failed(problem));
            }
            Failure { error, refused }
        }
        Ok(machines) => {
            console.update(|store| store.listing.told(machines));
            Failure { error, refused }
        }
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
                let run_state = RunState::read(reply.as_json_ref());
                let passes = run_state
                    .as_ref()
                    .is_some_and(|state| Event::leaves_unheard(&state.status));
                console.update(|store| store.run_state = run_state);
                if passes {
                    TimeoutFuture::new(PASSING).await;
                    console.0.asking.set(Asking::Again);
                }
            }
        }
        console.0.asking.set(Asking::No);
    });
}

/// How long a run state is believed that the machine leaves without a word, in milliseconds.
const PASSING: u32 = 1_000;
