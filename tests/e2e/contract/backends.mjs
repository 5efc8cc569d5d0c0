// The servers that the contract is kept by. Each starts what it needs and says where the page finds the machine, what is
// negotiated there, and what it lacks of what some cases need: `overtaking`, a slow command that others overtake; `objects`
// and devices; `schema`; `script`, a server of the case's own.

import { startQemu, startWebsockify } from "../helpers.mjs";
import { openSite, startPage } from "../page.mjs";
import { startProxy } from "../proxy.mjs";

const BAD = { latency: 5, jitter: 10, pieces: 7 };
const IN_ORDER = { overtaking: "QEMU executes one command after another" };
const REAL = { script: "what a server does is not ours to say" };
const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/, /blocked by CORS policy/, /thrown by a listener/] };

export const BACKENDS = [
  {
    name: "QEMU behind websockify",
    capabilities: ["oob"],
    lacks: { ...IN_ORDER, ...REAL },
    async start(t, browser) {
      const [{ tab }, qemu, proxy] = await Promise.all([openSite(t, browser, COMPLAINTS), startQemu(t), startProxy(t)]);
      const { link } = await startWebsockify(t, qemu.socket);
      proxy.target = Number(link.port);
      return { tab, proxy, place: { url: `ws://127.0.0.1:${proxy.port}/` } };
    },
  },
  ...[
    ["QEMU behind the bridge", {}],
    ["QEMU behind the bridge, over a bad network", BAD],
  ].map(([name, network]) => ({
    name,
    capabilities: ["async", "oob"],
    lacks: { ...IN_ORDER, ...REAL },
    async start(t, browser) {
      const { tab, proxy, far } = await startPage(t, browser, COMPLAINTS, network);
      return { tab, proxy, place: far.vm };
    },
  })),
  {
    name: "the bridge's own machine, over a bad network",
    capabilities: ["async"],
    lacks: { objects: "it has none", schema: "it has none", ...REAL },
    async start(t, browser) {
      const { tab, proxy, far } = await startPage(t, browser, COMPLAINTS, BAD);
      return { tab, proxy, place: far.demo };
    },
  },
  ...[
    ["a script in the page", "connect", { capabilities: ["async", "oob"] }, {}],
    ["a script in the page that has no capabilities, byte by byte", "duplex", { capabilities: [], pieces: 1, version: { major: 2, minor: 1, micro: 0, package: "old" } }, { ...IN_ORDER, script: "those cases have servers of their own, so once is enough" }],
  ].map(([name, pipe, script, lacks]) => ({
    name,
    capabilities: script.capabilities,
    lacks,
    start: async (t, browser) => ({ ...(await openSite(t, browser, COMPLAINTS)), place: { script, pipe } }),
  })),
];
