//! The verb `pictures`: takes the pictures anew that the console is compared with.

use anyhow::Result;

use crate::{build, e2e, plan::Plan, system, tools::Tools};

/// Builds the console and takes the pictures of it.
pub(crate) fn pictures() -> Result<()> {
    let tools = Tools::for_browsers()?;
    let mut plan = Plan::default();
    add_console(&mut plan, &tools);
    e2e::add_pictures(&mut plan);
    plan.perform()
}

/// Adds the console, its bridge, and what it takes to look at it in a browser.
pub(crate) fn add_console<'a>(plan: &mut Plan<'a>, tools: &'a Tools) {
    let missing = system::missing(&[system::QEMU, system::CHROMIUM, system::NODE, system::NPM]);
    tools.install(plan);
    if !missing.is_empty() {
        plan.add("system packages", move || system::install(&missing));
    }
    build::add_pages(plan, tools);
    build::add_bridge(plan);
}
