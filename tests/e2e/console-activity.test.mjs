// Jobs, migration and charts of the console, as a person meets them in front of a real QEMU.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { Browser, atEnd, eventually, startBridge, startPlainBridge, startQemu, startTokens } from "./helpers.mjs";
import { startProxy } from "./proxy.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const NULL = ["from", "to"].flatMap((name) => ["-blockdev", `driver=null-co,node-name=${name},size=${2 ** 30},read-zeroes=on`]);
const MIRROR = { device: "from", target: "to", sync: "full", speed: 2 ** 24 };
const COMPLAINTS = { expected: [/WebSocket connection to/, /Failed to load resource/] };

test("a job is seen to go, paused, resumed and cancelled, which is asked about first", async (t) => {
  const { page } = await start(t, NULL);
  await run(page, `blockdev-mirror ${json({ ...MIRROR, "job-id": "m1" })}`);
  await openTab(page, "Jobs 1");
  const job = jobs(page, "m1");
  await job.getByText("running").waitFor();
  await job.getByText("mirror").waitFor();
  await job.getByText(/\d+ % · \S+ [KM]iB of 1 GiB · \S+ MiB\/s · limit 16 MiB\/s · .* left/).waitFor();
  const bar = job.getByRole("progressbar", { name: "Progress of m1" });
  await eventually(async () => assert.ok(Number(await bar.getAttribute("value")) < 1000));

  await press(job, "Pause");
  await job.getByText("paused").waitFor();
  await eventually(async () => assert.doesNotMatch(await job.innerText(), /left|MiB\/s ·/));
  await eventually(async () => assert.equal(await button(job, "Pause").count(), 0));
  await press(job, "Resume");
  await job.getByText("running").waitFor();

  await press(job, "Cancel…");
  const sure = job.getByRole("group", { name: "Cancel?" });
  await sure.getByText(/Cancel m1\?/).waitFor();
  // The way out has the focus.
  await eventually(async () => assert.equal(await focused(page), "Let it go on"));
  await page.tab.keyboard.press("Enter");
  await sure.waitFor({ state: "hidden" });
  await button(job, "Pause").waitFor();

  // By keyboard alone.
  await button(job, "Cancel…").focus();
  await page.tab.keyboard.press("Enter");
  await button(sure, "Let it go on").and(page.tab.locator(":focus")).waitFor();
  await page.tab.keyboard.press("Tab");
  await page.tab.keyboard.press("Enter");
  await ended(page, "m1").getByText("cancelled").waitFor();
  await eventually(async () => assert.equal(await jobs(page, "m1").count(), 0));
  await page.tab.getByRole("tab", { name: "Jobs", exact: true }).waitFor();
});

test("a mirror that is ready is completed, and another keeps its copy", async (t) => {
  const { page } = await start(t, NULL);
  await openTab(page, "Jobs");
  for (const [id, order] of [
    ["m1", "Complete"],
    ["m2", "End, keep the copy"],
  ]) {
    await run(page, `blockdev-mirror ${json({ "job-id": id, device: "from", target: "to", sync: "full" })}`);
    const job = jobs(page, id);
    await job.getByText("ready").waitFor();
    await press(job, order);
    await ended(page, id).getByText("completed").waitFor();
  }
});

test("a job that waits for it is finalized, and what is concluded stays until it is dismissed", async (t) => {
  const { page } = await start(t, NULL);
  const options = { "job-id": "b1", device: "from", target: "to", sync: "full", "auto-finalize": false, "auto-dismiss": false };
  await run(page, `blockdev-backup ${json(options)}`);
  await openTab(page, "Jobs");
  const job = jobs(page, "b1");
  await job.getByText("waits to be finalized").waitFor();
  await press(job, "Finalize");
  await job.getByText("completed").waitFor();
  await eventually(async () => assert.equal(await ended(page, "b1").count(), 0));
  await press(job, "Dismiss");
  await ended(page, "b1").getByText("completed").waitFor();
});

