// Pipes that a page has made itself, to websockify and to the bridge.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, startQemu, startWebsockify } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

/** Where websockify listens in front of a socket. */
async function behindWebsockify(t, socket) {
  const { link } = await startWebsockify(t, socket);
  return `ws://${link.host}/`;
}

test("any pipe will do: an open WebSocket, a pair of streams, or a function that makes one", async (t) => {
  const [{ tab, vm }, qemu] = await Promise.all([startPage(t, browser), startQemu(t)]);
  const url = await behindWebsockify(t, qemu.socket);
  const seen = await tab.evaluate(
    async ({ url, vm }) => {
      const use = async (pipe, options) => {
        const vm = await qmp.connect(pipe, options);
        const { status } = await vm.execute("query-status");
        const schema = await vm.execute("query-qmp-schema");
        const pending = rejection(vm.execute("query-qmp-schema"));
        await vm.close();
        return [status, schema.length > 500, (await pending).kind, vm.state];
      };
      // As somebody else's library might make it.
      const streams = () => {
        const socket = new WebSocket(url, ["binary"]);
        socket.binaryType = "arraybuffer";
        const readable = new ReadableStream({
          start(controller) {
            socket.onmessage = ({ data }) => controller.enqueue(new Uint8Array(data));
            // Nobody reads on once it is cancelled.
            socket.onclose = () => controller.desiredSize !== null && controller.close();
          },
          cancel: () => ((socket.onclose = null), socket.close()),
        });
        const open = new Promise((resolve) => (socket.onopen = resolve));
        const writable = new WritableStream({ write: async (bytes) => (await open, socket.send(bytes)) });
        return { readable, writable };
      };
      const bearer = `qmp.bearer.${btoa(vm.token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
      return {
        bytes: await use(new WebSocket(url, ["binary"])),
        messages: await use(new WebSocket(vm.url, ["qmp.v1", bearer])),
        streams: await use(streams()),
        made: await use(async () => streams(), { reconnect: { base: 10 } }),
        nothing: (await rejection(qmp.connect({ readable: 1 }))).name,
      };
    },
    { url, vm },
  );
  const fine = ["running", true, "connection-lost", "closed"];
  assert.deepEqual(seen, { bytes: fine, messages: fine, streams: fine, made: fine, nothing: "TypeError" });
});

test("what comes over an open WebSocket before the module is loaded is not lost", async (t) => {
  const [{ tab }, qemu] = await Promise.all([startPage(t, browser), startQemu(t)]);
  const url = await behindWebsockify(t, qemu.socket);
  // The module comes after the greeting.
  let greeted;
  const hasGreeted = new Promise((resolve) => (greeted = resolve));
  tab.on("websocket", (socket) => socket.on("framereceived", greeted));
  await tab.route("**/qmp_web_bg.wasm", async (route) => (await hasGreeted, route.continue()));
  const status = await tab.evaluate(async (url) => {
    const vm = await qmp.connect(new WebSocket(url, ["binary"]));
    return (await vm.execute("query-status")).status;
  }, url);
  assert.equal(status, "running");
});
