//! A machine that is not made yet (`qmp-test.c`, `qmp/preconfig`).

use qmp_proto::{CapabilitySet, Command};
use qmp_testkit::Qemu;

use crate::client::Client;
use crate::qemu::bare;

on_each_qemu! {
    bare().arg("--preconfig") => some_commands_wait_for_the_machine;
}

fn some_commands_wait_for_the_machine(qemu: &mut Qemu) {
    let mut client = Client::negotiated(qemu.socket(), CapabilitySet::ALL);
    let refused = Err("GenericError".to_owned());
    let status =
        |client: &mut Client| client.execute(Command::new("query-status")).unwrap()["status"].clone();
    assert!(client.execute(Command::new("query-commands")).is_ok());
    assert_eq!(client.execute(Command::new("query-cpus-fast")), refused);
    assert_eq!(status(&mut client), "prelaunch");
    client.send("exit", Command::new("x-exit-preconfig"));
    client.expect(&["RESUME", "exit: {}"]);
    assert_eq!(status(&mut client), "running");
    assert_eq!(client.execute(Command::new("x-exit-preconfig")), refused);
}
