//! What the charts show after what the machine counts.

use qmp_proto::JsonRef;
use qmp_web::Json;

use super::*;
use crate::console::line::Line;

#[test]
fn disks_are_read_as_qemu_tells_of_them() {
    let stats = |more: &str| {
        format!(
            r#"{{"stats": {{"rd_bytes": 1, "wr_bytes": 18446744073709551615, "rd_operations": 3, "wr_operations": 4, "timed_stats": []}}, {more}}}"#
        )
    };
    let reply = format!(
        "[{}, {}, {}, {}]",
        stats(
            r##""device": "hd0", "qdev": "/machine/peripheral/disk0/virtio-backend", "node-name": "#block1""##
        ),
        stats(r#""device": "", "qdev": "/machine/peripheral/disk0/virtio-backend""#),
        stats(r#""device": "", "qdev": "cd0""#),
        stats(r#""node-name": "n""#),
    );
    let disks = disk_counts(JsonRef::parse(&reply).unwrap()).unwrap();
    let names: Vec<_> = disks.iter().map(|disk| disk.name.as_str()).collect();
    assert_eq!(names, ["disk0", "disk0", "cd0", "n"]);
    assert_eq!(disks[0].counts, [1, u64::MAX, 3, 4]);
    assert_eq!(disk_counts(JsonRef::parse("{}").unwrap()), None);
}

#[test]
fn disks_come_and_go() {
    let mut charts = Charts::default();
    charts.counted(0.0, vec![count("a", 0), count("b", 8)]);
    assert_eq!(disks(&charts), ["b"]);
    assert_eq!(charts.remark(), "Nothing read or written yet: a.");
    charts.counted(1e3, vec![count("a", 100), count("b", 28)]);
    assert_eq!(disks(&charts), ["a", "b"]);
    assert_eq!(charts.remark(), "");
    assert_eq!(charts.all()[2].lines[0].unwrap().1.at(1e3), Some(20.0));
    // One that is gone is seen until what it did is too long ago.
    charts.counted(2e3, vec![count("a", 100)]);
    assert_eq!(disks(&charts), ["a", "b"]);
    charts.counted(3e3 + SPAN, vec![]);
    assert_eq!(disks(&charts), [""; 0]);
    assert_eq!(charts.remark(), "This machine has no disks.");
}

#[test]
fn however_many_disks_there_are_few_are_kept() {
    let mut charts = Charts::default();
    charts.counted(
        0.0,
        (0..MAX_DISKS + 3).map(|i| count(&i.to_string(), 1)).collect(),
    );
    assert_eq!(disks(&charts).len(), MAX_DISKS);
    assert_eq!(charts.remark(), "3 more disks are not shown.");
}

#[test]
fn charts_are_of_a_minute_until_more_is_known() {
    let mut charts = Charts::default();
    charts.weighed(0.0, Some(1.0));
    charts.look(Some(100e3));
    assert_eq!((charts.span(), charts.looked_at()), (MINUTE, Some(MINUTE)));
    charts.weighed(61e3, Some(1.0));
    assert_eq!(charts.span(), SPAN);
    charts.look(Some(0.0));
    assert_eq!(charts.looked_at(), None);
}

#[test]
fn a_reset_is_a_gap() {
    let mut charts = Charts::default();
    for (time, bytes) in [(0.0, 100), (1e3, 200), (2e3, 5), (3e3, 6)] {
        charts.counted(time, vec![count("a", bytes)]);
    }
    let all = charts.all();
    let read = all[0].lines[0].unwrap().1;
    assert_eq!((read.at(1e3), read.at(3e3)), (Some(100.0), Some(1.0)));
    assert_eq!(read.max(), 100.0);
}

#[test]
fn memory_is_told_by_the_balloon_and_the_guest() {
    let mut charts = Charts::default();
    assert!(charts.may_weigh());
    charts.weighed(0.0, None);
    assert!(!charts.may_weigh());
    assert!(charts.all()[0].empty.contains("no memory balloon"));
    charts.reconnected();
    charts.weighed(1e3, Some(64.0));
    // One that is not heard of once is there all the same.
    charts.weighed(2e3, None);
    assert!(charts.may_weigh());
    assert!(charts.all()[0].lines[1].is_none());
    charts.used(2e3, 32.0);
    assert!(charts.all()[0].lines[1].is_some());

    for (reply, want) in [
        (
            r#"{"last-update": 5, "stats": {"stat-total-memory": 100, "stat-available-memory": 60, "stat-free-memory": 10}}"#,
            Some(40.0),
        ),
        (
            r#"{"last-update": 5, "stats": {"stat-total-memory": 100, "stat-available-memory": 18446744073709551615, "stat-free-memory": 10}}"#,
            Some(90.0),
        ),
        (
            r#"{"last-update": 0, "stats": {"stat-total-memory": 100, "stat-free-memory": 10}}"#,
            None,
        ),
        (
            r#"{"last-update": 5, "stats": {"stat-total-memory": -1, "stat-free-memory": 10}}"#,
            None,
        ),
    ] {
        assert_eq!(guest_use(JsonRef::parse(reply).unwrap()), want, "{reply}");
    }
}

#[test]
fn latency_is_of_what_was_answered_in_the_last_minute() {
    let mut log = Log::new(200);
    for took in 1..=100 {
        log.push(exchange(
            0.0,
            Some((Outcome::Returned(Json::parse("{}").unwrap()), f64::from(took))),
        ));
    }
    log.push(exchange(0.0, None));
    log.push(exchange(
        0.0,
        Some((Outcome::Lost { may_have_run: true }, 5000.0)),
    ));
    let none = Log::new(1);
    let mut charts = Charts::default();
    charts.timed(1e3, [&log, &none]);
    assert_eq!(
        (charts.median.at(1e3), charts.slowest.at(1e3)),
        (Some(50.0), Some(95.0))
    );
    charts.timed(100e3, [&none, &log]);
    assert_eq!(charts.median.at(100e3), None);
}

#[test]
fn percentiles_are_of_what_there_is() {
    assert_eq!(percentile(&[], 50), None);
    assert_eq!(percentile(&[2000], 95), Some(2.0));
    assert_eq!(percentile(&[1000, 2000], 50), Some(1.0));
}

fn disks(charts: &Charts) -> Vec<&str> {
    let all = charts.all();
    all.iter()
        .filter(|chart| chart.title == "Throughput")
        .map(|chart| chart.disk)
        .collect()
}

fn count(name: &str, bytes: u64) -> DiskCount {
    DiskCount {
        name: name.to_owned(),
        counts: [bytes, 0, 0, 0],
    }
}

fn exchange(sent: f64, outcome: Option<(Outcome, f64)>) -> Exchange {
    let mut exchange = Exchange::new(Line::default(), sent, 1);
    exchange.outcome = outcome;
    exchange
}
