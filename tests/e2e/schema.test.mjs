// What a page asks of a machine's schema, and has checked by it, of a real QEMU.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/] };

function connect({ url, token, options }) {
  globalThis.told = [];
  return qmp
    .connect(url, { token, trace: "messages", reconnect: { base: 20 }, onDiagnostic: ({ kind, error }) => told.push([kind, error?.kind]), ...options })
    .then((vm) => void (globalThis.vm = vm));
}

test("a command line is completed and described", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async () => {
    const schema = await vm.schema();
    const names = (place) => schema.complete(place).map(({ name }) => name);
    const args = { driver: "qcow2", file: { driver: "file" } };
    return {
      commands: schema.commands,
      events: schema.events,
      began: names({ command: "query-bl" }),
      driver: names({ command: "blockdev-add", path: ["driver"] }),
      inner: schema.complete({ command: "blockdev-add", args, path: ["file"] }).filter(({ required }) => required),
      action: names({ command: "transaction", args: { actions: [{}, { type: "abort" }] }, path: ["actions", 0, "type"] }),
      nowhere: names({ command: "no-such", path: [] }),
      stop: schema.describe("stop"),
      add: schema.describe("device_add"),
      event: schema.describe("SHUTDOWN"),
      nothing: schema.describe("no-such"),
      wrong: ["path", { command: "stop", path: [{}] }, { commands: "" }].map((place) => {
        try {
          return schema.complete(place);
        } catch (e) {
          return e.name;
        }
      }),
    };
  });
  assert.ok(seen.commands.length > 200 && seen.events.includes("STOP"));
  assert.deepEqual(seen.commands, [...seen.commands].sort());
  assert.ok(seen.began.includes("query-block") && seen.began.includes("query-blockstats") && !seen.began.includes("query-name"));
  assert.ok(seen.driver.includes("qcow2") && seen.driver.includes("null-co"));
  assert.deepEqual(seen.inner, [{ name: "filename", type: "string", required: true, deprecated: false, unstable: false }]);
  assert.ok(seen.action.includes("blockdev-backup"));
  assert.deepEqual(seen.nowhere, []);
  const { members, ...stop } = seen.stop;
  assert.deepEqual([members, stop], [[], { name: "stop", kind: "command", returns: "object", oob: false, open: false, deprecated: false, unstable: false }]);
  assert.deepEqual([seen.add.open, seen.add.members[0].name, seen.add.members[0].required], [true, "driver", true]);
  assert.deepEqual([seen.event.kind, seen.event.members[0].name, seen.event.members[0].type], ["event", "guest", "boolean"]);
  assert.equal(seen.nothing, undefined);
  assert.deepEqual(seen.wrong, ["TypeError", "TypeError", "TypeError"]);
});

test("a machine is asked once, and again after a reconnect; a failure is not kept", async (t) => {
  const { tab, far, proxy } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, far.vm);
  const seen = await tab.evaluate(async () => {
    const isAsked = ({ kind, command }) => kind === "sent" && command === "query-qmp-schema";
    globalThis.asked = () => vm.trace.entries().filter(isAsked).length;
    const schemas = await Promise.all([vm.schema(), vm.schema()]);
    for (const schema of schemas) schema.free();
    const { commands } = await vm.schema();
    globalThis.resumed = new Promise((resolve) => {
      let lost = false;
      vm.subscribe(({ state }) => {
        if (state === "reconnecting") lost = true;
        else if (lost && state === "live") resolve();
      });
    });
    return { asked: asked(), commands: commands.length };
  });
  assert.equal(seen.asked, 1);
  assert.ok(seen.commands > 200);
  proxy.cut();
  const again = await tab.evaluate(async () => {
    await resumed;
    await vm.schema();
    await vm.close();
    const kept = await vm.schema().then(() => "kept");
    return { asked: asked(), kept };
  });
  assert.deepEqual(again, { asked: 2, kept: "kept" });
  await tab.evaluate(connect, far.demo);
  const failures = await tab.evaluate(async () => [await rejection(vm.schema()), await rejection(vm.schema())]);
  assert.deepEqual(failures.map(({ kind }) => kind), ["command", "command"]);
});

