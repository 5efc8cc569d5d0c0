// A program with the types of its own machine, which `qmp-web-types` has written to `qmp.d.ts`.

import { connect } from "qmp-web";
import type { QmpSchema } from "./qmp.js";

declare const process: { argv: string[] };
const [, , ws, url, token] = process.argv as [string, string, string, string, string];
const { WebSocket } = await import(ws);
const vm = await connect<QmpSchema>(url, { token, WebSocket });
const { status, running } = await vm.execute("query-status");
const { event } = await vm.execute("stop", {}, { until: "STOP" });
const [{ "qom-type": type, deprecated } = { "qom-type": "none", deprecated: undefined }] = await vm.execute("query-cpu-definitions")
  .then((all) => all.map(({ typename, deprecated }) => ({ "qom-type": typename, deprecated })));
await vm.execute("object-add", { "qom-type": "iothread", id: "io", "poll-max-ns": 9007199254740993n });
const [io] = await vm.execute("query-iothreads");
await vm.execute("blockdev-add", { driver: "null-co", "node-name": "disk", size: 512 });
const [disk] = await vm.execute("query-named-block-nodes");
// @ts-expect-error: no machine has it.
await vm.execute("query-nothing").catch(({ kind }) => console.log(kind));
console.log(status, running, event.event, type.endsWith("-cpu"), typeof deprecated, io?.["poll-max-ns"], disk?.["node-name"]);
await vm.close();
