//! Values over the last minutes, and counters that become values. What they measure is not known here.

mod unit;

use std::collections::VecDeque;
use std::fmt::Write;

pub(in crate::console) use self::unit::Unit;

/// One value over time, with times in milliseconds.
#[derive(Debug, Default)]
pub(in crate::console) struct Series {
    points: VecDeque<(f64, f64)>,
}

impl Series {
    /// Adds what was measured at this time, which is later than any before.
    pub(super) fn push(&mut self, time: f64, value: f64) {
        self.forget(time);
        self.points.push_back((time, value));
    }

    /// Forgets what is too old to be shown at this time.
    pub(super) fn forget(&mut self, now: f64) {
        // One older point stays: the line comes from there.
        while self.points.get(1).is_some_and(|(time, _)| *time < now - SPAN) {
            self.points.pop_front();
        }
        if self.points.len() == 1 && self.points[0].0 < now - SPAN {
            self.points.clear();
        }
    }

    pub(in crate::console) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// When the oldest value was measured that is kept.
    pub(super) fn since(&self) -> Option<f64> {
        Some(self.points.front()?.0)
    }

    pub(in crate::console) fn max(&self) -> f64 {
        self.points.iter().fold(0.0, |max, (_, value)| max.max(*value))
    }

    /// The value at about this time, if it is known.
    pub(in crate::console) fn at(&self, time: f64) -> Option<f64> {
        let distance = |point: &(f64, f64)| (point.0 - time).abs();
        let nearest = self
            .points
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        (distance(nearest) <= GAP / 2.0).then_some(nearest.1)
    }

    /// The line as the path of an SVG, [`WIDTH`] wide for the `span` before `now`, [`HEIGHT`] high for `top`. What is not known
    /// is a gap; a value that stands alone is a dot.
    pub(in crate::console) fn line(&self, (now, span): (f64, f64), top: f64) -> String {
        let mut path = String::new();
        self.draw((now, span), top, |place| match place {
            Place::First(x, y) => push(&mut path, 'M', x, y),
            Place::Next(x, y) => push(&mut path, 'L', x, y),
            // Of no length, and yet drawn: a dot where the line is nothing else.
            Place::End(_) => path.push_str("h0"),
        });
        path
    }

    /// What is under the line, as the path of an SVG.
    pub(in crate::console) fn area(&self, (now, span): (f64, f64), top: f64) -> String {
        let mut path = String::new();
        self.draw((now, span), top, |place| match place {
            Place::First(x, y) => {
                push(&mut path, 'M', x, HEIGHT);
                push(&mut path, 'L', x, y);
            }
            Place::Next(x, y) => push(&mut path, 'L', x, y),
            Place::End(x) => {
                push(&mut path, 'L', x, HEIGHT);
                path.push('Z');
            }
        });
        path
    }

    fn draw(&self, (now, span): (f64, f64), top: f64, mut draw: impl FnMut(Place)) {
        let mut before: Option<(f64, i32)> = None;
        for (time, value) in &self.points {
            let x = rounded((1.0 - (now - time) / span) * f64::from(WIDTH)).max(0);
            let y = HEIGHT - rounded(value / top * f64::from(HEIGHT));
            match before {
                Some((earlier, _)) if time - earlier <= GAP => draw(Place::Next(x, y)),
                Some((_, end)) => {
                    draw(Place::End(end));
                    draw(Place::First(x, y));
                }
                None => draw(Place::First(x, y)),
            }
            before = Some((*time, x));
        }
        if let Some((_, end)) = before {
            draw(Place::End(end));
        }
    }
}

enum Place {
    First(i32, i32),
    Next(i32, i32),
    /// The last one had this `x`.
    End(i32),
}

fn push(path: &mut String, how: char, x: i32, y: i32) {
    // Writing to a string cannot fail.
    let _ = write!(path, "{how}{x} {y}");
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it saturates, which is as good as being off the chart"
)]
fn rounded(value: f64) -> i32 {
    value.round() as i32
}

/// A number that only grows, unless it starts anew, and how fast it does.
#[derive(Debug, Default)]
pub(super) struct Counter {
    last: Option<(f64, u64)>,
}

impl Counter {
    /// How many a second since the last time. `None` if there was none, it is too long ago to tell, or the counter was reset
    /// since.
    pub(super) fn rate(&mut self, time: f64, count: u64) -> Option<f64> {
        let (before, counted) = self.last.replace((time, count))?;
        let seconds = (time - before) / 1e3;
        let grown = count.checked_sub(counted)?;
        (seconds > 0.0 && time - before <= GAP).then(|| lossy(grown) / seconds)
    }
}

#[expect(clippy::cast_precision_loss, reason = "charts and bars are for people")]
pub(super) const fn lossy(count: u64) -> f64 {
    count as f64
}

/// What is kept, in milliseconds.
pub(in crate::console) const SPAN: f64 = 300_000.0;
/// Two points that are further apart have nothing between them that is known. They come about one a second.
const GAP: f64 = 3_000.0;
/// Of a chart's SVG, in its own units: fine enough for integers.
const WIDTH: i32 = 3000;
const HEIGHT: i32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_tells_its_rate_unless_it_cannot() {
        let mut counter = Counter::default();
        for (time, count, want) in [
            (0.0, 1000, None),
            (1000.0, 1500, Some(500.0)),
            (3000.0, 1500, Some(0.0)),
            // Reset.
            (4000.0, 10, None),
            (4500.0, 20, Some(20.0)),
            // Not looked at for a while.
            (60_000.0, 9000, None),
            (60_000.0, 9000, None),
            (61_000.0, u64::MAX, Some(lossy(u64::MAX - 9000))),
        ] {
            assert_eq!(counter.rate(time, count), want, "{time}");
        }
    }

    #[test]
    fn what_is_too_old_is_forgotten() {
        let mut series = Series::default();
        for second in 0..1000 {
            series.push(f64::from(second) * 1e3, f64::from(second));
        }
        assert_eq!(series.points.len(), 302);
        assert_eq!(series.at(0.0), None);
        series.forget(999e3 + 2.0 * SPAN);
        assert!(series.is_empty());
    }

    #[test]
    fn values_are_found_near_their_time_and_not_in_gaps() {
        let series = series(&[(0.0, 1.0), (1e3, 2.0), (10e3, 3.0)]);
        for (time, want) in [
            (400.0, Some(1.0)),
            (900.0, Some(2.0)),
            (2400.0, Some(2.0)),
            (5000.0, None),
            (10.2e3, Some(3.0)),
            (12e3, None),
        ] {
            assert_eq!(series.at(time), want, "{time}");
        }
        assert_eq!(Series::default().at(0.0), None);
    }

    #[test]
    fn gaps_are_not_drawn_over() {
        let series = series(&[(0.0, 0.0), (1e3, 5.0), (100e3, 10.0), (200e3, 10.0), (201e3, 0.0)]);
        assert_eq!(
            series.line((300e3, SPAN), 10.0),
            "M0 1000L10 500h0M1000 0h0M2000 0L2010 1000h0"
        );
        assert_eq!(
            series.area((300e3, SPAN), 10.0),
            "M0 1000L0 1000L10 500L10 1000ZM1000 1000L1000 0L1000 1000ZM2000 1000L2000 0L2010 1000L2010 1000Z"
        );
        assert_eq!(Series::default().line((0.0, SPAN), 1.0), "");
    }

    fn series(points: &[(f64, f64)]) -> Series {
        let mut series = Series::default();
        for (time, value) in points {
            series.push(*time, *value);
        }
        series
    }
}
