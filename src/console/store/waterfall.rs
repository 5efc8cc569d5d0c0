//! Commands over time: which of them are shown, on which part of the time axis, and who overtook whom. Nothing here knows
//! how it is drawn.

use super::{Exchange, ExchangeId, Origin, Outcome, Store};
use crate::console::sorted::insert_by_key;

/// How a person looks at the commands over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::console) struct Waterfall {
    /// What the name, the arguments or the id has in it, in lower case.
    pub(in crate::console) text: String,
    pub(in crate::console) whose: Whose,
    pub(in crate::console) outcomes: Outcomes,
    pub(in crate::console) span: Span,
    /// Where the axis ends; `None` while it follows what happens.
    pub(in crate::console) until: Option<f64>,
    pub(in crate::console) selected: Option<ExchangeId>,
}

/// Whose commands are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) enum Whose {
    #[default]
    Person,
    Console,
    Everybody,
}

/// Which commands are shown, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) enum Outcomes {
    #[default]
    Any,
    Pending,
    Returned,
    Failed,
    /// Given up, lost, or not sent.
    Unanswered,
}

/// How much time the axis has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::console) enum Span {
    /// In milliseconds.
    Last(u32),
    #[default]
    All,
}

/// What there is to draw.
#[derive(Debug)]
pub(in crate::console) struct Drawing<'a> {
    pub(in crate::console) axis: Axis,
    /// The newest first.
    pub(in crate::console) rows: Vec<Row<'a>>,
    /// How many more there would be.
    pub(in crate::console) left_out: usize,
    /// Whether one of the rows waits, so that its bar grows.
    pub(in crate::console) grows: bool,
}

/// A command on the axis.
#[derive(Debug)]
pub(in crate::console) struct Row<'a> {
    pub(in crate::console) id: ExchangeId,
    pub(in crate::console) exchange: &'a Exchange,
    /// Those that were executed later and answered while this one waited, in the order of their replies.
    pub(in crate::console) overtaken_by: Vec<&'a Exchange>,
    /// Those that were executed earlier and still waited when this one was answered.
    pub(in crate::console) overtook: Vec<&'a Exchange>,
}

/// A part of time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::console) struct Axis {
    pub(in crate::console) from: f64,
    pub(in crate::console) to: f64,
}

impl Store {
    /// Commands over time as they are at this time, no more than so many.
    pub(in crate::console) fn picture(&self, now: f64, max_rows: usize) -> Drawing<'_> {
        let view = &self.waterfall;
        let all = self.exchanges(view.whose);
        let axis = self.axis(&all, now);
        let shown = |(_, exchange): &&(ExchangeId, &Exchange)| {
            view.shows(exchange) && exchange.sent <= axis.to && exchange.end(now) >= axis.from
        };
        let rows: Vec<_> = all
            .iter()
            .rev()
            .filter(shown)
            .take(max_rows)
            .map(|&(id, exchange)| Row::new(id, exchange, &all))
            .collect();
        let grows = view.until.is_none() && rows.iter().any(|row| row.exchange.outcome.is_none());
        let left_out = match rows.len() {
            full if full == max_rows => all.iter().filter(shown).count() - full,
            _ => 0,
        };
        Drawing {
            axis,
            rows,
            left_out,
            grows,
        }
    }

    /// One command and who overtook it, if it is not forgotten.
    pub(in crate::console) fn row(&self, id: ExchangeId) -> Option<Row<'_>> {
        let exchange = self.exchange(id)?;
        let whose = match (self.waterfall.whose, id.origin) {
            (Whose::Everybody, _) => Whose::Everybody,
            (_, Origin::Person) => Whose::Person,
            (_, Origin::Console) => Whose::Console,
        };
        Some(Row::new(id, exchange, &self.exchanges(whose)))
    }

    /// Moves the axis by a half of itself, to what was before or after. Where that is now, it follows again.
    pub(in crate::console) fn pan(&mut self, later: bool, now: f64) {
        let all = self.exchanges(self.waterfall.whose);
        let Axis { from, to } = self.axis(&all, now);
        let (first, last) = (begin_of(&all, now), end_of(&all, now));
        let half = (to - from) / 2.0;
        let moved = (to + if later { half } else { -half }).max(first + half);
        self.waterfall.until = (moved < last).then_some(moved);
    }

    /// Those of these origins, the oldest first.
    fn exchanges(&self, whose: Whose) -> Vec<(ExchangeId, &Exchange)> {
        let of = |origin, wanted| {
            let log = match origin {
                Origin::Person => &self.commands,
                Origin::Console => &self.questions,
            };
            let entries = log.iter().filter(move |_| wanted);
            entries.map(move |(number, exchange)| (ExchangeId { origin, number }, exchange))
        };
        let mut persons = of(Origin::Person, whose != Whose::Console).peekable();
        let mut pages = of(Origin::Console, whose != Whose::Person).peekable();
        let turn =
            |next: Option<&(ExchangeId, &Exchange)>| next.map_or(u64::MAX, |(_, exchange)| exchange.turn);
        let next = || {
            if turn(pages.peek()) < turn(persons.peek()) {
                pages.next()
            } else {
                persons.next()
            }
        };
        std::iter::from_fn(next).collect()
    }

    fn axis(&self, all: &[(ExchangeId, &Exchange)], now: f64) -> Axis {
        let to = self.waterfall.until.unwrap_or_else(|| end_of(all, now));
        let from = match self.waterfall.span {
            Span::Last(length) => to - f64::from(length),
            Span::All => begin_of(all, now).min(to - SHORTEST),
        };
        Axis { from, to }
    }
}

