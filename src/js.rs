//! What JavaScript sees: the only place that exports anything to it. No decision about QMP is made here.

mod client;
mod convert;
mod error;
mod events;
mod execute;
mod incoming;
mod options;
mod waiter;
