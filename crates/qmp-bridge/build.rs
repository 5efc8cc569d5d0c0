//! The console is embedded from `dist/console`, which Trunk writes: build anew when its files come, change or go.

fn main() {
    println!("cargo::rerun-if-changed=../../dist/console");
}
