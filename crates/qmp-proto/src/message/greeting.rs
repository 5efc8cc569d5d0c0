//! The greeting: who the server is and what it offers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::capability::{Capability, CapabilitySet};

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
        let version = Versions {
            qemu: Numbers {
                micro: *micro,
                minor: *minor,
                major: *major,
            },
            package: package.clone(),
        };
        let body = Body {
            version,
            capabilities: self.capabilities.clone(),
        };
        // Strings and integers cannot fail to be written.
        format!("{{\"QMP\":{}}}", serde_json::to_string(&body).unwrap_or_default())
    }
}

impl From<Body> for Greeting {
    fn from(body: Body) -> Self {
        let Versions {
            qemu: Numbers { micro, minor, major },
            package,
        } = body.version;
        Self {
            version: Version {
                major,
                minor,
                micro,
                package,
            },
            capabilities: body.capabilities,
        }
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

/// The greeting as it is written.
#[derive(Deserialize, Serialize)]
pub(super) struct Body {
    version: Versions,
    #[serde(default)]
    capabilities: Vec<String>,
}

#[derive(Deserialize, Serialize)]
struct Versions {
    qemu: Numbers,
    #[serde(default)]
    package: String,
}

#[derive(Deserialize, Serialize)]
struct Numbers {
    micro: u32,
    minor: u32,
    major: u32,
}
