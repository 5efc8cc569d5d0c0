// Commands over time, as a person sees them: what waits, what is answered, and who overtakes whom.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, eventually, startBridge, startQemu, startWebsockify } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

async function openDemo(t, options) {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, bridge.link, options);
  await page.is("running");
  return page;
}

const openTab = (page) => page.tab.getByRole("tab", { name: "In flight" }).click();
const rows = (page, text) => page.tab.getByRole("grid", { name: "Commands over time" }).getByRole("row").filter({ hasText: text });
const short = async (row) => (await row.getByRole("gridcell").first().textContent()).trim();

test("fast commands are seen to overtake a slow one", async (t) => {
  const page = await openDemo(t);
  await page.run('x-async-sleep {"ms": 600000}');
  await openTab(page);
  const slow = rows(page, "x-async-sleep");
  await slow.getByText(/^waits /).waitFor();
  await page.tab.getByRole("tab", { name: "Commands" }).click();
  await page.run("query-name");
  await page.run("frobnicate");
  await openTab(page);
  const fast = rows(page, "query-name");
  await fast.getByText(`overtook ${await short(slow)}`).waitFor();
  await slow.getByText(`overtaken by ${await short(fast)}, ${await short(rows(page, "frobnicate"))}`).waitFor();
  await rows(page, "frobnicate").getByText(/^refused, /).waitFor();
  await page.tab.getByRole("tab", { name: "In flight 1" }).waitFor();

  // By keyboard: newest first, arrows between the rows, Enter for all of it.
  await fast.focus();
  await page.tab.keyboard.press("Home");
  await page.tab.keyboard.press("ArrowDown");
  await page.tab.keyboard.press("ArrowDown");
  await eventually(async () => assert.ok(await slow.evaluate((row) => row === document.activeElement)));
  await page.tab.keyboard.press("Enter");
  const detail = page.tab.getByRole("region", { name: "x-async-sleep" });
  await detail.getByText(`Overtaken by ${await short(fast)} query-name, ${await short(rows(page, "frobnicate"))} frobnicate.`).waitFor();
  await detail.getByLabel("Request", { exact: true }).getByText('"arguments": {"ms": 600000}').waitFor();
  await detail.getByText("No reply yet.").waitFor();
  await page.screenshot("in-flight-overtaking");
  await page.tab.keyboard.press("Escape");
  await detail.waitFor({ state: "hidden" });
  await eventually(async () => assert.ok(await slow.evaluate((row) => row === document.activeElement)));
});

test("what waits to be sent is told apart from what waits for its reply", async (t) => {
  const qemu = await startQemu(t);
  const { link } = await startWebsockify(t, qemu.socket);
  const page = await browser.open(t, link);
  await page.is("running");
  await page.run("query-version");
  await page.commands("query-version").getByText("micro").first().waitFor();
  // It answers nothing now, and takes eight.
  await qemu.kill("SIGSTOP");
  for (let i = 0; i < 8; i++) await page.run("query-name");
  await page.run("query-uuid");
  await page.run('{"exec-oob": "query-yank"}');
  await page.commands("query-uuid").getByText(/^queued/).waitFor();
  await page.commands("query-name").last().getByText(/^pending/).waitFor();
  // What is out of band is sent at once.
  await page.commands("query-yank").getByText(/^pending/).waitFor();
  await openTab(page);
  await rows(page, "query-uuid").getByText(/^queued /).waitFor();
  await rows(page, "query-uuid").getByText("not yet").waitFor();
  await rows(page, "query-yank").getByText(/^waits /).waitFor();
  await page.tab.getByRole("tab", { name: /^In flight \d+, \d+ queued$/ }).waitFor();
  await rows(page, "query-uuid").click();
  const detail = page.tab.getByRole("region", { name: "query-uuid" });
  await detail.getByText("Not sent yet").waitFor();

  await qemu.kill("SIGCONT");
  await detail.getByText('"UUID"').waitFor();
  await page.tab.getByRole("tab", { name: "In flight", exact: true }).waitFor();
  await page.tab.getByRole("tab", { name: "Commands" }).click();
  await page.commands("query-uuid").getByText('"UUID"').waitFor();
  await eventually(async () => assert.equal(await page.tab.getByText(/^(queued|pending)/).count(), 0));
});