test("why a job failed stays to be read", async (t) => {
  const { page } = await start(t, []);
  await openTab(page, "Jobs");
  await page.sees("Nothing is under way. Backups, mirrors, other jobs and migration show here, whoever starts them.");
  const create = { "job-id": "c1", options: { driver: "file", filename: "/nowhere/<b>image", size: 2 ** 20 } };
  await run(page, `blockdev-create ${json(create)}`);
  const job = jobs(page, "c1");
  await job.getByText("failed", { exact: true }).waitFor();
  await job.getByText(/nowhere.*No such file/).waitFor();
  await press(job, "Dismiss");
  await ended(page, "c1").getByText(/nowhere.*No such file/).waitFor();
});

test("a job that ended while the page was cut off is told of, and one that goes on is there again", async (t) => {
  const proxy = await startProxy(t);
  const host = `127.0.0.1:${proxy.port}`;
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const second = path.join(folder, "qmp.sock");
  const { socket } = await startQemu(t, "-qmp", `unix:${second},server=on,wait=off`);
  for (const id of ["m1", "m2"]) {
    const [device, target] = ["from", "to"].map((name) => `${name}-${id}`);
    for (const name of [device, target]) {
      await tell(second, { execute: "blockdev-add", arguments: { driver: "null-co", "node-name": name, size: 2 ** 30, "read-zeroes": true } });
    }
    await tell(second, { execute: "blockdev-mirror", arguments: { ...MIRROR, "job-id": id, device, target } });
  }
  const bridge = await startBridge(t, "--vm", `vm1=${socket}`, "--allow-host", host, "--allow-origin", `http://${host}`);
  proxy.target = Number(bridge.link.port);
  const link = new URL(bridge.link);
  link.host = host;
  const page = await browser.open(t, link, COMPLAINTS);
  await page.is("running");
  await openTab(page, "Jobs 2");
  for (const id of ["m1", "m2"]) await jobs(page, id).getByText("running").waitFor();
  proxy.down();
  await page.sees("Not connected: this is what was known before.");
  await eventually(async () => assert.equal(await button(jobs(page, "m1"), "Pause").getAttribute("aria-disabled"), "true"));
  await tell(second, { execute: "job-cancel", arguments: { id: "m1" } });
  proxy.up();
  await ended(page, "m1").getByText("gone, nobody saw how").waitFor();
  await jobs(page, "m2").getByText("running").waitFor();
  await press(jobs(page, "m2"), "Pause");
  await jobs(page, "m2").getByText("paused").waitFor();
});

test("a viewer watches jobs, and is offered nothing that acts on them", async (t) => {
  const { socket } = await startQemu(t, ...NULL);
  const tokens = await startTokens(t);
  const token = await tokens.add("--id", "eye", "--role", "viewer");
  await tell(socket, { execute: "blockdev-mirror", arguments: { ...MIRROR, "job-id": "m1" } });
  const bridge = await startPlainBridge(t, "--vm", `vm1=${socket}`, "--token-file", tokens.file);
  const link = new URL(bridge.link);
  link.hash = `token=${token}`;
  const page = await browser.open(t, link);
  await page.is("running");
  await openTab(page, "Jobs 1");
  await jobs(page, "m1").getByText("running").waitFor();
  await page.sees("Your role may watch jobs, and not act on them.");
  await eventually(async () => assert.equal(await jobs(page, "m1").getByRole("button").count(), 0));
});

test("a migration is seen to go, and cancelled", async (t) => {
  const { page } = await start(t, []);
  await run(page, 'migrate-set-parameters {"max-bandwidth": 65536}');
  // Where nobody reads, it does not end by itself.
  await run(page, 'migrate {"uri": "exec:sleep 100"}');
  await openTab(page, "Jobs 1");
  const migration = jobs(page, "Migration");
  await migration.getByText("active").waitFor();
  await migration.getByText(/\d+ % · .* of \d+ MiB · .*B\/s/).waitFor();
  await migration.getByRole("progressbar", { name: "Progress of Migration" }).waitFor();
  await press(migration, "Cancel…");
  await migration.getByText("Cancel the migration? The machine goes on here.").waitFor();
  await press(migration, "Cancel it");
  // Without capability `events`, only asking tells. QEMU waits for what it migrates to.
  await migration.getByText(/cancelling/).or(ended(page, "Migration")).first().waitFor();
});

