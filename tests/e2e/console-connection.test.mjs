// The console's machines and its connection: what a person sees of them, and what the page does by itself.

import assert from "node:assert/strict";
import { mkdir, rename } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Browser, eventually, startBridge, startPlainBridge, startQemu, startQemuAt, startTokens, startWebsockify } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

const card = ({ tab }, name) =>
  tab.getByRole("list", { name: "Machines" }).getByRole("listitem").filter({ has: tab.getByText(name, { exact: true }) });

test("machines are listed with run state and screen, as they come, change and go", async (t) => {
  const qemu = await startQemu(t, "-vga", "std");
  const spare = `${qemu.folder}/late.sock`;
  const bridge = await startBridge(t, "--vm", `web1=${qemu.socket}`, "--demo", "--vm", `late=${spare}`);
  const page = await browser.open(t, bridge.link, { expected: [/503|422/] });
  await page.tab.getByRole("heading", { name: "Machines" }).waitFor();
  await card(page, "web1").getByText("running", { exact: true }).waitFor();
  await card(page, "demo").getByText("running", { exact: true }).waitFor();
  await card(page, "demo").getByText("Simulated, without a screen").waitFor();
  await card(page, "late").getByText("down", { exact: true }).waitFor();
  await page.sees("3 machines, 2 up");

  // Its screen, as a picture of this page's own.
  const picture = card(page, "web1").locator("img");
  await picture.waitFor();
  await eventually(async () => assert.match(await picture.getAttribute("src"), /^blob:/));
  await page.tab.waitForFunction((image) => image.naturalWidth > 0, await picture.elementHandle());

  // Somebody else stops it.
  const other = await browser.open(t, new URL("#vm=web1&" + bridge.link.hash.slice(1), bridge.link));
  await other.is("running");
  await other.run("stop");
  await card(page, "web1").getByText("paused", { exact: true }).waitFor();

  const late = await startQemuAt(t, spare);
  await card(page, "late").getByText("running", { exact: true }).waitFor();
  await late.kill();
  await card(page, "late").getByText("down", { exact: true }).waitFor();
  await page.screenshot("machines");
});

test("a picture that is not needed any more takes no memory", async (t) => {
  // Nothing runs in it, and its screen stays as it is.
  const qemu = await startQemu(t, "-vga", "std", "-S");
  const bridge = await startBridge(t, "--vm", `web1=${qemu.socket}`, "--demo");
  const page = await browser.open(t, new URL("about:blank"));
  await page.tab.addInitScript(() => {
    globalThis.pictures = new Set();
    globalThis.asked = [];
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (blob) => (pictures.add(blob), createObjectURL.call(URL, blob));
    URL.revokeObjectURL = (url) => (pictures.delete([...pictures][0]), revokeObjectURL.call(URL, url));
    const { fetch } = globalThis;
    globalThis.fetch = async (what, options) => {
      const answer = await fetch(what, options);
      if (String(what).endsWith(".png")) asked.push([answer.status, options.headers.get("If-None-Match")]);
      return answer;
    };
  });
  await page.tab.goto(bridge.link.href);
  await card(page, "web1").locator("img").waitFor();
  // The same picture is not sent again.
  await page.tab.waitForFunction(() => asked.some(([status, etag]) => status === 304 && etag));
  assert.equal(await page.tab.evaluate(() => pictures.size), 1);
});

test("a machine is one click away, its link can be kept, and all machines lead back", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link, { permissions: ["clipboard-read", "clipboard-write"], expected: [/422/] });
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  await page.is("running");
  await eventually(() => assert.equal(new URL(page.tab.url()).hash, "#vm=vm1"));

  await page.tab.getByRole("link", { name: "All machines" }).click();
  await card(page, "vm1").getByText("running", { exact: true }).waitFor();
  await eventually(() => assert.equal(new URL(page.tab.url()).hash, "#machines"));
  await page.sees("1 machine, 1 up");
  await page.press("Copy link to vm1");
  await card(page, "vm1").getByText("Copied").waitFor();
  const link = await page.tab.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, new URL("#vm=vm1", bridge.link).href);
  assert.ok(!link.includes(token));

  // By the keyboard alone.
  await page.tab.getByRole("link", { name: "vm1" }).focus();
  await page.tab.keyboard.press("Enter");
  await page.is("running");
});

