// The page that shows the whole API, as a developer tries it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { Browser, startBridge, startQemu } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

async function open(t, { hash, ...options } = {}) {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const link = new URL(bridge.link);
  link.pathname = "/lite.html";
  const token = new URLSearchParams(link.hash.slice(1)).get("token");
  link.hash = hash ?? link.hash;
  const page = await browser.open(t, link, options);
  const says = (name, text) => page.tab.getByRole("status", { name }).getByText(text).waitFor();
  const replies = (text) => page.tab.getByLabel("Reply").getByText(text).waitFor();
  return { page, tab: page.tab, says, replies, token };
}

test("W5: the token leaves the address, and a reload finds it", async (t) => {
  const { tab, says } = await open(t);
  for (let round = 0; round < 2; round++) {
    await says("State", "live: running");
    assert.equal(new URL(tab.url()).hash, "#vm=vm1");
    await tab.reload();
  }
});

test("without a token it asks for one, and of a wrong one it says that it is wrong", async (t) => {
  const { tab, says, token } = await open(t, { hash: "#vm=vm1", expected: [/401/, /WebSocket connection .* failed/, /the token is not valid/] });
  await says("State", "a token is needed");
  for (const [shown, state] of [
    ["wrong-wrong-wrong-wrong", /the token is not valid/],
    [token, "live: running"],
  ]) {
    await tab.getByLabel("Token").fill(shown);
    await tab.getByRole("button", { name: "Connect", exact: true }).click();
    await says("State", state);
    if (shown !== token) await tab.reload();
  }
  await tab.getByLabel("Token").waitFor({ state: "hidden" });
});

test("commands, events and the run state", async (t) => {
  const { page, tab, says, replies } = await open(t);
  await says("State", "live: running");
  await says("Machine", /^QEMU \d+\.\d+\.\d+, async and oob$/);
  await page.press("Execute");
  await replies('"status": "running"');
  await page.press("Pause or continue");
  await says("State", "live: paused");
  await tab.getByRole("list", { name: "Events" }).getByText("STOP {}").waitFor();
  await tab.getByLabel("Command").fill("device_del");
  await tab.getByText("id: string").waitFor();
  await tab.getByLabel("Arguments").fill('{ "id": "nothing" }');
  await page.press("Execute");
  await replies("DeviceNotFound: Device 'nothing' not found");
  await tab.getByLabel("Command").fill("query-yank");
  await tab.getByLabel("Arguments").fill("{}");
  await tab.getByLabel("out of band").check();
  await page.press("Execute");
  await replies("[");
  assert.ok((await tab.locator("#names option").count()) > 200);
  await page.screenshot("lite");
});

test("a job, to its end and cancelled", async (t) => {
  const { page, says } = await open(t);
  await page.press("Copy a disk");
  await says("Job", "running");
  await page.press("Cancel");
  await says("Job", /cancell?ed/i);
  await page.press("Copy a disk");
  await says("Job", "done: null");
});

test("the trace is saved, and the end of the connection is told", async (t) => {
  const { page, tab, says } = await open(t);
  await says("State", "live: running");
  const [download] = await Promise.all([tab.waitForEvent("download"), tab.getByText("Save what went over the wire").click()]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines[0].format, "qmp-web-trace");
  assert.ok(lines.some(({ message }) => message?.QMP) && lines.some(({ command }) => command === "query-qmp-schema"));
  await page.press("Reconnect");
  await tab.getByRole("list", { name: "Diagnostics" }).getByText("resumed").waitFor();
  await says("State", "live: running");
  await page.press("Close");
  await says("State", "closed");
  await tab.getByRole("list", { name: "Diagnostics" }).getByText("closed: 1000").waitFor();
});
