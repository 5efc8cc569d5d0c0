//! The schemas of real QEMUs: all of them is read, and what it says of arguments is what QEMU does with them.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

mod arguments;
mod monitor;

use std::collections::BTreeSet;

use qmp_testkit::{QemuOptions, QemuVersion};
use qmp_web::Command;
use qmp_web::schema::{Object, ProblemKind, Schema, Type};

use crate::arguments::{RIGHT, WRONG};
use crate::monitor::Monitor;

macro_rules! on_each_qemu {
    ($($test:ident),+) => {
        mod installed {
            $(#[test] fn $test() { super::run(qmp_testkit::QemuVersion::Installed, super::$test); })+
        }
        mod qemu_10 {
            $(#[test] fn $test() { super::run(qmp_testkit::QemuVersion::Ten, super::$test); })+
        }
    };
}

on_each_qemu!(
    every_type_is_read,
    what_qemu_takes_has_no_problem,
    what_qemu_refuses_is_a_problem,
    what_is_offered_is_taken
);

fn run(version: QemuVersion, test: fn(&Schema, &mut Monitor)) {
    let options = QemuOptions::new("test").version(version).args([
        "-nodefaults",
        "-machine",
        "pc",
        "-display",
        "none",
        "-m",
        "64",
    ]);
    if let Some(qemu) = options.start_or_skip() {
        let mut monitor = Monitor::connect(qemu.socket());
        let text = monitor.execute(Command::new("query-qmp-schema")).unwrap();
        test(&Schema::parse(text.as_str()).unwrap(), &mut monitor);
    }
}

/// So that none of them is of a place that is no more.
#[test]
fn qemu_10_has_every_type_that_has_a_name() {
    run(QemuVersion::Ten, |schema, _| {
        let declared = schema.typescript("QEMU 10.0");
        let names = include_str!("../../src/schema/names.tsv").lines();
        for (place, name) in names.filter_map(|line| line.split_once('\t')) {
            let is_declared =
                ["interface", "type"].map(|kind| declared.contains(&format!("export {kind} {name} ")));
            assert!(is_declared.contains(&true), "{name} at {place}");
        }
    });
}

fn every_type_is_read(schema: &Schema, _: &mut Monitor) {
    let mut seen = BTreeSet::new();
    let (mut commands, mut events) = (0, 0);
    for command in schema.commands() {
        commands += 1;
        assert!(matches!(command.arguments(), Type::Object(_)), "{command:?}");
        walk(command.arguments(), &mut seen);
        walk(command.returns(), &mut seen);
        let anything = schema.check(command.name(), Some(r#"{"no-such":1}"#)).unwrap();
        assert_ne!(
            command.is_open(),
            anything.iter().any(|problem| problem.path == "no-such") || needs_a_tag(command.arguments()),
            "{command:?}"
        );
    }
    for event in schema.events() {
        events += 1;
        walk(event.data(), &mut seen);
    }
    assert!(
        commands > 200 && events > 50 && seen.len() > 500,
        "{commands} {events} {}",
        seen.len()
    );
    assert!(schema.command("query-yank").unwrap().allows_oob());
    assert!(!schema.command("stop").unwrap().allows_oob());
    assert_eq!(
        schema.command("device_add").unwrap().features().names().next(),
        Some("json-cli")
    );
    let deprecated = schema
        .commands()
        .filter(|command| command.features().deprecated())
        .count();
    let unstable = schema
        .commands()
        .filter(|command| command.features().unstable())
        .count();
    assert!(deprecated > 0 && unstable > 10, "{deprecated} {unstable}");
}

/// What it has cannot be told without one.
fn needs_a_tag(r#type: Type<'_>) -> bool {
    matches!(r#type, Type::Object(object) if object.tag().is_some())
}

/// All that a type is made of.
fn walk<'a>(r#type: Type<'a>, seen: &mut BTreeSet<&'a str>) {
    assert!(!r#type.description().is_empty());
    match r#type {
        Type::Alternate(alternate) => {
            assert!(alternate.branches().count() > 1);
            alternate.branches().for_each(|branch| walk(branch, seen));
        }
        Type::Array(array) => walk(array.element(), seen),
        Type::Enum(values) => {
            seen.insert(values.name());
            assert!(values.values().all(|value| !value.name.is_empty()));
        }
        Type::Object(object) if seen.insert(object.name()) => walk_object(object, seen),
        _ => {}
    }
}

fn walk_object<'a>(object: Object<'a>, seen: &mut BTreeSet<&'a str>) {
    for member in object.members() {
        walk(member.r#type, seen);
    }
    if let Some(tag) = object.tag() {
        let is_tag = |name: &str| object.members().any(|member| member.name == name);
        assert!(is_tag(tag) && object.variants().count() > 0);
    }
    for (_, variant) in object.variants() {
        walk(Type::Object(variant), seen);
    }
}

fn what_qemu_takes_has_no_problem(schema: &Schema, monitor: &mut Monitor) {
    for (command, arguments) in RIGHT {
        let reply = monitor.execute(Command::new(command).with_arguments(arguments));
        if let Err(error) = reply {
            assert!(
                !is_about_arguments(&error.desc),
                "{command} {arguments}: {}",
                error.desc
            );
        }
        assert_eq!(
            schema.check(command, Some(arguments)).unwrap(),
            [],
            "{command} {arguments}"
        );
    }
}

fn what_qemu_refuses_is_a_problem(schema: &Schema, monitor: &mut Monitor) {
    for (command, arguments, kind, path) in WRONG {
        let error = monitor
            .execute(Command::new(command).with_arguments(arguments))
            .unwrap_err();
        let problems = schema.check(command, Some(arguments)).unwrap();
        let found = problems.first().map(|problem| (problem.kind, &*problem.path));
        assert_eq!(found, Some((*kind, *path)), "{command} {arguments}: {problems:?}");
        if *kind == ProblemKind::Command {
            assert_eq!(error.class.as_str(), "CommandNotFound");
            continue;
        }
        assert!(
            is_about_arguments(&error.desc),
            "{command} {arguments}: {}",
            error.desc
        );
        // QEMU names the same place, but for what has no name in its own words.
        let name = path.rsplit('.').next().unwrap();
        assert!(
            error.desc.contains(name) || error.desc.contains("'null'"),
            "{command} {arguments}: {}",
            error.desc
        );
    }
}

/// QEMU's words for arguments that do not fit the schema, before it executes anything.
fn is_about_arguments(desc: &str) -> bool {
    [
        "is missing",
        "is unexpected",
        "Invalid parameter type",
        "does not accept value",
        "must be an object",
        "' expects ",
    ]
    .iter()
    .any(|words| desc.contains(words))
}

/// Each driver with what has to be there, as it is offered, and then with nothing of it.
fn what_is_offered_is_taken(schema: &Schema, _: &mut Monitor) {
    let drivers = schema.complete(
        "blockdev-add",
        None,
        &[qmp_web::schema::Step::Member("driver".to_owned())],
    );
    assert!(drivers.len() > 30);
    for driver in drivers {
        let mut arguments = format!(r#"{{"driver":"{}""#, driver.name);
        let given = format!("{arguments}}}");
        let offered = schema.complete("blockdev-add", qmp_proto::JsonRef::parse(&given).ok(), &[]);
        let required: Vec<_> = offered.iter().filter(|candidate| candidate.required).collect();
        let problems = schema.check("blockdev-add", Some(&given)).unwrap();
        let missing: Vec<_> = problems.iter().map(|problem| &*problem.path).collect();
        assert_eq!(
            required
                .iter()
                .map(|candidate| candidate.name)
                .collect::<Vec<_>>(),
            missing,
            "{given}"
        );
        for candidate in required {
            arguments += &format!(r#","{}":null"#, candidate.name);
        }
        let problems = schema
            .check("blockdev-add", Some(&format!("{arguments}}}")))
            .unwrap();
        assert!(
            problems.iter().all(|problem| problem.kind == ProblemKind::Type),
            "{problems:?}"
        );
    }
}
