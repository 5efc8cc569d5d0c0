//! The lines that were typed before, and the one that is being typed. Which key asks for which is not known here.

/// The history of one command line.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    /// Where in `lines` we look; their number while at the draft.
    at: usize,
    draft: String,
}

impl History {
    /// Remembers a line, and goes back to an empty draft.
    pub(super) fn push(&mut self, line: &str) {
        if self.lines.last().is_none_or(|last| last != line) {
            if self.lines.len() == MAX_LINES {
                self.lines.remove(0);
            }
            self.lines.push(line.to_owned());
        }
        self.at = self.lines.len();
        self.draft.clear();
    }

    /// The line before; `current` is kept if it is a draft.
    pub(super) fn older(&mut self, current: &str) -> Option<&str> {
        let before = self.at.checked_sub(1)?;
        if self.at == self.lines.len() {
            current.clone_into(&mut self.draft);
        }
        self.at = before;
        Some(&self.lines[before])
    }

    /// The line after, which is the draft at last.
    pub(super) fn newer(&mut self) -> Option<&str> {
        if self.at == self.lines.len() {
            return None;
        }
        self.at += 1;
        Some(self.lines.get(self.at).unwrap_or(&self.draft))
    }
}

const MAX_LINES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_again() {
        let mut history = History::default();
        assert_eq!(history.older("dra"), None);
        for line in ["a", "b", "b"] {
            history.push(line);
        }
        assert_eq!(history.older("draft"), Some("b"));
        assert_eq!(history.older("b"), Some("a"));
        assert_eq!(history.older("a"), None);
        assert_eq!(history.newer(), Some("b"));
        assert_eq!(history.newer(), Some("draft"));
        assert_eq!(history.newer(), None);
    }

    #[test]
    fn the_oldest_lines_are_forgotten() {
        let mut history = History::default();
        for number in 0..=MAX_LINES {
            history.push(&number.to_string());
        }
        let oldest = std::iter::from_fn(|| history.older("").map(str::to_owned)).last();
        assert_eq!(oldest.as_deref(), Some("1"));
    }
}
