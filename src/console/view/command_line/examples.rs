//! What to try, while nothing was executed yet: commands that the role may execute and every machine has.

use web_sys::HtmlElement;

use crate::console::dom;
use crate::console::store::Store;

/// The examples that are shown.
#[derive(Debug, Default)]
pub(super) struct Examples {
    shown: Vec<&'static str>,
}

impl Examples {
    pub(super) fn render(&mut self, store: &Store) {
        let is_demo = store.machine.as_ref().is_some_and(|machine| machine.demo);
        let wanted: Vec<&str> = choose(is_demo, &|command| store.may(command));
        if wanted == self.shown {
            return;
        }
        let list: HtmlElement = dom::by_id("examples");
        list.set_text_content(None);
        for example in &wanted {
            let button = dom::from_template("example-template");
            dom::set_text(&button, example);
            // Into an element of the page anything can be put.
            let _ = list.append_child(&button);
        }
        self.shown = wanted;
    }
}

fn choose(is_demo: bool, may: &dyn Fn(&str) -> bool) -> Vec<&'static str> {
    let all = if is_demo { DEMO } else { QEMU };
    let allowed = |example: &&str| may(example.split(' ').next().unwrap_or_default());
    all.iter().copied().filter(allowed).take(MAX_EXAMPLES).collect()
}

const QEMU: &[&str] = &[
    "query-status",
    "qom-list path=/machine",
    "object-add qom-type=iothread id=io1 poll-max-ns=32768",
    "blockdev-add driver=null-co node-name=scratch size=1073741824",
    "human-monitor-command command-line=\"info mtree\"",
    "query-block",
    "qom-get path=/machine property=type",
    "query-named-block-nodes flat=true",
    "query-commands",
];
const DEMO: &[&str] = &[
    "query-status",
    "x-async-sleep ms=2000",
    "query-commands",
    "stop",
    "cont",
];
const MAX_EXAMPLES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::line::Line;

    #[test]
    fn examples_are_commands_that_the_role_may_execute() {
        for example in QEMU.iter().chain(DEMO) {
            let line: Line = example.parse().unwrap();
            assert!(example.starts_with(&line.name), "{example}");
        }
        let viewer = choose(false, &|command| command.starts_with("query-"));
        assert_eq!(
            viewer,
            [
                "query-status",
                "query-block",
                "query-named-block-nodes flat=true",
                "query-commands"
            ]
        );
        assert_eq!(choose(true, &|_| true)[1], "x-async-sleep ms=2000");
    }
}
