//! The charts. Each has its lines as SVG, and over it a slider: by pointer, finger or arrow keys it goes to a moment, whose
//! values all charts show.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, MouseEvent};

use crate::console::sorted::Sorted;
use crate::console::store::{Chart, Series, Store};
use crate::console::{Console, dom};

use super::Tab;

pub(super) struct View {
    list: HtmlElement,
    remark: HtmlElement,
    charts: Sorted<String, Parts>,
    /// Of what is shown.
    shown: Option<(u64, bool)>,
}

/// What time the charts are of, in milliseconds.
struct When {
    now: f64,
    span: f64,
    /// How long before now a person looks at.
    ago: Option<f64>,
}

/// The elements of a chart.
struct Parts {
    figure: Element,
    moment: HtmlElement,
    lines: [LineParts; 2],
    plot: HtmlElement,
    top: HtmlElement,
    picture: Element,
    area: Element,
    cursor: Element,
    slider: HtmlInputElement,
    from: HtmlElement,
    empty: HtmlElement,
}

struct LineParts {
    row: HtmlElement,
    name: HtmlElement,
    value: HtmlElement,
    path: Element,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            list: dom::by_id("charts"),
            remark: dom::by_id("charts-remark"),
            charts: Sorted::new(),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let state = (store.charts.version(), store.is_live());
        if store.tab != Tab::Charts || self.shown.replace(state) == Some(state) {
            return;
        }
        let remark = remark(store);
        dom::set_text(&self.remark, &remark);
        dom::show(&self.remark, !remark.is_empty());
        let charts = store.charts.all();
        let keys: Vec<String> = charts.iter().map(key).collect();
        self.charts.retain(|key, parts| {
            let stays = keys.contains(key);
            if !stays {
                parts.figure.remove();
            }
            stays
        });
        let when = When {
            now: store.charts.now(),
            span: store.charts.span(),
            ago: store.charts.looked_at(),
        };
        for (place, (chart, key)) in charts.iter().zip(keys).enumerate() {
            let parts = self.charts.get_or_insert(key, || Parts::new(chart));
            // To move what is in its place already would take the focus from it.
            let there = self.list.children().item(place as u32);
            if there.as_ref() != Some(&parts.figure) {
                let there = there.as_ref().map(AsRef::as_ref);
                // Into a list of the page anything can be put.
                let _ = self.list.insert_before(&parts.figure, there);
            }
            parts.render(&when, chart);
        }
    }
}

pub(super) fn listen(console: &Console) {
    let charts: Element = dom::by_id("charts");
    let this = console.clone();
    dom::on(&charts, "input", move |event| {
        if let Some(slider) = slider(event) {
            this.update(|store| store.charts.look(Some(-slider.value_as_number() * 1e3)));
        }
    });
    let this = console.clone();
    dom::on(&charts, "mousemove", move |event| {
        if let (Some(slider), Some(event)) = (slider(event), event.dyn_ref::<MouseEvent>()) {
            let share = f64::from(event.offset_x()) / f64::from(slider.client_width().max(1));
            this.update(|store| {
                let seconds = (1.0 - share.clamp(0.0, 1.0)) * store.charts.span() / 1e3;
                store.charts.look(Some(seconds.round() * 1e3));
            });
        }
    });
    for event in ["mouseout", "focusout"] {
        let this = console.clone();
        dom::on(&charts, event, move |event| {
            if slider(event).is_some() {
                this.update(|store| store.charts.look(None));
            }
        });
    }
}

