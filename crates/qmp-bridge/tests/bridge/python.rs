//! A stranger's client against our server side: Python's qemu.qmp, on a unix socket that the demo machine serves.

use std::process::Stdio;

use tokio::net::UnixListener;
use tokio::process::Command;

use crate::common::soon;

const SCRIPT: &str = r#"
import asyncio, sys
from qemu.qmp import ExecuteError, QMPClient

async def main():
    client = QMPClient("test")
    await client.connect(sys.argv[1])
    assert (await client.execute("query-status"))["status"] == "running"
    with client.listener(("STOP", "RESUME")) as events:
        for command, event in (("stop", "STOP"), ("cont", "RESUME")):
            assert await client.execute(command) == {}
            assert (await events.get())["event"] == event
    try:
        await client.execute("no-such-command")
    except ExecuteError as error:
        assert error.error_class == "CommandNotFound", error
    else:
        raise AssertionError("no-such-command was executed")
    replies = await asyncio.gather(*(client.execute("query-name") for _ in range(100)))
    assert all(reply["name"] == "demo machine" for reply in replies)
    await client.disconnect()
    print("done")

asyncio.run(main())
"#;

#[tokio::test]
async fn qemu_qmp_connects_executes_and_listens() {
    let Ok(python) = std::env::var("QMP_TEST_PYTHON") else {
        assert!(
            std::env::var("REQUIRE_QEMU").is_err(),
            "QMP_TEST_PYTHON names no Python that has qemu.qmp"
        );
        eprintln!("skipped: QMP_TEST_PYTHON names no Python that has qemu.qmp");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qmp.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let client = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (stream, _) = soon("a connection", listener.accept()).await.unwrap();
    let (output, ()) = tokio::join!(
        soon("the end", client.wait_with_output()),
        qmp_bridge::demo::serve(stream)
    );
    assert_eq!(String::from_utf8_lossy(&output.unwrap().stdout).trim(), "done");
}
