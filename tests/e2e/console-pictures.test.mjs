// How the console looks, beside kept pictures of it, light and dark, wide and narrow. Characters are boxes in them: they are
// of layout, areas, colours and marks, and what the words are is asserted elsewhere. CONTRIBUTING.md says how to make them anew.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { boxes } from "./boxes.mjs";
import { Browser, startBridge, startScript } from "./helpers.mjs";

const browser = new Browser();
// Not as the settings of the computer want it.
before(() => browser.launch("--font-render-hinting=none", "--force-color-profile=srgb"));
after(() => browser.close());

const KEPT = path.join(import.meta.dirname, "pictures");
const FOUND = path.resolve(import.meta.dirname, "../../target/e2e/pictures");
const ANEW = process.env.QMP_PICTURES === "anew";
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };
/** What may differ is less than the dot of a badge. */
const DIFFERENT = 20;
const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);

test("pictures: who comes without a token, or to a machine that is not there", async (t) => {
  const bridge = await startBridge(t, "--vm", "web1=/nonexistent/qmp.sock", "--vm", "web2=/nonexistent/qmp.sock");
  const stranger = await open(t, new URL("/", bridge.link), { expected: [/401/] });
  await stranger.connectionIs("token needed");
  await look(t, stranger, "token-needed");

  const machines = await open(t, bridge.link);
  await machines.sees("2 machines, 0 up");
  await look(t, machines, "machines");

  const refused = await open(t, new URL(`#vm=web3&${bridge.link.hash.slice(1)}`, bridge.link));
  await refused.sees("There is no machine web3");
  await look(t, refused, "refused");
});

test("pictures: recorded sessions", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await open(t, new URL("#record", bridge.link));
  await page.tab.getByLabel("Choose a file").waitFor();
  await look(t, page, "record-choice");

  const tour = await open(t, new URL("#record=tour.ndjson", bridge.link));
  await showAll(tour);
  await turnTo(tour, "Commands");
  await look(t, tour, "commands");

  const overtaking = await open(t, new URL("#record=overtaking.ndjson", bridge.link));
  await showAll(overtaking);
  await overtaking.tab.getByRole("row").filter({ hasText: "ms=6000" }).click();
  await overtaking.tab.getByRole("region", { name: "x-async-sleep" }).waitFor();
  await look(t, overtaking, "in-flight", panel(overtaking));
});

test("pictures: jobs", async (t) => {
  const job = { type: "mirror", "current-progress": 0, "total-progress": 2 ** 30 };
  const jobs = [
    { ...job, id: "copy", status: "running", "current-progress": 2 ** 28 },
    { ...job, id: "held", status: "paused", "current-progress": 2 ** 29 },
    { ...job, id: "full", status: "ready", "current-progress": 2 ** 30 },
    { ...job, id: "ill", type: "backup", status: "concluded", error: "No space left on device" },
  ];
  const { page } = await openScript(t, { "query-jobs": jobs, "query-block-jobs": [], "query-migrate": {} });
  await turnTo(page, /^Jobs/);
  await page.tab.getByText("No space left on device").waitFor();
  await page.tab.getByRole("progressbar").nth(2).waitFor();
  await look(t, page, "jobs", panel(page));
});

test("pictures: charts", async (t) => {
  const counts = { rd_operations: 0, wr_operations: 0, rd_bytes: 0, wr_bytes: 0 };
  let page;
  let asked = 0;
  // Time goes on with each answer, and stands after the last. What the page asked at first is long ago then.
  const stats = async () => {
    if (asked === SETTLING + MEASURED) return null;
    asked += 1;
    if (asked < SETTLING) return [];
    await page.tab.evaluate((ms) => void (passed += ms), asked === SETTLING ? 600_000 : 1000);
    counts.rd_operations += 100 + 10 * (asked % 7);
    counts.wr_operations += asked;
    counts.rd_bytes += 2 ** 20 * (1 + (asked % 5));
    counts.wr_bytes += 2 ** 16 * asked;
    return [{ device: "disk0", stats: counts }];
  };
  ({ page } = await openScript(t, { "query-blockstats": stats }));
  await page.tab.evaluate(() => hurry());
  await turnTo(page, "Charts");
  await page.tab.getByRole("slider").first().waitFor();
  while (asked < SETTLING + MEASURED) await delay(50);
  await look(t, page, "charts", panel(page));
});

test("pictures: events", async (t) => {
  const { page, tell } = await openScript(t);
  tell({ event: "STOP" });
  tell({ event: "RESUME" });
  tell({ event: "__io.github.qmp-web_LAGGED", data: { dropped: 12 } });
  tell({ event: "RESET", data: { guest: true, reason: "guest-reset" } });
  tell({ event: "BLOCK_IO_ERROR", data: { device: "disk0", "node-name": "disk0", operation: "write", nospace: true } });
  tell({ event: "STOP" });
  await page.events("BLOCK_IO_ERROR").getByRole("button").click();
  await page.events("BLOCK_IO_ERROR").getByRole("tree", { name: "Data" }).waitFor();
  await page.tab.getByRole("button", { name: /^RESUME/ }).and(page.tab.locator("[aria-pressed]")).click();
  await page.events("RESUME").waitFor({ state: "detached" });
  await look(t, page, "events", page.tab.getByRole("region", { name: "Events" }));
});

