//! The console: a page by which a person runs a machine. What the page is made of, `console` knows.

mod console;

fn main() {
    console_error_panic_hook::set_once();
    console::start();
}
