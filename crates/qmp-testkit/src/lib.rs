//! What the tests of several packages and `xtask` share. Nothing here is published and nothing here speaks QMP.

mod fifo;
mod qemu;
pub mod transcript;

pub use fifo::Fifo;
pub use qemu::{Qemu, QemuError, QemuOptions, QemuVersion};