test("a migration from one QEMU to another completes, and one to nowhere tells why each time", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const uri = `unix:${path.join(folder, "incoming.sock")}`;
  const incoming = await startQemu(t, "-incoming", uri);
  await tell(incoming.socket, { execute: "query-status" });
  const { page } = await start(t, []);
  await openTab(page, "Jobs");
  for (const times of [1, 2]) {
    await run(page, 'migrate {"uri": "unix:/nowhere/incoming.sock"}');
    await ended(page, "Migration").nth(times - 1).waitFor();
  }
  await ended(page, "Migration").first().getByText(/nowhere/).waitFor();
  await run(page, 'migrate-set-capabilities {"capabilities": [{"capability": "pause-before-switchover", "state": true}]}');
  await run(page, `migrate ${json({ uri })}`);
  const migration = jobs(page, "Migration");
  await migration.getByText("waits to be completed").waitFor();
  await press(migration, "Complete");
  await ended(page, "Migration").getByText("completed").waitFor();
  await page.is("postmigrate");
});

test("charts show what disks do, by eye, by words and moment by moment", async (t) => {
  const { page } = await start(t, ["-device", "virtio-balloon-pci", "-device", "ide-cd,id=cd0", ...(await busyDisk(t))]);
  await openTab(page, "Charts");
  for (const name of ["Throughput of hd0", "Operations of hd0"]) {
    await chart(page, name, " Read: [1-9].*, at most [1-9].* Written: [1-9].*, at most [1-9]").waitFor();
  }
  await chart(page, "Memory", " Balloon: 64 MiB").waitFor();
  await chart(page, "Command latency", " Median: .*s, at most .* 95 % within: .*s").waitFor();
  await page.sees("Nothing read or written yet: cd0.");

  const slider = page.tab.getByRole("slider", { name: "Throughput of hd0: moment" });
  await slider.focus();
  await page.tab.keyboard.press("ArrowLeft");
  await page.tab.keyboard.press("ArrowLeft");
  await page.tab.getByText("2 s ago").first().waitFor();
  await eventually(async () => assert.match(await slider.getAttribute("aria-valuetext"), /^2 s ago Read: .*, Written: /));
  await page.tab.keyboard.press("Home");
  await page.tab.getByText("1 min ago", { exact: true }).and(page.tab.locator("figcaption *")).first().waitFor();
  await eventually(async () => assert.match(await slider.getAttribute("aria-valuetext"), /^1 min ago Read: unknown, Written: unknown$/));
  await page.tab.getByRole("tab", { name: "Charts" }).focus();
  await page.tab.locator('input[aria-valuetext^="Now Read: "]').first().waitFor();

  // The pointer does the same.
  await slider.hover();
  await page.tab.getByText(/^(29|30|31) s ago$/).first().waitFor();
});

test("nothing is measured while nobody looks, and what was not measured is a gap", async (t) => {
  const { page } = await start(t, await busyDisk(t));
  const sent = [];
  page.tab.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
  await page.tab.reload();
  await page.is("running");
  const asked = (command) => sent.filter((text) => text.includes(command)).length;
  const drawn = (pattern) =>
    page.tab.waitForFunction((source) => new RegExp(source).test(document.querySelector("path[data-part=line-1]")?.getAttribute("d")), pattern);
  // Not before the charts were opened.
  await run(page, 'qom-list-types {"implements": "iothread"}');
  assert.equal(asked("query-blockstats"), 0);

  await openTab(page, "Charts");
  await drawn("^M[^M]+L[^M]+$");
  assert.ok(asked("query-blockstats") > 1);

  // As in a tab of the browser that is not in front.
  await page.tab.evaluate(() => Object.defineProperty(document, "hidden", { value: true, configurable: true }));
  await stays(page, () => asked("query-blockstats"));
  await page.tab.evaluate(() => delete document.hidden);
  await drawn("^M[^M]+M[^M]+$");

  await openTab(page, "Commands");
  await stays(page, () => asked("query-"));
});

