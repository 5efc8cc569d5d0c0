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
import { atEnd, Browser, startBridge } from "./helpers.mjs";

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
