//! What a viewer is not told in replies to commands that it may execute.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use qmp_proto::{Json, JsonKind, JsonRef};

use crate::table::lines;

/// Members that are left out of the reply to a command. All of them are optional in QEMU's schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redaction(&'static [&'static str]);

static WITHHELD: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let split = |line: &'static str| {
        let mut fields = line.split('\t');
        Some((fields.next()?, fields.collect()))
    };
    lines(include_str!("withheld.tsv")).filter_map(split).collect()
});

impl Redaction {
    /// What is withheld of this command's reply, if anything is.
    pub fn of(command: &str) -> Option<Self> {
        WITHHELD.get(command).map(|members| Self(members))
    }

    /// The reply without it: an object, or a list of objects. All else that is in them stays as it was written.
    pub fn apply(self, reply: &Json) -> Json {
        let reply = reply.as_json_ref();
        let mut text = String::with_capacity(reply.as_str().len());
        if reply.kind() == JsonKind::Array {
            text.push('[');
            for (place, element) in reply.elements().enumerate() {
                text.push_str(if place > 0 { "," } else { "" });
                self.write(element, &mut text);
            }
            text.push(']');
        } else {
            self.write(reply, &mut text);
        }
        // It was JSON, and values were left out of it.
        Json::parse(&text).unwrap_or_else(|_| Json::empty_object())
    }

    fn write(self, value: JsonRef<'_>, text: &mut String) {
        if value.kind() != JsonKind::Object {
            return text.push_str(value.as_str());
        }
        text.push('{');
        let mut is_first = true;
        for (name, value) in value.members() {
            // A name that would need an escape is none that QEMU knows.
            if self.0.contains(&&*name) || name.contains(|c: char| matches!(c, '"' | '\\') || c.is_control())
            {
                continue;
            }
            for part in [if is_first { "\"" } else { ",\"" }, &name, "\":", value.as_str()] {
                text.push_str(part);
            }
            is_first = false;
        }
        text.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(command: &str, reply: &str) -> String {
        Redaction::of(command)
            .unwrap()
            .apply(&Json::parse(reply).unwrap())
            .into()
    }

    #[test]
    fn what_is_withheld_is_gone_and_the_rest_as_it_was() {
        assert_eq!(
            without(
                "query-jobs",
                r#"[{"id":"a", "error":"/a"},{"err\u006fr":1},{"current-progress":1.50,"id":"\u0041"},7]"#
            ),
            r#"[{"id":"a"},{},{"current-progress":1.50,"id":"\u0041"},7]"#
        );
        assert_eq!(
            without(
                "query-migrate",
                r#"{"error-desc":"to /a","status":"failed","socket-address":[{"path":"/a"}]}"#
            ),
            r#"{"status":"failed"}"#
        );
        assert_eq!(without("query-jobs", "[]"), "[]");
        assert_eq!(Redaction::of("query-status"), None);
    }
}
