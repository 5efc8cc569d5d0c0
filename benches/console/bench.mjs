// Measures the built console in Chromium, in front of a real bridge: how soon it is of use to somebody who has never been there,
// and what a flood of events does to it. It writes what was measured to $QMP_BENCH_SAMPLES. What the numbers should be is not
// known here.

import { writeFile } from "node:fs/promises";
import { flood } from "../../tests/e2e/flood.mjs";
import { Browser, program, startBridge, startQemu, startScript } from "../../tests/e2e/helpers.mjs";

const ROUNDS = 20;
const FLOOD = { seconds: 60, rate: 5000 };

const browser = new Browser();
await browser.launch();
try {
  const samples = { ...(await during(open)), ...(await during(drown)) };
  await writeFile(program("QMP_BENCH_SAMPLES"), JSON.stringify(samples));
} finally {
  await browser.close();
}

/** The console of a machine, opened again and again: what each time took since the link was followed, in milliseconds. */
async function open(t) {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const rounds = [];
  // The first also starts processes of the browser.
  for (let round = 0; round <= ROUNDS; round += 1) rounds.push(await during((t) => openOnce(t, bridge.link)));
  const of = (name) => rounds.slice(1).map((round) => round[name]);
  return Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, of(name)]));
}

async function openOnce(t, link) {
  const page = await browser.open(t, new URL("about:blank"));
  await page.tab.addInitScript(watch);
  await page.tab.goto(link.href, { waitUntil: "commit" });
  await page.tab.waitForFunction(() => seen.live, undefined, { polling: "raf" });
  await page.run("query-status");
  await page.tab.waitForFunction(() => seen.answer, undefined, { polling: "raf" });
  const { seen, paint, urls } = await page.tab.evaluate(() => ({
    seen,
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    urls: performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => /\.(css|js|svg|wasm)$/.test(name)),
  }));
  return { paint, ...seen, bytes: await page.tab.evaluate(fetchAll, urls) };
}

/** Notes in the page when it has come how far: what drives a browser hears of it later. */
function watch() {
  globalThis.seen = {};
  const look = () => {
    const connection = document.getElementById("connection")?.textContent;
    if (!connection) return;
    const note = (name, is) => is && (seen[name] ??= performance.now());
    note("program", connection !== "loading");
    note("live", connection === "live");
    note("answer", document.getElementById("commands")?.textContent.includes('"running"'));
  };
  new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
}

/** How long the page, which has nothing to do any more, takes to fetch the same bytes, all at once and from no cache. */
async function fetchAll(urls) {
  const begun = performance.now();
  await Promise.all(urls.map(async (url) => (await fetch(url, { cache: "no-store" })).arrayBuffer()));
  return performance.now() - begun;
}

/** A flood of events: the longest task of the page's main thread, the time that a command took, and the growth of its memory. */
async function drown(t) {
  const script = await startScript(t);
  const bridge = await startBridge(t, "--vm", `vm1=${script.socket}`);
  const page = await browser.open(t, new URL("about:blank"));
  await page.tab.addInitScript(() => {
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (...program) => {
      const made = await instantiateStreaming.apply(WebAssembly, program);
      globalThis.memory = made.instance.exports.memory;
      return made;
    };
  });
  await page.tab.goto(bridge.link.href);
  await page.is("running");
  const devtools = await page.tab.context().newCDPSession(page.tab);
  const heap = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    return page.tab.evaluate(() => [performance.memory.usedJSHeapSize, memory.buffer.byteLength].map((bytes) => bytes / 2 ** 20));
  };
  const before = await heap();
  const { sent, took, command, tasks } = await flood(page, script, FLOOD);
  const after = await heap();
  const grown = after.map((mib, i) => Math.max(0, mib - before[i]));
  // What is shorter than 50 ms is not told.
  return { rate: [(sent / took) * 1000], task: [tasks[0] ?? 50], command: [command], heap: [grown[0]], memory: [grown[1]] };
}

/** Does it as a test would: what it starts ends with it. */
async function during(what) {
  const ends = [];
  try {
    return await what({ after: (end) => ends.push(end) });
  } finally {
    for (const end of ends) await end();
  }
}
