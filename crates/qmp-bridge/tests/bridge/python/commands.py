"""qemu.qmp's client on the unix socket that is given: commands alone, while another client has the machine stop and go on."""

import asyncio, sys
from qemu.qmp import ExecuteError, QMPClient

async def main():
    client = QMPClient("other")
    await client.connect(sys.argv[1])
    for _ in range(100):
        assert (await client.execute("query-name"))["name"] == "demo machine"
        try:
            await client.execute("no-such-command")
        except ExecuteError as error:
            assert error.error_class == "CommandNotFound", error
        else:
            raise AssertionError("no-such-command was executed")
    await client.disconnect()
    print("done")

asyncio.run(main())
