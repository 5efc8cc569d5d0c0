//! The views: each shows one part of the store in one part of the page, and hears what a person does there.

mod command_line;
mod connection;
mod copying;
mod events;
mod machine;
mod replies;
mod rows;
mod tabs;
mod time;
mod tree;

pub(super) use self::tabs::Tab;
use super::store::{Connection, Store};
use super::{Console, dom};

/// All of the page.
pub(super) struct Views {
    command_line: command_line::View,
    connection: connection::View,
    events: events::View,
    machine: machine::View,
    replies: replies::View,
    tabs: tabs::View,
}

impl Views {
    /// Finds them in the page.
    pub(super) fn find() -> Self {
        let menu = copying::Menu::find();
        Self {
            command_line: command_line::View::find(),
            connection: connection::View::find(),
            events: events::View::find(&menu),
            machine: machine::View::find(),
            replies: replies::View::find(&menu),
            tabs: tabs::View::find(),
        }
    }

    /// Shows what the store knows.
    pub(super) fn render(&mut self, store: &Store) {
        self.connection.render(store);
        self.machine.render(store);
        self.replies.render(store);
        self.command_line.render(store);
        self.events.render(store);
        self.tabs.render(store);
        let title = title(store);
        if dom::document().title() != title {
            dom::document().set_title(&title);
        }
    }
}

/// Lets the views hear what a person does.
pub(super) fn listen(console: &Console) {
    command_line::listen(console);
    connection::listen(console);
    events::listen(console);
    machine::listen(console);
    replies::listen(console);
    tabs::listen(console);
}

/// What a tab shows of itself.
fn title(store: &Store) -> String {
    let state = match (&store.connection, &store.run_state) {
        (Connection::Live, Some(run_state)) => &run_state.status,
        (Connection::Gone(_) | Connection::Reconnecting { .. }, _) => "lost",
        _ => "",
    };
    let machine = store.machine.as_ref().map_or("", |machine| &machine.name);
    [state, machine, "QMP console"]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}
