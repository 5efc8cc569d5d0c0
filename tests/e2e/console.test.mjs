// The console in front of the bridge: what a person can do, and what the page says when something goes wrong.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, eventually, startBridge, startQemu, startScript, startTokens } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("stop and continue", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.connectionIs("live");
  await page.sees("async, oob");

  await page.run("stop");
  await page.events("STOP").waitFor();
  await page.is("paused");
  await page.commands("stop").getByText("{}").waitFor();

  await page.press("Resume");
  await page.events("RESUME").waitFor();
  await page.is("running");
  await eventually(async () => assert.match(await page.tab.title(), /^running · vm1/));
});

test("what is typed in whatever form is executed, and what QEMU says is shown", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link);
  await page.is("running");

  await page.run("frobnicate");
  await page.commands("frobnicate").getByText("CommandNotFound").waitFor();

  await page.run('qom-list-types {"implements": "isa-ipmi-bt", "abstract": false}');
  await page.commands("isa-ipmi-bt").getByText("[", { exact: false }).first().waitFor();

  await page.run('{"exec-oob": "migrate-pause"}');
  await page.commands("migrate-pause").getByText("out of band").waitFor();
  await page.commands("migrate-pause").getByText("GenericError").waitFor();

  await page.run("eject cd0");
  await page.tab.getByRole("alert").getByText("Expected name=value").waitFor();
  await eventually(async () => assert.equal(await page.input.inputValue(), "eject cd0"));

  await page.input.press("ArrowUp");
  await eventually(async () => assert.equal(await page.input.inputValue(), '{"exec-oob": "migrate-pause"}'));
  await page.input.press("ArrowDown");
  await eventually(async () => assert.equal(await page.input.inputValue(), "eject cd0"));
});

test("integers are shown to the digit", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.run('object-add {"qom-type": "iothread", "id": "t", "poll-max-ns": 9007199254740993}');
  await page.run('qom-get {"path": "/objects/t", "property": "poll-max-ns"}');
  await page.commands("qom-get").getByText("9007199254740993", { exact: true }).waitFor();
});

test("what a machine says is text, whatever it looks like", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.run('{"execute": "<img src=x onerror=alert(1)>\u202e"}');
  await page.commands("<img").getByText("CommandNotFound").waitFor();
  await eventually(async () => assert.equal(await page.commands("<img").getByRole("img").count(), 0));
});

