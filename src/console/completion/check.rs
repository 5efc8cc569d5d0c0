//! What of commands would be refused, and where it stands.

use std::ops::Range;

use qmp_web::schema::{ProblemKind, Schema};
use qmp_web::shorthand::Command;

/// Something that would be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Mark {
    /// Where it stands in the text.
    pub(in crate::console) span: Range<usize>,
    /// A sentence without its full stop.
    pub(in crate::console) message: String,
    /// Whether something is missing, which is no mistake as long as somebody types.
    pub(in crate::console) missing: bool,
}

/// What would be refused, as far as anybody can tell.
pub(in crate::console) fn check(
    schema: Option<&Schema>,
    commands: &[Command],
    may: &dyn Fn(&str) -> bool,
) -> Vec<Mark> {
    let mut marks = Vec::new();
    for command in commands {
        if !may(&command.name) {
            marks.push(Mark {
                span: command.name_span.clone(),
                message: format!("your role may not execute {}", command.name),
                missing: false,
            });
            continue;
        }
        let json = command.arguments_json();
        let checked = schema.map(|schema| schema.check(&command.name, json.as_deref()));
        // What was read is JSON.
        for problem in checked.and_then(Result::ok).unwrap_or_default() {
            let message = match problem.path.as_str() {
                "" => problem.message,
                path => format!("{path}: {}", problem.message),
            };
            marks.push(Mark {
                span: command.span(&problem.path),
                message,
                missing: problem.kind == ProblemKind::Missing,
            });
        }
    }
    marks
}