test("where there is nothing to measure, that is said", async (t) => {
  const { page } = await start(t, []);
  await openTab(page, "Charts");
  await page.sees("This machine has no disks.");
  await page.sees("This machine has no memory balloon, which would tell.");

  const demo = await browser.open(t, (await startBridge(t, "--demo")).link);
  await demo.is("running");
  await openTab(demo, "Charts");
  await demo.sees("The demo machine is simulated: it has no disks and no memory to measure.");
  await openTab(demo, "Jobs");
  await demo.sees("The demo machine is simulated: it has no jobs, and does not migrate.");
});

/** A machine with these options, its bridge, and a page before it. */
async function start(t, options, complaints) {
  const { socket } = await startQemu(t, ...options);
  const bridge = await startBridge(t, "--vm", `vm1=${socket}`);
  const page = await browser.open(t, bridge.link, complaints);
  await page.is("running");
  return { page, socket, bridge };
}

/** A disk from which the machine boots what reads and writes it, some 18 times a second. */
async function busyDisk(t) {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const image = path.join(folder, "disk");
  const code = [
    [0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, 0xfb], // xor ax, ax; mov ds, ax; mov es, ax; sti
    [0xf4], // again: hlt, until the clock ticks
    ...[0x02, 0x03].map((order) => [
      ...[0xb8, 0x08, order, 0xbb, 0x00, 0x80], // mov ax, 8 sectors to read or write; mov bx, 0x8000
      ...[0xb9, 0x02, 0x00, 0xba, 0x80, 0x00], // mov cx, sector 2; mov dx, the first disk
      ...[0xcd, 0x13], // int 0x13
    ]),
    [0xeb, 0xe1], // jmp again
  ].flat();
  const disk = Buffer.alloc(2 ** 20);
  disk.set(code);
  disk.set([0x55, 0xaa], 510);
  await writeFile(image, disk);
  return ["-drive", `if=none,id=hd0,format=raw,file=${image}`, "-device", "virtio-blk-pci,drive=hd0"];
}

/** Tells a machine something by its own monitor, while nobody else is connected to it. */
async function tell(socket, command) {
  const monitor = createConnection(socket);
  monitor.write(`{"execute": "qmp_capabilities"}\n${json(command)}\n`);
  let answers = 0;
  for await (const line of createInterface(monitor)) {
    assert.doesNotMatch(line, /"error": \{/);
    if (line.includes('"return"') && ++answers === 2) break;
  }
  monitor.destroy();
}

function json(value) {
  return JSON.stringify(value);
}

/** Executes what a person types, and comes back to the tab that was open. */
async function run(page, line) {
  const before = await page.tab.getByRole("tab", { selected: true }).getAttribute("id");
  await openTab(page, /^Commands/);
  await page.run(line);
  await page.commands(line.split(" ")[0]).first().waitFor();
  const tab = page.tab.locator(`#${before}`);
  await tab.click();
  await tab.and(page.tab.locator("[aria-selected=true]")).waitFor();
}

async function openTab(page, name) {
  const tab = page.tab.getByRole("tab", { name });
  await tab.click();
  await tab.and(page.tab.locator("[aria-selected=true]")).waitFor();
}

function jobs(page, name) {
  return page.tab.getByRole("list", { name: "Jobs", exact: true }).getByRole("listitem").filter({ hasText: name });
}

function ended(page, name) {
  return page.tab.getByRole("list", { name: "Ended jobs, newest first" }).getByRole("listitem").filter({ hasText: name });
}

function button(within, name) {
  return within.getByRole("button", { name, exact: true });
}

async function press(within, name) {
  await button(within, name).click();
}

function focused(page) {
  return page.tab.evaluate(() => document.activeElement.textContent);
}

/** The picture of a chart, whose name begins so. */
function chart(page, name, says) {
  return page.tab.getByRole("img", { name: new RegExp(`^${name}, the last \\d min\\.${says}`) });
}

/** Sees that a number does not grow, which it would once a second. */
async function stays(page, number) {
  // What was on its way has left.
  await page.tab.waitForTimeout(1_000);
  const before = number();
  // No event tells that nothing is done: this is three times as long as it would take.
  await page.tab.waitForTimeout(3_000);
  assert.equal(number(), before);
}
