//! How what speaks QMP at an endpoint differs from QEMU.

use qmp_proto::{CapabilitySet, ClientOptions, Event, Json, SessionTag};

/// Who speaks QMP at an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// libvirt's `virt-qemu-qmp-proxy`. It reads one command at a time: two that come together it never answers. It
    /// offers `oob`, but libvirt has not negotiated that with QEMU. The `data` of its events is JSON in a string.
    Libvirt,
    /// QEMU, or what behaves like it.
    Qemu,
}

impl Dialect {
    pub(crate) const fn options(self, tag: SessionTag) -> ClientOptions {
        let options = ClientOptions::new(tag);
        match self {
            Self::Libvirt => ClientOptions {
                wanted: CapabilitySet::NONE,
                window: 1,
                ..options
            },
            Self::Qemu => options,
        }
    }

    /// The event as QEMU told it.
    pub(crate) fn read_event(self, mut event: Event) -> Event {
        if self == Self::Libvirt
            && let Some(data) = &event.data
            && let Ok(text) = serde_json::from_str::<String>(data.as_str())
            && let Ok(data) = Json::parse(&text)
        {
            event.data = Some(data);
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_in_a_string_is_taken_out_of_it() {
        for (dialect, told, read) in [
            (Dialect::Libvirt, r#""{\"a\": 1.0}""#, r#"{"a": 1.0}"#),
            (Dialect::Libvirt, r#"{"a": "b"}"#, r#"{"a": "b"}"#),
            (Dialect::Libvirt, r#""{no JSON""#, r#""{no JSON""#),
            (Dialect::Qemu, r#""{}""#, r#""{}""#),
        ] {
            let event = Event {
                timestamp: None,
                name: "X".to_owned(),
                data: Some(Json::parse(told).unwrap()),
            };
            assert_eq!(dialect.read_event(event).data.unwrap().as_str(), read);
        }
    }
}