test("what reads schemas is fetched when it is needed, and again if that failed", async (t) => {
  const { tab, vm } = await startPage(t, browser, COMPLAINTS);
  const file = "**/qmp_web_schema_bg.wasm";
  const fetched = [];
  tab.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  await tab.route(file, (route) => route.abort());
  await tab.evaluate(connect, vm);
  assert.deepEqual(fetched.filter((path) => path.includes("schema")), []);
  const failed = await tab.evaluate(() => rejection(vm.schema()));
  assert.deepEqual([failed.kind, failed.name, failed.error], ["load", "QmpError", true]);
  await tab.evaluate((vm) => qmp.connect(vm.url, { token: vm.token, check: true, onDiagnostic: ({ kind, error }) => told.push([kind, error.kind]) }), vm);
  assert.deepEqual(await tab.evaluate(() => told), [["unchecked", "load"]]);
  await tab.unroute(file);
  assert.ok((await tab.evaluate(async () => (await vm.schema()).commands.length)) > 200);
});

test("a page may bring what reads schemas", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const bytes = await tab.evaluate(() => fetch("/qmp_web_schema_bg.wasm").then(async (response) => (globalThis.bytes = await response.arrayBuffer()).byteLength));
  assert.ok(bytes > 0);
  await tab.route("**/*.wasm", (route) => route.abort());
  const commands = await tab.evaluate(async () => {
    await qmp.initSchema(await WebAssembly.compile(bytes));
    return (await vm.schema()).commands;
  });
  assert.ok(commands.includes("query-status"));
});

test("what the machine would refuse is not sent", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, { ...vm, options: { check: true } });
  const seen = await tab.evaluate(async () => {
    vm.trace.clear();
    const add = (args) => vm.execute("blockdev-add", args);
    const wrong = await rejection(add({ driver: "raw", file: { driver: "null-co", size: "1" }, "no-such": 1 }));
    const unknown = await rejection(vm.execute("query-statuss"));
    const job = await rejection(vm.job("blockdev-create", { options: { driver: "file", filename: "x" } }));
    const until = await rejection(vm.execute("stop", { now: true }, { until: "STOP" }));
    // They are sent in the call, in their order.
    const right = [add({ driver: "null-co", "node-name": "n", size: 2n ** 40n }), vm.execute("query-status")];
    const order = vm.trace.entries().flatMap(({ kind, command }) => (kind === "sent" ? [command] : []));
    await Promise.all(right);
    const { problems } = wrong;
    const checked = (await vm.schema()).check("stop", { now: true });
    return { wrong, problems, unknown, job, until, order, checked };
  });
  assert.deepEqual([seen.wrong.name, seen.wrong.kind, seen.wrong.command], ["QmpError", "arguments", "blockdev-add"]);
  assert.equal(seen.wrong.message, "blockdev-add: file.size: expects int, not a string");
  assert.deepEqual(
    seen.problems.map(({ kind, path }) => [kind, path]),
    [["type", "file.size"], ["unknown", "no-such"]],
  );
  assert.equal(seen.unknown.message, "query-statuss: there is no command 'query-statuss'; is it 'query-status'?");
  assert.deepEqual([seen.job.kind, seen.job.problems[0].path], ["arguments", "options.size"]);
  assert.deepEqual([seen.until.kind, seen.until.command], ["arguments", "stop"]);
  assert.deepEqual(seen.order, ["blockdev-add", "query-status"]);
  assert.deepEqual(seen.checked, [{ kind: "unknown", path: "now", message: "there is no member 'now'" }]);
  assert.deepEqual(await tab.evaluate(() => told), []);
});

test("a machine without a schema is not checked, and that is told", async (t) => {
  const { tab, demo } = await startPage(t, browser);
  await tab.evaluate(connect, { ...demo, options: { check: true } });
  const seen = await tab.evaluate(async () => [await vm.execute("query-status", { no: "such" }).then(({ status }) => status, ({ kind }) => kind), told]);
  assert.deepEqual(seen[1], [["unchecked", "command"]]);
  assert.notEqual(seen[0], "arguments");
});

test("after a reconnect the new schema is asked for, and checks", async (t) => {
  const { tab, far, proxy } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, { ...far.vm, options: { check: true } });
  await tab.evaluate(() => {
    globalThis.resumed = new Promise((resolve) => {
      let lost = false;
      vm.subscribe(({ state }) => {
        if (state === "reconnecting") lost = true;
        else if (lost && state === "live") resolve();
      });
    });
  });
  proxy.cut();
  const seen = await tab.evaluate(async () => {
    await resumed;
    await vm.schema();
    return rejection(vm.execute("stop", { now: true }));
  });
  assert.equal(seen.kind, "arguments");
});
