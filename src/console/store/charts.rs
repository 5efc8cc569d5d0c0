//! What the charts show: how busy the disks are, the memory, and how long commands take. It is told what the machine
//! counts and when; it asks nothing.

mod reply;

pub(in crate::console) use self::reply::{DiskCount, balloon, disk_counts, guest_use};
use std::collections::BinaryHeap;

use super::exchange::{Exchange, Outcome};
use super::series::{Counter, SPAN, Series, Unit};
use crate::console::log::Log;

/// What was measured lately.
#[derive(Debug, Default)]
pub(in crate::console) struct Charts {
    /// When something was measured last.
    now: f64,
    disks: Vec<Disk>,
    /// Whether the machine ever told of its disks.
    disks_told: bool,
    /// How many disks there are that no chart is kept for.
    disks_left_out: usize,
    memory: Series,
    guest: Series,
    balloon: Knowledge,
    median: Series,
    slowest: Series,
    /// How many milliseconds before [`Charts::now`] a person looks at; now if there is none.
    looked_at: Option<f64>,
    version: u64,
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Knowledge {
    #[default]
    Unknown,
    There,
    Missing,
}

#[derive(Debug, Default)]
struct Disk {
    name: String,
    is_there: bool,
    /// Whether anything was ever read or written.
    is_used: bool,
    counters: [Counter; 4],
    /// Bytes read and written, reads and writes; each a second.
    series: [Series; 4],
}

/// A chart: lines of one unit over the same time.
pub(in crate::console) struct Chart<'a> {
    /// The disk that it is of.
    pub(in crate::console) disk: &'a str,
    pub(in crate::console) title: &'static str,
    pub(in crate::console) unit: Unit,
    pub(in crate::console) lines: [Option<(&'static str, &'a Series)>; 2],
    /// What to say where there is no line at all.
    pub(in crate::console) empty: &'static str,
}

impl Charts {
    /// What the disks had counted at this time.
    pub(in crate::console) fn counted(&mut self, now: f64, counts: Vec<DiskCount>) {
        self.begin(now);
        self.disks_told = true;
        self.disks_left_out = 0;
        for disk in &mut self.disks {
            disk.is_there = false;
            for series in &mut disk.series {
                series.forget(now);
            }
        }
        for count in counts {
            match self.disks.iter().position(|disk| disk.name == count.name) {
                Some(known) => self.disks[known].count(now, &count),
                None if self.disks.len() == MAX_DISKS => self.disks_left_out += 1,
                None => {
                    let mut disk = Disk {
                        name: count.name.clone(),
                        ..Disk::default()
                    };
                    disk.count(now, &count);
                    self.disks.push(disk);
                }
            }
        }
        // What it did while it was there stays to be seen.
        self.disks
            .retain(|disk| disk.is_there || disk.series.iter().any(|series| !series.is_empty()));
    }

    /// How much memory the machine has at this time; `None` if nothing tells that.
    pub(in crate::console) fn weighed(&mut self, now: f64, balloon: Option<f64>) {
        self.begin(now);
        match balloon {
            Some(actual) => {
                self.balloon = Knowledge::There;
                self.memory.push(now, actual);
            }
            None if self.memory.is_empty() => self.balloon = Knowledge::Missing,
            None => {}
        }
    }

    /// How much of its memory the guest uses at this time.
    pub(in crate::console) fn used(&mut self, now: f64, used: f64) {
        self.begin(now);
        self.guest.push(now, used);
    }

    /// How long commands took that were answered in the last minute.
    pub(in crate::console) fn timed(&mut self, now: f64, logs: [&Log<Exchange>; 2]) {
        self.begin(now);
        let times: BinaryHeap<u64> = logs
            .into_iter()
            .flat_map(Log::iter)
            .filter_map(|(_, exchange)| answered_after(exchange, now))
            .collect();
        let times = times.into_sorted_vec();
        if let (Some(median), Some(slowest)) = (percentile(&times, 50), percentile(&times, 95)) {
            self.median.push(now, median);
            self.slowest.push(now, slowest);
        }
    }

    /// A person looks at what was so many milliseconds ago, or, with `None`, at what is now.
    pub(in crate::console) fn look(&mut self, ago: Option<f64>) {
        self.looked_at = ago.filter(|ago| *ago > 0.0).map(|ago| ago.min(self.span()));
        self.version += 1;
    }

