//! What is asked for the charts, once a second while somebody looks at them.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::join;

use super::Console;
use super::executing::clock;
use super::members::text;
use super::store::{balloon, disk_counts, guest_use};
use super::view::Tab;

/// Measures from now on, while the charts are in front.
pub(super) fn keep(console: &Console) {
    let guest = Rc::new(RefCell::new(Guest::default()));
    console.poll(
        INTERVAL,
        |console| console.read(|store| store.tab == Tab::Charts),
        async move |console| {
            // Nothing is asked of a machine that is made up: it has nothing to measure.
            let (disks, memory) = console.read(|store| {
                let is_demo = store.machine.as_ref().is_some_and(|machine| machine.demo);
                let memory = store.may("query-balloon") && store.charts.may_weigh();
                (!is_demo && store.may("query-blockstats"), !is_demo && memory)
            });
            join(ask_disks(console, disks), ask_memory(console, memory, &guest)).await;
            console.update(|store| store.charts.timed(clock(), [&store.commands, &store.questions]));
        },
    );
}

async fn ask_disks(console: &Console, wanted: bool) {
    if wanted
        && let Some(reply) = console.ask("query-blockstats", None).await
        && let Some(counts) = disk_counts(reply.as_json_ref())
    {
        console.update(|store| store.charts.counted(clock(), counts));
    }
}

async fn ask_memory(console: &Console, wanted: bool, guest: &RefCell<Guest>) {
    if !wanted {
        return;
    }
    let reply = console.ask("query-balloon", None).await;
    let balloon = reply.and_then(|reply| balloon(reply.as_json_ref()));
    // Who is not live does not say that there is none.
    if balloon.is_none() && !console.read(|store| store.is_live()) {
        return;
    }
    console.update(|store| store.charts.weighed(clock(), balloon));
    if balloon.is_some() && console.read(|store| store.may("qom-get") && store.may("qom-list")) {
        ask_guest(console, guest).await;
    }
}

/// Asks what the guest says of its memory, if somebody has told the balloon to ask it.
async fn ask_guest(console: &Console, guest: &RefCell<Guest>) {
    let known = guest.borrow().clone();
    let path = match known {
        Guest::Silent => return,
        Guest::At(path) => path,
        Guest::Unknown => match find_balloon(console).await {
            Some(path) => path,
            None => return drop(guest.replace(Guest::Silent)),
        },
    };
    // A path of ours, with a name that QEMU takes: letters, digits and a few signs.
    let arguments = format!(r#"{{"path": "{path}", "property": "guest-stats"}}"#);
    let Some(reply) = console.ask("qom-get", Some(arguments)).await else {
        return drop(guest.replace(Guest::Unknown));
    };
    let used = guest_use(reply.as_json_ref());
    if let Some(used) = used {
        console.update(|store| store.charts.used(clock(), used));
    }
    guest.replace(used.map_or(Guest::Silent, |_| Guest::At(path)));
}

/// The path of the balloon among the devices that somebody added.
async fn find_balloon(console: &Console) -> Option<String> {
    for folder in ["/machine/peripheral", "/machine/peripheral-anon"] {
        let reply = console
            .ask("qom-list", Some(format!(r#"{{"path": "{folder}"}}"#)))
            .await?;
        let is_balloon = |kind: String| kind.starts_with("child<virtio-balloon");
        let balloon = reply
            .as_json_ref()
            .elements()
            .find(|property| text(*property, "type").is_some_and(is_balloon));
        if let Some(name) = balloon.and_then(|balloon| text(balloon, "name")) {
            return Some(format!("{folder}/{name}"));
        }
    }
    None
}

/// Whether the guest tells of its memory.
#[derive(Clone, Default)]
enum Guest {
    #[default]
    Unknown,
    /// Where to ask it.
    At(String),
    /// It does not, or nobody asks it.
    Silent,
}

/// In milliseconds.
const INTERVAL: u32 = 1_000;
