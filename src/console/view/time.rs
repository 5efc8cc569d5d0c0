//! Times of day and durations, for people.

use js_sys::Date;
use wasm_bindgen::JsValue;
use web_sys::Element;

use crate::console::dom;

/// Shows a time, in milliseconds since 1970, as the time of day here; all of it is in the tooltip.
pub(super) fn show(element: &Element, milliseconds: f64) {
    dom::set_text(element, &of_day(milliseconds));
    // A time beyond what a date can say has no such form, and throws.
    if (0.0..=MAX_DATE).contains(&milliseconds) {
        let whole = String::from(Date::new(&JsValue::from_f64(milliseconds)).to_iso_string());
        dom::set_attribute(element, "datetime", &whole);
        dom::set_attribute(element, "title", &whole);
    }
}

/// A time, in milliseconds since 1970, as the time of day here.
pub(super) fn of_day(milliseconds: f64) -> String {
    let date = Date::new(&JsValue::from_f64(milliseconds));
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds(),
        date.get_milliseconds()
    )
}

/// The same with the date.
pub(super) fn show_date(element: &Element, milliseconds: f64) {
    show(element, milliseconds);
    let date = Date::new(&JsValue::from_f64(milliseconds));
    let day = String::from(date.to_locale_date_string("en-CA", &JsValue::UNDEFINED));
    let time = element.text_content().unwrap_or_default();
    dom::set_text(element, &format!("{day} {}", time.get(..8).unwrap_or_default()));
}

/// A time at an axis whose times are so many milliseconds apart: as much of it as tells them apart.
pub(super) fn tick(milliseconds: f64, step: f64) -> String {
    let date = Date::new(&JsValue::from_f64(milliseconds));
    let (hours, minutes, seconds) = (date.get_hours(), date.get_minutes(), date.get_seconds());
    if step >= 60_000.0 {
        format!("{hours:02}:{minutes:02}")
    } else if step >= 1_000.0 {
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    } else {
        format!(":{seconds:02}.{:03}", date.get_milliseconds())
    }
}

/// A duration in milliseconds, such as `12 ms` or `1.5 s`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations fit, and are rounded anyway"
)]
pub(super) fn duration(milliseconds: f64) -> String {
    // As an integer, because the formatting of floats alone would be some kilobytes of the download.
    match milliseconds.round() as u64 {
        short @ ..1000 => format!("{short} ms"),
        long => format!("{}.{} s", long / 1000, long % 1000 / 100),
    }
}

/// A duration in milliseconds, to the second: `12 s`, `3 min 5 s`, `2 h 10 min`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations fit, and are rounded anyway"
)]
pub(super) fn seconds(milliseconds: f64) -> String {
    match milliseconds as u64 / 1000 {
        short @ ..60 => format!("{short} s"),
        long @ ..3600 => format!("{} min {} s", long / 60, long % 60),
        long => format!("{} h {} min", long / 3600, long % 3600 / 60),
    }
}

/// The end of the time that JavaScript knows, in milliseconds since 1970.
const MAX_DATE: f64 = 8.64e15;

#[cfg(test)]
mod tests {
    use super::{duration, seconds};

    #[test]
    fn durations_are_short() {
        for (milliseconds, want) in [
            (0.0, "0 ms"),
            (12.4, "12 ms"),
            (1500.0, "1.5 s"),
            (61_000.0, "61.0 s"),
        ] {
            assert_eq!(duration(milliseconds), want);
        }
        for (milliseconds, want) in [
            (-1.0, "0 s"),
            (59_999.0, "59 s"),
            (185_000.0, "3 min 5 s"),
            (7_800_000.0, "2 h 10 min"),
        ] {
            assert_eq!(seconds(milliseconds), want);
        }
    }
}