fn slider(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

impl Parts {
    fn new(chart: &Chart<'_>) -> Self {
        let figure = dom::from_template("chart-template");
        let line = |number: u8| LineParts {
            row: dom::part(&figure, &format!("row-{number}")),
            name: dom::part(&figure, &format!("name-{number}")),
            value: dom::part(&figure, &format!("value-{number}")),
            path: drawing(&figure, &format!("line-{number}")),
        };
        let disk = dom::part(&figure, "disk");
        dom::set_text(&disk, chart.disk);
        dom::show(&disk, !chart.disk.is_empty());
        dom::set_text(&dom::part(&figure, "title"), chart.title);
        let slider: HtmlInputElement = dom::part(&figure, "slider").unchecked_into();
        dom::set_attribute(&slider, "aria-label", &format!("{}: moment", name(chart)));
        Self {
            moment: dom::part(&figure, "moment"),
            lines: [line(1), line(2)],
            plot: dom::part(&figure, "plot"),
            top: dom::part(&figure, "top"),
            picture: drawing(&figure, "picture"),
            area: drawing(&figure, "area"),
            cursor: drawing(&figure, "cursor"),
            slider,
            from: dom::part(&figure, "from"),
            empty: dom::part(&figure, "empty"),
            figure,
        }
    }

    fn render(&self, when: &When, chart: &Chart<'_>) {
        let When { now, span, ago } = *when;
        let series = || chart.lines.iter().flatten().map(|(_, series)| *series);
        let is_empty = series().all(Series::is_empty);
        dom::show(&self.plot, !is_empty);
        dom::show(&self.empty, is_empty);
        dom::set_text(&self.empty, chart.empty);

        let moment = ago.map_or_else(String::new, words);
        dom::set_text(&self.moment, &moment);
        // A line along the upper edge would be hard to see.
        let top = chart
            .unit
            .top(series().map(Series::max).fold(0.0, f64::max) * 1.05);
        let mut at = if moment.is_empty() {
            "Now".to_owned()
        } else {
            moment
        };
        let mut summary = format!("{}, the last {}.", name(chart), minutes(span));
        for (parts, line) in self.lines.iter().zip(&chart.lines) {
            dom::show(&parts.row, line.is_some_and(|_| !is_empty));
            let Some((name, series)) = line else {
                continue;
            };
            let value = series.at(now - ago.unwrap_or_default());
            let value = value.map_or_else(|| "unknown".to_owned(), |value| chart.unit.show(value));
            dom::set_text(&parts.name, name);
            dom::set_text(&parts.value, &value);
            dom::set_attribute(&parts.path, "d", &series.line((now, span), top));
            for part in [&mut at, &mut summary] {
                part.push_str(&format!(" {name}: {value}"));
            }
            summary.push_str(&format!(", at most {}.", chart.unit.show(series.max())));
            at.push(',');
        }
        if is_empty {
            return;
        }
        dom::set_text(&self.top, &chart.unit.show(top));
        if let Some((_, series)) = &chart.lines[0] {
            dom::set_attribute(&self.area, "d", &series.area((now, span), top));
        }
        let x = whole((1.0 - ago.unwrap_or_default() / span) * 3000.0);
        let cursor = ago.map_or_else(String::new, |_| format!("M{x} 0V1000"));
        dom::set_attribute(&self.cursor, "d", &cursor);
        dom::set_attribute(&self.picture, "aria-label", &summary);
        dom::set_attribute(&self.slider, "aria-valuetext", at.trim_end_matches(','));
        dom::set_text(&self.from, &format!("{} ago", minutes(span)));
        dom::set_attribute(&self.slider, "min", &(-whole(span / 1e3)).to_string());
        let value = -ago.unwrap_or_default() / 1e3;
        if self.slider.value_as_number() != value {
            self.slider.set_value_as_number(value);
        }
    }
}

/// What is to be said of all charts.
fn remark(store: &Store) -> String {
    if store.recorded.is_some() {
        return "A record has no measurements. How long each command took is at In flight.".to_owned();
    }
    if !store.is_live() {
        return "Not connected: this is what was measured before.".to_owned();
    }
    if store.machine.as_ref().is_some_and(|machine| machine.demo) {
        return "The demo machine is simulated: it has no disks and no memory to measure.".to_owned();
    }
    if !store.may("query-blockstats") {
        return "Your role may not see what the disks do.".to_owned();
    }
    store.charts.remark()
}

/// Names a chart for good.
fn key(chart: &Chart<'_>) -> String {
    format!("{}/{}", chart.title, chart.disk)
}

fn name(chart: &Chart<'_>) -> String {
    match chart.disk {
        "" => chart.title.to_owned(),
        disk => format!("{} of {disk}", chart.title),
    }
}

fn minutes(span: f64) -> String {
    format!("{} min", whole(span / 60e3))
}

fn words(ago: f64) -> String {
    let seconds = whole(ago / 1e3);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s ago"),
        (minutes, 0) => format!("{minutes} min ago"),
        (minutes, seconds) => format!("{minutes} min {seconds} s ago"),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is a place in a chart")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

/// The part of this name, which is a drawing.
fn drawing(figure: &Element, name: &str) -> Element {
    figure
        .query_selector(&format!("[data-part={name}]"))
        .ok()
        .flatten()
        .unwrap_or_else(|| panic!("a template in index.html has no part {name}"))
}
