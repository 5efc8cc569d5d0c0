//! What JavaScript sees: the only place that exports anything to it. No decision about QMP is made here.

mod client;
mod error;
mod incoming;
mod page;
mod source;
mod waiter;

/// Half of what the usual one weighs. Without threads there is nobody to share it with.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
