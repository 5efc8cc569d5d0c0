//! The greeting: who the server is and what it offers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::capability::{Capability, CapabilitySet};
use crate::json::{JsonError, Reader, push_text};

/// The server's first message (specification, "Server Greeting").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Greeting {
    /// The version of QEMU.
    pub version: Version,
    /// The capabilities that the server offers, those unknown to us too.
    pub capabilities: Vec<String>,
}

impl Greeting {
    /// The offered capabilities that we know.
    pub fn offered(&self) -> CapabilitySet {
        self.capabilities
            .iter()
            .filter_map(|name| Capability::from_name(name))
            .collect()
    }

    /// The greeting as a message.
    pub fn to_json(&self) -> String {
        let Version {
            major,
            minor,
            micro,
            package,
        } = &self.version;
        let mut json = format!(
            "{{\"QMP\":{{\"version\":{{\"qemu\":{{\"micro\":{micro},\"minor\":{minor},\"major\":{major}}},"
        );
        json.push_str("\"package\":");
        push_text(&mut json, package);
        json.push_str("},\"capabilities\":[");
        for (place, name) in self.capabilities.iter().enumerate() {
            if place > 0 {
                json.push(',');
            }
            push_text(&mut json, name);
        }
        json.push_str("]}}");
        json
    }

    /// Reads the value of the member `QMP`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut greeting = Self::default();
        let mut version = None;
        reader.object(&mut |reader, name| match name {
            "capabilities" => reader.array(&mut |reader| {
                greeting.capabilities.push(reader.string()?);
                Ok(())
            }),
            "version" => {
                version = Some(Version::read(reader)?);
                Ok(())
            }
            _ => reader.value().map(drop),
        })?;
        greeting.version = version.ok_or_else(|| reader.error("a greeting without version"))?;
        Ok(greeting)
    }
}

/// A version of QEMU, such as 7.2.22 with the package "Debian 1:7.2+dfsg-7".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// 7 in 7.2.22
    pub major: u32,
    /// 2 in 7.2.22
    pub minor: u32,
    /// 22 in 7.2.22
    pub micro: u32,
    /// Who packaged it; may be empty.
    pub package: String,
}

impl Version {
    fn read(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut version = Self::default();
        reader.object(&mut |reader, name| match name {
            "package" => {
                version.package = reader.string()?;
                Ok(())
            }
            "qemu" => reader.object(&mut |reader, name| {
                match name {
                    "major" => version.major = number(reader)?,
                    "micro" => version.micro = number(reader)?,
                    "minor" => version.minor = number(reader)?,
                    _ => drop(reader.value()?),
                }
                Ok(())
            }),
            _ => reader.value().map(drop),
        })?;
        Ok(version)
    }
}

fn number(reader: &mut Reader<'_>) -> Result<u32, JsonError> {
    let number = reader.integer()?;
    number
        .try_into()
        .map_err(|_| reader.error("a version number beyond 32 bits"))
}
