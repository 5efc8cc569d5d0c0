// Jobs as a page follows them, of a real QEMU.

import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { atEnd, Browser } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/] };
const MEGABYTE = 1 << 20;

/** Connects as `vm`, with two block devices, and `mirror`, which starts to copy one to the other at a crawl. */
function connect({ url, token }) {
  return qmp.connect(url, { token, reconnect: { base: 20 } }).then(async (vm) => {
    globalThis.vm = vm;
    const disk = (name) => vm.execute("blockdev-add", { driver: "null-co", "node-name": name, size: 2 ** 30, "read-zeroes": true });
    await disk("from");
    await disk("to");
    globalThis.mirror = (more) => vm.job("blockdev-mirror", { device: "from", target: "to", sync: "full", speed: 2 ** 24, ...more });
    globalThis.running = async (job) => {
      for await (const { status } of job.progress({ interval: 20 })) if (status === "running") return;
    };
  });
}

test("a job is awaited, and is gone when it has been seen to end", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const image = path.join(folder, "image");
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(
    async ([image, size]) => {
      const create = (filename, more) => vm.job("blockdev-create", { options: { driver: "file", filename, size }, ...more });
      const { status, type } = await create(image);
      const failed = await rejection(create("/nowhere/image", { "job-id": "mine" }));
      const refused = await rejection(vm.job("no-such-command"));
      return { status, type, failed, refused: refused.class, left: await vm.execute("query-jobs") };
    },
    [image, MEGABYTE],
  );
  assert.deepEqual([seen.status, seen.type], ["concluded", "create"]);
  assert.equal((await stat(image)).size, MEGABYTE);
  assert.deepEqual([seen.failed.name, seen.failed.kind, seen.failed.id, seen.failed.command], ["JobError", "job", "mine", "blockdev-create"]);
  assert.match(seen.failed.desc, /nowhere/);
  assert.equal(seen.failed.reason, "failed");
  assert.equal(seen.refused, "CommandNotFound");
  assert.deepEqual(seen.left, []);
});

test("a job is looked at, paused, resumed and cancelled", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async () => {
    const job = mirror();
    const progress = [];
    for await (const now of job.progress({ interval: 20 })) {
      progress.push(now["current-progress"]);
      if (progress.length === 3) break;
    }
    const status = async () => (await vm.execute("query-jobs"))[0].status;
    await job.pause();
    const paused = await status();
    await job.resume();
    const resumed = await status();
    await job.cancel();
    const ended = await job.then(() => "resolved", ({ desc }) => desc);
    return { progress, paused, resumed, ended, left: await vm.execute("query-jobs"), nothing: await job.cancel().catch((e) => e.kind) };
  });
  assert.equal(seen.progress.length, 3);
  assert.ok(seen.progress[2] > seen.progress[0], String(seen.progress));
  assert.deepEqual([seen.paused, seen.resumed], ["paused", "running"]);
  assert.match(seen.ended, /cancell?ed/i);
  assert.deepEqual([seen.left, seen.nothing], [[], "command"]);
});

test("a job is followed over a lost connection, to its end", async (t) => {
  const { tab, proxy, far, vm } = await startPage(t, browser, COMPLAINTS);
  await tab.evaluate(connect, far.vm);
  await tab.evaluate(async () => {
    globalThis.job = mirror();
    globalThis.outcome = job.then(({ status }) => status, ({ kind, reason, desc }) => `${kind} ${reason}: ${desc}`);
    await running(job);
    globalThis.cut = new Promise((resolve) => vm.subscribe(({ state }) => state === "reconnecting" && resolve()));
  });
  proxy.target = undefined;
  proxy.cut();
  // It ends while nobody hears of it.
  const bystander = await tab.evaluate(
    async ({ url, token }) => {
      await cut;
      const other = await qmp.connect(url, { token });
      await other.execute("job-cancel", { id: job.id }, { until: "BLOCK_JOB_CANCELLED" });
      await other.close();
      return vm.state;
    },
    vm,
  );
  proxy.target = Number(new URL(vm.url).port);
  assert.equal(bystander, "reconnecting");
  assert.match(await tab.evaluate(() => outcome), /^job unknown: it is gone/);
});

test("a mirror that is ready is thrown away, or keeps its copy", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async () => {
    const ready = async () => {
      const job = mirror({ speed: 0 });
      for await (const { status } of job.progress({ interval: 20 })) if (status === "ready") return { job };
    };
    const { job: away } = await ready();
    await away.cancel();
    const keeps = await rejection(away).then(({ kind }) => kind);
    const { job: kept } = await ready();
    await kept.cancel({ force: false });
    return { away: keeps, kept: (await kept).status };
  });
  assert.deepEqual(seen, { away: "job", kept: "null" });
});
