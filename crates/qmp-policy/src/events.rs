//! Who hears of an event.

use std::collections::HashMap;
use std::sync::LazyLock;

use qmp_proto::Event;

use crate::OWN;
use crate::role::Role;
use crate::table::lines;

/// What a viewer hears, with the member of its data that makes it an operator's.
static VIEWERS: LazyLock<HashMap<&str, Option<&str>>> = LazyLock::new(|| {
    let split = |line: &'static str| match line.split_once('\t') {
        Some((event, member)) => (event, Some(member)),
        None => (line, None),
    };
    lines(include_str!("events.tsv")).map(split).collect()
});

/// The least role that hears of the event. Those of the bridge's own are for all.
pub fn audience(event: &Event) -> Role {
    let withheld = match VIEWERS.get(event.name.as_str()) {
        Some(Some(member)) => event
            .data
            .as_ref()
            .is_some_and(|data| data.as_json_ref().get(member).is_some()),
        Some(None) => false,
        None => !event.name.starts_with(OWN),
    };
    if withheld { Role::Operator } else { Role::Viewer }
}

#[cfg(test)]
mod tests {
    use qmp_proto::Json;

    use super::*;

    fn of(name: &str, data: Option<&str>) -> Role {
        let data = data.map(|data| Json::parse(data).unwrap());
        audience(&Event {
            timestamp: None,
            name: name.to_owned(),
            data,
        })
    }

    #[test]
    fn p9_a_viewer_hears_how_the_machine_is_and_no_addresses() {
        for name in [
            "STOP",
            "RESET",
            "WATCHDOG",
            "MIGRATION_PASS",
            "__io.github.qmp-web_GONE",
        ] {
            assert_eq!(of(name, None), Role::Viewer, "{name}");
        }
        for name in [
            "VNC_CONNECTED",
            "SPICE_INITIALIZED",
            "NIC_RX_FILTER_CHANGED",
            "DEVICE_DELETED",
            "stop",
            "STOPPED",
            "",
        ] {
            assert_eq!(of(name, None), Role::Operator, "{name}");
        }
    }

    #[test]
    fn why_a_job_failed_is_not_for_viewers() {
        assert_eq!(
            of("BLOCK_JOB_COMPLETED", Some("{\"device\":\"d\"}")),
            Role::Viewer
        );
        assert_eq!(of("BLOCK_JOB_COMPLETED", None), Role::Viewer);
        for data in ["{\"error\":\"No such file: /a\"}", "{\"err\\u006fr\":\"\"}"] {
            assert_eq!(of("BLOCK_JOB_COMPLETED", Some(data)), Role::Operator);
        }
    }
}
