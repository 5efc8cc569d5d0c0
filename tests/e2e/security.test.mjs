// What a browser makes of the bridge's refusals and headers: foreign pages, frames, TLS.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { atEnd, Browser, startBridge, startPlainBridge, startQemu } from "./helpers.mjs";

const browser = new Browser();
before(() => browser.launch());
after(() => browser.close());

test("O9: a page of another port gets no WebSocket, though it has the token", async (t) => {
  const { link } = await startBridge(t, "--demo");
  const site = await startSite(t, "<title>another site</title>");
  const { tab } = await browser.open(t, site, { expected: [/WebSocket connection .* failed: .*403/] });
  const token = new URLSearchParams(link.hash.slice(1)).get("token");
  const open = ([url, token]) =>
    new Promise((resolve) => {
      const offered = btoa(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      const socket = new WebSocket(url, ["qmp.v1", `qmp.bearer.${offered}`]);
      for (const type of ["open", "error"]) socket.addEventListener(type, () => resolve(type));
    });
  const url = new URL("/vm/demo/qmp", link);
  url.protocol = "ws:";
  const logged = tab.waitForEvent("console", (message) => message.text().includes("403"));
  assert.equal(await tab.evaluate(open, [url.href, token]), "error");
  await logged;
  assert.match(await metrics(link, token), /refusals_total\{reason="origin"\} 1\n/);

  // The same from the bridge's own page.
  const own = await browser.open(t, link);
  await own.connectionIs("live");
  assert.equal(await own.tab.evaluate(open, [url.href, token]), "open");
});

test("W2: a tour of the console breaks no rule of its own policy", async (t) => {
  const qemu = await startQemu(t, "-vga", "std");
  const { link } = await startPlainBridge(t, "--vm", `vm1=${qemu.socket}`, "--demo");
  const complaints = [/401/, /ERR_FAILED/, /ERR_CONNECTION_REFUSED/, /WebSocket connection .* failed/];
  const page = await browser.open(t, new URL("about:blank"), { expected: [...complaints, OF_THE_POLICY] });
  const { tab } = page;
  const broken = [];
  tab.on("console", (message) => OF_THE_POLICY.test(message.text()) && broken.push(message.text()));
  const choose = (name) => tab.getByRole("link", { name }).click();

  await tab.goto(new URL("#token=wrong-wrong-wrong-wrong", link).href);
  await tab.getByRole("alert").getByText("does not accept this token").waitFor();
  await tab.getByLabel("Token").fill(new URLSearchParams(link.hash.slice(1)).get("token"));
  await page.press("Connect");
  await tab.getByRole("list", { name: "Machines" }).locator("img").first().waitFor();
  await choose("vm1");
  await page.is("running");
  await page.press("query-commands");
  await page.press("Run");
  await page.commands("query-commands").getByText("object-add").waitFor();
  await page.run("eject cd0");
  await tab.getByRole("alert").getByText("expected name=value, not 'cd0'").waitFor();
  await page.run("frobnicate");
  await page.commands("frobnicate").getByText("Forbidden").waitFor();
  await page.run('blockdev-add {"driver": "null-co", "node-name": "n"}');
  await page.commands("blockdev-add").getByText("Forbidden").waitFor();
  await page.run('{"execute": "query-block"}');
  await page.commands("query-block").getByText("[]").waitFor();
  await page.press("Pause");
  await page.events("STOP").waitFor();
  await page.is("paused");
  await page.press("Resume");
  await page.is("running");
  await choose("All machines");
  await choose("demo machine, simulated");
  await page.is("running");
  await page.run('x-async-sleep {"ms": 1}');
  await page.commands("x-async-sleep").getByText("{}").waitFor();
  await tab.reload();
  await page.is("running");

  await tab.goto(new URL("/lite.html#vm=vm1", link).href);
  const says = (name, text) => tab.getByRole("status", { name }).getByText(text).waitFor();
  await says("State", "live: running");
  await page.press("Execute");
  await tab.getByLabel("Reply").getByText('"status": "running"').waitFor();
  await page.press("Pause or continue");
  await says("State", "live: paused");

  await tab.route("**/*.wasm", (route) => route.abort());
  await tab.goto(new URL("/#vm=vm1", link).href);
  await tab.getByRole("alert").getByText("The console does not run").waitFor();
  await tab.unroute("**/*.wasm");
  await tab.goto(new URL("/?again#vm=vm1", link).href);
  await page.is("paused");
  await qemu.kill();
  await tab.getByRole("alert").getByText("code 4404").waitFor();
  await page.press("Retry now");
  await page.sees("vm1 is down");
  assert.deepEqual(broken, []);

  // What breaks a rule would have been heard of.
  for (const [rule, breakIt] of [
    ["require-trusted-types-for", () => (document.body.innerHTML = "<b>markup</b>")],
    ["img-src", () => (new Image().src = "http://127.0.0.1:9/")],
    ["style-src", () => document.body.setAttribute("style", "color: red")],
    ["connect-src", () => fetch("http://127.0.0.1:9/")],
  ]) {
    const heard = tab.waitForEvent("console", (message) => message.text().startsWith(`forbidden by ${rule}`));
    await tab.evaluate(breakIt).catch(() => {});
    await heard;
  }
});

test("W4: no page has the console in a frame", async (t) => {
  const { link } = await startBridge(t, "--demo");
  const site = await startSite(t, "<title>another site</title>");
  const { tab } = await browser.open(t, site, { expected: [/frame-ancestors/] });
  const refused = tab.waitForEvent("console", (message) => message.text().includes("frame-ancestors 'none'"));
  await tab.evaluate((url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    document.body.append(frame);
  }, link.href);
  await refused;
  const [, frame] = tab.frames();
  assert.doesNotMatch(await frame.content(), /Run state/);
  assert.match(await (await fetch(new URL("/", link))).text(), /Run state/);
});

test("O8: what a foreign page has the browser load is refused", async (t) => {
  const { link } = await startBridge(t, "--demo");
  // Only a page whose site the browser tells apart: to it, all of 127.0.0.1 is one.
  const site = await startSite(t, "<title>another site</title>");
  site.hostname = "localhost";
  const { tab } = await browser.open(t, site, { expected: [/ERR_BLOCKED_BY|403/] });
  const load = (url) =>
    new Promise((resolve) => {
      const image = new Image();
      image.onload = image.onerror = ({ type }) => resolve(type);
      image.src = url;
    });
  assert.equal(await tab.evaluate(load, new URL("/healthz", link).href), "error");
  const token = new URLSearchParams(link.hash.slice(1)).get("token");
  assert.match(await metrics(link, token), /refusals_total\{reason="origin"\} 1\n/);
});

test("N2: the console works over TLS", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-e2e-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => path.join(folder, name));
  const issue = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"];
  await promisify(execFile)("openssl", ["req", ...issue, "-keyout", key, "-out", cert]);
  const { link } = await startBridge(t, "--demo", "--tls-cert", cert, "--tls-key", key);
  assert.equal(link.protocol, "https:");
  const page = await browser.open(t, link, { ignoreHTTPSErrors: true });
  await page.connectionIs("live");
  await page.run("stop");
  await page.events("STOP").waitFor();
});

/** What the browser says where a page breaks a rule, and what our pages here say of it. */
const OF_THE_POLICY = /^forbidden by |Content Security Policy|Trusted ?(Type|HTML|Script)/;

/** A site of one page, on a port of its own. */
async function startSite(t, page) {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><link rel=icon href=data:,>${page}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  return new URL(`http://127.0.0.1:${server.address().port}/`);
}

async function metrics(link, token) {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(new URL("/metrics", link), { headers })).text();
}
