//! What QEMU's own tests (`qmp-test.c`, `qmp-cmd-test.c`, `check-qjson.c`, `test-qmp-event.c`) and the specification say
//! of QMP, one named case each: real QEMUs against our client, and the same input against our server side.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

#[macro_use]
mod qemu;

mod capabilities;
mod client;
mod commands;
mod connection;
mod events;
mod ids;
mod input;
mod literals;
mod oob;
mod output;
mod preconfig;
mod server;
