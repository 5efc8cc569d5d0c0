//! What is done with the text of the command line: it is completed, checked, run and remembered.

mod listening;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use qmp_web::schema::Schema;
use qmp_web::shorthand::{self, Command};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use super::hint::Hint;
use super::marks;
use super::problems::Problems;
use super::search::Search;
use super::suggestions::Suggestions;
use crate::console::completion::{self, Mark};
use crate::console::history::{History, has_secret};
use crate::console::line::{Line, explain};
use crate::console::{Console, address, dom};

struct Editor {
    console: Console,
    input: HtmlTextAreaElement,
    layer: HtmlElement,
    problems: Problems,
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
    hint: Hint,
}

pub(super) fn listen(console: &Console, connections: Rc<Cell<u32>>) {
    let mut history = History::default();
    history.restore(&address::kept(HISTORY).unwrap_or_default());
    let editor = Rc::new(Editor {
        console: console.clone(),
        input: dom::by_id("command"),
        layer: dom::by_id("command-marks"),
        problems: Problems::find(),
        state: RefCell::new(State {
            schema: None,
            history,
            suggestions: Suggestions::find(),
            search: Search::find(),
            refused: None,
            hint: Hint::find(),
        }),
        connections,
        asked: Cell::default(),
    });
    editor.listen_to_text();
    editor.listen_to_buttons();
    editor.listen_to_search();
}

impl Editor {
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
        let state = self.state.borrow();
        if state.hint.is_oob() {
            let allows = |name: &str| {
                let command = state.schema.as_ref()?.command(name)?;
                Some(command.allows_oob())
            };
            for line in &mut lines {
                line.oob |= allows(&line.name) == Some(true);
            }
        }
        drop(state);
        if !lines.iter().any(has_secret) {
            self.remember(text.trim());
        }
        self.propose("");
        self.state.borrow().hint.clear_oob();
        for line in lines {
            self.console.execute(line);
        }
        // Whoever runs something wants to see what becomes of it.
        dom::by_id::<Element>("commands").set_scroll_top(0);
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
        self.problems.show(problems, may_run);
    }

    fn show_hint(&self) {
        let text = self.input.value();
        let cursor = self.cursor(&text);
        let state = &mut *self.state.borrow_mut();
        let schema = state.schema.as_ref();
        let hint = schema.and_then(|schema| completion::hint(schema, &text, cursor));
        state.hint.show(hint, || {
            self.console.read(|store| {
                let server = store.server.as_ref();
                server.is_some_and(|server| server.capabilities.contains(&"oob"))
            })
        });
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

fn sentence(mark: &Mark) -> String {
    let end = if mark.message.ends_with('?') { "" } else { "." };
    [&mark.message, end].concat()
}

const HISTORY: &str = "qmp-history";
const MAX_ROWS: u32 = 12;
const SCHEMA: &str = "query-qmp-schema";
