//! The built-in table: which command needs which role, and why. Read once, when it is first asked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::role::Role;

/// Who may execute a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Whoever has this role, or a higher one.
    Role(Role),
    /// Nobody, unless a switch gives the command's class to admins.
    Never,
}

impl Need {
    /// How it is written in a table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role(role) => role.name(),
            Self::Never => "never",
        }
    }

    /// What is written so in a table.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "never" => Some(Self::Never),
            role => Role::named(role).map(Self::Role),
        }
    }
}

/// What the table says of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) need: Need,
    pub(crate) class: &'static str,
    pub(crate) reason: &'static str,
}

/// All rows, by command.
pub(crate) static ROWS: LazyLock<BTreeMap<&str, Row>> = LazyLock::new(|| {
    let classes: BTreeMap<&str, &str> = lines(include_str!("classes.tsv"))
        .filter_map(|line| line.split_once('\t'))
        .collect();
    // A line that cannot be read leaves its command to admins; the tests know that there is none.
    let row = |line: &'static str| {
        let mut fields = line.split('\t');
        let (command, need, class) = (fields.next()?, Need::named(fields.next()?)?, fields.next()?);
        let reason = fields.next().or_else(|| classes.get(class).copied())?;
        let row = Row { need, class, reason };
        Some((command, row))
    };
    lines(include_str!("commands.tsv")).filter_map(row).collect()
});

/// The lines of a table that say something.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_class_is_used() {
        let commands: Vec<&str> = lines(include_str!("commands.tsv")).collect();
        assert!(commands.is_sorted());
        assert_eq!(commands.len(), ROWS.len());
        for line in lines(include_str!("classes.tsv")) {
            let (class, _) = line.split_once('\t').unwrap();
            assert!(ROWS.values().any(|row| row.class == class), "{class}");
        }
    }

    #[test]
    fn what_is_for_developers_is_for_admins_at_least() {
        let developers = ROWS
            .iter()
            .filter(|(name, row)| name.starts_with("x-") && row.class != "demo");
        assert!(
            developers.into_iter().all(
                |(_, row)| row.need != Need::Role(Role::Viewer) && row.need != Need::Role(Role::Operator)
            )
        );
    }
}
