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
mod frames;
mod hardening;
mod headers;
mod http;
mod ledger;
mod libvirt;
mod limits;
mod machines;
mod metrics;
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
mod tls;
mod token_command;
mod tokens;
mod unix_socket;
