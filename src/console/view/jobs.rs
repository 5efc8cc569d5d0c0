//! Jobs and the migration: those under way with what can be done to them, and how those before have ended.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::console::sorted::Sorted;
use crate::console::store::{End, Ended, Job, Key, Store, Unit, Verb, time_left};
use crate::console::{Console, dom};

pub(super) struct View {
    count: HtmlElement,
    list: HtmlElement,
    empty: HtmlElement,
    empty_text: HtmlElement,
    remark: HtmlElement,
    ended: HtmlElement,
    ended_list: HtmlElement,
    announcement: HtmlElement,
    rows: Sorted<Key, Element>,
    ended_rows: Sorted<u64, Element>,
    /// Of what is shown.
    shown: Option<(u64, bool, bool, bool)>,
}

impl View {
    pub(super) fn find() -> Self {
        Self {
            count: dom::by_id("jobs-count"),
            list: dom::by_id("jobs"),
            empty: dom::by_id("jobs-empty"),
            empty_text: dom::by_id("jobs-empty-text"),
            remark: dom::by_id("jobs-remark"),
            ended: dom::by_id("jobs-ended"),
            ended_list: dom::by_id("jobs-ended-list"),
            announcement: dom::by_id("jobs-announcement"),
            rows: Sorted::new(),
            ended_rows: Sorted::new(),
            shown: None,
        }
    }

    pub(super) fn render(&mut self, store: &Store) {
        let is_demo = store.machine.as_ref().is_some_and(|machine| machine.demo);
        let state = (
            store.jobs.version(),
            store.is_live(),
            is_demo,
            store.recorded.is_some(),
        );
        if self.shown.replace(state) == Some(state) {
            return;
        }
        let count = match store.jobs.running() {
            0 => String::new(),
            running => running.to_string(),
        };
        dom::set_text(&self.count, &count);
        let remark = remark(store);
        dom::set_text(&self.remark, remark);
        dom::show(&self.remark, !remark.is_empty());
        self.render_jobs(store);
        self.render_ended(store);
        dom::set_text(&self.empty_text, empty(store, is_demo));
        dom::show(&self.empty, self.rows.is_empty() && self.ended_rows.is_empty());
    }

    fn render_jobs(&mut self, store: &Store) {
        self.rows.retain(|key, row| {
            let stays = store.jobs.get(key).is_some();
            if !stays {
                let had_focus = has_focus(row);
                row.remove();
                if had_focus {
                    focus(&self.list);
                }
            }
            stays
        });
        for job in store.jobs.iter() {
            let row = self.rows.get_or_insert(job.key.clone(), || {
                let row = dom::from_template("job-template");
                dom::set_attribute(&row, "data-job", &attribute(&job.key));
                // Into a list of the page anything can be put.
                let _ = self.list.append_child(&row);
                row
            });
            fill(row, store, job);
        }
    }

    fn render_ended(&mut self, store: &Store) {
        let oldest = store.jobs.ended().last().map_or(u64::MAX, |ended| ended.number);
        self.ended_rows.retain(|number, row| {
            let stays = *number >= oldest;
            if !stays {
                row.remove();
            }
            stays
        });
        let newest = self
            .ended_rows
            .iter()
            .next_back()
            .map_or(0, |(number, _)| *number);
        let news: Vec<&Ended> = store
            .jobs
            .ended()
            .take_while(|ended| ended.number > newest)
            .collect();
        for ended in news.into_iter().rev() {
            let row = dom::from_template("job-ended-template");
            dom::set_text(&dom::part(&row, "name"), &ended.name);
            let kind = if ended.name.eq_ignore_ascii_case(&ended.kind) {
                ""
            } else {
                &ended.kind
            };
            dom::set_text(&dom::part(&row, "kind"), kind);
            let (words, tone) = in_words(&ended.how);
            let badge = dom::part(&row, "how");
            dom::set_text(&badge, words);
            dom::set_tone(&badge, tone);
            complain(&dom::part(&row, "error"), why(&ended.how));
            // Into a list of the page anything can be put.
            let _ = self.ended_list.prepend_with_node_1(&row);
            self.ended_rows.insert(ended.number, row);
            dom::set_text(&self.announcement, &format!("{}: {words}", ended.name));
        }
        dom::show(&self.ended, !self.ended_rows.is_empty());
    }
}

pub(super) fn listen(console: &Console) {
    let console = console.clone();
    dom::on(&dom::by_id::<Element>("jobs"), "click", move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let closest = |selector| target.as_ref()?.closest(selector).ok().flatten();
        let (Some(button), Some(row)) = (closest("button"), closest("[data-job]")) else {
            return;
        };
        if !dom::is_enabled(&button) {
            return;
        }
        let key = key(&row.get_attribute("data-job").unwrap_or_default());
        let part = button.get_attribute("data-part").unwrap_or_default();
        match (
            part.as_str(),
            Verb::ALL.into_iter().find(|verb| verb.part() == part),
        ) {
            ("cancel", _) => {
                console.update(|store| store.jobs.change(&key, |job| job.asks = Some(Verb::Cancel)))
            }
            ("keep", _) => console.update(|store| store.jobs.change(&key, |job| job.asks = None)),
            ("cancel-now", _) => console.perform_on_job(key, Verb::Cancel),
            (_, Some(verb)) => console.perform_on_job(key, verb),
            _ => {}
        }
    });
}

