//! How long a command may take before nobody waits for it any more, where its caller does not say. Commands of one kind
//! have names of one kind, so that a command which is new in QEMU has a fitting one too.

/// Milliseconds for the command of this name.
pub fn default_timeout(command: &str) -> u32 {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| command.starts_with(prefix));
    // The longest of all, in a reply or in time, though they only read.
    if begins(SLOW) || command == "query-qmp-schema" {
        60_000
    } else if begins(READS) {
        5_000
    } else {
        30_000
    }
}

/// They only look. A QEMU that is busy with something else does not answer them either, and that is worth knowing.
const READS: &[&str] = &[
    "query-",
    "qom-get",
    "qom-list",
    "device-list-properties",
    "x-query-",
];
/// Devices, block layer, images of memory and of disks: these wait for guests, files and networks.
const SLOW: &[&str] = &[
    "block",
    "change-",
    "device_",
    "drive-",
    "dump-",
    "eject",
    "human-monitor-command",
    "migrate",
    "nbd-",
    "netdev_",
    "object-",
    "pmemsave",
    "memsave",
    "screendump",
    "snapshot-",
    "transaction",
    "xen-save",
    "x-blockdev",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_command_has_its_time() {
        for (milliseconds, commands) in [
            (5_000, ["query-status", "query-block", "qom-get"]),
            (60_000, ["device_del", "blockdev-add", "query-qmp-schema"]),
            (60_000, ["migrate_set_downtime", "block_resize", "transaction"]),
            (30_000, ["stop", "cont", "x-async-sleep"]),
        ] {
            for command in commands {
                assert_eq!(default_timeout(command), milliseconds, "{command}");
            }
        }
    }
}
