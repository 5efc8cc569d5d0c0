//! The machine: its name, whether it runs, and what serves its QMP.

use web_sys::HtmlElement;

use crate::console::dom;
use crate::console::store::{RunState, Store};

pub(super) struct View {
    name: HtmlElement,
    demo: HtmlElement,
    run_state: HtmlElement,
    version: HtmlElement,
    package: HtmlElement,
    capabilities: HtmlElement,
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
    }
}

fn tone(run_state: &RunState) -> &'static str {
    match run_state.status.as_str() {
        "guest-panicked" | "internal-error" | "io-error" => "bad",
        _ if run_state.running => "good",
        _ => "warn",
    }
}
