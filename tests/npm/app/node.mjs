// A program for Node: it ends by itself once the connection is closed.

import { connect } from "qmp-web";
import { ask } from "./ask.js";

const [ws, url, token] = process.argv.slice(2);
const { WebSocket } = await import(ws);
console.log(await ask(connect, { url, token }, { WebSocket, schema: true }));

// The same with what waits for something when it is closed. A timer that was left would keep it for an hour.
const HOUR = 3_600_000;
const times = { timeout: HOUR, greetingTimeout: HOUR, negotiationTimeout: HOUR, liveness: { silence: HOUR } };
const vm = await connect(url, { token, WebSocket, ...times });
vm.subscribe(() => {});
const waiting = [vm.execute("query-qmp-schema"), vm.once("STOP", { timeout: HOUR }), vm.execute("query-name", {}, { until: "STOP" })];
await Promise.all([vm.close(), vm.close()]);
for (const promise of waiting) console.log(await promise.catch(({ kind }) => kind));