    /// What there is to show, in its order.
    pub(in crate::console) fn all(&self) -> Vec<Chart<'_>> {
        let mut charts = Vec::new();
        for disk in self.disks.iter().filter(|disk| disk.is_used) {
            let [read_bytes, written_bytes, reads, writes] = &disk.series;
            for (title, unit, [read, written]) in [
                ("Throughput", Unit::BytesPerSecond, [read_bytes, written_bytes]),
                ("Operations", Unit::OperationsPerSecond, [reads, writes]),
            ] {
                charts.push(Chart {
                    disk: &disk.name,
                    title,
                    unit,
                    lines: [Some(("Read", read)), Some(("Written", written))],
                    empty: "Measuring…",
                });
            }
        }
        charts.push(Chart {
            disk: "",
            title: "Memory",
            unit: Unit::Bytes,
            lines: [
                Some(("Balloon", &self.memory)),
                (!self.guest.is_empty()).then_some(("Used by the guest", &self.guest)),
            ],
            empty: match self.balloon {
                Knowledge::Missing => "This machine has no memory balloon, which would tell.",
                Knowledge::Unknown | Knowledge::There => "Measuring…",
            },
        });
        charts.push(Chart {
            disk: "",
            title: "Command latency",
            unit: Unit::Milliseconds,
            lines: [
                Some(("Median", &self.median)),
                Some(("95 % within", &self.slowest)),
            ],
            empty: "No command was answered in the last minute.",
        });
        charts
    }

    /// What there is to say of the disks that have no chart.
    pub(in crate::console) fn remark(&self) -> String {
        let idle: Vec<&str> = self
            .disks
            .iter()
            .filter(|disk| !disk.is_used)
            .map(|disk| disk.name.as_str())
            .collect();
        let idle = idle.join(", ");
        match (self.disks.is_empty(), idle.is_empty(), self.disks_left_out) {
            (true, ..) if self.disks_told => "This machine has no disks.".to_owned(),
            (_, false, _) => format!("Nothing read or written yet: {idle}."),
            (.., 0) => String::new(),
            (.., more) => format!("{more} more disks are not shown."),
        }
    }

    /// Whether there is anything to ask for the memory.
    pub(in crate::console) const fn may_weigh(&self) -> bool {
        !matches!(self.balloon, Knowledge::Missing)
    }

    /// Another machine, or the same one later, may have what this one had not.
    pub(super) const fn reconnected(&mut self) {
        self.balloon = Knowledge::Unknown;
    }

    /// Grows with whatever changes what is shown.
    pub(in crate::console) const fn version(&self) -> u64 {
        self.version
    }

    /// When something was measured last.
    pub(in crate::console) const fn now(&self) -> f64 {
        self.now
    }

    /// For how many milliseconds before now the charts are: a short time as long as nothing is known of a longer one.
    pub(in crate::console) fn span(&self) -> f64 {
        let charts = self.all();
        let series = charts.iter().flat_map(|chart| chart.lines.iter().flatten());
        let since = series.filter_map(|(_, series)| series.since());
        let longest = since.fold(0.0, |longest: f64, since| longest.max(self.now - since));
        if longest > MINUTE { SPAN } else { MINUTE }
    }

    /// How many milliseconds before now a person looks at.
    pub(in crate::console) const fn looked_at(&self) -> Option<f64> {
        self.looked_at
    }

    const fn begin(&mut self, now: f64) {
        self.now = now;
        self.version += 1;
    }
}

impl Disk {
    fn count(&mut self, now: f64, count: &DiskCount) {
        self.is_there = true;
        self.is_used |= count.counts.iter().any(|count| *count > 0);
        for (i, count) in count.counts.iter().enumerate() {
            if let Some(rate) = self.counters[i].rate(now, *count) {
                self.series[i].push(now, rate);
            }
        }
    }
}

/// After how many microseconds a command was answered, if that was in the last minute.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates, and is not negative"
)]
fn answered_after(exchange: &Exchange, now: f64) -> Option<u64> {
    match &exchange.outcome {
        Some((Outcome::Returned(_) | Outcome::Failed { .. }, took))
            if exchange.sent + took >= now - MINUTE =>
        {
            Some((took * 1e3).round() as u64)
        }
        _ => None,
    }
}

/// In milliseconds, of microseconds in their order.
fn percentile(times: &[u64], percent: usize) -> Option<f64> {
    let rank = (times.len() * percent).div_ceil(100);
    let time = times.get(rank.checked_sub(1)?)?;
    Some(super::series::lossy(*time) / 1e3)
}

const MINUTE: f64 = 60_000.0;
/// Two charts each; who has more disks does not look at all of them.
const MAX_DISKS: usize = 24;

#[cfg(test)]
mod tests;
