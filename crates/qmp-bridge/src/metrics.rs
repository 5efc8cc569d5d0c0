//! What the bridge counts, for Prometheus. Who counts has handles on atomics; nobody is asked when the text is written.

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::access::Refusal;

/// All that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    refusals: Of<Counter>,
    machines: Machines,
}

/// What is counted of one machine. A clone counts the same.
#[derive(Clone, Debug)]
pub(crate) struct MachineMetrics {
    /// 1 while somebody else holds the monitor.
    pub(crate) busy: Gauge,
    /// Clients that are served.
    pub(crate) clients: Gauge,
    /// Commands that clients have given.
    pub(crate) commands: Counter,
    /// Connections to the machine that came to command mode.
    pub(crate) connections: Counter,
    pub(crate) errors: Counter,
    pub(crate) events: Counter,
    /// Commands that were refused because their client asked too often.
    pub(crate) forbidden: Counter,
    pub(crate) limited: Counter,
    /// Commands that wait for their turn.
    pub(crate) queued: Gauge,
    pub(crate) received: Counter,
    pub(crate) returns: Counter,
    /// From when a command comes to the machine's task to its reply.
    pub(crate) round_trip: Histogram,
    pub(crate) screendumps: Counter,
    pub(crate) sent: Counter,
    /// Commands that were not sent because another client's had the same reply.
    pub(crate) shared: Counter,
    /// Bytes that the machine has not read yet.
    pub(crate) unread: Gauge,
    /// Replies to nobody.
    pub(crate) unroutable: Counter,
    /// 1 while commands can be executed.
    pub(crate) up: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("qmp_bridge");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "The bridge itself", Info::new(version));
        Self {
            refusals: register(
                &mut registry,
                "refusals",
                "Requests that were refused, by reason",
                None,
            ),
            machines: Machines::new(&mut registry),
            registry,
        }
    }

    /// What is counted of the machine of this name.
    pub(crate) fn machine(&self, name: &str) -> MachineMetrics {
        self.machines.named(name)
    }

    /// Forgets a machine that is gone.
    pub(crate) fn forget(&self, name: &str) {
        self.machines.forget(name);
    }

    pub(crate) fn refused(&self, refusal: Refusal) {
        let labels = [("reason", refusal.label().to_owned())];
        self.refusals.get_or_create(&labels).inc();
    }

    /// All of it in the OpenMetrics format, which Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // A string takes whatever is written.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = [(&'static str, String); 1];
type Of<M> = Family<Labels, M>;

#[derive(Debug)]
struct Machines {
    busy: Of<Gauge>,
    clients: Of<Gauge>,
    commands: Of<Counter>,
    connections: Of<Counter>,
    errors: Of<Counter>,
    events: Of<Counter>,
    forbidden: Of<Counter>,
    limited: Of<Counter>,
    queued: Of<Gauge>,
    received: Of<Counter>,
    returns: Of<Counter>,
    round_trip: Family<Labels, Histogram, fn() -> Histogram>,
    screendumps: Of<Counter>,
    sent: Of<Counter>,
    shared: Of<Counter>,
    unread: Of<Gauge>,
    unroutable: Of<Counter>,
    up: Of<Gauge>,
}

