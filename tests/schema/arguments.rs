//! Commands that QEMU's reader of arguments takes, whatever becomes of them, and commands that it refuses.

use qmp_web::schema::ProblemKind::{self, Command, Missing, Type, Unknown, Value};

pub(crate) const RIGHT: &[(&str, &str)] = &[
    ("query-status", "{}"),
    ("stop", "{}"),
    ("query-block", "{}"),
    ("qom-list", r#"{"path":"/"}"#),
    ("qom-set", r#"{"path":"/machine","property":"no","value":null}"#),
    (
        "qom-set",
        r#"{"path":"/machine","property":"no","value":{"a":[1,{}]}}"#,
    ),
    ("human-monitor-command", r#"{"command-line":"info name"}"#),
    (
        "human-monitor-command",
        r#"{"command-line":"info name","cpu-index":0}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"null-co","node-name":"n0","size":65536,"read-zeroes":true}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"raw","node-name":"r0","file":{"driver":"null-co","latency-ns":18446744073709551615}}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"raw","node-name":"r1","file":"n0","offset":-0}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"qcow2","node-name":"q0","file":{"driver":"file","filename":"/nowhere"},"overlap-check":"all","backing":null}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"qcow2","node-name":"q1","file":"n0","overlap-check":{"template":"none","main-header":true},"encrypt":{"format":"luks","key-secret":"s"},"cache":{"direct":true},"discard":"unmap"}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"quorum","node-name":"v","children":["n0",{"driver":"null-co"},{"driver":"raw","file":{"driver":"null-aio"}}],"vote-threshold":2}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"nbd","node-name":"b","server":{"type":"unix","path":"/nowhere"},"export":"x","reconnect-delay":0}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"blkdebug","node-name":"d","image":"n0","inject-error":[{"event":"read_aio","errno":5,"once":true}]}"#,
    ),
    (
        "blockdev-add",
        r#"{"driver":"throttle","node-name":"t","throttle-group":"g","file":"n0"}"#,
    ),
    (
        "blockdev-create",
        r#"{"job-id":"j","options":{"driver":"qcow2","file":"n0","size":1048576,"version":"v3"}}"#,
    ),
    (
        "blockdev-mirror",
        r#"{"job-id":"m","device":"n0","target":"no","sync":"full","speed":1}"#,
    ),
    (
        "block_resize",
        r#"{"node-name":"no","size":-9223372036854775808}"#,
    ),
    (
        "block_set_io_throttle",
        r#"{"id":"no","bps":0,"bps_rd":0,"bps_wr":0,"iops":0,"iops_rd":0,"iops_wr":0}"#,
    ),
    ("transaction", r#"{"actions":[]}"#),
    ("transaction", r#"{"actions":[{"type":"abort","data":{}}]}"#),
    (
        "transaction",
        r#"{"actions":[{"type":"blockdev-snapshot-internal-sync","data":{"device":"no","name":"s"}},{"type":"block-dirty-bitmap-add","data":{"node":"n0","name":"b"}}],"properties":{"completion-mode":"individual"}}"#,
    ),
    (
        "object-add",
        r#"{"qom-type":"iothread","id":"io1","poll-max-ns":0}"#,
    ),
    (
        "object-add",
        r#"{"qom-type":"throttle-group","id":"tg","limits":{"iops-total":100},"x-bps-read":1}"#,
    ),
    (
        "object-add",
        r#"{"qom-type":"secret","id":"s1","data":"x","format":"raw"}"#,
    ),
    (
        "object-add",
        r#"{"qom-type":"memory-backend-ram","id":"m1","size":1048576,"policy":"default","host-nodes":[]}"#,
    ),
    ("object-del", r#"{"id":"io1"}"#),
    ("netdev_add", r#"{"type":"hubport","id":"h0","hubid":1}"#),
    (
        "netdev_add",
        r#"{"type":"user","id":"u0","restrict":true,"dns":"10.0.2.3","hostfwd":[{"str":"tcp::0-:22"}]}"#,
    ),
    (
        "netdev_add",
        r#"{"type":"stream","id":"st","addr":{"type":"unix","path":"/nowhere"},"server":false}"#,
    ),
    (
        "chardev-add",
        r#"{"id":"c0","backend":{"type":"null","data":{}}}"#,
    ),
    (
        "chardev-add",
        r#"{"id":"c1","backend":{"type":"ringbuf","data":{"size":1024}}}"#,
    ),
    (
        "chardev-add",
        r#"{"id":"c2","backend":{"type":"socket","data":{"addr":{"type":"inet","data":{"host":"127.0.0.1","port":"0"}},"server":true,"wait":false}}}"#,
    ),
    (
        "device_add",
        r#"{"driver":"e1000","id":"e0","mac":"52:54:00:12:34:56","addr":"10"}"#,
    ),
    (
        "device_add",
        r#"{"driver":"no-such","id":"x","anything":{"at":["all"]}}"#,
    ),
    ("device_add", r#"{"driver":"e1000","id":5}"#),
    ("device_del", r#"{"id":"no"}"#),
    (
        "migrate-set-parameters",
        r#"{"tls-creds":null,"max-bandwidth":1048576}"#,
    ),
    ("migrate-set-parameters", r#"{"tls-creds":""}"#),
    (
        "migrate-set-capabilities",
        r#"{"capabilities":[{"capability":"events","state":true}]}"#,
    ),
    (
        "send-key",
        r#"{"keys":[{"type":"qcode","data":"a"},{"type":"number","data":30}],"hold-time":1}"#,
    ),
    (
        "input-send-event",
        r#"{"events":[{"type":"btn","data":{"down":true,"button":"left"}}]}"#,
    ),
    (
        "set_password",
        r#"{"protocol":"vnc","password":"x","connected":"keep"}"#,
    ),
    ("screendump", r#"{"filename":"/nowhere/x","format":"ppm"}"#),
    (
        "query-stats",
        r#"{"target":"vm","providers":[{"provider":"kvm","names":["x"]}]}"#,
    ),
    ("query-named-block-nodes", r#"{"flat":true}"#),
    ("set-action", r#"{"reboot":"reset","panic":"none"}"#),
    (
        "announce-self",
        r#"{"initial":50,"max":550,"rounds":1,"step":50,"interfaces":[]}"#,
    ),
];

pub(crate) const WRONG: &[(&str, &str, ProblemKind, &str)] = &[
    ("query-statsu", "{}", Command, ""),
    ("query-status", r#"{"a":1}"#, Unknown, "a"),
    ("qom-list", "{}", Missing, "path"),
    ("qom-list", r#"{"path":1}"#, Type, "path"),
    ("qom-list", r#"{"path":null}"#, Type, "path"),
    (
        "qom-set",
        r#"{"path":"/machine","property":"no"}"#,
        Missing,
        "value",
    ),
    (
        "human-monitor-command",
        r#"{"command-line":"info name","cpu-index":null}"#,
        Type,
        "cpu-index",
    ),
    (
        "human-monitor-command",
        r#"{"command-line":"info name","cpu-index":1.0}"#,
        Type,
        "cpu-index",
    ),
    (
        "human-monitor-command",
        r#"{"command-line":"info name","cpu-index":1e0}"#,
        Type,
        "cpu-index",
    ),
    (
        "human-monitor-command",
        r#"{"command-line":"info name","cpu-index":18446744073709551616}"#,
        Type,
        "cpu-index",
    ),
    (
        "human-monitor-command",
        r#"{"command-line":"info name","cpu-index":-9223372036854775809}"#,
        Type,
        "cpu-index",
    ),
    (
        "human-monitor-command",
        r#"{"command-line":"info name","cpu-index":"0"}"#,
        Type,
        "cpu-index",
    ),
    ("blockdev-add", r#"{"node-name":"a"}"#, Missing, "driver"),
    (
        "blockdev-add",
        r#"{"driver":"no-such","node-name":"a"}"#,
        Value,
        "driver",
    ),
    (
        "blockdev-add",
        r#"{"driver":true,"node-name":"a"}"#,
        Type,
        "driver",
    ),
    (
        "blockdev-add",
        r#"{"driver":"raw","node-name":"a"}"#,
        Missing,
        "file",
    ),
    (
        "blockdev-add",
        r#"{"driver":"raw","node-name":"a","file":5}"#,
        Type,
        "file",
    ),
    (
        "blockdev-add",
        r#"{"driver":"raw","node-name":"a","file":null}"#,
        Type,
        "file",
    ),
    (
        "blockdev-add",
        r#"{"driver":"raw","node-name":"a","file":{"driver":"null-co","size":"1"}}"#,
        Type,
        "file.size",
    ),
    (
        "blockdev-add",
        r#"{"driver":"raw","node-name":"a","file":{"driver":"null-co","filename":"x"}}"#,
        Unknown,
        "file.filename",
    ),
    (
        "blockdev-add",
        r#"{"driver":"null-co","node-name":"a","file":"x"}"#,
        Unknown,
        "file",
    ),
    (
        "blockdev-add",
        r#"{"driver":"null-co","node-name":"a","read-only":"on"}"#,
        Type,
        "read-only",
    ),
    (
        "blockdev-add",
        r#"{"driver":"null-co","node-name":"a","discard":"maybe"}"#,
        Value,
        "discard",
    ),
    (
        "blockdev-add",
        r#"{"driver":"null-co","node-name":"a","cache":{"directly":true}}"#,
        Unknown,
        "cache.directly",
    ),
    (
        "blockdev-add",
        r#"{"driver":"qcow2","node-name":"a","file":"x","overlap-check":"whatever"}"#,
        Value,
        "overlap-check",
    ),
    (
        "blockdev-add",
        r#"{"driver":"qcow2","node-name":"a","file":"x","overlap-check":{"template":"no"}}"#,
        Value,
        "overlap-check.template",
    ),
    (
        "blockdev-add",
        r#"{"driver":"qcow2","node-name":"a","file":"x","encrypt":{"format":"luks","aes":1}}"#,
        Unknown,
        "encrypt.aes",
    ),
    (
        "blockdev-add",
        r#"{"driver":"quorum","node-name":"a","vote-threshold":1,"children":["x",{"driver":"raw","file":{"driver":"file"}}]}"#,
        Missing,
        "children[1].file.filename",
    ),
    (
        "blockdev-add",
        r#"{"driver":"quorum","node-name":"a","vote-threshold":1,"children":"x"}"#,
        Type,
        "children",
    ),
    (
        "blockdev-add",
        r#"{"driver":"nbd","node-name":"a","server":{"type":"unix"}}"#,
        Missing,
        "server.path",
    ),
    (
        "blockdev-add",
        r#"{"driver":"nbd","node-name":"a","server":{"type":"inet","host":"x","port":1}}"#,
        Type,
        "server.port",
    ),
    (
        "transaction",
        r#"{"actions":[{"type":"abort"}]}"#,
        Missing,
        "actions[0].data",
    ),
    ("transaction", r#"{"actions":{}}"#, Type, "actions"),
    (
        "transaction",
        r#"{"actions":[{"type":"no-such","data":{}}]}"#,
        Value,
        "actions[0].type",
    ),
    (
        "transaction",
        r#"{"actions":[{"type":"abort","data":{}},{"type":"block-dirty-bitmap-add","data":{"node":"x"}}]}"#,
        Missing,
        "actions[1].data.name",
    ),
    ("object-add", r#"{"qom-type":"iothread"}"#, Missing, "id"),
    (
        "object-add",
        r#"{"qom-type":"iothread","id":"i","size":1}"#,
        Unknown,
        "size",
    ),
    (
        "object-add",
        r#"{"qom-type":"memory-backend-ram","id":"m"}"#,
        Missing,
        "size",
    ),
    (
        "object-add",
        r#"{"qom-type":"memory-backend-ram","id":"m","size":"1M"}"#,
        Type,
        "size",
    ),
    (
        "netdev_add",
        r#"{"type":"user","id":"u1","no-such":1}"#,
        Unknown,
        "no-such",
    ),
    (
        "netdev_add",
        r#"{"type":"user","id":"u1","ipv4":"on"}"#,
        Type,
        "ipv4",
    ),
    ("netdev_add", r#"{"type":"hubport","id":"h1"}"#, Missing, "hubid"),
    (
        "chardev-add",
        r#"{"id":"c","backend":{"type":"null"}}"#,
        Missing,
        "backend.data",
    ),
    ("device_add", r#"{"id":"x"}"#, Missing, "driver"),
    ("migrate-set-parameters", r#"{"tls-creds":5}"#, Type, "tls-creds"),
    (
        "migrate-set-capabilities",
        r#"{"capabilities":[{"capability":"events","state":1}]}"#,
        Type,
        "capabilities[0].state",
    ),
    (
        "send-key",
        r#"{"keys":[{"type":"number","data":1.5}]}"#,
        Type,
        "keys[0].data",
    ),
    (
        "send-key",
        r#"{"keys":[{"type":"qcode","data":"no"}]}"#,
        Value,
        "keys[0].data",
    ),
    ("qmp_capabilities", r#"{"enable":["no"]}"#, Value, "enable[0]"),
];
