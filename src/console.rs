//! The console: what the page knows, the connection it has, and its views. [`Console`] holds them together; what is
//! shown follows from the store alone.

mod address;
mod bridge;
mod charts;
mod completion;
mod dom;
mod executing;
mod facts;
mod following;
mod forms;
mod history;
mod jobs;
mod json;
mod line;
mod link;
mod log;
mod lowercase;
mod members;
mod picture;
mod polling;
mod record;
mod redaction;
mod screen;
mod server_sent;
mod session;
mod sorted;
mod store;
mod tree;
mod view;

use std::cell::{Cell, RefCell};

use gloo::timers::callback::Timeout;
use qmp_web::Connection;

use self::executing::Told;
use self::link::Link;
use self::store::Store;
use self::view::Views;

/// Starts the console in the page that loaded it.
pub(crate) fn start() {
    let console = Console(Box::leak(Box::new(Inner {
        link: RefCell::new(address::take_link()),
        store: RefCell::default(),
        views: RefCell::new(Views::find()),
        connection: RefCell::default(),
        refusal: RefCell::default(),
        asking: Cell::default(),
        following: RefCell::default(),
        asking_facts: Cell::default(),
        looking: RefCell::default(),
        replay: RefCell::default(),
        render_is_due: Cell::default(),
    })));
    address::follow_links();
    view::listen(&console);
    screen::watch(&console);
    charts::keep(&console);
    jobs::keep(&console);
    session::open(&console);
}

/// The console. Clones are the same console, which lives as long as the page: nobody has to count them. No borrow of its parts is held across an await, or while what was not
/// written here runs.
#[derive(Clone)]
struct Console(&'static Inner);

struct Inner {
    link: RefCell<Link>,
    store: RefCell<Store>,
    views: RefCell<Views>,
    connection: RefCell<Option<Connection<Told>>>,
    /// What to show of the refusal that ended the last try.
    refusal: RefCell<Option<store::Connection>>,
    asking: Cell<session::Asking>,
    following: RefCell<Option<following::Task>>,
    asking_facts: Cell<facts::Asking>,
    looking: RefCell<screen::Looking>,
    /// The recorded session that is shown.
    replay: RefCell<Option<record::Replay>>,
    render_is_due: Cell<bool>,
}

impl Console {
    /// The durable connection to the machine, once there is a machine.
    fn connection(&self) -> Option<Connection<Told>> {
        self.0.connection.borrow().clone()
    }

    /// Looks at what the page knows.
    fn read<T>(&self, look: impl FnOnce(&Store) -> T) -> T {
        look(&self.0.store.borrow())
    }

    /// Changes what the page knows, and soon after what it shows.
    fn update<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        let result = change(&mut self.0.store.borrow_mut());
        self.render_soon();
        result
    }

    // Not a copy of it wherever something changes.
    #[inline(never)]
    fn render_soon(&self) {
        if !self.0.render_is_due.replace(true) {
            let console = self.clone();
            // However fast events come, they are shown at this pace. An animation frame would do the same, but a hidden
            // tab has none, and its title should tell the run state too.
            Timeout::new(RENDER_INTERVAL, move || console.render()).forget();
        }
    }

    fn render(&self) {
        self.0.render_is_due.set(false);
        self.0.views.borrow_mut().render(&self.0.store.borrow());
    }
}

/// In milliseconds.
const RENDER_INTERVAL: u32 = 16;
