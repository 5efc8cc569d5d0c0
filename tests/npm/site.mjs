// The package as npm packs it, an app that has installed it, and a server for what bundlers make of the app.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { atEnd, program } from "../e2e/helpers.mjs";

const run = promisify(execFile);
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".css": "text/css", ".html": "text/html" };

/** A folder with the packed package, and what npm says of that. */
export async function pack(t) {
  const folder = await mkdtemp(path.join(tmpdir(), "qmp-npm-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder, program("QMP_CLIENT")]);
  const [facts] = JSON.parse(stdout);
  return { folder, tarball: path.join(folder, facts.filename), facts };
}

/** The folder of an app that has installed the package, and nothing else. */
export async function install(t) {
  const { folder, tarball } = await pack(t);
  const app = path.join(folder, "app");
  await cp(path.join(import.meta.dirname, "app"), app, { recursive: true });
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: app });
  return app;
}

/**
 * A server. `folders` are what is served by the first name of the path, `policies` what is said of their content security; each
 * has a page at `NAME/`: that in `pages`, or one with the script `NAME/main.js` or the one in `scripts`. `handlers` answer for the
 * names that they have.
 */
export async function startSite(t) {
  const [folders, policies, scripts, handlers, pages] = [{}, {}, {}, {}, {}];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const [, name, ...rest] = path.posix.normalize(pathname).split("/");
    const file = rest.join("/");
    try {
      if (policies[name]) response.setHeader("content-security-policy", policies[name]);
      if (file === "") {
        response.setHeader("content-type", "text/html");
        response.end(pages[name] ?? `<!doctype html><link rel=icon href=data:,><script type=module src=${scripts[name] ?? "main.js"}></script>`);
      } else if (handlers[name]) {
        handlers[name](request, response);
      } else {
        const body = await readFile(path.join(folders[name], file));
        response.setHeader("content-type", TYPES[path.extname(file)] ?? "text/plain");
        response.end(body);
      }
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => (server.closeAllConnections(), server.close()));
  return { origin: `http://127.0.0.1:${server.address().port}`, folders, policies, scripts, handlers, pages };
}
