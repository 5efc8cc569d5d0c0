//! The lines that were typed before, and the one that is being typed. Which key asks for which, and where they are kept, is
//! not known here.

mod secret;

pub(super) use self::secret::has_secret;
use super::lowercase::lowercase;

/// The history of one command line.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    /// Where in `lines` we look; their number while at the draft.
    at: usize,
    draft: String,
}

impl History {
    /// Takes what was kept in the place of what is known.
    pub(super) fn restore(&mut self, kept: &str) {
        self.lines = kept
            .split(SEPARATOR)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        self.trim();
    }

    /// What is to be kept.
    pub(super) fn kept(&self) -> String {
        self.lines.join(SEPARATOR)
    }

    /// Remembers a line, and goes back to an empty draft.
    pub(super) fn push(&mut self, line: &str) {
        let is_new = self.lines.last().is_none_or(|last| last != line);
        if is_new && line.len() <= MAX_LENGTH && !line.contains(SEPARATOR) {
            self.lines.push(line.to_owned());
        }
        self.trim();
    }

    /// Forgets the oldest lines and goes back to an empty draft.
    fn trim(&mut self) {
        let too_many = self.lines.len().saturating_sub(MAX_LINES);
        self.lines.drain(..too_many);
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

    /// The newest line before that of this number that has the words in it, in whatever case, and its number.
    pub(super) fn find(&self, words: &str, before: usize) -> Option<(usize, &str)> {
        let words = lowercase(words);
        let lines = self.lines.iter().enumerate().take(before).rev();
        lines
            .map(|(number, line)| (number, line.as_str()))
            .find(|(_, line)| lowercase(line).contains(&words))
    }
}

/// No keyboard has it.
const SEPARATOR: &str = "\u{1e}";
const MAX_LINES: usize = 500;
/// Of a line, in bytes: 500 of them are less than a browser keeps.
const MAX_LENGTH: usize = 4096;

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

    #[test]
    fn what_is_kept_is_restored() {
        let mut history = History::default();
        for line in [
            "stop",
            "transaction(\nabort\n)",
            "a\u{1e}b",
            &"x".repeat(MAX_LENGTH + 1),
        ] {
            history.push(line);
        }
        let mut other = History::default();
        other.restore(&history.kept());
        assert_eq!(other.older(""), Some("transaction(\nabort\n)"));
        assert_eq!(other.older(""), Some("stop"));
        assert_eq!(other.older(""), None);
        other.restore("");
        assert_eq!(other.older(""), None);
    }

    #[test]
    fn the_newest_that_fits_is_found_first() {
        let mut history = History::default();
        for line in ["query-block", "stop", "Query-status", "cont"] {
            history.push(line);
        }
        assert_eq!(history.find("query", usize::MAX), Some((2, "Query-status")));
        assert_eq!(history.find("query", 2), Some((0, "query-block")));
        assert_eq!(history.find("query", 0), None);
    }
}