test("what is given up before it was sent makes no room, and what was sent does when it is answered", async (t) => {
  const qemu = await startQemu(t);
  const { link } = await startWebsockify(t, qemu.socket);
  const page = await browser.open(t, link);
  await page.is("running");
  await page.run("query-version");
  await page.commands("query-version").getByText("micro").first().waitFor();
  await qemu.kill("SIGSTOP");
  for (let i = 0; i < 8; i++) await page.run("query-name");
  for (const line of ["query-uuid", "query-kvm"]) await page.run(line);
  await page.commands("query-uuid").getByText(/^queued/).waitFor();
  for (const name of ["query-uuid", "query-name"]) {
    await page.commands(name).last().getByRole("button", { name: "Stop waiting" }).click();
  }
  await page.commands("query-uuid").getByText("given up: not sent").waitFor();
  await page.commands("query-name").last().getByText("given up: may run").waitFor();
  await page.commands("query-kvm").getByText(/^queued/).waitFor();
  await qemu.kill("SIGCONT");
  await page.commands("query-kvm").getByText('"present"').waitFor();
});

test("a bar grows while its command waits, and nothing moves when none does", async (t) => {
  const page = await openDemo(t);
  await page.run("query-name");
  await page.run('x-async-sleep {"ms": 3000}');
  await openTab(page);
  await rows(page, "x-async-sleep").waitFor();
  const seen = await page.tab.evaluate(async () => {
    const grid = document.getElementById("flight-grid");
    const row = document.querySelector("#flight-rows [role=row]");
    const words = new Set();
    let changes = 0;
    const observer = new MutationObserver((all) => (changes += all.length));
    observer.observe(grid, { subtree: true, attributes: true, childList: true, characterData: true });
    const outcome = () => row.querySelector("[data-part=outcome]").textContent;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    while (/^waits/.test(outcome())) {
      words.add(outcome());
      await frame();
    }
    const grew = changes;
    observer.takeRecords();
    changes = 0;
    for (let i = 0; i < 40; i++) await frame();
    return { words: words.size, grew, idle: changes };
  });
  assert.ok(seen.words > 2 && seen.grew > 2, JSON.stringify(seen));
  assert.equal(seen.idle, 0);
});

test("a person stops waiting for a command", async (t) => {
  const page = await openDemo(t);
  await page.run('x-async-sleep {"ms": 600000}');
  await openTab(page);
  const slow = rows(page, "x-async-sleep");
  await slow.click();
  await page.press("Stop waiting");
  await slow.getByText(/^given up, /).waitFor();
  const detail = page.tab.getByRole("region", { name: "x-async-sleep" });
  await detail.getByText("You stopped waiting.").waitFor();
  await page.tab.getByRole("tab", { name: "In flight 1" }).waitFor({ state: "detached" });
  await eventually(async () => assert.equal(await page.tab.getByRole("button", { name: "Stop waiting" }).count(), 0));
  await page.press("Close this command");
  await eventually(async () => assert.ok(await slow.evaluate((row) => row === document.activeElement)));
});

test("rows are filtered by text, outcome and whose they are, on a real QEMU", async (t) => {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await openTab(page);
  await page.tab.getByText("No command has been sent yet.").waitFor();
  await page.tab.getByRole("tab", { name: "Commands" }).click();
  for (const line of ["stop", "query-version", "frobnicate", '{"exec-oob": "query-yank"}']) await page.run(line);
  await page.is("paused");
  await openTab(page);
  await rows(page, "frobnicate").getByText(/^refused/).waitFor();
  const all = () => page.tab.locator("#flight-rows [role=row]").count();
  await eventually(async () => assert.equal(await all(), 4));
  await rows(page, "query-yank").getByText("out of band").waitFor();
  await eventually(async () => assert.equal(await rows(page, "query-status").count(), 0));

  const choose = (name, value) => page.tab.getByRole("combobox", { name }).selectOption(value);
  await choose("Whose commands", "Everybody’s");
  await rows(page, "query-status").first().getByText("page", { exact: true }).waitFor();
  await choose("Whose commands", "Yours");
  await choose("Outcome", "Refused");
  await rows(page, "query-version").waitFor({ state: "detached" });
  await eventually(async () => assert.equal(await all(), 1));
  await choose("Outcome", "Any outcome");
  await page.tab.getByRole("searchbox", { name: "Filter by text" }).fill("QUERY-ver");
  await rows(page, "frobnicate").waitFor({ state: "detached" });
  await eventually(async () => assert.equal(await all(), 1));
  await rows(page, "query-version").click();
  const detail = page.tab.getByRole("region", { name: "query-version" });
  await detail.getByText('"major"').waitFor();
  await page.tab.getByRole("searchbox", { name: "Filter by text" }).fill("nothing like this");
  await page.tab.getByText("No command fits what is chosen above.").waitFor();
});

