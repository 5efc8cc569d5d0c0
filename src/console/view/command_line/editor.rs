//! What a person does in the command line.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use qmp_web::schema::Schema;
use qmp_web::shorthand::{self, Command};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent};

use super::marks;
use super::search::Search;
use super::suggestions::{self, Suggestions};
use crate::console::completion::{self, Hint, Mark};
use crate::console::history::{History, has_secret};
use crate::console::line::{Line, explain};
use crate::console::{Console, address, dom};

struct Editor {
    console: Console,
    input: HtmlTextAreaElement,
    layer: HtmlElement,
    wrong: HtmlElement,
    problems: HtmlElement,
    anyway: HtmlElement,
    oob: HtmlInputElement,
    oob_label: HtmlElement,
    hint: HtmlElement,
    state: RefCell<State>,
    connections: Rc<Cell<u32>>,
    /// For which connection the machine was asked for its schema.
    asked: Cell<u32>,
}

struct State {
    schema: Option<Schema>,
    history: History,
    suggestions: Suggestions,
    search: Search,
    /// The text that was not run because of its problems.
    refused: Option<String>,
    hint: Option<Hint>,
}

pub(super) fn listen(console: &Console, connections: Rc<Cell<u32>>) {
    let mut history = History::default();
    history.restore(&address::kept(HISTORY).unwrap_or_default());
    let editor = Rc::new(Editor {
        console: console.clone(),
        input: dom::by_id("command"),
        layer: dom::by_id("command-marks"),
        wrong: dom::by_id("command-wrong"),
        problems: dom::by_id("command-problems"),
        anyway: dom::by_id("run-anyway"),
        oob: dom::by_id("command-oob"),
        oob_label: dom::by_id("command-oob-label"),
        hint: dom::by_id("command-hint"),
        state: RefCell::new(State {
            schema: None,
            history,
            suggestions: Suggestions::find(),
            search: Search::find(),
            refused: None,
            hint: None,
        }),
        connections,
        asked: Cell::default(),
    });
    editor.listen_to_text();
    editor.listen_to_buttons();
    editor.listen_to_search();
}

