//! A session as a file: what went both ways and how the connection was, in the format that `docs/js-api.md` calls NDJSON,
//! so that whatever reads traces of the client reads it too. Secrets are taken out. `reading` reads it again, `replay` tells
//! it to a store, `showing` is when, `files` is what the browser does with files.

mod files;
mod reading;
mod replay;
mod showing;

use qmp_web::{Event, Greeting};

use self::files::fetch;
pub(super) use self::files::{download, text_of};
use self::reading::{Recording, read};
pub(super) use self::replay::Replay;
pub(super) use self::showing::file_of;
use super::store::{Exchange, Gap, Happening, Mark, Origin, Outcome, Store, What, whole};
use super::{json, redaction};

/// What the store knows of the session, as a file.
pub(super) fn write(store: &Store, now: f64) -> String {
    let mut entries = Vec::new();
    for (_, mark) in store.marks.iter() {
        mark_entry(mark, &mut entries);
    }
    for (origin, log) in [
        (Origin::Person, &store.commands),
        (Origin::Console, &store.questions),
    ] {
        for (_, exchange) in log.iter() {
            exchange_entries(exchange, origin, &mut entries);
        }
    }
    for (number, happening) in store.events.iter() {
        entries.push(Entry::new(
            happening.received,
            Place::Event,
            number,
            event_line(happening),
        ));
    }
    // What came at one moment of the clock: an event precedes the reply of the command that caused it, and what the page
    // asks because of it.
    entries.sort_unstable_by(|a, b| a.time.total_cmp(&b.time).then(a.place.cmp(&b.place)));
    let start = entries.first().map_or(now, |entry| entry.time);
    let mut out = header(store, start);
    for entry in entries {
        out.push_str("{\"time\":");
        push_time(&mut out, entry.time);
        out.push_str(&entry.line);
        out.push_str("}\n");
    }
    out
}

/// A line without its time.
struct Entry {
    time: f64,
    place: (Place, u64),
    line: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Mark,
    Event,
    Sent,
    Settled,
}

impl Entry {
    const fn new(time: f64, place: Place, turn: u64, line: String) -> Self {
        Self {
            time,
            place: (place, turn),
            line,
        }
    }
}

fn header(store: &Store, start: f64) -> String {
    let mut out = format!("{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"start\":");
    push_time(&mut out, start);
    let mut greeted = store.marks.iter().filter_map(|(_, mark)| match &mark.what {
        What::Greeted(greeting, _) => Some(greeting),
        What::State(_) => None,
    });
    if let Some(Greeting { version, .. }) = greeted.next_back() {
        let (major, minor, micro) = (version.major, version.minor, version.micro);
        out.push_str(&format!(
            ",\"qemu\":{{\"major\":{major},\"minor\":{minor},\"micro\":{micro},\"package\":"
        ));
        json::push_string(&mut out, &version.package);
        out.push('}');
    }
    if let Some(machine) = &store.machine {
        out.push_str(",\"machine\":");
        json::push_string(&mut out, &machine.name);
    }
    let forgotten = store.commands.forgotten() * 2
        + store.questions.forgotten() * 2
        + store.events.forgotten()
        + store.marks.forgotten()
        + store.recorded.as_ref().map_or(0, |recorded| recorded.dropped);
    out.push_str(&format!(",\"dropped\":{forgotten}}}\n"));
    out
}

fn mark_entry(mark: &Mark, entries: &mut Vec<Entry>) {
    let mut push = |turn, line| entries.push(Entry::new(mark.time, Place::Mark, turn, line));
    match &mark.what {
        What::Greeted(greeting, negotiated) => {
            push(
                0,
                format!(",\"kind\":\"received\",\"message\":{}", greeting.to_json()),
            );
            let mut line = ",\"kind\":\"negotiated\",\"capabilities\":[".to_owned();
            for (i, name) in negotiated.iter().enumerate() {
                line.push_str(if i > 0 { "," } else { "" });
                json::push_string(&mut line, name);
            }
            line.push(']');
            push(1, line);
        }
        What::State(state) => push(2, format!(",\"kind\":\"state\",\"state\":\"{state}\"")),
    }
}

