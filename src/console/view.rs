//! The views: each shows one part of the store in one part of the page, and hears what a person does there.

mod about;
mod actions;
mod charts;
mod command_line;
mod connection;
mod copying;
mod dialog;
mod events;
mod facts;
mod in_flight;
mod jobs;
mod machine;
mod machines;
mod media;
mod record;
mod replies;
mod rows;
mod screen;
mod tabs;
mod time;
mod tree;

pub(super) use self::screen::{is_screen_large, is_screen_seen};
pub(super) use self::tabs::Tab;
use super::store::{Connection, Store};
use super::{Console, dom};

/// All of the page.
pub(super) struct Views {
    about: about::View,
    actions: actions::View,
    charts: charts::View,
    command_line: command_line::View,
    connection: connection::View,
    dialog: dialog::View,
    events: events::View,
    facts: facts::View,
    in_flight: in_flight::View,
    jobs: jobs::View,
    machine: machine::View,
    machines: machines::View,
    media: media::View,
    record: record::View,
    replies: replies::View,
    screen: screen::View,
    tabs: tabs::View,
}

impl Views {
    /// Finds them in the page.
    pub(super) fn find() -> Self {
        let menu = copying::Menu::find();
        Self {
            about: about::View::find(),
            actions: actions::View::find(),
            charts: charts::View::find(),
            command_line: command_line::View::find(),
            connection: connection::View::find(),
            dialog: dialog::View::find(),
            events: events::View::find(&menu),
            facts: facts::View::find(),
            in_flight: in_flight::View::find(),
            jobs: jobs::View::find(),
            machine: machine::View::find(),
            machines: machines::View::find(),
            media: media::View::find(),
            record: record::View::find(),
            replies: replies::View::find(&menu),
            screen: screen::View::find(),
            tabs: tabs::View::find(),
        }
    }

    /// Shows what the store knows.
    pub(super) fn render(&mut self, store: &Store) {
        self.connection.render(store);
        self.machine.render(store);
        self.machines.render(store);
        self.about.render(store);
        self.actions.render(store);
        self.facts.render(store);
        self.media.render(store);
        self.screen.render(store);
        self.dialog.render(store);
        self.replies.render(store);
        self.command_line.render(store);
        self.events.render(store);
        self.jobs.render(store);
        self.charts.render(store);
        self.tabs.render(store);
        self.in_flight.render(store);
        self.record.render(store);
        let title = title(store);
        if dom::document().title() != title {
            dom::document().set_title(&title);
        }
    }
}

/// Lets the views hear what a person does.
pub(super) fn listen(console: &Console) {
    about::listen(console);
    actions::listen(console);
    charts::listen(console);
    command_line::listen(console);
    connection::listen(console);
    dialog::listen(console);
    events::listen(console);
    facts::listen(console);
    in_flight::listen(console);
    jobs::listen(console);
    machines::listen(console);
    media::listen(console);
    record::listen(console);
    replies::listen(console);
    screen::listen(console);
    tabs::listen(console);
}

/// What a tab shows of itself.
fn title(store: &Store) -> String {
    let state = match (&store.connection, &store.run_state) {
        (Connection::Live, Some(run_state)) => &run_state.status,
        (Connection::Unstable { .. }, _) => "unstable",
        (Connection::Reconnecting { .. }, _) => "reconnecting",
        (Connection::Gone(_), _) => "lost",
        (Connection::Choosing, _) => "Machines",
        _ => "",
    };
    let machine = store.machine.as_ref().map_or("", |machine| &machine.name);
    [state, machine, "QMP console"]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}
