//! What QEMU 7.2 and 10.0 answered, and what is read from it. The machine has two CPUs, five drives, three network devices,
//! a balloon and VNC; of the network devices, one has an id, one has none, and the board brought one.

use super::drive::Medium;
use super::*;

#[test]
fn facts_are_read_from_real_answers() {
    for recorded in RECORDED {
        let facts = learn(recorded);
        assert_eq!(facts.name.as_deref(), Some("web server"));
        assert_eq!(
            facts.uuid.as_deref(),
            Some("11111111-2222-3333-4444-555555555555")
        );
        assert!(
            facts
                .board
                .as_deref()
                .is_some_and(|board| board.starts_with("pc-i440fx-") && !board.ends_with("machine"))
        );
        assert_eq!(
            (facts.cpus, facts.cpu_model.as_deref()),
            (Some(2), Some("qemu64"))
        );
        assert_eq!((facts.arch.as_deref(), facts.kvm), (Some("x86_64"), false));
        assert_eq!(
            (facts.memory, facts.plugged_memory, facts.balloon),
            (Some(64 << 20), 0, Some(64 << 20))
        );
        let vnc = Display {
            address: "127.0.0.1:5977".to_owned(),
            clients: 0,
        };
        assert_eq!((facts.vnc.clone(), facts.spice.clone()), (Some(vnc), None));
        assert_eq!(facts.has_screen(), Some(true));
    }
}

#[test]
fn drives_are_known_by_what_commands_know_them_by() {
    for recorded in RECORDED {
        let drives = learn(recorded).drives.unwrap();
        let names: Vec<&str> = drives.iter().map(|drive| drive.name.as_str()).collect();
        assert_eq!(names, ["hd1", "cd0", "disk0", "cd1"]);
        let handles: Vec<&str> = drives.iter().map(|drive| drive.handle.1.as_str()).collect();
        assert_eq!(
            handles,
            [
                "/machine/peripheral-anon/device[0]",
                "cd0",
                "/machine/peripheral/disk0/virtio-backend",
                "cd1"
            ]
        );
        let [hd1, cd0, disk0, cd1] = &drives[..] else {
            unreachable!("there are four")
        };
        assert!(!hd1.removable && !disk0.removable && cd0.removable && cd1.removable);
        assert_eq!(
            (hd1.tray_open, cd0.tray_open, cd1.tray_open),
            (None, Some(false), Some(false))
        );
        assert!(
            drives
                .iter()
                .all(|drive| drive.trouble.is_none() && !drive.locked)
        );
        let medium = Medium {
            file: "cd.iso".to_owned(),
            format: "raw".to_owned(),
            size: Some(716_800),
            read_only: true,
        };
        assert_eq!((cd0.medium.as_ref(), cd1.medium.as_ref()), (Some(&medium), None));
        let disk = disk0.medium.as_ref().unwrap();
        assert_eq!(
            (disk.short().as_str(), disk.file.as_str(), disk.read_only),
            ("disk.raw", "/srv/vm/disk.raw", false)
        );
    }
}

