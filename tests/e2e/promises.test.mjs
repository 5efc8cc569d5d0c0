// What a promise of the client can do beyond resolving: be given up, run out of time, wait for events, be exact. In a real
// browser, over a real bridge, against a real QEMU and the bridge's simulated machine, which has a slow command.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("integers are exact to the last digit, both ways", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const POLL = { path: "/objects/io", property: "poll-max-ns" };
    const result = {};
    for (const bigint of [undefined, "auto", "always", "never"]) {
      const vm = await qmp.connect(url, { token, bigint });
      const values = [];
      for (const value of [9007199254740993n, 9223372036854775807n, 9007199254740991, 7]) {
        await vm.execute("object-add", { "qom-type": "iothread", id: "io", "poll-max-ns": value });
        const got = await vm.execute("qom-get", POLL);
        values.push(`${typeof got} ${got}`);
        await vm.execute("object-del", { id: "io" });
      }
      result[bigint] = values;
      await vm.close();
    }
    return result;
  }, vm);
  const exact = ["bigint 9007199254740993", "bigint 9223372036854775807", "number 9007199254740991", "number 7"];
  assert.deepEqual(seen.undefined, exact);
  assert.deepEqual(seen.auto, exact);
  assert.deepEqual(seen.always, exact.map((value) => value.replace("number", "bigint")));
  assert.deepEqual(seen.never, ["number 9007199254740992", "number 9223372036854776000", exact[2], exact[3]]);
});

test("a signal ends the waiting, says whether the command may run, and the late reply is told", async (t) => {
  const { tab, demo } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const told = [];
    let tell;
    const late = new Promise((resolve) => (tell = resolve));
    const vm = await qmp.connect(url, { token, onDiagnostic: (d) => (told.push(d), tell()) });
    const gone = new AbortController();
    const slow = rejection(vm.execute("x-async-sleep", { ms: 500 }, { signal: gone.signal }));
    gone.abort("the page was left");
    const aborted = await slow;
    const before = await rejection(vm.execute("query-status", {}, { signal: gone.signal }));
    const { status } = await vm.execute("query-status", {}, { signal: new AbortController().signal });
    await late;
    return { aborted, before, status, told, isAbort: await vm.execute("stop", {}, { signal: AbortSignal.abort() }).catch((e) => e instanceof qmp.AbortError && e.cause instanceof DOMException) };
  }, demo);
  assert.deepEqual([seen.aborted.name, seen.aborted.kind, seen.aborted.outcome, seen.aborted.command], ["AbortError", "aborted", "unknown", "x-async-sleep"]);
  assert.equal(seen.before.outcome, "not-sent");
  assert.equal(seen.status, "running", "stop was sent");
  assert.deepEqual(seen.told, [{ kind: "late-reply", command: "x-async-sleep" }]);
  assert.equal(seen.isAbort, true);
});

test("a command that takes too long rejects, and the session goes on", async (t) => {
  const { tab, demo } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const vm = await qmp.connect(url, { token, timeout: 50 });
    const slow = (ms, options) => vm.execute("x-async-sleep", { ms }, options);
    const own = await rejection(slow(60_000));
    const longer = await slow(200, { timeout: Infinity });
    const each = await Promise.all([rejection(slow(60_000, { timeout: 20 })), slow(100, { timeout: 10_000 })]);
    const wrong = await rejection(slow(1, { timeout: 0 }));
    return { own, longer, each, wrong: wrong.name, state: vm.state };
  }, demo);
  assert.deepEqual([seen.own.name, seen.own.kind, seen.own.outcome, seen.own.command], ["TimeoutError", "timeout", "unknown", "x-async-sleep"]);
  assert.deepEqual(seen.longer, {});
  assert.equal(seen.each[0].kind, "timeout");
  assert.deepEqual([seen.wrong, seen.state], ["TypeError", "live"]);
});

test("a command can be waited for together with its event", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const vm = await qmp.connect(url, { token });
    const other = await qmp.connect(url, { token });
    const stopped = await vm.execute("stop", {}, { until: ["STOP", "SHUTDOWN"] });
    const again = await rejection(vm.execute("stop", {}, { until: "STOP", timeout: 100 }));
    const refused = await rejection(vm.execute("no-such-command", {}, { until: "STOP" }));
    const elsewhere = other.once("RESUME");
    await vm.execute("cont");
    const none = await rejection(vm.once("STOP", { timeout: 50, where: () => true }));
    const picky = vm.once("STOP", { where: (event) => event.timestamp.seconds < 0 });
    await vm.execute("stop");
    const gone = rejection(picky);
    await vm.close();
    return { stopped, again, refused, elsewhere: (await elsewhere).event, none, gone: await gone };
  }, vm);
  assert.deepEqual([seen.stopped.reply, seen.stopped.event.event], [{}, "STOP"]);
  assert.equal(seen.again.kind, "timeout", "a machine that is stopped tells nothing");
  assert.equal(seen.refused.kind, "command");
  assert.equal(seen.elsewhere, "RESUME");
  assert.equal(seen.none.name, "TimeoutError");
  assert.equal(seen.gone.kind, "connection-lost");
});

test("events are iterated, within bounds, until the loop or the connection ends", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const vm = await qmp.connect(url, { token });
    const stream = vm.events(["STOP", "RESUME"]);
    const small = vm.events("*", { capacity: 2 });
    const ended = new AbortController();
    const signalled = vm.events("STOP", { signal: ended.signal });
    const flips = ["stop", "cont", "stop", "cont"];
    for (const command of flips) await vm.execute(command);
    const looped = [];
    for await (const { event } of stream) {
      looped.push(event);
      if (looped.length === flips.length) break;
    }
    ended.abort();
    const left = [];
    for await (const { event } of signalled) left.push(event);
    const { dropped } = small;
    await vm.close();
    const kept = [];
    for await (const { event } of small) kept.push(event);
    return { looped, left, dropped, kept, after: await stream.next() };
  }, vm);
  assert.deepEqual(seen.looped, ["STOP", "RESUME", "STOP", "RESUME"]);
  assert.deepEqual(seen.left, ["STOP", "STOP"]);
  assert.deepEqual([seen.dropped, seen.kept], [2, ["STOP", "RESUME"]]);
  assert.equal(seen.after.done, true);
});

test("an event that nobody listens for has a listener of its own", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const seen = await tab.evaluate(async ({ url, token }) => {
    const unhandled = [];
    const vm = await qmp.connect(url, { token, onUnhandledEvent: ({ event }) => unhandled.push(event) });
    const off = vm.on("STOP", () => {});
    for (const command of ["stop", "cont", "stop"]) await vm.execute(command);
    off();
    await vm.execute("cont");
    return unhandled;
  }, vm);
  assert.deepEqual(seen, ["RESUME", "RESUME"]);
});

test("a signal that outlives many commands keeps nothing of them", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const listening = await tab.evaluate(async ({ url, token }) => {
    const vm = await qmp.connect(url, { token });
    const { signal } = new AbortController();
    let listening = 0;
    const [add, remove] = [signal.addEventListener, signal.removeEventListener];
    signal.addEventListener = (...args) => ((listening += 1), add.apply(signal, args));
    signal.removeEventListener = (...args) => ((listening -= 1), remove.apply(signal, args));
    await Promise.all(Array.from({ length: 100 }, () => vm.execute("query-status", {}, { signal })));
    await vm.execute("no-such-command", {}, { signal }).catch(() => {});
    await vm.execute("stop", {}, { signal, until: "STOP" });
    return listening;
  }, vm);
  assert.equal(listening, 0);
});