impl Machines {
    fn new(to: &mut Registry) -> Self {
        let round_trip: Family<_, _, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(ROUND_TRIPS));
        to.register_with_unit(
            "round_trip",
            "From a command's arrival in the bridge to the machine's reply",
            Unit::Seconds,
            round_trip.clone(),
        );
        let bytes = || Some(Unit::Bytes);
        Self {
            busy: register(
                to,
                "machine_busy",
                "1 while another client holds the monitor",
                None,
            ),
            clients: register(to, "clients", "Clients that are served", None),
            commands: register(to, "commands", "Commands that clients have given", None),
            connections: register(to, "machine_connections", "Connections made to the machine", None),
            errors: register(
                to,
                "errors",
                "Commands that the machine has answered with an error",
                None,
            ),
            events: register(to, "events", "Events of the machine", None),
            forbidden: register(
                to,
                "forbidden_commands",
                "Commands of clients that may not execute them",
                None,
            ),
            limited: register(
                to,
                "limited_commands",
                "Commands of clients that asked too often",
                None,
            ),
            queued: register(to, "queued_commands", "Commands that are not sent yet", None),
            received: register(to, "received", "What the machine has said", bytes()),
            returns: register(to, "returns", "Commands that the machine has executed", None),
            round_trip,
            screendumps: register(to, "screendumps", "Pictures that were taken of the screen", None),
            sent: register(to, "sent", "What the machine was told", bytes()),
            shared: register(
                to,
                "shared_commands",
                "Commands that were answered with another client's reply",
                None,
            ),
            unread: register(to, "unread", "What the machine has not read yet", bytes()),
            unroutable: register(to, "unroutable_replies", "Replies that were nobody's", None),
            up: register(to, "machine_up", "1 while the machine takes commands", None),
        }
    }

    fn named(&self, name: &str) -> MachineMetrics {
        let vm = [("vm", name.to_owned())];
        MachineMetrics {
            busy: self.busy.get_or_create_owned(&vm),
            clients: self.clients.get_or_create_owned(&vm),
            commands: self.commands.get_or_create_owned(&vm),
            connections: self.connections.get_or_create_owned(&vm),
            errors: self.errors.get_or_create_owned(&vm),
            events: self.events.get_or_create_owned(&vm),
            forbidden: self.forbidden.get_or_create_owned(&vm),
            limited: self.limited.get_or_create_owned(&vm),
            queued: self.queued.get_or_create_owned(&vm),
            received: self.received.get_or_create_owned(&vm),
            returns: self.returns.get_or_create_owned(&vm),
            round_trip: self.round_trip.get_or_create_owned(&vm),
            screendumps: self.screendumps.get_or_create_owned(&vm),
            sent: self.sent.get_or_create_owned(&vm),
            shared: self.shared.get_or_create_owned(&vm),
            unread: self.unread.get_or_create_owned(&vm),
            unroutable: self.unroutable.get_or_create_owned(&vm),
            up: self.up.get_or_create_owned(&vm),
        }
    }

    fn forget(&self, name: &str) {
        let vm = [("vm", name.to_owned())];
        self.busy.remove(&vm);
        self.clients.remove(&vm);
        self.commands.remove(&vm);
        self.connections.remove(&vm);
        self.errors.remove(&vm);
        self.events.remove(&vm);
        self.forbidden.remove(&vm);
        self.limited.remove(&vm);
        self.queued.remove(&vm);
        self.received.remove(&vm);
        self.returns.remove(&vm);
        self.round_trip.remove(&vm);
        self.screendumps.remove(&vm);
        self.sent.remove(&vm);
        self.shared.remove(&vm);
        self.unread.remove(&vm);
        self.unroutable.remove(&vm);
        self.up.remove(&vm);
    }
}

fn register<M: Default>(registry: &mut Registry, name: &str, help: &str, unit: Option<Unit>) -> Of<M>
where
    Of<M>: Metric,
{
    let metric = Of::<M>::default();
    match unit {
        Some(unit) => registry.register_with_unit(name, help, unit, metric.clone()),
        None => registry.register(name, help, metric.clone()),
    }
    metric
}

/// QEMU answers most commands in a tenth of a millisecond; some take as long as an image takes to open.
const ROUND_TRIPS: [f64; 10] = [0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_counted_is_documented() {
        let documented = include_str!("../../../docs/bridge.md");
        let metrics = Metrics::new();
        metrics.machine("vm");
        for refusal in [
            Refusal::Malformed,
            Refusal::Host,
            Refusal::Origin,
            Refusal::Token,
            Refusal::Role,
            Refusal::UnknownVm,
            Refusal::Full,
            Refusal::Spent,
            Refusal::Scope,
            Refusal::Failures { seconds: 1 },
            Refusal::Sessions,
        ] {
            metrics.refused(refusal);
            assert!(
                documented.contains(&format!("`{}`", refusal.label())),
                "{refusal:?}"
            );
        }
        let text = metrics.text();
        let types: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
            .collect();
        assert!(types.len() > 15, "{text}");
        for (name, kind) in types {
            let suffix = match kind {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            assert!(
                documented.contains(&format!("`{name}{suffix}`")),
                "{name}{suffix}"
            );
        }
    }
}
