//! Commands and their errors (`qmp-test.c`, `qmp-cmd-test.c`).

use qmp_proto::{CapabilitySet, Command};
use qmp_testkit::Qemu;
use serde_json::{Value, json};

use crate::client::Client;
use crate::qemu::bare;

on_each_qemu! {
    bare() =>
        a_wrong_command_is_refused_by_class,
        every_query_is_answered,
        objects_are_added_and_removed;
}

fn a_wrong_command_is_refused_by_class(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    for (name, arguments, class) in [
        ("human-monitor-command", "{}", "GenericError"),
        ("query-name", r#"{"no-such":1}"#, "GenericError"),
        // An argument of any type must still be there.
        (
            "qom-set",
            r#"{"path":"/machine","property":"rtc-time"}"#,
            "GenericError",
        ),
        ("device_del", r#"{"id":"no-such"}"#, "DeviceNotFound"),
        ("query-balloon", "{}", "DeviceNotActive"),
        ("no-such-command", "{}", "CommandNotFound"),
    ] {
        let outcome = client.execute(Command::new(name).with_arguments(arguments));
        assert_eq!(outcome, Err(class.to_owned()), "{name} {arguments}");
    }
}

/// All that need no arguments, sent at once and without ids: the replies come in their order.
fn every_query_is_answered(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::NONE);
    let schema = client.execute(Command::new("query-qmp-schema")).unwrap();
    let queries = queries(&schema);
    assert!(queries.len() > 50, "{queries:?}");
    for name in &queries {
        client.send(name, Command::new(name).without_id());
    }
    for name in queries {
        let heard = client.hear();
        let (of, outcome) = heard.split_once(": ").unwrap();
        assert_eq!(of, name);
        let class = match name {
            "query-balloon" => "DeviceNotActive",
            name if NOT_ON_EVERY_MACHINE.contains(&name) => "GenericError",
            _ => "no error",
        };
        // On other processors than ours some of those have something to tell.
        assert!([class, "a value", "{}"].contains(&outcome), "{heard}");
    }
}

/// The names of the queries whose arguments, if they have any, are optional.
fn queries(schema: &Value) -> Vec<&str> {
    let entries = schema.as_array().unwrap();
    let needs_arguments = |command: &Value| {
        let arguments = entries
            .iter()
            .find(|entry| entry["name"] == command["arg-type"])
            .unwrap();
        let members = arguments["members"].as_array().unwrap();
        members.iter().any(|member| member.get("default").is_none())
    };
    let commands = entries
        .iter()
        .filter(|entry| entry["meta-type"] == "command" && !needs_arguments(entry));
    let names = commands.map(|command| command["name"].as_str().unwrap());
    names.filter(|name| name.starts_with("query-")).collect()
}

fn objects_are_added_and_removed(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let done = || Ok(json!({}));
    let refused = || Err("GenericError".to_owned());
    for (name, arguments, wanted) in [
        ("object-add", "{}", refused()),
        ("object-add", r#"{"qom-type":"memory-backend-ram"}"#, refused()),
        ("object-add", r#"{"id":"ram"}"#, refused()),
        (
            "object-add",
            r#"{"qom-type":"no-such-type","id":"ram"}"#,
            refused(),
        ),
        (
            "object-add",
            r#"{"qom-type":"memory-backend-ram","id":"ram"}"#,
            refused(),
        ),
        (
            "object-add",
            r#"{"qom-type":"memory-backend-ram","id":"ram","size":"many"}"#,
            refused(),
        ),
        (
            "object-add",
            r#"{"qom-type":"memory-backend-ram","id":1,"size":1048576}"#,
            refused(),
        ),
        (
            "object-add",
            r#"{"qom-type":"memory-backend-ram","id":"ram","size":1048576,"no":1}"#,
            refused(),
        ),
        ("object-del", r#"{"id":"ram"}"#, refused()),
        ("object-add", RAM, done()),
        ("object-add", RAM, refused()),
        ("object-del", r#"{"id":"ram"}"#, done()),
        ("object-del", r#"{"id":"ram"}"#, refused()),
        ("object-add", RAM, done()),
    ] {
        let outcome = client.execute(Command::new(name).with_arguments(arguments));
        assert_eq!(outcome, wanted, "{name} {arguments}");
    }
}

const RAM: &str = r#"{"qom-type":"memory-backend-ram","id":"ram","size":1048576}"#;
/// What a machine without board, processor and devices cannot tell.
const NOT_ON_EVERY_MACHINE: &[&str] = &[
    "query-acpi-ospm-status",
    "query-hotpluggable-cpus",
    "query-hv-balloon-status-report",
    "query-sev-capabilities",
    "query-sev-launch-measure",
    "query-sgx",
    "query-sgx-capabilities",
    "query-vm-generation-id",
];
