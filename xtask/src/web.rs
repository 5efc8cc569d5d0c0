//! The tests that run inside a browser, against a real bridge and two real QEMUs. They are told where the bridge is
//! when they are compiled, because a page has no environment.

use std::fs;

use anyhow::{Context, Result};
use qmp_testkit::QemuOptions;

use crate::{
    bridge::{self, Bridge},
    cmd, paths,
    tools::Tools,
};

/// Runs them.
pub(crate) fn test(tools: &Tools) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let log = dir.path().join("bridge.log");

    let machines = [
        QemuOptions::new("alpha").start()?,
        QemuOptions::new("beta").start()?,
    ];
    let loopback = ([127, 0, 0, 1], 0).into();
    let (bridge_address, page_address) = (bridge::free_address(loopback)?, bridge::free_address(loopback)?);
    let mut command = Bridge::command();
    command.args(["--listen", &bridge_address.to_string()]);
    command.args(["--allow-origin", &format!("http://{page_address}")]);
    command
        .args(["--allow-admin", "--audit-log", "-"])
        .stderr(fs::File::create(&log)?);
    for (name, qemu) in ["alpha", "beta"].into_iter().zip(&machines) {
        command
            .arg("--vm")
            .arg(format!("{name}={}", qemu.socket().display()));
    }
    let outcome = Bridge::start(&mut command).and_then(|bridge| {
        let fragment = bridge.link().split_once("#token=").map(|(_, rest)| rest);
        let token = fragment.and_then(|rest| rest.split('&').next());
        let token = token.context("the bridge has made no token")?;
        let mut tests = cmd::cargo();
        tests.args([
            "test",
            "-p",
            "qmp-web",
            "--target",
            "wasm32-unknown-unknown",
            "--test",
            "web",
            // Each script of the JavaScript API is one more connection to the tests' own server, which forgets some of
            // those that come at once.
            "--no-default-features",
        ]);
        tests
            .env("QMP_TEST_WS", format!("ws://{bridge_address}"))
            .env("QMP_TEST_TOKEN", token);
        tests.env(
            "CHROMEDRIVER",
            paths::find_program("chromedriver").context("there is no chromedriver")?,
        );
        tests.env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            paths::root().join("tests/web/webdriver.json"),
        );
        tests.env("WASM_BINDGEN_TEST_ADDRESS", page_address.to_string());
        tests.env("WASM_BINDGEN_TEST_TIMEOUT", TIMEOUT_SECONDS);
        // Without it the module is a tenth of the size, and a panic names its place all the same.
        tests.env("CARGO_PROFILE_DEV_DEBUG", "0");
        cmd::run(tests.env("PATH", tools.path()))
    });
    if outcome.is_err() {
        println!("the bridge's log:\n{}", fs::read_to_string(log)?);
    }
    outcome
}

/// For all tests together. The default of 20 is short for a slow machine.
const TIMEOUT_SECONDS: &str = "120";