/** A page of boxes. With a `start` its clock stands there. */
async function open(t, link, { start, ...complaints } = {}) {
  const page = await browser.open(t, new URL("about:blank"), {
    deviceScaleFactor: 1,
    locale: "en-GB",
    reducedMotion: "reduce",
    timezoneId: "UTC",
    viewport: SIZES.wide,
    ...complaints,
  });
  const arranged = ([font, start]) => {
    const sheet = new CSSStyleSheet();
    const [letters, moves] = ["font-family: Boxes !important; font-synthesis: none !important;", "animation: none !important; transition: none !important;"];
    sheet.replaceSync(`*, ::before, ::after, ::placeholder { ${letters} ${moves} }`);
    document.adoptedStyleSheets.push(sheet);
    document.fonts.add(new FontFace("Boxes", new Uint8Array(font).buffer));
    if (start) {
      globalThis.passed = 0;
      performance.now = () => passed;
      Object.defineProperty(performance, "timeOrigin", { value: start });
    }
    // What waits for a second need not.
    globalThis.hurry = () => {
      const { setTimeout } = globalThis;
      globalThis.setTimeout = (then, ms, ...args) => setTimeout(then, ms === 1000 ? 10 : ms, ...args);
    };
  };
  await page.tab.addInitScript(arranged, [[...boxes()], start]);
  await page.tab.goto(link.href);
  return page;
}

/** The same with a machine that says what it is told to. */
async function openScript(t, answers) {
  const { socket, tell } = await startScript(t, answers);
  const bridge = await startBridge(t, "--vm", `web1=${socket}`, "--rate-limit", "0");
  const page = await open(t, bridge.link, { start: NOW });
  await page.is("running");
  return { page, tell };
}

async function showAll(page) {
  await page.tab.getByRole("region", { name: "Recorded session" }).waitFor();
  await page.press("Show all");
  await page.tab.locator("#recorded-all[aria-disabled=true]").waitFor();
}

const turnTo = (page, name) => page.tab.getByRole("tab", { name }).click();
const panel = (page) => page.tab.getByRole("tabpanel");

/** Compares the page as it is, or a part of it, in each light and width. */
async function look(t, { tab }, view, part) {
  const shoot = () => (part ? part.screenshot() : tab.screenshot({ fullPage: true }));
  // Nothing is under the pointer, and nothing has the focus.
  await tab.mouse.move(0, 0);
  await tab.evaluate(() => document.activeElement.blur());
  for (const [size, viewport] of Object.entries(SIZES)) {
    await tab.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"]) {
      await tab.emulateMedia({ colorScheme });
      await tab.evaluate(() => document.fonts.ready);
      const name = `${view}-${colorScheme}-${size}.png`;
      await t.test(name, () => (ANEW ? keep(shoot, name) : compare(shoot, name)));
    }
  }
  await tab.setViewportSize(SIZES.wide);
}

async function keep(shoot, name) {
  let [before, now] = [, await shoot()];
  // What comes late is part of it.
  for (let same = 0; same < 3; same = before.equals(now) ? same + 1 : 0) {
    await delay(100);
    [before, now] = [now, await shoot()];
  }
  await mkdir(KEPT, { recursive: true });
  await writeFile(path.join(KEPT, name), PNG.sync.write(PNG.sync.read(now), { colorType: 2, deflateLevel: 9, filterType: 0, deflateStrategy: 0 }));
}

/** Asserts that it looks as it is kept, soon. */
async function compare(shoot, name) {
  const kept = PNG.sync.read(await readFile(path.join(KEPT, name)));
  const size = ({ width, height }) => `${width}×${height}`;
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const picture = PNG.sync.read(await shoot());
    const diff = new PNG({ width: kept.width, height: kept.height });
    const different =
      size(picture) === size(kept)
        ? pixelmatch(kept.data, picture.data, diff.data, kept.width, kept.height, { threshold: 0.02 })
        : undefined;
    if (different <= DIFFERENT) return;
    if (performance.now() < deadline) {
      await delay(100);
      continue;
    }
    const [actual, shown] = ["actual", "diff"].map((kind) => path.join(FOUND, name.replace(".png", `-${kind}.png`)));
    await mkdir(FOUND, { recursive: true });
    await writeFile(actual, PNG.sync.write(picture));
    if (different === undefined) assert.fail(`${name} is ${size(kept)}, and it is ${size(picture)}: ${actual}`);
    await writeFile(shown, PNG.sync.write(diff));
    assert.fail(`${different} pixels are not as in ${name}: ${actual}, ${shown}`);
  }
}

/** How often the charts ask until nothing else is asked, and until there is something to see. */
const [SETTLING, MEASURED] = [10, 40];
/** How long a page may take until it is as it should, in milliseconds. */
const PATIENCE = 3000;
