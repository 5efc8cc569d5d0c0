//! What the machine is made of, in words. The drives have a view of their own.

use web_sys::{Element, HtmlElement};

use crate::console::store::{Facts, Store, Topics, size};
use crate::console::{Console, dom};

pub(super) struct View {
    /// The fact's text, in an element that is hidden where there is none.
    items: [(HtmlElement, HtmlElement); ITEMS.len()],
    drives: HtmlElement,
    drives_none: HtmlElement,
    network: HtmlElement,
    network_none: HtmlElement,
    nics: HtmlElement,
    withheld: HtmlElement,
    refresh: HtmlElement,
    shown: Option<(u64, bool)>,
}

const ITEMS: [&str; 7] = ["name", "cpus", "memory", "board", "vnc", "spice", "uuid"];

impl View {
    pub(super) fn find() -> Self {
        // Narrow, the work would be far below.
        if dom::window()
            .inner_width()
            .ok()
            .and_then(|width| width.as_f64())
            .is_some_and(|width| width < NARROW)
        {
            // An attribute that is not there cannot be removed, which is as well.
            let _ = dom::by_id::<Element>("hardware").remove_attribute("open");
        }
        Self {
            items: ITEMS.map(|item| {
                let element: HtmlElement = dom::by_id(&["fact-", item].concat());
                let text = dom::part(&element, "text");
                (element, text)
            }),
            drives: dom::by_id("drives-part"),
            drives_none: dom::by_id("drives-none"),
            network: dom::by_id("network-part"),
            network_none: dom::by_id("network-none"),
            nics: dom::by_id("nics"),
            withheld: dom::by_id("facts-withheld"),
            refresh: dom::by_id("facts-refresh"),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let now = Some((store.facts.revision, store.is_live()));
        if std::mem::replace(&mut self.shown, now) == now {
            return;
        }
        let facts = &store.facts;
        let name = store.machine.as_ref().map(|machine| &machine.name);
        let texts = [
            facts.name.clone().filter(|own| Some(own) != name),
            cpus(facts),
            memory(facts),
            facts.board.clone(),
            facts
                .vnc
                .as_ref()
                .map(|display| seen_by(&display.address, display.clients)),
            facts
                .spice
                .as_ref()
                .map(|display| seen_by(&display.address, display.clients)),
            facts.uuid.clone(),
        ];
        for ((element, text), fact) in self.items.iter().zip(texts) {
            dom::show(element, fact.is_some());
            dom::set_text(text, &fact.unwrap_or_default());
        }
        dom::show(&self.drives, facts.drives.is_some());
        dom::show(
            &self.drives_none,
            facts.drives.as_ref().is_some_and(Vec::is_empty),
        );
        self.show_nics(facts);
        dom::show(&self.withheld, !store.may("query-block"));
        dom::enable(&self.refresh, store.is_live());
    }

    fn show_nics(&self, facts: &Facts) {
        let nics = facts.nics();
        dom::show(&self.network, nics.is_some());
        dom::show(&self.network_none, nics.as_ref().is_some_and(Vec::is_empty));
        self.nics.set_text_content(None);
        for nic in nics.iter().flatten() {
            let row = dom::from_template("nic-template");
            let name = if nic.id.is_empty() { &nic.model } else { &nic.id };
            dom::set_text(&dom::part(&row, "name"), name);
            let about = [
                (!nic.id.is_empty()).then(|| nic.model.clone()),
                nic.backend.as_ref().map(|backend| format!("to {backend}")),
            ];
            let about: Vec<String> = about.into_iter().flatten().collect();
            dom::set_text(&dom::part(&row, "about"), &about.join(" · "));
            dom::set_text(
                &dom::part(&row, "address"),
                nic.address.as_deref().unwrap_or_default(),
            );
            // Into a list of the page anything can be put.
            let _ = self.nics.append_child(&row);
        }
    }
}

pub(super) fn listen(console: &Console) {
    let console = console.clone();
    let button: Element = dom::by_id("facts-refresh");
    dom::on(&button.clone(), "click", move |_| {
        if dom::is_enabled(&button) {
            console.learn(Topics::ALL);
        }
    });
}

/// Such as `2 × qemu64, x86_64, KVM`.
fn cpus(facts: &Facts) -> Option<String> {
    let count = facts.cpus?;
    let mut text = match &facts.cpu_model {
        Some(model) => format!("{count} × {model}"),
        None => count.to_string(),
    };
    for part in [facts.arch.as_deref(), facts.kvm.then_some("KVM")]
        .into_iter()
        .flatten()
    {
        text.push_str(", ");
        text.push_str(part);
    }
    Some(text)
}

/// Such as `2 GiB and 1 GiB plugged in, balloon takes 512 MiB`.
fn memory(facts: &Facts) -> Option<String> {
    let base = facts.memory?;
    let mut text = size(base);
    if facts.plugged_memory > 0 {
        text.push_str(&format!(" and {} plugged in", size(facts.plugged_memory)));
    }
    if let Some(balloon) = facts.balloon {
        match (base + facts.plugged_memory).saturating_sub(balloon) {
            0 => text.push_str(", balloon empty"),
            taken => text.push_str(&format!(", balloon takes {}", size(taken))),
        }
    }
    Some(text)
}

fn seen_by(address: &str, clients: usize) -> String {
    match clients {
        0 => format!("{address}, nobody connected"),
        1 => format!("{address}, 1 connected"),
        clients => format!("{address}, {clients} connected"),
    }
}

/// In pixels, as in layout.css.
const NARROW: f64 = 960.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_read_well() {
        let mut facts = Facts::default();
        facts.cpus = Some(2);
        facts.cpu_model = Some("host".to_owned());
        facts.arch = Some("x86_64".to_owned());
        facts.kvm = true;
        facts.memory = Some(3 << 29);
        facts.balloon = Some(1 << 30);
        assert_eq!(cpus(&facts).as_deref(), Some("2 × host, x86_64, KVM"));
        assert_eq!(memory(&facts).as_deref(), Some("1.5 GiB, balloon takes 512 MiB"));
        assert_eq!(seen_by("h:5900", 1), "h:5900, 1 connected");
        assert_eq!((cpus(&Facts::default()), memory(&Facts::default())), (None, None));
    }
}