impl Editor {
    fn listen_to_text(self: &Rc<Self>) {
        let this = self.clone();
        dom::on(&self.input, "input", move |_| this.typed());
        let this = self.clone();
        dom::on(&self.input, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                return;
            };
            // Within the composition of a character the keys are the input method's.
            if !event.is_composing() && this.key(event) {
                event.prevent_default();
            }
        });
        for event in ["keyup", "click"] {
            let this = self.clone();
            dom::on(&self.input, event, move |_| this.show_hint());
        }
        let this = self.clone();
        dom::on(&self.input, "focus", move |_| this.ask_for_schema());
        let this = self.clone();
        dom::on(&self.input, "blur", move |_| {
            this.state.borrow_mut().suggestions.show(None)
        });
        let this = self.clone();
        dom::on(&self.input, "scroll", move |_| {
            marks::follow(&this.layer, &this.input)
        });
    }

    fn listen_to_buttons(self: &Rc<Self>) {
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("command-form"), "submit", move |event| {
            event.prevent_default();
            this.submit(false);
        });
        let this = self.clone();
        dom::on(&self.anyway, "click", move |_| this.submit(true));
        let list: Element = dom::by_id("command-suggestions");
        // The text keeps the focus.
        dom::on(&list, "pointerdown", |event| event.prevent_default());
        let this = self.clone();
        dom::on(&list, "click", move |event| {
            if let Some(place) = element(event.target()).as_ref().and_then(suggestions::place_of) {
                this.take(place);
            }
        });
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("commands-empty"), "click", move |event| {
            let example = element(event.target()).filter(|target| target.has_attribute("data-example"));
            if let Some(example) = example {
                this.propose(&example.text_content().unwrap_or_default());
                // A browser may refuse to move the focus.
                let _ = this.input.focus();
            }
        });
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("history-open"), "click", move |_| {
            this.search()
        });
    }

    fn listen_to_search(self: &Rc<Self>) {
        let query: Element = dom::by_id("history-query");
        let this = self.clone();
        dom::on(&query, "input", move |_| this.look(false));
        let this = self.clone();
        dom::on(&query, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                return;
            };
            match event.key().as_str() {
                "Enter" => this.end_search(true),
                "Escape" => this.end_search(false),
                "ArrowUp" => this.look(true),
                "r" if event.ctrl_key() => this.look(true),
                _ => return,
            }
            event.prevent_default();
        });
        let this = self.clone();
        dom::on(&dom::by_id::<Element>("history-take"), "click", move |_| {
            this.end_search(true)
        });
    }

    /// Does what the key asks for, if that is ours to do.
    fn key(self: &Rc<Self>, event: &KeyboardEvent) -> bool {
        let control = event.ctrl_key() || event.meta_key();
        let (is_open, active) = {
            let suggestions = &self.state.borrow().suggestions;
            (suggestions.is_open(), suggestions.active())
        };
        match event.key().as_str() {
            "Tab" if is_open && !event.shift_key() => self.take(active.unwrap_or_default()),
            "Enter" if control => self.submit(true),
            "Enter" if event.shift_key() => return false,
            "Enter" => match active {
                Some(active) => self.take(active),
                None => return self.enter(),
            },
            "Escape" if is_open => self.state.borrow_mut().suggestions.show(None),
            "ArrowDown" if is_open => self.state.borrow_mut().suggestions.step(true),
            "ArrowUp" if active.is_some() => self.state.borrow_mut().suggestions.step(false),
            "ArrowUp" if self.is_at_line(true) => self.recall(true),
            "ArrowDown" if self.is_at_line(false) => self.recall(false),
            " " if event.ctrl_key() => self.complete(),
            "r" if event.ctrl_key() => self.search(),
            _ => return false,
        }
        true
    }

    /// Runs what is typed, or gives it another line if it is not finished.
    fn enter(self: &Rc<Self>) -> bool {
        let unfinished = shorthand::parse(&self.input.value()).is_err_and(|error| error.is_unfinished());
        if !unfinished {
            self.submit(false);
        }
        !unfinished
    }

    fn submit(self: &Rc<Self>, anyway: bool) {
        if self.input.read_only() {
            return;
        }
        let text = self.input.value();
        let commands = match shorthand::parse(&text) {
            Ok(commands) => commands,
            Err(error) => {
                marks::show(&self.layer, &text, std::slice::from_ref(&error.span));
                return self.complain(&[explain(&error, &text)], false);
            }
        };
        let marks = self.check(&commands);
        let insists = anyway || self.state.borrow().refused.as_ref() == Some(&text);
        if !marks.is_empty() && !insists {
            self.underline(&text, &marks);
            self.complain(&marks.iter().map(sentence).collect::<Vec<_>>(), true);
            self.state.borrow_mut().refused = Some(text);
            return;
        }
        let mut lines: Vec<Line> = commands.iter().map(Line::from).collect();
        if self.oob.checked() && !self.oob_label.hidden() {
            let state = self.state.borrow();
            let allows = |name: &str| {
                let command = state.schema.as_ref()?.command(name)?;
                Some(command.allows_oob())
            };
            for line in &mut lines {
                line.oob |= allows(&line.name) == Some(true);
            }
        }
        if !lines.iter().any(has_secret) {
            self.remember(text.trim());
        }
        self.propose("");
        self.oob.set_checked(false);
        for line in lines {
            self.console.execute(line);
        }
    }

    fn remember(&self, text: &str) {
        let history = &mut self.state.borrow_mut().history;
        // Another tab may have added to it.
        if let Some(kept) = address::kept(HISTORY) {
            history.restore(&kept);
        }
        history.push(text);
        address::keep(HISTORY, &history.kept());
    }

    /// Follows what was typed.
    fn typed(self: &Rc<Self>) {
        self.ask_for_schema();
        self.complain(&[], false);
        self.grow();
        self.complete();
        self.underline_mistakes();
        self.show_hint();
    }

    /// Puts a text into the input, as if it had been typed.
    fn propose(self: &Rc<Self>, text: &str) {
        self.input.set_value(text);
        self.state.borrow_mut().suggestions.show(None);
        self.complain(&[], false);
        self.grow();
        self.underline_mistakes();
        self.show_hint();
    }

    fn recall(self: &Rc<Self>, older: bool) {
        let text = self.input.value();
        let line = {
            let history = &mut self.state.borrow_mut().history;
            let line = if older {
                history.older(&text)
            } else {
                history.newer()
            };
            line.map(str::to_owned)
        };
        match line {
            Some(line) => self.propose(&line),
            None if !older && text.is_empty() => self.complete(),
            None => {}
        }
    }

    /// Whether the cursor is in the first line, or in the last.
    fn is_at_line(&self, first: bool) -> bool {
        let text = self.input.value();
        let cursor = self.cursor(&text);
        let (before, after) = text.split_at(cursor);
        !(if first { before } else { after }).contains('\n')
    }

    fn complete(&self) {
        let text = self.input.value();
        let cursor = self.cursor(&text);
        let state = &mut *self.state.borrow_mut();
        let completion = state.schema.as_ref().and_then(|schema| {
            let may = |command: &str| self.console.read(|store| store.may(command));
            completion::complete(schema, &text, cursor, &may)
        });
        state
            .suggestions
            .show(completion.filter(|_| !self.input.read_only()));
    }

    /// Puts what is proposed into the text, and goes on from there.
    fn take(self: &Rc<Self>, place: usize) {
        let taken = self.state.borrow_mut().suggestions.take(place);
        let Some((span, typed)) = taken else { return };
        let mut text = self.input.value();
        let cursor = span.start + typed.len();
        text.replace_range(span, &typed);
        self.input.set_value(&text);
        let units = text[..cursor].encode_utf16().count();
        let units = u32::try_from(units).unwrap_or_default();
        // It is within the text.
        let _ = self.input.set_selection_range(units, units);
        self.typed();
    }

    /// Where the cursor is, in bytes.
    fn cursor(&self, text: &str) -> usize {
        let Ok(Some(units)) = self.input.selection_end() else {
            return text.len();
        };
        let mut units = units as usize;
        let at = text.char_indices().find(|(_, c)| {
            let is_there = units == 0;
            units = units.saturating_sub(c.len_utf16());
            is_there
        });
        at.map_or(text.len(), |(at, _)| at)
    }

    fn grow(&self) {
        let lines = self.input.value().matches('\n').count() + 1;
        self.input
            .set_rows(u32::try_from(lines).unwrap_or(MAX_ROWS).min(MAX_ROWS));
    }

    fn check(&self, commands: &[Command]) -> Vec<Mark> {
        let may = |command: &str| self.console.read(|store| store.may(command));
        completion::check(self.state.borrow().schema.as_ref(), commands, &may)
    }

    /// Underlines what is wrong whatever is typed next: not what is missing, nor where the cursor is.
    fn underline_mistakes(&self) {
        let text = self.input.value();
        let cursor = self.cursor(&text);
        let mut marks = shorthand::parse(&text).map_or_else(|_| Vec::new(), |commands| self.check(&commands));
        marks.retain(|mark| !mark.missing && !(mark.span.start..=mark.span.end).contains(&cursor));
        self.underline(&text, &marks);
    }

    fn underline(&self, text: &str, marks: &[Mark]) {
        let spans: Vec<_> = marks.iter().map(|mark| mark.span.clone()).collect();
        marks::show(&self.layer, text, &spans);
        marks::follow(&self.layer, &self.input);
    }

    /// Says what is wrong with the text, or that nothing is; and whether it can be run all the same.
    fn complain(&self, problems: &[String], may_run: bool) {
        self.state.borrow_mut().refused = None;
        let is_wrong = !problems.is_empty();
        if is_wrong || !self.wrong.hidden() {
            self.problems.set_text_content(None);
            for problem in problems.iter().take(MAX_PROBLEMS) {
                let row = dom::from_template("problem-template");
                dom::set_text(&row, problem);
                // Into an element of the page anything can be put.
                let _ = self.problems.append_child(&row);
            }
            dom::show(&self.wrong, is_wrong);
            dom::show(&self.anyway, may_run);
        }
        dom::set_attribute(
            &self.input,
            "aria-invalid",
            if is_wrong { "true" } else { "false" },
        );
    }

    fn show_hint(&self) {
        let text = self.input.value();
        let cursor = self.cursor(&text);
        let hint = {
            let state = &mut *self.state.borrow_mut();
            let hint = state
                .schema
                .as_ref()
                .and_then(|schema| completion::hint(schema, &text, cursor));
            if state.hint == hint {
                return;
            }
            state.hint = hint;
            state.hint.as_ref().map(words)
        };
        dom::show(&self.hint, hint.is_some());
        if let Some(hint) = &hint {
            let parts = [
                ("command", &hint.0),
                ("current", &hint.1),
                ("required", &hint.2),
                ("optional", &hint.3),
            ];
            for (part, text) in parts {
                let element = dom::part(&self.hint, part);
                dom::set_text(&element, text);
                dom::show(&element, !text.is_empty());
            }
        }
        let allows = self
            .state
            .borrow()
            .hint
            .as_ref()
            .is_some_and(|hint| hint.allows_oob);
        let negotiated = self.console.read(|store| {
            let server = store.server.as_ref();
            server.is_some_and(|server| server.capabilities.contains(&"oob"))
        });
        dom::show(&self.oob_label, allows && negotiated);
    }

    fn search(self: &Rc<Self>) {
        let draft = self.input.value();
        let query = self.state.borrow_mut().search.begin(draft);
        // A browser may refuse to move the focus. Who loses it is told at once.
        let _ = query.focus();
    }

    /// Shows the line that the search finds.
    fn look(self: &Rc<Self>, older: bool) {
        let found = {
            let state = &mut *self.state.borrow_mut();
            state.search.look(&state.history, older)
        };
        if let Some(line) = found {
            self.propose(&line);
        }
    }

    fn end_search(self: &Rc<Self>, takes: bool) {
        let draft = self.state.borrow_mut().search.end();
        if let Some(draft) = draft.filter(|_| !takes) {
            self.propose(&draft);
        }
        // A browser may refuse to move the focus.
        let _ = self.input.focus();
    }

    /// Asks for the schema of the machine, once for each connection.
    fn ask_for_schema(self: &Rc<Self>) {
        let connection = self.connections.get();
        if self.asked.get() == connection || !self.console.read(|store| store.is_live() && store.may(SCHEMA))
        {
            return;
        }
        self.asked.set(connection);
        let this = self.clone();
        spawn_local(async move {
            let reply = this.console.ask(SCHEMA, None).await;
            // A machine without one has a plain command line.
            let schema = reply.and_then(|reply| Schema::parse(reply.as_str()).ok());
            this.state.borrow_mut().schema = schema;
            this.underline_mistakes();
            this.show_hint();
            if !this.input.value().is_empty()
                && dom::document().active_element().as_ref() == Some(&this.input)
            {
                this.complete();
            }
        });
    }
}

