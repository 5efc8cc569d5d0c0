//! What JavaScript sees: the only place that exports anything to it. No decision about QMP is made here.

mod client;
mod error;
mod incoming;
mod page;
mod source;
mod waiter;
