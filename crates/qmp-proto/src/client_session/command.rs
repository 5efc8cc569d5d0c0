//! One command as it is written. When it is written is the session's business.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::error::ExecuteError;
use crate::json;

/// A command to execute (specification, "Issuing Commands").
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// Its name, such as `query-status`.
    pub name: &'a str,
    /// Its arguments, as the JSON text of an object.
    pub arguments: Option<&'a str>,
    /// Whether to send it as `exec-oob`, so that it overtakes the others.
    pub oob: bool,
    /// Whether to send an id. It may be left out where neither `async` nor `oob` is on, and the reply is then known by its
    /// place.
    pub id: bool,
}

impl<'a> Command<'a> {
    /// A command without arguments.
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            arguments: None,
            oob: false,
            id: true,
        }
    }

    /// The command with arguments: the JSON text of an object.
    #[must_use]
    pub const fn with_arguments(mut self, arguments: &'a str) -> Self {
        self.arguments = Some(arguments);
        self
    }

    /// The command sent out of band.
    #[must_use]
    pub const fn out_of_band(mut self) -> Self {
        self.oob = true;
        self
    }

    /// The command sent without an id.
    #[must_use]
    pub const fn without_id(mut self) -> Self {
        self.id = false;
        self
    }

    /// The message, with arguments that QEMU is sure to parse.
    pub(super) fn to_message(self, wire_id: &str) -> Result<String, ExecuteError> {
        let unfit = |reason: &'static str| ExecuteError::Arguments {
            command: self.name.to_owned(),
            reason: reason.into(),
        };
        let member = if self.oob { "exec-oob" } else { "execute" };
        let mut message = format!("{{\"{member}\":");
        json::push_string(&mut message, self.name).map_err(unfit)?;
        if let Some(arguments) = self.arguments {
            let arguments = json::normalise(arguments).map_err(|e| unfit(e.reason))?;
            if !arguments.starts_with('{') {
                return Err(unfit("not an object"));
            }
            message.push_str(",\"arguments\":");
            message.push_str(&arguments);
        }
        if self.id {
            push_id(&mut message, wire_id);
        }
        message.push('}');
        Ok(message)
    }
}

/// The `qmp_capabilities` of one rung; `arguments` is JSON that we wrote ourselves, or empty.
pub(super) fn negotiation(arguments: &str, wire_id: &str) -> String {
    let mut message = String::from("{\"execute\":\"qmp_capabilities\"");
    if !arguments.is_empty() {
        message.push_str(",\"arguments\":");
        message.push_str(arguments);
    }
    push_id(&mut message, wire_id);
    message.push('}');
    message
}

fn push_id(message: &mut String, wire_id: &str) {
    message.push_str(",\"id\":\"");
    message.push_str(wire_id);
    message.push('"');
}
