//! Every way in which QMP goes wrong, as types. What a server refuses is data ([`ErrorResponse`]), not a fault.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use core::convert::Infallible;
use core::fmt;
use core::str::FromStr;

use crate::CommandId;
use crate::json::{JsonError, Reader, push_text};

/// The server's refusal of one command (specification, "Error").
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{class}: {desc}")]
pub struct ErrorResponse {
    /// What kind of error; the only part that a program may rely on.
    pub class: ErrorClass,
    /// For people. Its wording changes between versions; never parse it.
    pub desc: String,
}

impl ErrorResponse {
    /// An error of a class.
    pub fn new(class: ErrorClass, desc: impl Into<String>) -> Self {
        Self {
            class,
            desc: desc.into(),
        }
    }

    /// An error of the class `GenericError`.
    pub fn generic(desc: impl Into<String>) -> Self {
        Self::new(ErrorClass::GenericError, desc)
    }

    /// Reads the value of the member `error`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let (mut class, mut desc) = (None, None);
        reader.object(&mut |reader, name| {
            match name {
                "class" => {
                    class = Some(
                        reader
                            .string()?
                            .parse()
                            .unwrap_or_else(|never: Infallible| match never {}),
                    )
                }
                "desc" => desc = Some(reader.string()?),
                _ => drop(reader.value()?),
            }
            Ok(())
        })?;
        match (class, desc) {
            (Some(class), Some(desc)) => Ok(Self { class, desc }),
            _ => Err(reader.error("an error without class or desc")),
        }
    }

    /// Appends the value of the member `error`.
    pub(crate) fn push_json(&self, out: &mut String) {
        out.push_str("{\"class\":");
        push_text(out, self.class.as_str());
        out.push_str(",\"desc\":");
        push_text(out, &self.desc);
        out.push('}');
    }
}

/// The class of an [`ErrorResponse`]. A class that the specification does not list is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// There is no such command, or not now.
    CommandNotFound,
    /// The device has not been activated.
    DeviceNotActive,
    /// There is no such device.
    DeviceNotFound,
    /// Everything that has no class of its own.
    GenericError,
    /// A KVM capability is missing.
    KvmMissingCap,
    /// A class unknown to us.
    Other(String),
}

impl ErrorClass {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::CommandNotFound => "CommandNotFound",
            Self::DeviceNotActive => "DeviceNotActive",
            Self::DeviceNotFound => "DeviceNotFound",
            Self::GenericError => "GenericError",
            Self::KvmMissingCap => "KVMMissingCap",
            Self::Other(name) => name,
        }
    }
}

impl FromStr for ErrorClass {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(match name {
            "CommandNotFound" => Self::CommandNotFound,
            "DeviceNotActive" => Self::DeviceNotActive,
            "DeviceNotFound" => Self::DeviceNotFound,
            "GenericError" => Self::GenericError,
            "KVMMissingCap" => Self::KvmMissingCap,
            other => Self::Other(other.to_owned()),
        })
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The bytes were not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset} of the stream: {kind}")]
pub struct DecodeError {
    /// Where in the stream, counted in bytes from its start.
    pub offset: u64,
    /// What is wrong there.
    pub kind: DecodeErrorKind,
}

/// What was wrong with the bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Not JSON, or not JSON of a shape that QMP knows.
    #[error("{0}")]
    Invalid(&'static str),
    /// A string is not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// More nested arrays and objects than the limit.
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// A message longer than the limit.
    #[error("message longer than {0} bytes")]
    TooLong(usize),
    /// A byte that cannot stand here in JSON.
    #[error("unexpected byte 0x{0:02x}")]
    UnexpectedByte(u8),
}

/// The server broke the protocol. The session has ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The bytes were not a message.
    #[error("what the server sent is not QMP: {0}")]
    Decode(#[from] DecodeError),
    /// Even a bare `qmp_capabilities` was refused.
    #[error("capability negotiation was refused: {0}")]
    Negotiation(#[source] ErrorResponse),
    /// Without `async` replies come in order; this one did not.
    #[error("reply to command {got} came where the reply to command {expected} was due")]
    OutOfOrder {
        /// The oldest command that waits.
        expected: CommandId,
        /// The command that the reply named.
        got: CommandId,
    },
    /// A server greets once.
    #[error("a second greeting")]
    SecondGreeting,
    /// The server could not parse what it read, and does not say which command that was.
    #[error("the server could not parse its input: {0}")]
    ServerParse(#[source] ErrorResponse),
}

/// The command was not taken. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError {
    /// Arguments that QEMU would not parse.
    #[error("arguments of {command}: {reason}")]
    Arguments {
        /// The command that they were for.
        command: String,
        /// What is wrong.
        reason: Cow<'static, str>,
    },
    /// The session has ended.
    #[error("the session is closed")]
    Closed,
    /// With `async` or `oob` on, a command needs an id.
    #[error("with the capabilities that are on, a command needs an id")]
    IdNeeded,
    /// The session is not in command mode yet.
    #[error("capabilities are not negotiated yet")]
    NotReady,
    /// `exec-oob` needs the `oob` capability.
    #[error("out-of-band execution was not negotiated")]
    OobNotEnabled,
}
