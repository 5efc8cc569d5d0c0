// The client in a page with our bridge: who is let in, what it does not carry, what becomes of a machine that is killed. What
// is the same with every server is in contract.test.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("a killed QEMU rejects everything that was pending", async (t) => {
  const { tab, qemu, vm } = await startPage(t, browser);
  await tab.evaluate(async ({ url, token }) => {
    globalThis.vm = await qmp.connect(url, { token, reconnect: false });
    globalThis.free = await qmp.connect(new URL(url), { token, reconnect: false });
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
  assert.match(errors.token.message, /the token is not valid \(401\)/);
  assert.match(errors.none.message, /a token is needed \(401\)/);
  assert.match(errors.thrown.message, /not to be had/);
});