test("E6: what an event says is text, however hostile and long, and the page stays whole", async (t) => {
  const hostile = ["</script><img src=x onerror=alert(1)>", "\u202egnorw", "nul\u0000nul", "a\r\nb\u2028c", "x".repeat(1 << 20)];
  const { socket, tell } = await startScript(t);
  const bridge = await startBridge(t, "--vm", `vm1=${socket}`);
  const page = await browser.open(t, bridge.link, { viewport: { width: 800, height: 600 } });
  await page.is("running");
  for (const [number, text] of hostile.entries()) {
    tell({ event: text, data: { number } });
    // The bridge drops what comes behind a mebibyte that waits.
    await page.events(`"number": ${number}`).waitFor();
    tell({ event: `IN_DATA_${number}`, data: { [text]: text.slice(0, 1 << 19) } });
    await page.events(`IN_DATA_${number}`).waitFor();
  }
  await page.events("</script><img src=x onerror=alert(1)>").first().waitFor();
  await eventually(async () => assert.equal(await page.tab.getByRole("img").count(), 0));
  const overflow = await page.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} pixels too wide`);
  await page.run("query-status");
  await page.commands("query-status").getByText('"running"').waitFor();
});

test("replies come in any order", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, bridge.link);
  await page.is("running");
  await page.sees("demo machine, simulated");

  await page.run('x-async-sleep {"ms": 2000}');
  await page.run("query-status");
  await page.commands("query-status").getByText('"status": "running"').waitFor();
  await eventually(async () => assert.equal(await page.commands("x-async-sleep").getByText("pending").count(), 1));
  await page.commands("x-async-sleep").getByText("{}").waitFor();
});

test("everybody sees what one does", async (t) => {
  const { bridge } = await startMachine(t);
  const [one, other] = [await browser.open(t, bridge.link), await browser.open(t, bridge.link)];
  await one.is("running");
  await other.is("running");
  await one.press("Pause");
  await other.events("STOP").waitFor();
  await other.is("paused");
  await eventually(async () => assert.equal(await other.commands("").count(), 0));
});

test("a machine that dies leaves nothing pending", async (t) => {
  const { bridge, qemu } = await startMachine(t);
  const page = await browser.open(t, bridge.link, { expected: [/WebSocket connection .* failed/] });
  await page.is("running");
  await qemu.kill("SIGSTOP");
  await page.run("query-block");
  await page.commands("query-block").getByText("pending").waitFor();

  await qemu.kill();
  await page.connectionIs("reconnecting");
  await page.tab.getByRole("alert").getByText("code 4404").waitFor();
  await page.commands("query-block").getByText("lost: may have run").waitFor();
  await eventually(async () => assert.equal(await page.tab.getByText("pending").count(), 0));
  await page.is("unknown");
  await page.screenshot("lost");

  await page.press("Retry now");
  await page.sees("vm1 is down");
});

test("a bridge that stops says so, and one that is gone is not taken for a machine that is gone", async (t) => {
  const { bridge } = await startMachine(t);
  const page = await browser.open(t, bridge.link, { expected: [/ERR_/, /WebSocket connection .* failed/] });
  await page.is("running");
  await bridge.kill("SIGTERM");
  await page.connectionIs("reconnecting");
  await page.tab.getByRole("alert").getByText("code 1001").waitFor();
  await page.press("Retry now");
  await page.sees("The bridge does not answer");
});

test("a machine that somebody else holds is busy", async (t) => {
  const { qemu, bridge: first } = await startMachine(t);
  const page = await browser.open(t, first.link);
  await page.is("running");
  const second = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  const late = await browser.open(t, second.link, { expected: [/WebSocket connection .* failed/] });
  await late.sees("vm1 is busy");
  await late.screenshot("busy");
});

test("a program that cannot be loaded is told", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, new URL("about:blank"), { expected: [/ERR_FAILED/] });
  await page.tab.route("**/*.wasm", (route) => route.abort());
  await page.tab.goto(bridge.link.href);
  await page.tab.getByRole("alert").getByText("The console does not run").waitFor();
});

test("the token stays out of sight", async (t) => {
  const { bridge } = await startMachine(t);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const requests = [];
  const page = await browser.open(t, new URL("about:blank"));
  page.tab.on("request", (request) => requests.push(request.url(), request.headers().referer ?? ""));
  await page.tab.goto(bridge.link.href);
  await page.is("running");
  await eventually(() => assert.equal(new URL(page.tab.url()).hash, "#vm=vm1"));

  await page.tab.reload();
  await page.is("running");
  const kept = await page.tab.evaluate(() => [location.href, JSON.stringify(localStorage), document.cookie]);
  assert.equal([...kept, ...requests].filter((text) => text.includes(token)).length, 0);
});

test("W5: the token leaves the address before anything is asked, and is kept by the tab alone", async (t) => {
  const { bridge } = await startMachine(t);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const page = await browser.open(t, new URL("about:blank"));
  const sent = [];
  page.tab.on("request", async (request) => sent.push(request.url(), JSON.stringify(await request.allHeaders())));
  // Where the page is whenever it asks for something, and what the history has by then.
  await page.tab.addInitScript(() => {
    globalThis.asked = [];
    const note = (what) => asked.push([String(what), location.href, history.length, JSON.stringify(history.state)]);
    const { fetch, WebSocket } = globalThis;
    globalThis.fetch = (what, ...rest) => (note(what), fetch(what, ...rest));
    globalThis.WebSocket = class extends WebSocket {
      constructor(url, ...rest) {
        note(url);
        super(url, ...rest);
      }
    };
  });
  await page.tab.goto(bridge.link.href);
  await page.is("running");
  const asked = await page.tab.evaluate(() => asked);
  const what = asked.map(([url]) => url);
  const first = what.indexOf("/api/session");
  assert.ok(first >= 0 && first < what.indexOf("/api/vms") && what.some((url) => url.startsWith("ws:")), `${what}`);
  assert.equal(what.filter((url) => !url.endsWith(".wasm"))[0], "/api/session");
  for (const [url, href, length, state] of asked.slice(first)) {
    assert.equal(new URL(href).hash, "#vm=vm1", url);
    // about:blank and the console: the address was replaced.
    assert.equal(length, 2, url);
    assert.equal(state, "null", url);
  }
  const kept = await page.tab.evaluate(() => ({
    session: JSON.stringify(sessionStorage),
    elsewhere: [JSON.stringify(localStorage), document.cookie, document.documentElement.outerHTML, document.referrer],
  }));
  assert.ok(kept.session.includes(token));
  assert.deepEqual(kept.elsewhere.filter((text) => text.includes(token)), []);
  await page.tab.goBack();
  await page.tab.goForward();
  await page.is("running");
  await eventually(() => assert.ok(!page.tab.url().includes(token)));
  // It is in no URL and no Referer, only where it is shown to the bridge.
  const headers = sent.filter((text) => text.includes(token));
  assert.ok(headers.length > 0 && headers.every((text) => text.includes(`"authorization":"Bearer ${token}"`)), `${headers}`);
  assert.deepEqual(sent.filter((text) => /"referer":"[^"]/.test(text)), []);
});

test("W5: a token does not stay in the address of a console that cannot be loaded", async (t) => {
  const bridge = await startBridge(t, "--demo");
  const page = await browser.open(t, new URL("about:blank"), { expected: [/ERR_FAILED/] });
  await page.tab.route("**/*.wasm", (route) => route.abort());
  await page.tab.goto(bridge.link.href);
  await page.tab.getByRole("alert").getByText("The console does not run").waitFor();
  await eventually(() => assert.equal(new URL(page.tab.url()).hash, ""));
});

test("W5: a link for one use opens the console once", async (t) => {
  const tokens = await startTokens(t);
  const made = new URL(await tokens.add("--once", "--vm", "demo", "--id", "link"));
  const bridge = await startBridge(t, "--demo", "--vm", "other=/nonexistent/qmp.sock", "--token-file", tokens.file);
  // Which port is free was not known before.
  const link = new URL(made.hash, bridge.link);
  const token = new URLSearchParams(link.hash.slice(1)).get("token");
  const page = await browser.open(t, link);
  await page.is("running");
  const kept = await page.tab.evaluate(() => sessionStorage.getItem("qmp-token"));
  assert.ok(kept && kept !== token);
  // What the tab has is good for as long as the session.
  await page.tab.reload();
  await page.is("running");
  await eventually(async () => assert.equal(await page.tab.getByRole("link", { name: "All machines" }).isVisible(), false));

  const late = await browser.open(t, link, { expected: [/401/] });
  await late.connectionIs("token needed");
  await late.tab.getByRole("alert").getByText("This link was used already").waitFor();
  await eventually(() => assert.ok(!late.tab.url().includes(token)));
  assert.equal(await late.tab.evaluate(() => sessionStorage.length), 0);
  await late.screenshot("link-used");

  await tokens.run("revoke", "link");
  await page.connectionIs("lost");
  await page.tab.getByRole("alert").getByText("Token revoked or expired (code 4401)").waitFor();
  await page.screenshot("revoked");
});

test("a wrong token is told, and a right one helps", async (t) => {
  const { bridge } = await startMachine(t);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const wrong = new URL("#token=wrong-wrong-wrong-wrong", bridge.link);
  const page = await browser.open(t, wrong, { expected: [/401/] });
  await page.connectionIs("token needed");
  await page.tab.getByRole("alert").getByText("does not accept this token").waitFor();
  await page.screenshot("token");

  await page.tab.getByLabel("Token").fill(token);
  await page.press("Connect");
  await page.is("running");
});

test("a page without a token asks for one, and says of none that it is wrong", async (t) => {
  const { bridge } = await startMachine(t);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const page = await browser.open(t, new URL("#", bridge.link), { expected: [/401/] });
  await page.connectionIs("token needed");
  await page.tab.getByRole("heading", { name: "This bridge asks for a token" }).waitFor();
  await eventually(async () => assert.equal(await page.tab.getByText(/not valid|not accept|wrong/).filter({ visible: true }).count(), 0));
  await page.tab.getByLabel("Token").fill(token);
  await page.press("Connect");
  await page.is("running");
});

test("several machines are there to choose from", async (t) => {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `web.server=${qemu.socket}`, "--demo", "--vm", "gone=/nonexistent/qmp.sock");
  const page = await browser.open(t, bridge.link, { expected: [/422/] });
  await page.tab.getByRole("heading", { name: "Machines" }).waitFor();
  await page.screenshot("choose");
  await page.tab.getByRole("link", { name: "web.server" }).click();
  await page.is("running");
  await eventually(() => assert.equal(new URL(page.tab.url()).hash, "#vm=web.server"));
  await page.tab.getByRole("link", { name: "All machines" }).click();
  await page.tab.getByRole("link", { name: "demo machine, simulated" }).click();
  await page.is("running");
  await page.sees("demo machine, simulated");
});

for (const [name, colorScheme, width, height] of [
  ["light", "light", 1280, 800],
  ["dark", "dark", 1280, 800],
  ["narrow", "light", 360, 740],
]) {
  test(`the page fits: ${name}`, async (t) => {
    const { bridge } = await startMachine(t);
    const page = await browser.open(t, bridge.link, { colorScheme, viewport: { width, height } });
    await page.is("running");
    for (const line of ["query-version", "frobnicate", "stop", "query-commands"]) {
      await page.run(line);
    }
    await page.is("paused");
    await page.commands("query-commands").getByText("object-add").waitFor();
    const overflow = await page.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} pixels too wide`);
    await page.screenshot(name);
  });
}

async function startMachine(t) {
  const qemu = await startQemu(t);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`);
  return { bridge, qemu };
}
