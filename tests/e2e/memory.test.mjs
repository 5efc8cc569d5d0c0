// What is done with is not kept: neither in the heap of the module nor in that of the page. QMP_MANY says how many commands
// and events; a million takes minutes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const MANY = Number(process.env.QMP_MANY ?? 20_000);
const MEGABYTE = 1 << 20;

test(`the heaps are flat after ${MANY} commands, half of which tell of an event`, { timeout: 20 * 60_000 }, async (t) => {
  const { tab, demo } = await startPage(t, browser);
  const session = await tab.context().newCDPSession(tab);
  const used = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  await tab.evaluate(async ({ url, token }) => {
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (...given) => {
      const loaded = await instantiateStreaming(...given);
      globalThis.memory = loaded.instance.exports.memory;
      return loaded;
    };
    globalThis.vm = await qmp.connect(url, { token });
    globalThis.events = 0;
    vm.on(["STOP", "RESUME"], () => (events += 1));
    // A command in two tells of an event; some are given up, and one is pending all the time.
    globalThis.pending = rejection(vm.execute("x-async-sleep", { ms: 3_600_000 }, { timeout: Infinity }));
    globalThis.run = async (count) => {
      const { signal } = new AbortController();
      for (let done = 0; done < count; done += 200) {
        const some = Array.from({ length: 100 }, (_, i) => [vm.execute(i % 2 ? "cont" : "stop", {}, { signal }), vm.execute("query-status")]);
        const gone = new AbortController();
        const given = vm.execute("query-name", {}, { signal: gone.signal }).catch(() => {});
        gone.abort();
        await Promise.all([...some.flat(), given]);
      }
    };
  }, demo);
  const after = async (count) => {
    await tab.evaluate((count) => run(count), count);
    return [await used(), await tab.evaluate(() => memory.buffer.byteLength)];
  };
  const [page, module] = await after(2_000);
  const [pageThen, moduleThen] = await after(MANY);
  const events = await tab.evaluate(() => events);
  assert.ok(events >= MANY / 2, `${events} events`);
  assert.equal(moduleThen, module);
  assert.ok(pageThen - page < MEGABYTE, `${page} bytes, then ${pageThen}`);
  // What is pending when the handle goes learns it.
  assert.equal(await tab.evaluate(() => (vm.free(), pending.then(({ kind }) => kind))), "connection-lost");
});
