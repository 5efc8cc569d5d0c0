//! The roles, which are the policy's.

pub use qmp_policy::Role;
