// A connection that is made anew when it ends, in a real browser, through a network that fails.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/] };

/** Connects as `vm`, keeping the states that it goes through, and every event. */
function connect({ url, token, options }) {
  globalThis.states = [];
  globalThis.heard = [];
  globalThis.told = [];
  globalThis.asked = 0;
  const onDiagnostic = (diagnostic) => told.push(diagnostic);
  return qmp
    .connect(() => url, { token: async () => ((asked += 1), token), onDiagnostic, reconnect: { base: 50 }, ...options })
    .then((vm) => {
      globalThis.vm = vm;
      vm.on("*", ({ event }) => heard.push(event));
      vm.subscribe(({ state }) => states.at(-1) !== state && states.push(state));
      globalThis.until = (state) =>
        new Promise((resolve) => {
          const off = vm.subscribe((snapshot) => snapshot.state === state && (queueMicrotask(() => off()), resolve(snapshot)));
        });
    });
}

test("a connection that is cut is made anew, and what listens goes on listening", async (t) => {
  const { tab, proxy, far } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, far.demo);
  await tab.evaluate(async () => {
    globalThis.stream = vm.events("STOP");
    globalThis.pending = rejection(vm.execute("x-async-sleep", { ms: 60_000 }, { timeout: Infinity }));
    // Its reply tells that the other has been read.
    await vm.execute("query-status");
    globalThis.cut = until("reconnecting");
  });
  proxy.cut();
  const seen = await tab.evaluate(async () => {
    const { attempt, error } = await cut;
    const lost = await pending;
    const meanwhile = vm.state === "live" ? { outcome: "not-sent", kind: "connection-lost" } : await rejection(vm.execute("stop"));
    await until("live");
    await vm.execute("stop");
    const { value } = await stream.next();
    return { attempt, error: error.kind, lost, meanwhile, event: value.event, heard, states, told, asked };
  });
  assert.ok(seen.attempt >= 1);
  assert.equal(seen.error, "connection-lost");
  assert.deepEqual([seen.lost.kind, seen.lost.outcome], ["connection-lost", "unknown"]);
  assert.deepEqual([seen.meanwhile.kind, seen.meanwhile.outcome], ["connection-lost", "not-sent"]);
  assert.equal(seen.event, "STOP");
  assert.deepEqual(seen.heard, ["STOP"]);
  assert.deepEqual([seen.states.at(0), seen.states.at(-1)], ["live", "live"]);
  assert.ok(seen.told.some(({ kind, gap }) => kind === "resumed" && gap >= 0));
  assert.ok(seen.asked >= 2, "the token is asked for anew");
});

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

test("a peer that is gone without a word is called unstable, then given up", async (t) => {
  const { tab, proxy, far } = await startPage(t, browser, COMPLAINTS);
  const liveness = { silence: 1000, unstable: 300, dead: 500 };
  await tab.evaluate(connect, { ...far.demo, options: { liveness } });
  await tab.evaluate(async () => {
    globalThis.unstable = until("unstable");
    globalThis.gone = until("reconnecting");
  });
  proxy.stall();
  const lost = await tab.evaluate(async () => {
    await unstable;
    const pending = rejection(vm.execute("query-status"));
    const { error } = await gone;
    return { pending: (await pending).outcome, error: error.message };
  });
  proxy.resume();
  const states = await tab.evaluate(() => until("live").then(() => globalThis.states));
  assert.equal(lost.pending, "unknown");
  assert.match(lost.error, /no sign of life/);
  assert.deepEqual(states.slice(0, 3), ["live", "unstable", "reconnecting"]);
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

test("reconnect() connects anew by hand, also after everything was tried", async (t) => {
  const { tab, proxy, far } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, { ...far.demo, options: { reconnect: false } });
  proxy.cut();
  const seen = await tab.evaluate(async () => {
    await until("closed");
    const { closed } = vm;
    const same = closed === vm.closed;
    const ended = await vm.events("STOP").return();
    vm.reconnect();
    await until("live");
    // The next end is another one.
    const other = closed !== vm.closed;
    await vm.execute("stop");
    vm.reconnect();
    await until("reconnecting");
    await until("live");
    const { status } = await vm.execute("query-status");
    return { same, other, ended: ended.done, status, heard, first: states[0] };
  });
  assert.deepEqual(seen, { same: true, other: true, ended: true, status: "paused", heard: ["STOP"], first: "live" });
});

test("a token that is not valid any more ends the trying and says why", async (t) => {
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

test("close() is for good, and a snapshot is the same until something changes", async (t) => {
  const { tab, far } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, far.demo);
  const seen = await tab.evaluate(async () => {
    const same = vm.getSnapshot() === vm.getSnapshot();
    const before = vm.getSnapshot();
    const loop = (async () => {
      for await (const event of vm.events("*")) return event;
      return "ended";
    })();
    const pending = rejection(vm.execute("x-async-sleep", { ms: 60_000 }));
    await vm.close();
    vm.reconnect();
    const { code } = await vm.closed;
    return { same, changed: before !== vm.getSnapshot(), state: vm.state, code, loop: await loop, pending: (await pending).outcome, late: (await rejection(vm.execute("stop"))).outcome };
  });
  assert.deepEqual(seen, { same: true, changed: true, state: "closed", code: 1000, loop: "ended", pending: "unknown", late: "not-sent" });
});
