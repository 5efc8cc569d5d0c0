// What a program for Node may write. It is compiled and never run.

import { readFile } from "node:fs/promises";
import { connect, init } from "qmp-web";
import { WebSocket } from "ws";

await init(readFile("qmp_web_bg.wasm"));
await using vm = await connect("ws://host", { WebSocket });
await connect(new WebSocket("ws://host"));
console.log(await vm.execute("query-status"));
