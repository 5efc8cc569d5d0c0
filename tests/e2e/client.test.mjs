// The client as a web page uses it: the built package, served by somebody else than the bridge, in a real browser,
// against a real QEMU.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("commands resolve with what the machine returns", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const vm = await qmp.connect(url, { token });
    const [status, types, schema] = await Promise.all([
      vm.execute("query-status"),
      vm.execute("qom-list-types", { implements: "iothread" }),
      vm.execute("query-qmp-schema"),
    ]);
    const urgent = await vm.execute("query-yank", undefined, { oob: true });
    const { version, capabilities, state } = vm;
    vm.close();
    const { code } = await vm.closed;
    return { status, types, schema: schema.length, urgent, major: version.major, capabilities, state, then: vm.state, code };
  }, vm);
  assert.equal(seen.status.status, "running");
  assert.deepEqual(seen.types.map((type) => type.name), ["iothread"]);
  assert.ok(seen.schema > 500);
  assert.ok(Array.isArray(seen.urgent));
  assert.ok(seen.major >= 7);
  assert.deepEqual(seen.capabilities, ["async", "oob"]);
  assert.deepEqual([seen.state, seen.then, seen.code], ["live", "closed", 1000]);
});

test("a refused command rejects with a QmpError that is an Error", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const errors = await tab.evaluate(async ({ url, token }) => {
    // A URL object does as well.
    const vm = await qmp.connect(new URL(url), { token });
    const thrown = (f) => {
      try {
        f();
      } catch (e) {
        return e.name;
      }
    };
    return {
      isQmpError: await vm.execute("no-such-command").catch((e) => e instanceof qmp.QmpError),
      listener: thrown(() => vm.on("STOP")),
      command: await rejection(vm.execute(5)),
      nothing: await rejection(vm.execute()),
      refused: await rejection(vm.execute("device_del", { id: "nope" })),
      surrogate: await rejection(vm.execute("device_del", { id: "\ud800" })),
      notAnObject: await rejection(vm.execute("device_del", [1])),
      unknown: await rejection(vm.execute("query-status", {}, { oop: true })),
      option: await rejection(vm.execute("query-status", {}, { oob: "yes" })),
      still: (await vm.execute("query-status")).status,
    };
  }, vm);
  const { refused } = errors;
  assert.deepEqual([refused.name, refused.kind, refused.error, refused.stack], ["CommandError", "command", true, "string"]);
  assert.deepEqual([refused.class, refused.command], ["DeviceNotFound", "device_del"]);
  assert.match(refused.desc, /nope/);
  assert.match(refused.id, /^\w{8}-\d+$/);
  for (const name of ["surrogate", "notAnObject"]) {
    assert.deepEqual([errors[name].kind, errors[name].command], ["arguments", "device_del"], name);
  }
  assert.equal(errors.isQmpError, true);
  assert.equal(errors.listener, "TypeError");
  for (const name of ["option", "command", "nothing", "unknown"]) assert.equal(errors[name].name, "TypeError", name);
  assert.equal(errors.still, "running");
});

test("events reach listeners until they end it, and one that throws harms nobody", async (t) => {
  const { tab, vm } = await startPage(t, browser, { expected: [/thrown by a listener/] });
  const heard = await tab.evaluate(async ({ url, token }) => {
    const vm = await qmp.connect(url, { token });
    const stops = [];
    const all = [];
    vm.on("STOP", () => {
      throw new Error("thrown by a listener");
    });
    const off = vm.on("STOP", (event) => stops.push(event));
    vm.on("*", (event) => all.push(event.event));
    await vm.execute("stop");
    off();
    off();
    await vm.execute("cont");
    await vm.execute("stop");
    return { stops, all };
  }, vm);
  assert.equal(heard.stops.length, 1);
  assert.equal(typeof heard.stops[0].timestamp.seconds, "number");
  assert.deepEqual(heard.all, ["STOP", "RESUME", "STOP"]);
});

test("a killed QEMU rejects everything that was pending", async (t) => {
  const { tab, qemu, vm } = await startPage(t, browser);
  await tab.evaluate(async ({ url, token }) => {
    globalThis.vm = await qmp.connect(url, { token, reconnect: false });
    globalThis.free = await qmp.connect(url, { token, reconnect: false });
  }, vm);
  await qemu.kill("SIGSTOP");
  await tab.evaluate(() => {
    globalThis.pending = Array.from({ length: 20 }, () => rejection(vm.execute("query-status")));
    // An object that is freed while something is in flight settles it too.
    globalThis.freed = rejection(free.execute("query-status"));
    free.free();
  });
  await qemu.kill();
  const { outcomes, freed, code } = await tab.evaluate(async () => ({
    outcomes: (await Promise.all(pending)).map((e) => `${e.kind} ${e.outcome}`),
    freed: (await freed).kind,
    code: (await vm.closed).code,
  }));
  assert.equal(outcomes.length, 20);
  // Eight are in flight at most while oob is on; the others never left.
  assert.deepEqual(new Set(outcomes), new Set(["connection-lost unknown", "connection-lost not-sent"]));
  assert.equal(outcomes.filter((outcome) => outcome.endsWith("unknown")).length, 8);
  assert.equal(freed, "connection-lost");
  assert.equal(code, 4404);
});

test("a command that is too long for the bridge says so by its close code", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const { error, code } = await tab.evaluate(async ({ url, token }) => {
    const vm = await qmp.connect(url, { token, reconnect: false });
    const error = await rejection(vm.execute("device_del", { id: "x".repeat(100_000) }));
    return { error, code: (await vm.closed).code };
  }, vm);
  assert.deepEqual([error.kind, code], ["connection-lost", 1009]);
});

test("who is not let in, and where nobody is", async (t) => {
  const { tab, vm } = await startPage(t, browser, { expected: [/WebSocket connection to/, /Failed to load resource/] });
  const errors = await tab.evaluate(async ({ url, token }) => {
    const refused = (url, options) => rejection(qmp.connect(url, options));
    return {
      token: await refused(url, { token: `${token}x` }),
      none: await refused(url, {}),
      machine: await refused(url.replace("vm1", "vm2"), { token }),
      nobody: await refused("ws://127.0.0.1:1/", {}),
      nonsense: await refused("nonsense://", {}),
      thrown: await refused(url, { token: () => Promise.reject(new Error("the token is not to be had")) }),
      thrownOther: await refused(url, { token: () => Promise.reject({ status: 503 }) }),
      thrownNull: await refused(() => { throw null; }, {}),
      wrong: await refused(() => 5, {}),
    };
  }, vm);
  for (const [name, { kind }] of Object.entries(errors)) assert.equal(kind, "connect", name);
  // A browser does not tell why, but the bridge does.
  for (const name of ["token", "none"]) assert.match(errors[name].message, /401/, name);
  assert.match(errors.thrown.message, /not to be had/);
});
