"""qemu.qmp's client: commands, events and errors, on the unix socket that is given."""

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
