//! How the page comes to its connection, and what goes over it. What is shown of it follows from the store.

use qmp_web::{Client, Command, ConnectOptions, Error};
use wasm_bindgen_futures::spawn_local;

use super::line::Line;
use super::store::{self, Connection, Machine, Reach, Refusal, Server};
use super::{Console, address, bridge};

/// Connects to the machine that the link means, and stays until the connection is gone.
pub(super) async fn open(console: Console) {
    console.update(|store| store.connection = Connection::Connecting);
    match connect(&console).await {
        Ok(client) => stay(&console, client).await,
        Err(instead) => {
            if matches!(instead, Connection::TokenNeeded { .. }) {
                address::forget_token();
            }
            console.update(|store| store.connection = instead);
        }
    }
}

/// Opens it anew, with another token if one is given.
pub(super) fn reopen(console: &Console, token: Option<String>) {
    if console.0.store.borrow().connection == Connection::Connecting {
        // A button was pressed twice.
        return;
    }
    if let Some(token) = token {
        address::keep_token(&token);
        console.0.link.borrow_mut().token = Some(token);
    }
    spawn_local(open(console.clone()));
}

/// Executes a command that a person gave.
pub(super) fn execute(console: &Console, line: Line) {
    let Some(client) = console.client() else {
        return;
    };
    let reply = client.execute(line.command());
    let number = console.update(|store| store.executed(line, js_sys::Date::now()));
    let console = console.clone();
    spawn_local(async move {
        let result = reply.await;
        console.update(|store| store.settled(number, result, js_sys::Date::now()));
    });
}

async fn connect(console: &Console) -> Result<Client, Connection> {
    let link = console.0.link.borrow().clone();
    let mut options = ConnectOptions::default();
    if let Some(url) = link.url {
        // The token is the bridge's that served the page, and nobody else's.
        let host = url.split('/').nth(2).unwrap_or(&url);
        console.update(|store| store.machine = Some(Machine::named(host)));
        return qmp_web::connect(&url, &options).await.map_err(|e| refused(&e));
    }
    let token = begin(console, link.token).await?;
    let machine = find(console, token.as_deref(), link.vm).await?;
    let url = address::socket_url(&machine.name);
    console.update(|store| store.machine = Some(machine.clone()));
    options.token.clone_from(&token);
    match qmp_web::connect(&url, &options).await {
        Ok(client) => Ok(client),
        Err(error) => Err(explain(&error, &machine.name, token.as_deref()).await),
    }
}

/// Shows the bridge the token; gives the one to go on with, and keeps it.
async fn begin(console: &Console, token: Option<String>) -> Result<Option<String>, Connection> {
    let Some(shown) = &token else {
        return Ok(None);
    };
    let Some(given) = bridge::begin(shown)
        .await
        .map_err(|failure| failure.explain(true))?
    else {
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
async fn explain(error: &Error, name: &str, token: Option<&str>) -> Connection {
    let machines = match bridge::machines(token).await {
        Ok(machines) => machines,
        Err(bridge::Failure::NoBridge) => return refused(error),
        Err(failure) => return failure.explain(token.is_some()),
    };
    let reach = machines
        .iter()
        .find(|machine| machine.name == name)
        .map(|machine| machine.reach);
    match reach {
        Some(Reach::Busy) => Connection::Refused(Refusal::new(
            format!("{name} is busy"),
            "Something else is connected to its QMP socket, and QEMU serves one client at a time.",
        )),
        Some(Reach::Down) => Connection::Refused(Refusal::new(
            format!("{name} is down"),
            "The bridge runs, but nothing answers at this machine's QMP socket.",
        )),
        Some(Reach::NotQmp) => Connection::Refused(Refusal::new(
            format!("{name} does not speak QMP"),
            "Something else listens at this machine's socket. The log of the bridge shows what it said.",
        )),
        _ => refused(error),
    }
}

fn refused(error: &Error) -> Connection {
    Connection::Refused(match error {
        Error::Busy(_) => Refusal::new(
            "The machine does not greet",
            "Something else may be connected to its QMP socket: QEMU serves one client at a time and lets the next one \
             wait.",
        ),
        Error::ConnectionLost { close, .. } => Refusal::new("No connection", store::how_it_ended(close)),
        error => Refusal::new("No connection", format!("{error}.")),
    })
}

async fn stay(console: &Console, client: Client) {
    client
        .on_event({
            let console = console.clone();
            move |event| {
                if console.update(|store| store.happened(event)) {
                    ask_run_state(&console);
                }
            }
        })
        .forever();
    console.update(|store| store.connected(Server::from(&client)));
    let closed = client.closed();
    console.0.client.replace(Some(client));
    ask_run_state(console);
    let close = closed.await;
    console.0.client.replace(None);
    console.update(|store| store.lost(&close));
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
fn ask_run_state(console: &Console) {
    if console.0.asking.replace(Asking::Again) != Asking::No {
        return;
    }
    let console = console.clone();
    spawn_local(async move {
        while let (Asking::Again, Some(client)) = (console.0.asking.replace(Asking::Once), console.client()) {
            // An error leaves what events told; if it is that the connection is gone, the store knows.
            if let Ok(reply) = client.execute(Command::new("query-status")).await
                && console.0.asking.get() == Asking::Once
            {
                console.update(|store| store.run_state = serde_json::from_str(reply.as_str()).ok());
            }
        }
        console.0.asking.set(Asking::No);
    });
}
