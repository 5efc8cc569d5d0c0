// The client without our bridge: websockify carries bytes, cut anywhere.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
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

/** A server that negotiates, and sends what it is told to right behind that and in answer to each command. */
async function startServer(t, answer, behind = "") {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  t.after(() => rm(folder, { recursive: true }));
  const socket = path.join(folder, "qmp.sock");
  const version = { qemu: { major: 9, minor: 0, micro: 0 }, package: "" };
  const server = createServer((client) => {
    client.on("error", () => {});
    client.write(`${JSON.stringify({ QMP: { version, capabilities: [] } })}\r\n`);
    client.on("data", (bytes) => {
      const { id, execute } = JSON.parse(bytes);
      const reply = execute === "qmp_capabilities" ? `${JSON.stringify({ return: {}, id })}\r\n${behind}` : answer(id);
      client.write(Buffer.from(reply, "latin1"));
    });
  });
  server.listen(socket);
  await once(server, "listening");
  t.after(() => server.close());
  return socket;
}

test("everything works over bytes too", async (t) => {
  const [{ tab }, qemu] = await Promise.all([startPage(t, browser), startQemu(t)]);
  const url = await behindWebsockify(t, qemu.socket);
  const seen = await tab.evaluate(async (url) => {
    const vm = await qmp.connect(url);
    const heard = [];
    const off = vm.on("STOP", ({ event, timestamp }) => heard.push([event, typeof timestamp.seconds]));
    const flip = async () => {
      await vm.execute("stop");
      await vm.execute("cont");
    };
    // RESUME is heard by nobody, then neither is STOP.
    await flip();
    off();
    await flip();
    await vm.execute("object-add", { "qom-type": "iothread", id: "io", "poll-max-ns": 9007199254740993n });
    const replies = await Promise.all([
      vm.execute("query-qmp-schema"),
      vm.execute("qom-get", { path: "/objects/io", property: "poll-max-ns" }),
      rejection(vm.execute("no-such-command")),
      vm.execute("query-status"),
    ]);
    const { capabilities } = vm;
    await vm.close();
    return { heard, schema: replies[0].length, exact: String(replies[1]), refused: replies[2].class, status: replies[3].status, capabilities };
  }, url);
  assert.deepEqual(seen.heard, [["STOP", "number"]]);
  assert.ok(seen.schema > 500);
  assert.deepEqual([seen.exact, seen.refused, seen.status], ["9007199254740993", "CommandNotFound", "running"]);
  assert.deepEqual(seen.capabilities, ["oob"]);
});

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

test("what is no QMP ends the connection and says so", async (t) => {
  const { tab } = await startPage(t, browser);
  for (const garbage of ["null\r\n", "[1]", '{"return": 1, "error": 2}', '{"return": {}, "return": {}}', "{\"return\": \xff}", "HTTP/1.1 400 Bad Request"]) {
    const url = await behindWebsockify(t, await startServer(t, () => garbage));
    const seen = await tab.evaluate(async (url) => {
      const vm = await qmp.connect(url, { reconnect: false });
      const pending = await rejection(vm.execute("query-status"));
      return { kind: pending.kind, outcome: pending.outcome, code: (await vm.closed).code };
    }, url);
    assert.deepEqual(seen, { kind: "connection-lost", outcome: "unknown", code: 1002 }, garbage);
  }
});

test("an event that comes together with the end of negotiation is heard", async (t) => {
  const { tab } = await startPage(t, browser);
  const event = { timestamp: { seconds: 1, microseconds: 2 }, event: "RESUME" };
  const socket = await startServer(t, () => "", `${JSON.stringify(event)}\r\n`);
  const url = await behindWebsockify(t, socket);
  const heard = await tab.evaluate(async (url) => {
    const vm = await qmp.connect(url, { reconnect: false });
    const { event } = await vm.once("RESUME", { timeout: 10_000 });
    await vm.close();
    return event;
  }, url);
  assert.equal(heard, "RESUME");
});