test("the only machine is opened at once, and the address bar names it", async (t) => {
  const { bridge } = await startMachine(t);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const page = await browser.open(t, new URL(`#token=${token}`, bridge.link));
  await page.is("running");
  await eventually(() => assert.equal(new URL(page.tab.url()).hash, "#vm=vm1"));
});

test("a bridge without machines says how to give it some, and shows those that come", async (t) => {
  const qemu = await startQemu(t);
  await mkdir(`${qemu.folder}/machines`);
  const bridge = await startBridge(t, "--vm-dir", `${qemu.folder}/machines`);
  const page = await browser.open(t, bridge.link, { expected: [/422/] });
  await page.tab.getByText("The bridge has no machines").waitFor();
  await page.screenshot("no-machines");
  await rename(qemu.socket, `${qemu.folder}/machines/web9.sock`);
  await card(page, "web9").getByText("running", { exact: true }).waitFor();
});

test("a viewer is told so, and sees no screens", async (t) => {
  const qemu = await startQemu(t, "-vga", "std");
  const tokens = await startTokens(t);
  const token = await tokens.add("--role", "viewer", "--id", "eve", "--expires", "30d");
  const bridge = await startPlainBridge(t, "--vm", `web1=${qemu.socket}`, "--demo", "--token-file", tokens.file);
  const page = await browser.open(t, new URL(`#token=${token}`, bridge.link));
  await card(page, "web1").getByText("running", { exact: true }).waitFor();
  await card(page, "web1").getByText("Your token does not show screens").waitFor();
  await page.tab.getByRole("link", { name: "web1" }).click();
  await page.is("running");
  await page.tab.getByRole("banner").getByText("viewer", { exact: true }).waitFor();

  await page.press("About this connection");
  const about = page.tab.getByRole("dialog", { name: "About this connection" });
  await about.getByText("eve", { exact: true }).waitFor();
  await eventually(async () => assert.equal(await fact(about, "Role"), "viewer"));
  await eventually(async () => assert.match(await fact(about, "Expires"), /\d{4}/));
});

test("the connection tells what it is made of", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.press("About this connection");
  const about = page.tab.getByRole("dialog", { name: "About this connection" });
  await about.getByText(/^\d+\.\d ms$/).waitFor();
  await eventually(async () => assert.match(await fact(about, "QEMU"), /^\d+\.\d+\.\d+/));
  await eventually(async () => assert.equal(await fact(about, "Offered"), "async, oob"));
  await eventually(async () => assert.match(await fact(about, "Negotiated"), /^async, oob.*any order/s));
  await eventually(async () => assert.equal(await fact(about, "Address"), `ws://${bridge.link.host}/vm/vm1/qmp`));
  await eventually(async () => assert.equal(await fact(about, "Expires"), "never"));
  await page.screenshot("about");
  await page.tab.keyboard.press("Escape");
  await about.waitFor({ state: "hidden" });
  await page.tab.getByRole("button", { name: "About this connection" }).and(page.tab.locator(":focus")).waitFor();
});

test("a machine that comes back is there again by itself, and what was missed is told", async (t) => {
  const { machine, bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link, { expected: [/WebSocket connection .* failed/] });
  await page.is("running");
  await page.run("query-version");
  await page.commands("query-version").getByText('"qemu"').waitFor();
  await machine.kill();
  await page.connectionIs("reconnecting");
  await page.sees("vm1 is down");
  // What was seen stays.
  await page.commands("query-version").getByText('"qemu"').waitFor();
  await page.screenshot("reconnecting");
  const size = page.tab.viewportSize();
  await page.tab.setViewportSize({ width: 360, height: 740 });
  await eventually(async () => assert.equal(await page.tab.evaluate(() => document.documentElement.scrollWidth), 360));
  await page.tab.setViewportSize(size);

  await startQemuAt(t, machine.socket);
  await page.connectionIs("live");
  await page.is("running");
  await page.tab.getByText(/^Connected again\. Events of the last \d+ s may have been missed\.$/).waitFor();
  // And where in the list that was.
  await page.events("Events may be missing: there was no connection for ").waitFor();
  await page.screenshot("resumed");
  await page.tab.getByRole("tab", { name: "Jobs" }).click();
  await page.tab.getByRole("tabpanel", { name: "Jobs" }).waitFor();
  await page.press("Dismiss");
  await page.tab.getByText("Connected again.").waitFor({ state: "hidden" });
  await eventually(async () => assert.equal(await page.tab.evaluate(() => document.activeElement.textContent.trim()), "Jobs"));
});

