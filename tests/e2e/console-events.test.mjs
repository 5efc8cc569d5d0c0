// Events in the console: filtered, counted, paused, opened and exported, and a flood of them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { flood } from "./flood.mjs";
import { Browser, eventually, startBridge, startScript } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("events are filtered by name and text, and counted", async (t) => {
  const { page, tell, list, count } = await openScript(t);
  for (const n of [1, 2, 3]) tell({ event: "STOP", data: { n } });
  tell({ event: "BLOCK_JOB_READY", data: { device: "drive-7" } });
  await page.events("BLOCK_JOB_READY").waitFor();
  await eventually(async () => assert.equal(await count.innerText(), "4"));

  const chip = page.tab.getByRole("button", { name: /^STOP/ }).and(page.tab.locator("[aria-pressed]"));
  await eventually(async () => assert.equal(await chip.innerText(), "STOP 3"));
  await chip.click();
  await page.events("STOP").first().waitFor({ state: "detached" });
  await eventually(async () => assert.equal(await chip.getAttribute("aria-pressed"), "false"));
  await eventually(async () => assert.equal(await count.innerText(), "1 of 4"));
  tell({ event: "STOP" });
  await page.tab.getByText("1 of 5", { exact: true }).waitFor();
  await eventually(async () => assert.equal(await page.events("").count(), 1));

  await page.press("Show all");
  await page.events("STOP").nth(3).waitFor();
  const filter = page.tab.getByRole("searchbox", { name: "Filter events" });
  await filter.fill("DRIVE-7");
  await page.events("STOP").first().waitFor({ state: "detached" });
  await eventually(async () => assert.equal(await page.events("BLOCK_JOB_READY").count(), 1));
  await filter.fill("nothing like it");
  await page.press("Show all events");
  await eventually(async () => assert.equal(await filter.inputValue(), ""));
  await page.events("STOP").nth(3).waitFor();
  // By name: all away, and one back.
  await page.press("Hide all");
  await list.getByRole("listitem").first().waitFor({ state: "detached" });
  await page.tab.getByRole("button", { name: /^BLOCK_JOB_READY/ }).focus();
  await page.tab.keyboard.press("Space");
  await page.events("BLOCK_JOB_READY").waitFor();
  await eventually(async () => assert.equal(await page.events("").count(), 1));
});

test("what comes while the list is paused is counted and shown after", async (t) => {
  const { page, tell } = await openScript(t);
  tell({ event: "FIRST" });
  await page.events("FIRST").waitFor();
  await page.press("Pause the list");
  for (const n of [1, 2, 3]) tell({ event: "LATER", data: { n } });
  await page.tab.getByRole("button", { name: "3 new" }).waitFor();
  await eventually(async () => assert.equal(await page.events("LATER").count(), 0));
  await page.press("Resume the list");
  await page.events("LATER").nth(2).waitFor();
  await eventually(async () => assert.equal(await page.tab.getByRole("button", { name: /new$/ }).count(), 0));
  await eventually(async () => assert.match(await page.events("").first().innerText(), /"n": 3/));
});

test("the data of an event is opened as a tree, and nothing moves under it", async (t) => {
  const { page, tell } = await openScript(t);
  tell({ event: "DEVICE_DELETED", data: { path: "/machine/x", list: [1, 2] } });
  await page.events("DEVICE_DELETED").getByRole("button").press("Enter");
  const tree = page.events("DEVICE_DELETED").getByRole("tree", { name: "Data" });
  await tree.getByText('"path": "/machine/x"').waitFor();
  tell({ event: "OTHER" });
  await page.tab.getByRole("button", { name: "1 new" }).click();
  await page.events("OTHER").waitFor();
  await tree.getByText('"path": "/machine/x"').waitFor();
});

test("a gap is shown as a gap", async (t) => {
  const { page, tell } = await openScript(t);
  tell({ event: "__io.github.qmp-web_LAGGED", data: { dropped: 12 } });
  await page.events("12 events are missing").waitFor();
  // Nobody filters a gap away.
  await page.tab.getByRole("searchbox", { name: "Filter events" }).fill("x");
  await page.events("12 events are missing").waitFor();
});

test("what is kept is exported as lines, and cleared", async (t) => {
  const { page, tell, count } = await openScript(t);
  tell({ event: "EXPORT_A", data: { big: "x" } });
  tell({ event: "EXPORT_B" });
  await page.events("EXPORT_B").waitFor();
  const [download] = await Promise.all([page.tab.waitForEvent("download"), page.press("Export")]);
  assert.equal(download.suggestedFilename(), "events.ndjson");
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ event, data }) => [event, data]), [["EXPORT_A", { big: "x" }], ["EXPORT_B", undefined]]);

  await page.press("Clear");
  await page.sees("Nothing has happened yet. What happens in the machine, whoever causes it, shows here.");
  await eventually(async () => assert.equal(await page.events("").count(), 0));
  tell({ event: "AFTER" });
  await page.events("AFTER").waitFor();
  await eventually(async () => assert.equal(await count.innerText(), "1"));
});

test("E6: a flood of events is counted to the last, few rows are made, and commands are answered", async (t) => {
  const { page, script, list } = await openScript(t);
  const { tasks } = await flood(page, script, { seconds: 2, rate: 5000 });
  await eventually(async () => assert.ok((await list.getByRole("listitem").count()) <= 200));
  await eventually(async () => assert.ok((await page.tab.getByRole("group", { name: "Names of events" }).getByRole("button").count()) <= 40));
  await page.press("Show older events");
  await list.getByRole("listitem").nth(399).waitFor();
  t.diagnostic(`longest tasks ${tasks.slice(0, 5).join(", ") || "under 50"} ms`);
});

async function openScript(t) {
  const script = await startScript(t);
  const bridge = await startBridge(t, "--vm", `vm1=${script.socket}`);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  const list = page.tab.getByRole("list", { name: "Events, newest first" });
  const count = page.tab.locator("#events-count");
  return { page, script, tell: script.tell, list, count };
}