/// The command, what is being written, what has to be there, what may be.
fn words(hint: &Hint) -> (String, String, String, String) {
    let mut command = hint.command.clone();
    if hint.deprecated {
        command.push_str(" (deprecated)");
    }
    if hint.unstable {
        command.push_str(" (unstable)");
    }
    let current = hint
        .current
        .as_ref()
        .map_or_else(String::new, |(name, kind)| format!("{name}: {kind}"));
    let mut optional = hint
        .optional
        .iter()
        .take(MAX_OPTIONAL)
        .fold(String::new(), |words, name| {
            let space = if words.is_empty() { "" } else { " " };
            [&words, space, name, "?"].concat()
        });
    if hint.optional.len() > MAX_OPTIONAL {
        optional.push_str(" …");
    }
    if hint.current.is_some() {
        optional.clear();
    }
    (command, current, hint.required.join(" "), optional)
}

fn sentence(mark: &Mark) -> String {
    let end = if mark.message.ends_with('?') { "" } else { "." };
    [&mark.message, end].concat()
}

fn element(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target.and_then(|target| target.dyn_into().ok())
}

const HISTORY: &str = "qmp-history";
const MAX_OPTIONAL: usize = 10;
const MAX_PROBLEMS: usize = 5;
const MAX_ROWS: u32 = 12;
const SCHEMA: &str = "query-qmp-schema";
