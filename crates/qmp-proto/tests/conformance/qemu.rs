//! Each test with each QEMU, as a test of its own. Which there are and where is the testkit's business.

use qmp_proto::{CapabilitySet, Command};
use qmp_testkit::{Fifo, Qemu, QemuOptions, QemuVersion};
use serde_json::json;

use crate::client::Client;

/// `options => tests`: each test, a function of a running QEMU, with the installed QEMU and with QEMU 10.0.
macro_rules! on_each_qemu {
    ($($options:expr => $($test:ident),+;)+) => {
        mod installed {
            use super::*;
            $($(
                #[test]
                fn $test() {
                    crate::qemu::run($options, qmp_testkit::QemuVersion::Installed, super::$test);
                }
            )+)+
        }
        mod qemu_10 {
            use super::*;
            $($(
                #[test]
                fn $test() {
                    crate::qemu::run($options, qmp_testkit::QemuVersion::Ten, super::$test);
                }
            )+)+
        }
    };
}

pub(crate) fn run(options: QemuOptions, version: QemuVersion, test: fn(&mut Qemu)) {
    if let Some(mut qemu) = options.version(version).start_or_skip() {
        // Until QEMU executes a command it may still tell of its own start, to whoever is there.
        drop(Client::negotiated(qemu.socket(), CapabilitySet::NONE));
        test(&mut qemu);
    }
}

/// A machine that has nothing but its monitor.
pub(crate) fn bare() -> QemuOptions {
    QemuOptions::new("test")
}

/// A command that QEMU executes until it is let go, as in `qmp-test.c`: a block device whose configuration is a pipe.
pub(crate) struct Slow {
    pipe: Fifo,
    arguments: String,
}

impl Slow {
    /// A command that makes the block device `node`.
    pub(crate) fn new(node: &str) -> Self {
        let pipe = Fifo::new().unwrap();
        let image = json!({ "driver": "null-co", "read-zeroes": true });
        let arguments =
            json!({ "driver": "blkdebug", "node-name": node, "config": pipe.path(), "image": image });
        Self {
            pipe,
            arguments: arguments.to_string(),
        }
    }

    pub(crate) fn command(&self) -> Command<'_> {
        Command::new("blockdev-add").with_arguments(&self.arguments)
    }

    /// The same as it is written.
    pub(crate) fn message(&self, id: &str) -> String {
        format!(
            "{{\"execute\":\"blockdev-add\",\"arguments\":{},\"id\":{id}}}",
            self.arguments
        )
    }

    pub(crate) fn wait_until_executing(&self, qemu: &Qemu) {
        self.pipe.wait_until_awaited(qemu);
    }

    /// Lets QEMU go on.
    pub(crate) fn release(&self) {
        self.pipe.release();
    }
}