test("the time axis stands still where it is told to, and follows again", async (t) => {
  const page = await openDemo(t);
  await page.run("query-name");
  await openTab(page);
  await rows(page, "query-name").waitFor();
  const follow = page.tab.getByRole("button", { name: "Follow" });
  await page.tab.getByRole("combobox", { name: "Time shown" }).selectOption("10 seconds");
  await follow.click();
  await page.tab.locator("#flight-follow[aria-pressed=false]").waitFor();
  await page.tab.getByRole("tab", { name: "Commands" }).click();
  await page.run("query-version");
  await page.commands("query-version").getByText("major").waitFor();
  await openTab(page);
  await rows(page, "query-name").waitFor();
  await eventually(async () => assert.equal(await rows(page, "query-version").count(), 0));
  await follow.click();
  await rows(page, "query-version").waitFor();
  await page.tab.locator("#flight-follow[aria-pressed=true]").waitFor();
});

test("the time axis is moved, by buttons and keys", async (t) => {
  const page = await openDemo(t);
  await page.tab.goto(new URL("#record", page.tab.url()).href);
  await page.connectionIs("recorded");
  const lines = ['{"format":"qmp-web-trace","version":1}'];
  for (const [i, name] of ["x-first", "x-middle", "x-last"].entries()) {
    const time = 1_760_000_000_000 + i * 7_000;
    lines.push(`{"time":${time},"kind":"sent","message":{"execute":"${name}","id":${i}}}`);
    lines.push(`{"time":${time + 10},"kind":"received","message":{"return":{},"id":${i}}}`);
  }
  const file = { name: "x.ndjson", mimeType: "text/plain", buffer: Buffer.from(`${lines.join("\n")}\n`) };
  await page.tab.getByLabel("Choose a file").setInputFiles(file);
  await rows(page, "x-first").waitFor();
  // All of it has nothing before.
  await eventually(async () => assert.equal(await page.tab.getByRole("button", { name: "Earlier" }).getAttribute("aria-disabled"), "true"));
  await page.tab.getByRole("combobox", { name: "Time shown" }).selectOption("10 seconds");
  await rows(page, "x-first").waitFor({ state: "detached" });
  await rows(page, "x-middle").waitFor();
  await page.press("Earlier");
  await rows(page, "x-last").waitFor({ state: "detached" });
  await rows(page, "x-middle").focus();
  await page.tab.keyboard.press("ArrowLeft");
  await rows(page, "x-first").waitFor();
  await page.press("Later");
  await page.press("Later");
  await rows(page, "x-last").waitFor();
  await page.tab.locator("#flight-follow[aria-pressed=true]").waitFor();
});

test("request and reply are copied", async (t) => {
  const page = await openDemo(t, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.run("query-name");
  await openTab(page);
  await rows(page, "query-name").click();
  await page.press("Copy reply");
  await page.tab.getByText("Copied").waitFor();
  await eventually(async () => assert.deepEqual(JSON.parse(await page.tab.evaluate(() => navigator.clipboard.readText())), { name: "demo machine" }));
});

test("thousands of commands leave a few hundred rows", async (t) => {
  const page = await openDemo(t);
  await openTab(page);
  await page.tab.evaluate(async () => {
    document.getElementById("commands-tab").click();
    const input = document.getElementById("command");
    for (let i = 0; i < 300; i++) {
      input.value = "query-name";
      input.form.requestSubmit();
    }
  });
  await openTab(page);
  await page.tab.getByText("The newest 200 of 300.").waitFor();
  await eventually(async () => assert.equal(await page.tab.locator("#flight-rows [role=row]").count(), 200));
});

for (const [name, colorScheme, width, height] of [
  ["wide", "light", 1440, 900],
  ["dark", "dark", 1440, 900],
  ["narrow", "light", 360, 740],
]) {
  test(`it fits: ${name}`, async (t) => {
    const page = await openDemo(t, { colorScheme, viewport: { width, height } });
    await page.run('x-async-sleep {"ms": 1000}');
    for (const line of ["query-name", "stop", "frobnicate"]) await page.run(line);
    await openTab(page);
    await rows(page, "x-async-sleep").getByText(/^\d+\.\d s$/).waitFor();
    await rows(page, "x-async-sleep").click();
    const overflow = await page.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} pixels too wide`);
    await page.screenshot(`in-flight-${name}`);
  });
}
