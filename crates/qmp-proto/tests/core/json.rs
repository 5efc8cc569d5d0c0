//! The JSON of the core against that of `serde_json`: the same texts are JSON, and they mean the same.

use proptest::prelude::*;
use qmp_proto::{Json, Message, normalise};
use serde_json::Value;
use serde_json::value::RawValue;

/// A JSON value.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Text that is JSON, or nearly.
fn texts() -> impl Strategy<Value = String> {
    let alphabet = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u00e9", "\\ud800", "0", "1", "-", ".", "e", "+", "true",
        "nul", " ", "\n", "é", "\u{1}",
    ];
    let noise = prop::sample::select(alphabet.to_vec());
    let edit = (any::<prop::sample::Index>(), noise.clone(), any::<bool>());
    prop_oneof![
        prop::collection::vec(noise, 0..12).prop_map(|parts| parts.concat()),
        (values(), any::<bool>(), prop::collection::vec(edit, 0..3)).prop_map(|(value, pretty, edits)| {
            let text = if pretty {
                serde_json::to_string_pretty(&value)
            } else {
                serde_json::to_string(&value)
            };
            let mut characters: Vec<String> = text.unwrap().chars().map(String::from).collect();
            for (place, noise, replace) in edits {
                let place = place.index(characters.len());
                characters.splice(place..place + usize::from(replace), [noise.to_owned()]);
            }
            characters.concat()
        }),
    ]
}

/// Noncharacters are JSON, but QEMU refuses them.
fn has_noncharacter(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_same_texts_are_json(text in texts()) {
        let theirs = serde_json::from_str::<&RawValue>(&text);
        let ours = Json::parse(&text);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", &ours, &theirs);
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.as_str(), theirs.get());
        }
    }

    #[test]
    fn what_is_written_anew_means_the_same(value in values(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap();
        prop_assume!(!has_noncharacter(&text));
        let anew = normalise(&text).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&anew).unwrap(), value);
        prop_assert_eq!(normalise(&anew).unwrap(), anew);
    }

    #[test]
    fn what_is_refused_is_refused_by_others_too(text in texts()) {
        // Ours is stricter in three ways only.
        if let (Err(ours), Ok(theirs)) = (normalise(&text), serde_json::from_str::<Value>(&text)) {
            let stricter = ours.reason.contains("key that the object has")
                || has_noncharacter(&theirs.to_string())
                || ours.reason.contains("nested");
            prop_assert!(stricter, "{:?}: {}", text, ours);
        }
    }

    #[test]
    fn nothing_that_a_server_sends_panics(text in texts()) {
        let _ = Message::parse(&text);
        let _ = Message::parse(&format!("{{\"event\": {text}}}"));
        let _ = Message::parse(&format!("{{\"QMP\": {{\"version\": {text}}}}}"));
        let _ = Message::parse(&format!("{{\"return\": {{}}, \"id\": {text}}}"));
    }
}

#[test]
fn nesting_has_a_limit_and_no_cost_in_stack() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(Json::parse(&deep(1024)).is_ok());
    assert!(Json::parse(&deep(1025)).is_err());
    assert!(Json::parse(&"{\"a\":".repeat(1_000_000)).is_err());
    assert!(normalise(&"[".repeat(1_000_000)).is_err());
}
