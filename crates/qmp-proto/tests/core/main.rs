//! Tests of the core as a whole: recorded exchanges, and its two sides against each other. No runtime, no sockets.
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

mod chunking;
mod frames;
mod json;
mod model;
mod pair;
mod transcripts;
