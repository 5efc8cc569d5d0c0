//! Tests of the bridge as a whole: real sockets, a real QEMU where QEMU is meant, the demo machine where `async` is.
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

mod access;
mod audit;
mod campaign;
mod common;
mod conformance;
mod demo;
mod dialled;
mod directory;
mod fair;
mod fake;
mod hardening;
mod ledger;
mod libvirt;
mod limits;
mod machines;
mod metrics;
mod policy;
mod policy_file;
mod policy_marker;
mod policy_qemu;
mod program;
mod python;
mod qemu;
mod random;
mod relay;
mod replay;
mod screen;
mod service;
mod slow_readers;
mod stop;
mod stream;
mod unix_socket;
