// How a connection and its machine are, as a page's own store sees it, with a real QEMU.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/, /thrown by a listener/] };

/** Connects as `vm`, with `is`, which resolves when a snapshot says so, and `other`, another client of the same machine. */
function connect({ url, token, near }) {
  const options = { token, reconnect: { base: 20 }, trace: "messages" };
  return Promise.all([qmp.connect(url, options), qmp.connect(near ?? url, { token })]).then(([vm, other]) => {
    Object.assign(globalThis, { vm, other });
    globalThis.is = (wanted) =>
      new Promise((resolve) => {
        const off = vm.subscribe((snapshot) => {
          const fits = Object.entries(wanted).every(([name, value]) => snapshot[name] === value);
          if (fits) queueMicrotask(() => (off(), resolve(snapshot)));
        });
      });
    globalThis.asked = () => vm.trace.entries().filter(({ kind, command }) => kind === "sent" && command === "query-status").length;
  });
}

test("the run state is told while somebody looks, whoever changes it", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async () => {
    const seen = [];
    const off = vm.subscribe((snapshot) => {
      if (snapshot !== vm.getSnapshot()) seen.push("another than getSnapshot gives");
      seen.push(snapshot.runState);
    });
    // Only its event tells of the last one: the machine was stopped and is reset.
    await is({ runState: "running" });
    await other.execute("stop");
    await is({ runState: "paused" });
    await other.execute("cont");
    await is({ runState: "running" });
    await other.execute("stop");
    await is({ runState: "paused" });
    await other.execute("system_reset");
    const last = await is({ runState: "prelaunch" });
    const same = last === vm.getSnapshot();
    // A reset of a machine that runs changes nothing that is to be told.
    await other.execute("cont");
    const running = await is({ runState: "running" });
    const before = asked();
    await other.execute("system_reset");
    while (asked() === before) await vm.execute("query-name");
    await vm.execute("query-name");
    off();
    return { seen, same, kept: running === vm.getSnapshot(), state: running.state };
  });
  assert.deepEqual(seen.seen, [undefined, "running", "paused", "running", "paused", "prelaunch", "running"]);
  assert.deepEqual([seen.same, seen.kept, seen.state], [true, true, "live"]);
});

test("nothing is asked for whom nobody watches, and what is not known is not told", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async () => {
    const flip = async () => {
      const resumed = vm.once("RESUME");
      await other.execute("stop");
      await other.execute("cont");
      await resumed;
      await vm.execute("query-name");
    };
    // A job listens to the connection, as the client itself does.
    await vm.execute("blockdev-add", { driver: "null-co", "node-name": "a", size: 1048576 });
    await vm.execute("blockdev-add", { driver: "null-co", "node-name": "b", size: 1048576 });
    const job = vm.job("blockdev-mirror", { device: "a", target: "b", sync: "full" });
    for await (const { status } of job.progress({ interval: 10 })) if (status === "ready") await job.complete();
    await job;
    await flip();
    const unwatched = [asked(), vm.getSnapshot().runState];
    const off = vm.subscribe(() => {});
    await is({ runState: "running" });
    off();
    const left = vm.getSnapshot().runState;
    const then = asked();
    const stopped = vm.once("STOP");
    await other.execute("stop");
    await stopped;
    await vm.execute("query-name");
    const forgotten = vm.getSnapshot().runState;
    const more = asked() - then;
    const again = await is({ runState: "paused" });
    return { unwatched, left, forgotten, more, again: again.runState };
  });
  assert.deepEqual(seen, { unwatched: [0, undefined], left: "running", forgotten: undefined, more: 0, again: "paused" });
});

test("a run state that passes without an event is not the last that is told", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const last = await tab.evaluate(async () => {
    const off = vm.subscribe(() => {});
    await is({ runState: "running" });
    await other.execute("migrate", { uri: "exec:cat >/dev/null" });
    const { runState } = await is({ runState: "postmigrate" });
    off();
    return runState;
  });
  assert.equal(last, "postmigrate");
});

test("while not live no run state is told, and it is asked for anew", async (t) => {
  const { tab, vm, proxy, far } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, { ...far.vm, near: vm.url });
  await tab.evaluate(async () => {
    globalThis.seen = [];
    vm.subscribe(({ state, runState }) => {
      seen.push([state, runState]);
      if (state === "reconnecting") throw new Error("thrown by a listener");
    });
    await is({ runState: "running" });
    globalThis.cut = is({ state: "reconnecting" });
  });
  proxy.cut();
  const seen = await tab.evaluate(async () => {
    const gone = await cut;
    await other.execute("stop");
    await is({ state: "live", runState: "paused" });
    await vm.close();
    return { gone: gone.runState, seen, end: vm.getSnapshot() };
  });
  assert.equal(seen.gone, undefined);
  for (const [state, runState] of seen.seen) if (state !== "live") assert.equal(runState ?? undefined, undefined, state);
  const told = seen.seen.map(([state, runState]) => runState ?? state).filter((now, i, all) => now !== all[i - 1]);
  assert.deepEqual([told[0], told[1], told[2], told.at(-2), told.at(-1)], ["live", "running", "reconnecting", "paused", "closed"]);
  assert.equal(seen.end.runState ?? undefined, undefined);
});

test("one question at a time, and what only the store hears is unhandled", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const unhandled = [];
    const vm = await qmp.connect(url, { token, trace: "messages", onUnhandledEvent: ({ event }) => unhandled.push(event) });
    const states = [];
    vm.subscribe(({ runState }) => states.push(runState));
    await Promise.all(Array.from({ length: 40 }, (_, i) => vm.execute(i % 2 ? "cont" : "stop")));
    await vm.execute("query-name");
    let [open, most, all] = [0, 0, 0];
    for (const { kind, command } of vm.trace.entries()) {
      if (command !== "query-status") continue;
      open += kind === "sent" ? 1 : -1;
      most = Math.max(most, open);
      all += 1;
    }
    // Closed in the middle of a question: nobody is told, and nothing is left that rejects.
    const stopped = vm.once("STOP");
    const pending = rejection(vm.execute("stop"));
    await stopped;
    await vm.close();
    await pending;
    return { unhandled, most, all, last: states.findLast((state) => state !== undefined) };
  }, vm);
  assert.equal(seen.most, 1);
  assert.ok(seen.all <= 2 * 41, `${seen.all}`);
  assert.equal(seen.last, "running");
  assert.deepEqual(seen.unhandled.slice(0, 4), ["STOP", "RESUME", "STOP", "RESUME"]);
  assert.equal(seen.unhandled.length, 40);
});