fn fill(row: &Element, store: &Store, job: &Job) {
    let name = job.key.name();
    dom::set_text(&dom::part(row, "name"), name);
    let kind = if job.key == Key::Migration { "" } else { &job.kind };
    dom::set_text(&dom::part(row, "kind"), kind);
    let badge = dom::part(row, "status");
    let (words, tone) = status(job);
    dom::set_text(&badge, words);
    dom::set_tone(&badge, tone);

    let bar = dom::part(row, "bar");
    dom::show(&bar, job.share().is_some() && job.is_under_way());
    let share = job.share().unwrap_or_default().to_string();
    dom::set_attribute(&bar, "value", &share);
    dom::set_attribute(&bar, "aria-label", &format!("Progress of {name}"));
    dom::set_text(&dom::part(row, "figures"), &figures(job));
    complain(&dom::part(row, "error"), job.error.as_deref());
    complain(&dom::part(row, "problem"), job.problem.as_deref());

    let had_focus = has_focus(row);
    let may = |verb| store.may(&job.line(verb, false).name);
    let asks = job.asks == Some(Verb::Cancel);
    for verb in Verb::ALL {
        let button = dom::part(row, verb.part());
        dom::show(&button, job.allows(verb) && may(verb) && !asks);
        dom::enable(&button, store.is_live() && !job.is_acting);
    }
    let confirm = dom::part(row, "confirm");
    let began_to_ask = asks && confirm.hidden();
    dom::show(&confirm, asks);
    if asks {
        let question = match job.key {
            Key::Listed(_) => format!("Cancel {name}? It stops, and what it was for is not done."),
            Key::Migration => "Cancel the migration? The machine goes on here.".to_owned(),
        };
        dom::set_text(&dom::part(row, "question"), &question);
        dom::enable(&dom::part(row, "cancel-now"), store.is_live());
    }
    // A button that goes must not take the focus with it.
    if had_focus && began_to_ask {
        focus(&dom::part(row, "keep"));
    } else if had_focus && !has_focus(row) {
        focus(row.unchecked_ref());
    }
}

/// How it goes, in figures.
fn figures(job: &Job) -> String {
    if !job.is_under_way() {
        return String::new();
    }
    let mut figures = Vec::new();
    if let Some(share) = job.share() {
        figures.push(format!("{} %", share / 10));
    }
    if let (Some((done, total)), true) = (job.progress, job.in_bytes) {
        let [done, total] = [done, total].map(|bytes| Unit::Bytes.show(lossy(bytes)));
        figures.push(format!("{done} of {total}"));
    }
    figures.extend(job.speed().map(|speed| Unit::BytesPerSecond.show(speed)));
    if job.limit > 0 {
        figures.push(format!("limit {}", Unit::BytesPerSecond.show(lossy(job.limit))));
    }
    figures.extend(job.left().map(time_left));
    figures.join(" · ")
}

/// Its status in words, and their tone.
fn status(job: &Job) -> (&str, &'static str) {
    match job.status.as_str() {
        "" => ("starting", "busy"),
        "aborting" => ("ending", "warn"),
        "cancelling" => ("cancelling", "warn"),
        "concluded" => in_words(&job.end()),
        "pending" => ("waits to be finalized", "warn"),
        "pre-switchover" => ("waits to be completed", "warn"),
        "ready" => ("ready", "good"),
        "waiting" => ("waits for other jobs", "idle"),
        status @ ("paused" | "postcopy-paused" | "standby") => (status, "warn"),
        status => (status, "busy"),
    }
}

fn in_words(end: &End) -> (&'static str, &'static str) {
    match end {
        End::Completed => ("completed", "good"),
        End::Cancelled => ("cancelled", "idle"),
        End::Failed(_) => ("failed", "bad"),
        End::Unseen => ("gone, nobody saw how", "idle"),
    }
}

fn why(end: &End) -> Option<&str> {
    match end {
        End::Failed(Some(error)) => Some(error),
        End::Failed(None) => Some("Why is not told to your role."),
        _ => None,
    }
}

/// What is to be said of all jobs.
fn remark(store: &Store) -> &'static str {
    let may_act = ["job-cancel", "job-pause", "migrate_cancel"]
        .into_iter()
        .any(|command| store.may(command));
    if store.recorded.is_some() {
        return "";
    }
    match (store.is_live(), may_act) {
        (false, _) => "Not connected: this is what was known before.",
        (true, true) => "",
        (true, false) => "Your role may watch jobs, and not act on them.",
    }
}

fn empty(store: &Store, is_demo: bool) -> &'static str {
    if store.recorded.is_some() {
        "Jobs are not made out of a record. What was told of them is among its events."
    } else if is_demo {
        "The demo machine is simulated: it has no jobs, and does not migrate."
    } else if !store.may("query-jobs") {
        "Your role may not see jobs."
    } else if store.jobs.is_known() {
        "Nothing is under way. Backups, mirrors, other jobs and migration show here, whoever starts them."
    } else {
        "The machine has not told of its jobs yet."
    }
}

fn complain(element: &HtmlElement, error: Option<&str>) {
    dom::set_text(element, error.unwrap_or_default());
    dom::show(element, error.is_some());
}

fn attribute(key: &Key) -> String {
    match key {
        Key::Listed(id) => format!("{LISTED}{id}"),
        Key::Migration => String::new(),
    }
}

fn key(attribute: &str) -> Key {
    attribute
        .strip_prefix(LISTED)
        .map_or(Key::Migration, |id| Key::Listed(id.to_owned()))
}

fn has_focus(row: &Element) -> bool {
    let focused = dom::document().active_element();
    focused.is_some_and(|focused| row.contains(Some(&focused)) && focused.client_height() > 0)
}

fn focus(element: &HtmlElement) {
    // A browser may refuse to move the focus.
    let _ = element.focus();
}

#[expect(clippy::cast_precision_loss, reason = "figures are for people")]
const fn lossy(bytes: u64) -> f64 {
    bytes as f64
}

/// Before the id of a listed job: nothing else begins so.
const LISTED: &str = "id:";