impl Waterfall {
    fn shows(&self, exchange: &Exchange) -> bool {
        let outcome = exchange.outcome.as_ref().map(|(outcome, _)| outcome);
        let fits = match self.outcomes {
            Outcomes::Any => true,
            Outcomes::Pending => outcome.is_none(),
            Outcomes::Returned => matches!(outcome, Some(Outcome::Returned(_))),
            Outcomes::Failed => matches!(outcome, Some(Outcome::Failed { .. })),
            Outcomes::Unanswered => outcome.is_some() && !exchange.is_answered(),
        };
        let has = |text: &str| text.to_ascii_lowercase().contains(&self.text);
        fits && (self.text.is_empty()
            || has(&exchange.line.name)
            || has(&exchange.wire_id)
            || exchange.line.arguments.as_deref().is_some_and(has))
    }
}

impl<'a> Row<'a> {
    fn new(id: ExchangeId, exchange: &'a Exchange, all: &[(ExchangeId, &'a Exchange)]) -> Self {
        let others = |wanted: &dyn Fn(&Exchange) -> bool| {
            let mut found = Vec::new();
            for other in all.iter().map(|&(_, other)| other).filter(|other| wanted(other)) {
                // Those that still wait come last.
                insert_by_key(&mut found, other, |other: &&Exchange| {
                    (other.settled.wrapping_sub(1), other.turn)
                });
            }
            found
        };
        Self {
            id,
            exchange,
            overtaken_by: others(&|other| other.overtook(exchange)),
            overtook: others(&|other| exchange.overtook(other)),
        }
    }
}

impl Exchange {
    /// Whether the server has answered it.
    pub(in crate::console) const fn is_answered(&self) -> bool {
        matches!(
            self.outcome,
            Some((Outcome::Returned(_) | Outcome::Failed { .. }, _))
        )
    }

    /// When its waiting ended, or now if it has not.
    pub(in crate::console) fn end(&self, now: f64) -> f64 {
        match &self.outcome {
            Some((_, took)) => self.sent + took,
            None => now.max(self.sent),
        }
    }

    /// Whether it was executed later than the other, and answered while that still waited.
    fn overtook(&self, other: &Self) -> bool {
        self.turn > other.turn && self.is_answered() && (other.settled == 0 || other.settled > self.settled)
    }
}

impl Axis {
    /// Where on the axis a time is: so many ten-thousandths of it, from its start. What is beyond is at its ends.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is clamped, and no number becomes 0"
    )]
    pub(in crate::console) fn place(self, time: f64) -> u32 {
        let part = (time - self.from) / (self.to - self.from);
        (part.clamp(0.0, 1.0) * 10_000.0).round() as u32
    }

    /// Times to write at the axis: as many as fit, at round distances; and that distance.
    pub(in crate::console) fn ticks(self) -> (Vec<f64>, f64) {
        let step = STEPS
            .into_iter()
            .find(|step| (self.to - self.from) / step <= MAX_TICKS)
            // Days then, as many as it takes.
            .unwrap_or_else(|| ((self.to - self.from) / MAX_TICKS / DAY).ceil() * DAY);
        let mut ticks = Vec::new();
        let mut tick = (self.from / step).ceil() * step;
        while tick <= self.to && ticks.len() < 10 {
            ticks.push(tick);
            tick += step;
        }
        (ticks, step)
    }
}

/// An id as short as people want it: `#3` of `fy26yzha-3`. Empty if there is none.
pub(in crate::console) fn short_id(wire_id: &str) -> String {
    let number = wire_id.rsplit_once('-').map_or(wire_id, |(_, number)| number);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let mut shown: String = if is_number { number } else { wire_id }
        .chars()
        .take(12)
        .collect();
    if !shown.is_empty() {
        shown.insert(0, '#');
    }
    shown
}

fn begin_of(all: &[(ExchangeId, &Exchange)], now: f64) -> f64 {
    all.iter().map(|(_, exchange)| exchange.sent).fold(now, f64::min)
}

/// When the last of them ended; now if one waits, or there is none.
fn end_of(all: &[(ExchangeId, &Exchange)], now: f64) -> f64 {
    let ends = all.iter().map(|(_, exchange)| exchange.end(now));
    ends.reduce(f64::max).unwrap_or(now)
}

/// Of all axes, in milliseconds: what is shorter shows nothing more.
const SHORTEST: f64 = 100.0;
const MAX_TICKS: f64 = 4.0;
const DAY: f64 = 86_400_000.0;
/// Round distances in milliseconds.
const STEPS: [f64; 22] = [
    10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 3e3, 5e3, 10e3, 15e3, 20e3, 30e3, 60e3, 120e3, 300e3,
    600e3, 1800e3, 3600e3, 14_400e3, 43_200e3,
];

#[cfg(test)]
mod tests;
