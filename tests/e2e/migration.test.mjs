// Migration as a page follows it, from one real QEMU to another.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { atEnd, Browser, startQemu } from "./helpers.mjs";
import { startPage } from "./page.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/] };

/** A page with a machine, and where that can migrate to. */
async function startTwo(t) {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const uri = `unix:${path.join(folder, "incoming.sock")}`;
  const [page, incoming] = await Promise.all([startPage(t, browser, COMPLAINTS), startQemu(t, "-incoming", uri)]);
  await answers(incoming.socket);
  return { ...page, uri };
}

/** A QEMU greets before it listens for a migration, and answers after that. */
async function answers(socket) {
  const monitor = createConnection(socket);
  monitor.write('{"execute": "qmp_capabilities"}\n');
  for await (const line of createInterface(monitor)) if (line.includes('"return"')) break;
  monitor.destroy();
}

/** Connects as `vm`, with `speed`, and `running`, which waits until a migration is under way. */
function connect({ url, token, bigint }) {
  return qmp.connect(url, { token, bigint, reconnect: { base: 20 } }).then((vm) => {
    globalThis.vm = vm;
    globalThis.speed = (vm, bytes) => vm.execute("migrate-set-parameters", { "max-bandwidth": bytes });
    globalThis.running = async (job) => {
      for await (const now of job.progress({ interval: 20 })) if (now.status === "active" && now["current-progress"] > 0) return now;
    };
  });
}

test("a migration is awaited, and its progress told to the end", async (t) => {
  const { tab, vm, uri } = await startTwo(t);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async (uri) => {
    await speed(vm, 2 ** 18);
    const job = vm.job("migrate", { uri });
    const progress = [];
    for await (const now of job.progress({ interval: 20 })) {
      progress.push({ ...now, speed: typeof now.migration.ram?.mbps });
      if (now.status === "active" && now["current-progress"] > 0) await speed(vm, 2 ** 30);
    }
    const { id, type, status, migration } = await job;
    const over = [await rejection(job.cancel()), await rejection(job.finalize())];
    return { progress, id, type, status, downtime: migration.downtime, over, run: (await vm.execute("query-status")).status };
  }, uri);
  const active = seen.progress.filter((now) => now.status === "active");
  assert.ok(active.length > 0);
  for (const now of active) {
    assert.ok(now["current-progress"] <= now["total-progress"], JSON.stringify(now));
    assert.equal(now.speed, "number");
  }
  const last = seen.progress.at(-1);
  assert.deepEqual([last.status, last["current-progress"]], ["completed", last["total-progress"]]);
  assert.deepEqual([seen.id, seen.type, seen.status, typeof seen.downtime], ["migrate", "migrate", "completed", "number"]);
  assert.deepEqual(seen.over.map(({ kind }) => kind), ["state", "state"]);
  assert.equal(seen.run, "postmigrate");
});

test("a migration is cancelled, and what QEMU has no way to do is refused", async (t) => {
  const { tab, vm, uri } = await startTwo(t);
  await tab.evaluate(connect, { ...vm, bigint: "always" });
  const seen = await tab.evaluate(async (uri) => {
    await speed(vm, 2 ** 16);
    const job = vm.job("migrate", { uri });
    const { "total-progress": total } = await running(job);
    const second = await rejection(vm.job("migrate", { uri }));
    const refused = [];
    for (const order of ["pause", "resume", "complete", "finalize"]) refused.push((await rejection(job[order]())).kind);
    refused.push((await rejection(job.cancel({ force: false }))).kind);
    await job.cancel();
    return { total: typeof total, second: second.kind, refused, ended: await rejection(job), status: (await vm.execute("query-migrate")).status };
  }, uri);
  assert.deepEqual([seen.total, seen.second], ["bigint", "command"]);
  assert.deepEqual(seen.refused, ["command", "command", "command", "state", "state"]);
  const { name, kind, command, id, desc, reason } = seen.ended;
  assert.deepEqual([name, kind, command, id], ["JobError", "job", "migrate", "migrate"]);
  assert.deepEqual([desc, reason], ["Operation canceled", "cancelled"]);
  assert.equal(seen.status, "cancelled");
});

test("a migration to nowhere tells why, and one that is refused is a refused command", async (t) => {
  const { tab, vm } = await startPage(t, browser);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async () => ({
    nowhere: await rejection(vm.job("migrate", { uri: "unix:/nowhere/incoming.sock" })),
    nonsense: await rejection(vm.job("migrate", { uri: "nonsense" })),
    array: await rejection(vm.job("migrate", [1])),
  }));
  assert.equal(seen.nowhere.kind, "job");
  assert.match(seen.nowhere.desc, /nowhere/);
  assert.deepEqual([seen.nonsense.kind, seen.array.kind], ["command", "arguments"]);
});

test("a migration that waits before the switchover is completed by hand, and told of by events", async (t) => {
  const { tab, vm, uri } = await startTwo(t);
  await tab.evaluate(connect, vm);
  const seen = await tab.evaluate(async (uri) => {
    const capabilities = ["pause-before-switchover", "events"].map((capability) => ({ capability, state: true }));
    await vm.execute("migrate-set-capabilities", { capabilities });
    const waits = vm.once("MIGRATION", { where: ({ data }) => data.status === "pre-switchover" });
    const job = vm.job("migrate", { uri });
    await waits;
    await job.complete();
    return (await job).status;
  }, uri);
  assert.equal(seen, "completed");
});

test("a migration is followed over a lost connection, to its end", async (t) => {
  const { tab, proxy, far, vm, uri } = await startTwo(t);
  await tab.evaluate(connect, far.vm);
  await tab.evaluate(async (uri) => {
    await speed(vm, 2 ** 16);
    globalThis.job = vm.job("migrate", { uri });
    globalThis.outcome = job.then(({ status }) => status, ({ kind, desc }) => `${kind}: ${desc}`);
    await running(job);
    globalThis.cut = new Promise((resolve) => vm.subscribe(({ state }) => state === "reconnecting" && resolve()));
  }, uri);
  proxy.target = undefined;
  proxy.cut();
  // It ends while nobody hears of it.
  const bystander = await tab.evaluate(
    async ({ url, token }) => {
      await cut;
      const other = await qmp.connect(url, { token });
      await speed(other, 2 ** 30);
      while ((await other.execute("query-migrate")).status !== "completed");
      await other.close();
      return vm.state;
    },
    vm,
  );
  proxy.target = Number(new URL(vm.url).port);
  assert.equal(bystander, "reconnecting");
  assert.equal(await tab.evaluate(() => outcome), "completed");
});