#[test]
fn network_devices_are_found_whoever_brought_them() {
    for recorded in RECORDED {
        let mut facts = learn(recorded);
        let seen = |facts: &Facts| -> Vec<(String, String, Option<String>)> {
            let nics = facts.nics().unwrap().into_iter();
            nics.map(|nic| (nic.id, nic.model, nic.address)).collect()
        };
        let nic = |id: &str, model: &str, address: Option<&str>| {
            (id.to_owned(), model.to_owned(), address.map(str::to_owned))
        };
        let told = [
            nic("", "virtio-net-pci", Some("52:54:00:00:00:08")),
            nic("", "e1000", None),
            nic("nic0", "virtio-net-pci", Some("52:54:00:12:34:56")),
        ];
        assert_eq!(seen(&facts), told);
        // An admin may ask the device itself.
        let path = facts.nics().unwrap()[1].path.clone();
        assert_eq!(path, "/machine/peripheral-anon/device[1]");
        facts.learn_nic(path, Some(r#""52:54:00:00:00:07""#), Some(r#""n1""#));
        let nics = facts.nics().unwrap();
        assert_eq!(nics[1].address.as_deref(), Some("52:54:00:00:00:07"));
        assert_eq!(nics[1].backend.as_deref(), Some("n1"));
    }
}

#[test]
fn what_is_withheld_is_absent() {
    let mut facts = Facts::default();
    assert!(facts.knows("stop") && facts.nics().is_none() && facts.has_screen().is_none());
    for question in Question::ALL {
        facts.learn(question, None);
    }
    assert_eq!((facts.drives, facts.cpus, facts.memory), (None, None, None));
    for odd in ["{}", "[]", "3", "null", "[3,null,{}]", r#"{"type":3}"#, "{", ""] {
        let mut facts = Facts::default();
        for question in Question::ALL {
            facts.learn(question, Some(odd));
        }
        assert_eq!((facts.name, facts.memory), (None, None), "{odd}");
    }
}

#[test]
fn what_a_qemu_can_do_is_known_once_it_told() {
    let mut facts = Facts::default();
    facts.learn(Question::Commands, Some(r#"[{"name":"stop"},{"name":"cont"}]"#));
    assert!(facts.knows("stop") && !facts.knows("inject-nmi"));
}

#[test]
fn only_a_pc_is_known_to_have_no_display() {
    let none = |arch: &str| {
        let mut facts = Facts::default();
        facts.learn(Question::Target, Some(arch));
        for container in question::CONTAINERS {
            facts.learn(Question::Devices(container), Some("[]"));
        }
        facts.has_screen()
    };
    assert_eq!(none(r#"{"arch":"x86_64"}"#), Some(false));
    assert_eq!(none(r#"{"arch":"aarch64"}"#), None);
}

#[test]
fn a_medium_is_called_by_its_file() {
    for (file, short) in [
        ("/a/b.iso", "b.iso"),
        ("b.iso", "b.iso"),
        ("nbd://h:1/x", "x"),
        ("/", "/"),
        (
            r#"json:{"driver":"raw","file":{"driver":"file","filename":"/a/b.raw"}}"#,
            "b.raw",
        ),
        (
            r#"json:{"driver":"raw","file":{"driver":"null-co","size":7}}"#,
            "null-co",
        ),
        ("json:{", "json:{"),
        ("null-co://", "null-co:"),
    ] {
        let medium = Medium {
            file: file.to_owned(),
            ..Medium::default()
        };
        assert_eq!(medium.short(), short);
    }
}

#[test]
fn sizes_are_short() {
    for (bytes, want) in [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (716_800, "700 KiB"),
        (3 << 29, "1.5 GiB"),
        (u64::MAX, "16383.9 PiB"),
    ] {
        assert_eq!(size(bytes), want);
    }
}

#[test]
fn what_may_have_changed_is_asked_again_and_nothing_else() {
    for (event, topics) in [
        ("DEVICE_TRAY_MOVED", Question::Drives.topic()),
        ("BLOCK_IO_ERROR", Question::Drives.topic()),
        ("BALLOON_CHANGE", Question::Balloon.topic()),
        ("VNC_CONNECTED", Question::Vnc.topic()),
        ("NIC_RX_FILTER_CHANGED", Topics::NETWORK),
        ("RTC_CHANGE", Topics::NONE),
        ("STOP", Topics::NONE),
    ] {
        assert_eq!(Topics::after_event(event), topics, "{event}");
    }
    assert!(Topics::after_event("DEVICE_DELETED").has(Topics::NETWORK));
    assert!(!Topics::after_event("DEVICE_DELETED").has(Question::Commands.topic()));
    assert_eq!(Topics::after_command("query-block"), Topics::NONE);
    assert_eq!(
        Topics::after_command("blockdev-change-medium"),
        Question::Drives.topic()
    );
    assert!(Topics::after_command("device_add").has(Question::Drives.topic()));
}

/// Learns all that was recorded.
fn learn(recorded: &str) -> Facts {
    let mut facts = Facts::default();
    for question in Question::ALL {
        let (command, _) = question.command();
        let key = match question {
            Question::Devices(container) => container,
            _ => command,
        };
        let mut lines = recorded.lines().filter_map(|line| line.split_once(' '));
        if let Some((_, reply)) = lines.find(|(name, _)| *name == key) {
            facts.learn(question, Some(reply));
        }
    }
    facts
}

/// A command or container and the answer on each line; the table of VLANs, 4096 numbers, is left out.
const RECORDED: [&str; 2] = [include_str!("qemu-7.2.txt"), include_str!("qemu-10.0.txt")];
