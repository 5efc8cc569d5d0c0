//! Numbers as text: where one ends, and whether a double can hold it. No double is made of it.

/// The length of the number at the start of these bytes, if there is one.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let integer = digits(at);
    // A leading zero stands alone.
    if integer == 0 || (integer > 1 && bytes[at] == b'0') {
        return None;
    }
    at += integer;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

/// Whether the number is within the range of a double. `number` is one by the rules of [`length`].
pub(super) fn is_finite(number: &str) -> bool {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let mantissa = mantissa.trim_start_matches('-');
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || integer.bytes().chain(fraction.bytes());
    let Some(first) = digits().position(|digit| digit != b'0') else {
        return true;
    };
    // An exponent too long to be a number here is beyond any double, or next to nothing.
    let endless = if exponent.starts_with('-') {
        i64::MIN / 2
    } else {
        i64::MAX / 2
    };
    let exponent = exponent.parse::<i64>().unwrap_or(endless);
    // The power of ten of the first digit that counts.
    let power = exponent.saturating_add(integer.len() as i64 - 1 - first as i64);
    power < MAX_POWER
        || power == MAX_POWER && !digits().skip(first).take(MAX_DIGITS.len()).gt(MAX_DIGITS.bytes())
}

/// The greatest double is 1.7976931348623157e308.
const MAX_POWER: i64 = 308;
const MAX_DIGITS: &str = "17976931348623157";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_holds_what_it_can() {
        for number in [
            "0",
            "-0.0",
            "1e308",
            "1.7976931348623157e308",
            "17976931348623157e292",
            "0.00017e312",
            "1e-999",
            "0e999",
            "-179.76931348623157E+306",
            "1e-99999999999999999999",
            "18446744073709551616",
        ] {
            assert!(is_finite(number), "{number}");
            assert!(number.parse::<f64>().unwrap().is_finite(), "{number}");
        }
        for number in [
            "1e309",
            "-1e999",
            "1.7976931348623159e308",
            "2e308",
            "0.1e310",
            "1e99999999999999999999",
        ] {
            assert!(!is_finite(number), "{number}");
            assert!(number.parse::<f64>().unwrap().is_infinite(), "{number}");
        }
    }
}
