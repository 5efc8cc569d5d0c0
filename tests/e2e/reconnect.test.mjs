// A connection to our bridge that is made anew, or not any more. What is the same with every server is in contract.test.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, startBridge, startTokens } from "./helpers.mjs";
import { openSite, startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/] };

/** Connects as `vm`, keeping the states that it goes through. */
function connect({ url, token, options }) {
  globalThis.states = [];
  globalThis.told = [];
  const onDiagnostic = (diagnostic) => told.push(diagnostic);
  return qmp
    .connect(() => url, { token: async () => token, onDiagnostic, reconnect: { base: 50 }, ...options })
    .then((vm) => {
      globalThis.vm = vm;
      vm.subscribe(({ state }) => states.at(-1) !== state && states.push(state));
      globalThis.until = (state) =>
        new Promise((resolve) => {
          const off = vm.subscribe((snapshot) => snapshot.state === state && (queueMicrotask(() => off()), resolve(snapshot)));
        });
    });
}

test("a machine that ends is waited for, and tries are capped", async (t) => {
  const { tab, qemu, far } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, { ...far.vm, options: { greetingTimeout: 200, reconnect: { base: 10, max: 20, tries: 3 } } });
  await qemu.kill();
  const seen = await tab.evaluate(async () => {
    const { error } = await until("closed");
    const { code } = await vm.closed;
    const refused = await rejection(vm.execute("query-status"));
    return { error: error.kind, message: error.message, code, refused: refused.outcome, tries: states.filter((s) => s === "reconnecting").length };
  });
  // The bridge is there, and the machine is not.
  assert.deepEqual([seen.error, seen.refused], ["busy", "not-sent"]);
  assert.equal(typeof seen.code, "number");
  assert.ok(seen.tries >= 1);
});

test("a peer that is quiet and answers when asked stays live", async (t) => {
  const { tab, far } = await startPage(t, browser, COMPLAINTS);
  const liveness = { silence: 1000, unstable: 1000, dead: 1000 };
  const seen = await tab.evaluate(connect, { ...far.demo, options: { liveness } }).then(() =>
    tab.evaluate(async () => {
      // Longer than all three together.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      return { states, told };
    }),
  );
  assert.deepEqual(seen, { states: ["live"], told: [] });
});

test("R7: a token that is not valid any more ends the trying and says why", async (t) => {
  const { tab, far } = await startPage(t, browser, COMPLAINTS);
  const seen = await tab.evaluate(
    async ({ url, token }) => {
      let expired = false;
      const vm = await qmp.connect(url, { token: () => (expired ? "a-token-of-yesterday" : token), reconnect: { base: 10 } });
      expired = true;
      vm.reconnect();
      const snapshot = await new Promise((resolve) => vm.subscribe((s) => s.state === "closed" && resolve(s)));
      expired = false;
      const again = new Promise((resolve) => vm.subscribe((s) => s.state === "live" && resolve(s)));
      vm.reconnect();
      await again;
      return { message: snapshot.error.message, kind: snapshot.error.kind, status: (await vm.execute("query-status")).status };
    },
    far.demo,
  );
  assert.equal(seen.kind, "connect");
  assert.match(seen.message, /401/);
  assert.equal(seen.status, "running");
});

test("R7: a token that is revoked ends the connection, and no other try is made", async (t) => {
  const [{ site, tab }, tokens] = await Promise.all([openSite(t, browser, COMPLAINTS), startTokens(t)]);
  const token = await tokens.add("--id", "alice", "--role", "operator");
  const bridge = await startBridge(t, "--demo", "--token-file", tokens.file, "--allow-origin", site.origin);
  const requests = [];
  tab.on("request", (request) => requests.push(request.url()));
  tab.on("websocket", (socket) => requests.push(socket.url()));
  const url = `ws://${bridge.link.host}/vm/demo/qmp`;
  await tab.evaluate(connect, { url, token });
  await tab.evaluate(() => {
    globalThis.pending = rejection(vm.execute("x-async-sleep", { ms: 600_000 }));
    return vm.execute("query-status");
  });
  await tokens.run("revoke", "alice");
  const seen = await tab.evaluate(async () => {
    const { code, reason } = await vm.closed;
    const { outcome } = await pending;
    // Many times as long as it would wait before another try.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return { states, code, reason, outcome };
  });
  assert.deepEqual(seen, { states: ["live", "closed"], code: 4401, reason: "token revoked or expired", outcome: "unknown" });
  // The page's own site gives it the module.
  assert.deepEqual(requests.filter((request) => !request.startsWith(site.origin)), [url]);
});

test("R2: a bridge that is killed is the end of the connection, and of what was pending the outcome is unknown", async (t) => {
  const { tab, bridge, demo } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, { ...demo, options: { reconnect: false } });
  await tab.evaluate(() => {
    globalThis.pending = Array.from({ length: 5 }, () => rejection(vm.execute("x-async-sleep", { ms: 600_000 })));
    return vm.execute("query-status");
  });
  await bridge.kill("SIGKILL");
  const seen = await tab.evaluate(async () => {
    const outcomes = (await Promise.all(pending)).map(({ kind, outcome }) => `${kind} ${outcome}`);
    return { outcomes: [...new Set(outcomes)], code: (await vm.closed).code };
  });
  assert.deepEqual(seen, { outcomes: ["connection-lost unknown"], code: 1006 });
});

test("who listens to the state hears it whatever is thrown away, in its order", async (t) => {
  const { tab, far } = await startPage(t, browser, COMPLAINTS);
  const session = await tab.context().newCDPSession(tab);
  await tab.evaluate(connect, far.demo);
  await tab.evaluate(() => {
    globalThis.seen = [];
    // What ends it is thrown away.
    vm.subscribe(({ state }) => state === "reconnecting" && globalThis.last && vm.close());
    vm.subscribe(({ state }) => seen.at(-1) !== state && seen.push(state));
  });
  await session.send("HeapProfiler.collectGarbage");
  await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  const seen = await tab.evaluate(async () => {
    for (let round = 0; round < 2; round++) {
      vm.reconnect();
      await until("live");
    }
    globalThis.last = true;
    vm.reconnect();
    return seen;
  });
  assert.deepEqual(seen, ["live", "reconnecting", "live", "reconnecting", "live", "closed"]);
});
