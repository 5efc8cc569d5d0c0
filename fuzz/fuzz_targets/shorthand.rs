//! Attacks: whatever a person types, it is read or refused at a place of the text, and can be looked at everywhere; what is
//! read, printed and read again is the same, and its arguments are one object that `serde_json` reads.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qmp_proto::JsonRef;
use qmp_web::shorthand::{look, parse, print};
use serde_json::{Map, Value};

fuzz_target!(|text: &str| {
    for (place, _) in text.char_indices().take(100) {
        if let Some(look) = look(text, place) {
            assert!(
                look.start <= place && text.is_char_boundary(look.start),
                "{look:?}"
            );
        }
    }
    let commands = match parse(text) {
        Ok(commands) => commands,
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "{error:?}");
            return;
        }
    };
    assert!(!commands.is_empty());
    for command in commands {
        assert!(text.get(command.name_span.clone()).is_some(), "{command:?}");
        let json = command.arguments_json();
        let arguments = json.as_deref().map(|json| JsonRef::parse(json).expect("JSON"));
        if let Some(json) = &json {
            // An object with such a name is something else to it.
            assert!(
                json.contains("serde_json::private::")
                    || serde_json::from_str::<Map<String, Value>>(json).is_ok(),
                "{json}"
            );
        }
        let printed = print(&command.name, arguments, command.oob);
        let again = parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error:?}"));
        let [again] = again
            .try_into()
            .unwrap_or_else(|all| panic!("{printed}: {all:?}"));
        assert_eq!(
            (again.name.as_str(), again.arguments_json(), again.oob),
            (command.name.as_str(), json.clone(), command.oob),
            "{printed}"
        );
    }
});
