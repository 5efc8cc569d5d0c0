//! The machine: what it is, whether it runs, and the buttons that change that.

use web_sys::{Element, HtmlElement};

use crate::console::line::Line;
use crate::console::store::{RunState, Store};
use crate::console::{Console, dom};

pub(super) struct View {
    name: HtmlElement,
    demo: HtmlElement,
    run_state: HtmlElement,
    version: HtmlElement,
    package: HtmlElement,
    capabilities: HtmlElement,
    stop: HtmlElement,
    cont: HtmlElement,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            name: dom::by_id("machine-name"),
            demo: dom::by_id("demo"),
            run_state: dom::by_id("run-state"),
            version: dom::by_id("version"),
            package: dom::by_id("package"),
            capabilities: dom::by_id("capabilities"),
            stop: dom::by_id("stop"),
            cont: dom::by_id("cont"),
        }
    }

    pub(super) fn render(&self, store: &Store) {
        let (Some(machine), Some(server)) = (&store.machine, &store.server) else {
            return;
        };
        dom::set_text(&self.name, &machine.name);
        dom::show(&self.demo, machine.demo);
        dom::set_text(&self.version, &server.version);
        dom::set_text(&self.package, &server.package);
        let capabilities = match server.capabilities.join(", ") {
            none if none.is_empty() => "nothing".to_owned(),
            some => some,
        };
        dom::set_text(&self.capabilities, &capabilities);

        let run_state = store.run_state.as_ref();
        dom::set_text(
            &self.run_state,
            run_state.map_or("unknown", |known| &known.status),
        );
        dom::set_tone(&self.run_state, run_state.map_or("idle", tone));
        let live = store.is_live();
        dom::enable(&self.stop, live && run_state.is_none_or(|known| known.running));
        dom::enable(&self.cont, live && run_state.is_none_or(|known| !known.running));
    }
}

pub(super) fn listen(console: &Console) {
    for command in ["stop", "cont"] {
        let button: Element = dom::by_id(command);
        let console = console.clone();
        dom::on(&button.clone(), "click", move |_| {
            if dom::is_enabled(&button) {
                let name = command.to_owned();
                console.execute(Line {
                    name,
                    ..Line::default()
                });
            }
        });
    }
}

fn tone(run_state: &RunState) -> &'static str {
    match run_state.status.as_str() {
        "guest-panicked" | "internal-error" | "io-error" => "bad",
        _ if run_state.running => "good",
        _ => "warn",
    }
}
