//! What a value is measured in: how it reads, and where its scale ends.

/// What a value is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Unit {
    /// By 1024, as QEMU counts.
    Bytes,
    BytesPerSecond,
    Milliseconds,
    OperationsPerSecond,
}

impl Unit {
    /// The value in the fitting unit, such as `1.2 MiB/s`.
    pub(in crate::console) fn show(self, value: f64) -> String {
        let (base, names) = self.steps();
        let mut value = match self {
            Self::Milliseconds => value * 1e3,
            _ => value,
        };
        let mut step = 0;
        while step + 1 < names.len() && value.round() >= base {
            value /= base;
            step += 1;
        }
        // As integers, because the formatting of floats alone would be some kilobytes of the download.
        let tenths = whole(value * 10.0);
        let name = names[step];
        match (tenths / 10, tenths % 10) {
            (number @ 0..10, tenth @ 1..) => format!("{number}.{tenth} {name}"),
            _ => format!("{} {name}", whole(value)),
        }
    }

    /// The end of a scale on which a value up to `max` is well seen.
    pub(in crate::console) fn top(self, max: f64) -> f64 {
        let mut top = 1.0;
        if matches!(self, Self::Bytes | Self::BytesPerSecond) {
            while top < max && top < 1e30 {
                top *= 2.0;
            }
            return top;
        }
        // 1, 2, 5, 10, 20, …
        for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
            // It grows beyond anything that is measured; the infinite has no scale.
            if top >= max || top > 1e30 {
                break;
            }
            top *= factor;
        }
        top
    }

    const fn steps(self) -> (f64, &'static [&'static str]) {
        match self {
            Self::Bytes => (1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"]),
            Self::BytesPerSecond => (1024.0, &["B/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s"]),
            Self::Milliseconds => (1000.0, &["µs", "ms", "s"]),
            Self::OperationsPerSecond => (1000.0, &["ops/s", "k ops/s", "M ops/s"]),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is measured fits, and is rounded anyway"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::Unit::{Bytes, BytesPerSecond, Milliseconds, OperationsPerSecond};

    #[test]
    fn values_read_short() {
        for (unit, value, want) in [
            (BytesPerSecond, 0.0, "0 B/s"),
            (BytesPerSecond, 0.44, "0.4 B/s"),
            (BytesPerSecond, 1023.4, "1023 B/s"),
            (BytesPerSecond, 1023.6, "1 KiB/s"),
            (BytesPerSecond, 1234.0, "1.2 KiB/s"),
            (BytesPerSecond, 10_200.0, "10 KiB/s"),
            (BytesPerSecond, 16_777_216.0, "16 MiB/s"),
            (BytesPerSecond, 1e20, "90949470 TiB/s"),
            (Bytes, 67_108_864.0, "64 MiB"),
            (Bytes, 1024.0 * 1536.0, "1.5 MiB"),
            (Milliseconds, 0.05, "50 µs"),
            (Milliseconds, 12.0, "12 ms"),
            (Milliseconds, 2500.0, "2.5 s"),
            (OperationsPerSecond, 36.6, "37 ops/s"),
            (OperationsPerSecond, 12_345.0, "12 k ops/s"),
        ] {
            assert_eq!(unit.show(value), want);
        }
    }

    #[test]
    fn scales_end_a_little_higher() {
        for (unit, max, want) in [
            (BytesPerSecond, 0.0, 1.0),
            (BytesPerSecond, 1.5, 2.0),
            (BytesPerSecond, 4.0, 4.0),
            (BytesPerSecond, 100e6, 134_217_728.0),
            (Bytes, 67_108_864.0, 67_108_864.0),
            (OperationsPerSecond, 4.0, 5.0),
            (OperationsPerSecond, 6.0, 10.0),
            (OperationsPerSecond, 12e6, 20e6),
            (OperationsPerSecond, 20e6, 20e6),
            (Milliseconds, 3.0, 5.0),
        ] {
            assert_eq!(unit.top(max), want, "{max}");
        }
        assert!(BytesPerSecond.top(f64::INFINITY).is_finite());
    }
}
