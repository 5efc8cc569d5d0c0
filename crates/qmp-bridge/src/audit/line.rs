//! One line: its members, and how they are written so that no name of a client's can look like another line.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

use super::arguments::Shown;
use qmp_policy::Role;

/// What a line says. What does not apply is left out.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line<'a> {
    pub ts: String,
    pub what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conn: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oob: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<&'a Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
}

impl Line<'_> {
    /// A line of this kind, now.
    pub(super) fn new(what: &'static str) -> Self {
        let mut ts = String::new();
        // A string takes whatever is written.
        let _ = SystemTime.format_time(&mut Writer::new(&mut ts));
        Self {
            ts,
            what,
            ..Self::default()
        }
    }

    /// The line with its end. It is ASCII: what a terminal obeys, or another program takes for the end of a line, is
    /// escaped.
    pub(super) fn to_json(&self) -> String {
        // There is nothing in it that JSON has no form for.
        let mut json = serde_json::to_string(self).unwrap_or_default();
        if json.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
            json.push('\n');
            return json;
        }
        let mut line = String::with_capacity(json.len() + 1);
        for c in json.chars() {
            if c.is_ascii() && c != '\x7f' {
                line.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
        }
        line.push('\n');
        line
    }
}

/// A text of at most so many characters.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// With three digits behind the point.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g4_no_name_can_forge_a_line_or_reach_a_terminal() {
        for name in [
            "x\n{\"what\":\"connect\"}",
            "\r\u{1b}[2J\u{7}",
            "\u{9b}31m\u{85}\u{2028}\u{202e}\u{7f}",
            "\",\"role\":\"viewer",
            "\\\"😀",
        ] {
            let line = Line {
                command: Some(name),
                origin: Some(name.to_owned()),
                ..Line::new("command")
            };
            let json = line.to_json();
            let (end, rest) = json.as_bytes().split_last().unwrap();
            assert_eq!(*end, b'\n');
            assert!(rest.iter().all(|byte| matches!(byte, b' '..=b'~')), "{json:?}");
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(
                (&read["command"], &read["role"]),
                (&name.into(), &serde_json::Value::Null)
            );
        }
    }

    #[test]
    fn times_are_of_rfc_3339_in_utc() {
        let ts = Line::new("connect").ts;
        let shape: String = ts
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shorten("ééé", 2), "éé…");
        assert_eq!(shorten("éé", 2), "éé");
    }
}
