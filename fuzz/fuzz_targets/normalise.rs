//! Attacks: what `normalise` lets through means what it meant, is its own normal form, and is nothing that QEMU's lexer
//! refuses; and it refuses no more than it says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qmp_proto::normalise;
use serde_json::Value;

fuzz_target!(|text: &str| {
    // To the oracle an object with such a name is something else.
    if text.contains("serde_json::private::") {
        return;
    }
    let theirs = serde_json::from_str::<Value>(text);
    let anew = match normalise(text) {
        Ok(anew) => anew,
        Err(ours) => {
            let stricter = ["a key that", "a noncharacter", "nested too", "a number beyond"];
            let known = stricter.iter().any(|reason| ours.reason.starts_with(reason));
            assert!(known || theirs.is_err(), "refused: {ours}");
            return;
        }
    };
    assert_eq!(
        serde_json::from_str::<Value>(&anew).expect("JSON"),
        theirs.expect("JSON")
    );
    assert_eq!(normalise(&anew).as_deref(), Ok(anew.as_str()));
    assert!(!anew.contains(|c: char| c < ' ' || is_noncharacter(c)), "{anew}");

    let (numbers, escapes) = tokens(&anew);
    assert!(escapes.iter().all(|escape| escape.starts_with("00")), "{anew}");
    for number in &numbers {
        let rest = number.trim_start_matches('-').strip_prefix('0');
        assert!(
            rest.is_none_or(|rest| rest.is_empty() || rest.starts_with('.')),
            "{number}"
        );
        assert!(number.parse::<f64>().is_ok_and(f64::is_finite), "{number}");
    }
    // Digits are kept, in their order.
    let kept: Vec<String> = tokens(text).0.iter().map(|number| with_point(number)).collect();
    assert_eq!(numbers, kept);
});

/// The numbers of a JSON text, and what follows each `\u`.
fn tokens(json: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut numbers, mut escapes) = (vec![], vec![]);
    let mut rest = json;
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' => {
                escapes.extend(rest.strip_prefix("\\u"));
                2
            }
            '-' | '0'..='9' if !in_string => {
                let end = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
                let length = end.unwrap_or(rest.len());
                numbers.push(&rest[..length]);
                length
            }
            '"' => {
                in_string = !in_string;
                1
            }
            _ => c.len_utf8(),
        };
        rest = &rest[length..];
    }
    (numbers, escapes)
}

fn with_point(number: &str) -> String {
    match number.split_once(['e', 'E']) {
        Some((zero @ ("0" | "-0"), _)) => number.replacen(zero, &format!("{zero}.0"), 1),
        _ => number.to_owned(),
    }
}

fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&code) || code % 0x1_0000 >= 0xFFFE
}
