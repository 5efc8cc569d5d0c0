//! Which events a person wants to see.

use super::happening::Happening;
use crate::console::lowercase::lowercase;
use crate::console::sorted::Sorted;
use crate::console::tree::contains;

/// Which events are shown. Gaps always are.
#[derive(Debug, Default)]
pub(in crate::console) struct Filter {
    /// In small letters.
    text: String,
    names: Names,
}

#[derive(Debug)]
enum Names {
    AllBut(Sorted<String, ()>),
    Only(Sorted<String, ()>),
}

impl Filter {
    /// Shows only what has this text in its name or data, in capitals or not. Returns whether that is another text.
    pub(in crate::console) fn set_text(&mut self, text: &str) -> bool {
        let text = lowercase(text.trim());
        let changed = text != self.text;
        self.text = text;
        changed
    }

    /// Hides events of this name, or shows them again.
    pub(in crate::console) fn toggle(&mut self, name: &str) {
        let (Names::AllBut(names) | Names::Only(names)) = &mut self.names;
        if names.remove(name).is_none() {
            names.insert(name.to_owned(), ());
        }
    }

    /// Hides all names; those that are asked for are shown again.
    pub(in crate::console) fn hide_all(&mut self) {
        self.names = Names::Only(Sorted::new());
    }

    /// Shows all names, and whatever text they have.
    pub(in crate::console) fn show_all(&mut self) {
        *self = Self::default();
    }

    /// Whether events of this name are hidden.
    pub(in crate::console) fn hides(&self, name: &str) -> bool {
        match &self.names {
            Names::AllBut(names) => names.has(name),
            Names::Only(names) => !names.has(name),
        }
    }

    /// Whether the name itself has the text.
    pub(in crate::console) fn names(&self, name: &str) -> bool {
        self.text.is_empty() || contains(name, &self.text)
    }

    /// Whether anything may be hidden.
    pub(in crate::console) fn is_on(&self) -> bool {
        !self.text.is_empty() || !matches!(&self.names, Names::AllBut(names) if names.is_empty())
    }

    pub(in crate::console) fn takes(&self, happening: &Happening) -> bool {
        let Some(event) = happening.event().filter(|_| happening.gap().is_none()) else {
            return true;
        };
        !self.hides(&event.name)
            && (self.names(&event.name)
                || event
                    .data
                    .as_ref()
                    .is_some_and(|data| contains(data.as_str(), &self.text)))
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::AllBut(Sorted::new())
    }
}

#[cfg(test)]
mod tests {
    use qmp_web::{Event, Json};

    use super::*;

    #[test]
    fn names_are_hidden_and_shown() {
        let mut filter = Filter::default();
        assert!(!filter.is_on());
        filter.toggle("STOP");
        assert_eq!([shown(&filter, "STOP"), shown(&filter, "RESUME")], [false, true]);
        assert!(filter.is_on());
        filter.toggle("STOP");
        assert!(!filter.is_on());
        filter.hide_all();
        filter.toggle("STOP");
        assert_eq!([shown(&filter, "STOP"), shown(&filter, "NEW")], [true, false]);
        filter.show_all();
        assert!(shown(&filter, "NEW"));
    }

    #[test]
    fn text_is_found_in_names_and_data() {
        let mut filter = Filter::default();
        for (text, want) in [
            ("Block", true),
            ("NODE0", true),
            ("\u{e9}", true),
            ("\u{c9}", true),
            ("other", false),
            (" ", true),
        ] {
            filter.set_text(text);
            assert_eq!(shown(&filter, "BLOCK_JOB"), want, "{text}");
        }
        assert!(!filter.set_text(""));
        assert!(filter.set_text("x"));
    }

    #[test]
    fn gaps_are_always_shown() {
        let mut filter = Filter::default();
        filter.hide_all();
        filter.set_text("nothing");
        assert!(filter.takes(&Happening::missed(1.0, 2.0)));
        assert!(filter.takes(&happening("__io.github.qmp-web_LAGGED", r#"{"dropped": 3}"#)));
    }

    fn shown(filter: &Filter, name: &str) -> bool {
        filter.takes(&happening(name, "{\"id\": \"node0 \u{e9}\"}"))
    }

    fn happening(name: &str, data: &str) -> Happening {
        let event = Event {
            timestamp: None,
            name: name.to_owned(),
            data: Some(Json::parse(data).unwrap()),
        };
        Happening::new(event, 0.0)
    }
}
