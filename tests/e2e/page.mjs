// A page of somebody else's site that has the client, and a machine that it may reach.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { atEnd, program, startBridge, startQemu } from "./helpers.mjs";
import { startProxy } from "./proxy.mjs";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** A site that serves the client, what the tests bring into a page, and one empty page. */
async function startSite(t) {
  const server = createServer(async (request, response) => {
    const file = path.normalize(new URL(request.url, "http://site").pathname);
    try {
      const folder = file.startsWith("/contract/") ? import.meta.dirname : program("QMP_CLIENT");
      const body = file === "/" ? "<!doctype html><link rel=icon href=data:,><title>site</title>" : await readFile(path.join(folder, file));
      response.setHeader("content-type", TYPES[path.extname(file)] ?? "text/html");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  return new URL(`http://127.0.0.1:${server.address().port}/`);
}

/** A page of a site, with the client as `qmp`. */
export async function openSite(t, browser, complaints) {
  const site = await startSite(t);
  const { tab } = await browser.open(t, site, complaints);
  await tab.evaluate(async () => {
    globalThis.qmp = await import("/index.js");
    // What a promise rejects with, as plain data.
    globalThis.rejection = (promise) =>
      promise.then(
        (value) => {
          throw new Error(`it resolved with ${value}`);
        },
        (e) => ({ ...e, cause: undefined, name: e.name, message: e.message, error: e instanceof Error, stack: typeof e.stack }),
      );
  });
  return { site, tab };
}

/** Such a page, and a machine behind a bridge that allows it. */
export async function startPage(t, browser, complaints = {}, network = {}) {
  const [{ site, tab }, qemu, proxy] = await Promise.all([openSite(t, browser, complaints), startQemu(t), startProxy(t, network)]);
  const host = `127.0.0.1:${proxy.port}`;
  const access = ["--allow-origin", site.origin, "--allow-host", host];
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`, "--demo", "--rate-limit", "0", ...access);
  proxy.target = Number(bridge.link.port);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const at = (host, vm) => ({ url: `ws://${host}/vm/${vm}/qmp`, token });
  const vm = at(bridge.link.host, "vm1");
  // The same machines through a network that can fail, and the one that is simulated.
  const far = { vm: at(host, "vm1"), demo: at(host, "demo") };
  return { tab, qemu, bridge, proxy, vm, demo: at(bridge.link.host, "demo"), far };
}