fn exchange_entries(exchange: &Exchange, origin: Origin, entries: &mut Vec<Entry>) {
    let line = &exchange.line;
    // What was never sent is in no trace.
    let was_sent = match &exchange.outcome {
        None => !exchange.is_queued,
        Some((Outcome::NotSent(_), _)) => false,
        Some((Outcome::Lost { may_have_run } | Outcome::GivenUp { may_have_run }, _)) => *may_have_run,
        _ => true,
    };
    if exchange.wire_id.is_empty() || !was_sent {
        return;
    }
    let arguments = line
        .arguments
        .as_deref()
        .and_then(|text| qmp_web::Json::parse(text).ok());
    let hidden = arguments
        .as_ref()
        .and_then(|arguments| redaction::arguments(&line.name, arguments));
    let mut sent = kind("sent", &line.name, hidden.is_some());
    if origin == Origin::Console {
        sent.push_str(",\"origin\":\"console\"");
    }
    sent.push_str(",\"message\":{\"");
    sent.push_str(if line.oob { "exec-oob" } else { "execute" });
    sent.push_str("\":");
    json::push_string(&mut sent, &line.name);
    if let Some(arguments) = hidden
        .as_deref()
        .or_else(|| arguments.as_ref().map(qmp_web::Json::as_str))
    {
        sent.push_str(",\"arguments\":");
        push_on_one_line(&mut sent, arguments);
    }
    push_id(&mut sent, exchange);
    entries.push(Entry::new(exchange.sent, Place::Sent, exchange.turn, sent));

    let Some((outcome, took)) = &exchange.outcome else {
        return;
    };
    let line = match outcome {
        Outcome::Returned(value) => {
            let arguments = arguments.as_ref().map(qmp_web::Json::as_json_ref);
            let hidden = match redaction::returns_secret(&line.name, arguments) {
                true => Some(redaction::hidden().to_owned()),
                false => redaction::value(value),
            };
            let mut received = kind("received", &line.name, hidden.is_some());
            received.push_str(",\"message\":{\"return\":");
            push_on_one_line(&mut received, hidden.as_deref().unwrap_or(value.as_str()));
            push_id(&mut received, exchange);
            received
        }
        Outcome::Failed { class, desc } => {
            // It may repeat what was a secret.
            let shown = match &hidden {
                Some(_) => "***".to_owned(),
                None => redaction::without_credentials(desc).unwrap_or_else(|| desc.clone()),
            };
            let mut received = kind("received", &line.name, shown != *desc);
            received.push_str(",\"message\":{\"error\":{\"class\":");
            json::push_string(&mut received, class);
            received.push_str(",\"desc\":");
            json::push_string(&mut received, &shown);
            received.push('}');
            push_id(&mut received, exchange);
            received
        }
        Outcome::GivenUp { .. } => {
            let mut given_up = kind("given-up", &line.name, false);
            given_up.push_str(",\"id\":");
            json::push_string(&mut given_up, &exchange.wire_id);
            given_up
        }
        // The state of the connection tells it.
        Outcome::Lost { .. } | Outcome::NotSent(_) => return,
    };
    let end = exchange.sent + took;
    entries.push(Entry::new(end, Place::Settled, exchange.settled, line));
}

fn event_line(happening: &Happening) -> String {
    let Some(event) = happening.event() else {
        return away_line(happening);
    };
    let hidden = event.data.as_ref().and_then(redaction::value);
    let mut line = ",\"kind\":\"received\"".to_owned();
    line.push_str(if hidden.is_some() {
        ",\"redacted\":true"
    } else {
        ""
    });
    line.push_str(",\"message\":");
    // It was JSON, and something in it was made a string.
    let data = hidden.map_or_else(|| event.data.clone(), |text| qmp_web::Json::parse(&text).ok());
    let shown = Event {
        data,
        ..event.clone()
    };
    push_on_one_line(&mut line, &shown.to_json());
    line
}

/// A time without a connection, as a trace tells of it.
fn away_line(happening: &Happening) -> String {
    let gap = match happening.gap() {
        Some(Gap::Away(milliseconds)) => whole(milliseconds),
        _ => 0,
    };
    format!(",\"kind\":\"diagnostic\",\"diagnostic\":{{\"kind\":\"resumed\",\"gap\":{gap}}}")
}

/// A line's members up to the message.
fn kind(kind: &str, command: &str, redacted: bool) -> String {
    let mut line = format!(",\"kind\":\"{kind}\",\"command\":");
    json::push_string(&mut line, command);
    line.push_str(if redacted { ",\"redacted\":true" } else { "" });
    line
}

/// Ends the message by its id.
fn push_id(line: &mut String, exchange: &Exchange) {
    line.push_str(",\"id\":");
    json::push_string(line, &exchange.wire_id);
    line.push('}');
}

/// JSON as it was written; line ends are space there.
fn push_on_one_line(line: &mut String, json: &str) {
    line.extend(
        json.chars()
            .map(|c| if matches!(c, '\r' | '\n') { ' ' } else { c }),
    );
}

/// A time with three digits of its fraction. Not by the formatting of floats, which is some kilobytes of the download.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times since 1970 fit"
)]
fn push_time(out: &mut String, milliseconds: f64) {
    let micros = (milliseconds * 1e3).round() as u64;
    out.push_str(&format!("{}.{:03}", micros / 1000, micros % 1000));
}

const FORMAT: &str = "qmp-web-trace";
const VERSION: &str = "1";

#[cfg(test)]
mod tests;