test("a bridge that does not answer is waited for, second by second, and tried at once when a person says so", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link, { expected: [/ERR_|WebSocket/] });
  await page.is("running");
  await bridge.kill();
  await page.connectionIs("reconnecting");
  await page.sees("The bridge does not answer");
  const next = page.tab.getByText(/^Trying again in \d+ s… \(try \d+\)$/);
  await next.waitFor();
  const attempt = async () => Number(/try (\d+)/.exec(await page.tab.locator("#lost-next").textContent())?.[1] ?? 0);
  const before = await attempt();
  await page.press("Retry now");
  await page.tab.waitForFunction(
    (before) => Number(/try (\d+)/.exec(document.getElementById("lost-next").textContent)?.[1] ?? 0) !== before,
    before,
  );
});

test("a machine that says nothing is in doubt", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link, { expected: [/ERR_/, /WebSocket connection .* failed/] });
  await page.is("running");
  // The bridge is what answers a sign of life.
  await bridge.kill("SIGSTOP");
  await page.tab.getByRole("status", { name: "Connection" }).getByText("unstable").waitFor({ timeout: 40_000 });
  await page.sees("vm1 does not answer");
  await page.tab.getByText(/^Nothing was heard of it for \d+ s\./).waitFor();
  await page.screenshot("unstable");
  await bridge.kill("SIGCONT");
  await page.connectionIs("live");
});

test("W2: vm for the developer tools is the same machine, by the JavaScript API", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, new URL("about:blank"));
  const told = page.tab.waitForEvent("console", (message) => message.type() === "info" && message.text().includes("vm"));
  await page.tab.goto(bridge.link.href);
  await page.is("running");
  await told;
  const { status } = await page.tab.evaluate(async () => (await vm).execute("query-status"));
  assert.equal(status, "running");
  await page.tab.evaluate(async () => (await vm).execute("stop"));
  await page.is("paused");
});

test("vm says why it is not there: behind a bridge of bytes there is one place", async (t) => {
  const qemu = await startQemu(t);
  const websockify = await startWebsockify(t, qemu.socket);
  const page = await browser.open(t, websockify.link);
  await page.is("running");
  const why = await page.tab.evaluate(() => vm.then(String, (error) => error.message));
  assert.match(why, /one client at a time/);
  await page.press("About this connection");
  const about = page.tab.getByRole("dialog", { name: "About this connection" });
  await about.getByText("Replies come in order").waitFor();
  await eventually(async () => assert.match(await fact(about, "Negotiated"), /^oob/));
});

test("the page shows itself before its program is there", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, new URL("about:blank"));
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.tab.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.tab.goto(bridge.link.href, { waitUntil: "commit" });
  await page.sees("Loading…");
  await page.tab.getByRole("heading", { name: "QMP console" }).waitFor();
  go();
  await page.is("running");
});

for (const [name, colorScheme, width] of [
  ["light", "light", 1280],
  ["dark", "dark", 1280],
  ["narrow", "light", 360],
]) {
  test(`the machines fit: ${name}`, async (t) => {
    const qemu = await startQemu(t, "-vga", "std");
    const long = "a-machine-with-a-name-that-is-rather-long.example";
    const bridge = await startBridge(t, "--demo", "--vm", `${long}=${qemu.socket}`);
    const page = await browser.open(t, bridge.link, { colorScheme, viewport: { width, height: 740 } });
    await card(page, long).locator("img").waitFor();
    const overflow = await page.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} pixels too wide`);
    await page.screenshot(`machines-${name}`);
  });
}

async function startMachine(t) {
  const machine = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${machine.socket}`);
  return { machine, bridge };
}

/** What the dialog says of this. */
async function fact(about, term) {
  const text = about.getByRole("term").filter({ hasText: new RegExp(`^${term}$`) });
  return (await text.locator("xpath=following-sibling::dd").innerText()).trim();
}
