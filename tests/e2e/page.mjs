// A page of somebody else's site that has the client, and a machine that it may reach.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { program, startBridge, startQemu } from "./helpers.mjs";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** A site that serves the client and one empty page. */
async function startSite(t) {
  const server = createServer(async (request, response) => {
    const file = path.normalize(new URL(request.url, "http://site").pathname);
    try {
      const body = file === "/" ? "<!doctype html><link rel=icon href=data:,><title>site</title>" : await readFile(path.join(program("QMP_CLIENT"), file));
      response.setHeader("content-type", TYPES[path.extname(file)] ?? "text/html");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return new URL(`http://127.0.0.1:${server.address().port}/`);
}

/** A page of a site that the bridge allows, with the client loaded as `qmp`, and where the machine is. */
export async function startPage(t, browser, complaints = {}) {
  const [site, qemu] = await Promise.all([startSite(t), startQemu(t)]);
  const bridge = await startBridge(t, "--vm", `vm1=${qemu.socket}`, "--demo", "--allow-origin", site.origin);
  const token = new URLSearchParams(bridge.link.hash.slice(1)).get("token");
  const { tab } = await browser.open(t, site, complaints);
  await tab.evaluate(async () => {
    const qmp = await import("/qmp_web.js");
    await qmp.default();
    globalThis.qmp = qmp;
    // What a promise rejects with, as plain data.
    globalThis.rejection = (promise) =>
      promise.then(
        (value) => {
          throw new Error(`it resolved with ${value}`);
        },
        (e) => ({ ...e, name: e.name, message: e.message, error: e instanceof Error, stack: typeof e.stack }),
      );
  });
  return { tab, qemu, bridge, vm: { url: `ws://${bridge.link.host}/vm/vm1/qmp`, token }, demo: { url: `ws://${bridge.link.host}/vm/demo/qmp`, token } };
}

